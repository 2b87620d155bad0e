//! Elements that several threads reach.

use core::cell::UnsafeCell;
use core::marker::PhantomData;

use bytemuck::Pod;

use crate::config::ConfigError;
use crate::memory::Arena;

/// Says that samples are read, to a model checker that looks for races; here there is none.
#[inline]
pub(crate) fn reads(_first: *const f32, _count: usize) {}

/// Says that samples are written, as [`reads`] does.
#[inline]
pub(crate) fn writes(_first: *const f32, _count: usize) {}

/// A run of elements that several threads reach; a protocol of atomics says who may when.
pub struct Cells<'a, T> {
    first: *mut T,
    length: usize,
    cells: PhantomData<&'a [UnsafeCell<T>]>,
}

impl<T> Clone for Cells<'_, T> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

// SAFETY: cells are only reached through `read` and `write`, whose callers answer for exclusion.
unsafe impl<T: Pod + Send> Send for Cells<'_, T> {}
// SAFETY: as for `Send`.
unsafe impl<T: Pod + Send> Sync for Cells<'_, T> {}

impl<'a, T: Pod> Cells<'a, T> {
    /// `length` zeroed elements.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn carve(arena: &mut Arena<'a>, length: usize) -> Result<Self, ConfigError> {
        let first = arena.slice::<T>(length)?.as_mut_ptr();
        Ok(Self { first, length, cells: PhantomData })
    }

    /// How many elements there are.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Shows `count` elements from `start` on; what lies beyond the end is left out.
    ///
    /// # Real-time
    /// Any thread.
    ///
    /// # Safety
    /// Nobody writes these elements while `show` runs.
    pub unsafe fn read<R>(&self, start: usize, count: usize, show: impl FnOnce(&[T]) -> R) -> R {
        let start = start.min(self.length);
        let count = count.min(self.length - start);
        // SAFETY: the run lies within the carved elements; the caller answers for exclusion.
        show(unsafe { core::slice::from_raw_parts(self.first.wrapping_add(start), count) })
    }

    /// Lets `fill` write `count` elements from `start` on; what lies beyond the end is left out.
    ///
    /// # Real-time
    /// Any thread.
    ///
    /// # Safety
    /// Nobody else reads or writes these elements while `fill` runs.
    pub unsafe fn write<R>(&self, start: usize, count: usize, fill: impl FnOnce(&mut [T]) -> R) -> R {
        let start = start.min(self.length);
        let count = count.min(self.length - start);
        // SAFETY: the run lies within the carved elements; the caller answers for exclusion.
        fill(unsafe { core::slice::from_raw_parts_mut(self.first.wrapping_add(start), count) })
    }
}
