//! The one place where memory comes from.

use core::mem::{MaybeUninit, align_of, size_of};

use bytemuck::Zeroable;

use crate::config::ConfigError;

/// Every allocation starts on its own cache line, so that two threads never share one by accident.
pub const CACHE_LINE_BYTES: usize = 64;

/// A bump allocator over one region. Nothing is ever given back: what is carved out lives as long as
/// the region does.
pub struct Arena<'a> {
    rest: &'a mut [MaybeUninit<u8>],
    total_bytes: usize,
}

impl<'a> Arena<'a> {
    /// An arena over `region`.
    ///
    /// # Real-time
    /// Main thread only, while building.
    pub fn new(region: &'a mut [MaybeUninit<u8>]) -> Self {
        let total_bytes = region.len();
        Self { rest: region, total_bytes }
    }

    /// Bytes carved out so far, padding included.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.total_bytes - self.rest.len()
    }

    /// Bytes of the region.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    /// Moves `value` into the arena.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the region has no room for it.
    pub fn place<T>(&mut self, value: T) -> Result<&'a mut T, ConfigError> {
        let bytes = self.carve(size_of::<T>(), align_of::<T>())?;
        let slot = bytes.as_mut_ptr().cast::<T>();
        // SAFETY: `carve` returned `size_of::<T>()` bytes at an address aligned for `T` that nobody else has.
        unsafe {
            slot.write(value);
            Ok(&mut *slot)
        }
    }

    /// `length` zeroed elements.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the region has no room for them.
    pub fn slice<T: Zeroable>(&mut self, length: usize) -> Result<&'a mut [T], ConfigError> {
        let needed_bytes = length.saturating_mul(size_of::<T>());
        let bytes = self.carve(needed_bytes, align_of::<T>())?;
        bytes.fill(MaybeUninit::new(0));
        // SAFETY: the bytes are as many as the elements need, aligned for them, nobody else's, and all zero, which
        // `Zeroable` says is a valid `T`.
        Ok(unsafe { core::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast::<T>(), length) })
    }

    fn carve(&mut self, bytes: usize, align: usize) -> Result<&'a mut [MaybeUninit<u8>], ConfigError> {
        let padding = self.rest.as_ptr().align_offset(align.max(CACHE_LINE_BYTES));
        let needed_bytes = padding.saturating_add(bytes);
        if needed_bytes > self.rest.len() {
            return Err(ConfigError::OutOfMemory { needed_bytes, available_bytes: self.rest.len() });
        }
        let rest = core::mem::take(&mut self.rest);
        let (taken, rest) = rest.split_at_mut(needed_bytes);
        self.rest = rest;
        Ok(&mut taken[padding..])
    }
}

/// Memory for an [`Arena`] where there is an allocator: native programs and tests.
#[cfg(feature = "alloc")]
pub struct Memory(owned::Bytes);

#[cfg(feature = "alloc")]
impl Memory {
    /// Allocates `bytes`.
    ///
    /// # Real-time
    /// Main thread only, allocates.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(owned::uninitialised(bytes))
    }

    /// An arena over all of it.
    ///
    /// # Real-time
    /// Main thread only, while building.
    pub fn arena(&mut self) -> Arena<'_> {
        Arena::new(&mut self.0)
    }
}

#[cfg(feature = "alloc")]
mod owned {
    extern crate alloc;
    use core::mem::MaybeUninit;

    pub type Bytes = alloc::boxed::Box<[MaybeUninit<u8>]>;

    pub fn uninitialised(bytes: usize) -> Bytes {
        alloc::boxed::Box::new_uninit_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_disjoint_aligned_and_counted() {
        let mut memory = Memory::new(1024);
        let mut arena = memory.arena();
        let a = arena.slice::<u8>(3).unwrap();
        let b = arena.slice::<u64>(2).unwrap();
        a.fill(0xff);
        assert_eq!(b, [0, 0]);
        assert_eq!(b.as_ptr().addr() % CACHE_LINE_BYTES, 0);
        assert!(arena.used_bytes() >= 19);
    }

    #[test]
    fn what_does_not_fit_names_the_bytes() {
        let mut memory = Memory::new(256);
        let mut arena = memory.arena();
        match arena.slice::<f32>(1000) {
            Err(ConfigError::OutOfMemory { needed_bytes, available_bytes }) => {
                assert!(needed_bytes >= 4000);
                assert_eq!(available_bytes, 256);
            }
            other => panic!("{other:?}"),
        }
        assert!(arena.slice::<f32>(16).is_ok());
    }

    #[test]
    fn absurd_lengths_do_not_wrap() {
        let mut memory = Memory::new(256);
        assert!(memory.arena().slice::<u64>(usize::MAX / 4).is_err());
    }
}
