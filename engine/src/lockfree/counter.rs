//! Counts that one thread raises and any thread reads.

use crate::lockfree::atomics::{AtomicU32, Ordering};

/// A count that wraps at 2³². It orders nothing: what was counted may be seen before or after the count.
#[derive(Debug)]
pub struct Counter(AtomicU32);

impl Counter {
    /// Starts at 0.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Counts `amount` more.
    ///
    /// # Real-time
    /// The counting thread; wait-free.
    pub fn add(&self, amount: u32) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    /// The count.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn read(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}
