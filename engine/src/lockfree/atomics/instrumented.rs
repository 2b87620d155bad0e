//! An atomic word that tells a test of each operation.

use core::panic::Location;

use super::Ordering;
#[cfg(loom)]
use super::model::{Half, Inner, ordering, passed};
#[cfg(not(loom))]
use super::step::{Half, Inner, ordering, passed};

/// Stands for [`core::sync::atomic::AtomicU32`].
#[derive(Debug)]
pub struct AtomicU32(Inner);

impl AtomicU32 {
    /// A word of `value`.
    ///
    /// # Real-time
    /// Tests only.
    #[must_use]
    pub fn new(value: u32) -> Self {
        Self(Inner::new(value))
    }

    /// See [`core::sync::atomic::AtomicU32::load`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.load(order))
    }

    /// See [`core::sync::atomic::AtomicU32::store`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn store(&self, value: u32, order: Ordering) {
        let order = ordering(Location::caller(), Half::Success, order);
        self.0.store(value, order);
        passed(());
    }

    /// See [`core::sync::atomic::AtomicU32::swap`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn swap(&self, value: u32, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.swap(value, order))
    }

    /// See [`core::sync::atomic::AtomicU32::fetch_add`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.fetch_add(value, order))
    }

    /// See [`core::sync::atomic::AtomicU32::fetch_sub`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn fetch_sub(&self, value: u32, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.fetch_sub(value, order))
    }

    /// See [`core::sync::atomic::AtomicU32::fetch_or`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn fetch_or(&self, value: u32, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.fetch_or(value, order))
    }

    /// See [`core::sync::atomic::AtomicU32::fetch_and`].
    ///
    /// # Real-time
    /// Tests only.
    #[track_caller]
    pub fn fetch_and(&self, value: u32, order: Ordering) -> u32 {
        let order = ordering(Location::caller(), Half::Success, order);
        passed(self.0.fetch_and(value, order))
    }

    /// See [`core::sync::atomic::AtomicU32::compare_exchange`].
    ///
    /// # Real-time
    /// Tests only.
    ///
    /// # Errors
    /// The word's value, when it is not `current`.
    #[track_caller]
    pub fn compare_exchange(&self, current: u32, new: u32, success: Ordering, failure: Ordering) -> Result<u32, u32> {
        let success = ordering(Location::caller(), Half::Success, success);
        let failure = ordering(Location::caller(), Half::Failure, failure);
        passed(self.0.compare_exchange(current, new, success, failure))
    }
}
