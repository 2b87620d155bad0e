//! Triple buffer: the reader always gets the newest value that was completely written.
//!
//! One buffer belongs to the publisher, one to the reader, and the middle one is exchanged; the word `middle`
//! holds its number and whether it is newer than the reader's. Neither side ever waits.

use bytemuck::Pod;

use crate::config::ConfigError;
use crate::lockfree::atomics::{AtomicU32, Cells, Ordering};
use crate::memory::{Arena, CACHE_LINE_BYTES};

/// The buffer is newer than what the reader has.
const FRESH: u32 = 4;

struct Buffers<'a, T> {
    middle: &'a AtomicU32,
    cells: Cells<'a, T>,
    /// Distance of two buffers in elements: a cache line at least.
    stride: usize,
}

impl<T: Pod> Buffers<'_, T> {
    /// Where a buffer lies. Only the lowest two bits of its number count, and 3 is no buffer: a corrupted word names
    /// buffer 0.
    fn place(&self, number: u32) -> usize {
        (number & 3) as usize % 3 * self.stride
    }
}

/// Makes a triple buffer whose first value is all zero.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn latest<'a, T: Pod>(arena: &mut Arena<'a>) -> Result<(Publisher<'a, T>, Reader<'a, T>), ConfigError> {
    let stride = CACHE_LINE_BYTES.div_ceil(size_of::<T>().max(1));
    let cells = Cells::carve(arena, 2 * stride + 1)?;
    let middle = &*arena.place(AtomicU32::new(1))?;
    let buffers = || Buffers { middle, cells: cells.clone(), stride };
    Ok((Publisher { buffers: buffers(), own: 0 }, Reader { buffers: buffers(), own: 2 }))
}

/// The writing end.
pub struct Publisher<'a, T> {
    buffers: Buffers<'a, T>,
    own: u32,
}

// SAFETY: buffer `own` belongs to this end alone until the exchange gives it away.
unsafe impl<T: Pod + Send> Send for Publisher<'_, T> {}

impl<T: Pod> Publisher<'_, T> {
    /// Publishes `value`; an older one that was not read is gone.
    ///
    /// # Real-time
    /// The publisher's thread; wait-free.
    pub fn publish(&mut self, value: T) {
        // SAFETY: the exchange below is the only way a buffer changes hands, and `own` came from it, so the
        // reader does not look at this buffer.
        unsafe { self.buffers.cells.write(self.buffers.place(self.own), 1, |buffer| buffer.fill(value)) };
        self.own = self.buffers.middle.swap(self.own | FRESH, Ordering::AcqRel) & 3;
    }
}

/// The reading end.
pub struct Reader<'a, T> {
    buffers: Buffers<'a, T>,
    own: u32,
}

// SAFETY: buffer `own` belongs to this end alone until the exchange gives it away.
unsafe impl<T: Pod + Send> Send for Reader<'_, T> {}

impl<T: Pod> Reader<'_, T> {
    /// The newest value.
    ///
    /// # Real-time
    /// The reader's thread; wait-free.
    pub fn read(&mut self) -> T {
        if self.buffers.middle.load(Ordering::Relaxed) & FRESH != 0 {
            self.own = self.buffers.middle.swap(self.own, Ordering::AcqRel) & 3;
        }
        // SAFETY: `own` came from the exchange, so the publisher does not write this buffer.
        let newest =
            unsafe { self.buffers.cells.read(self.buffers.place(self.own), 1, |buffer| buffer.first().copied()) };
        newest.unwrap_or_else(T::zeroed)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn the_newest_wins_and_stays() {
        let mut memory = Memory::new(4096);
        let (mut publisher, mut reader) = latest::<u64>(&mut memory.arena()).unwrap();
        assert_eq!(reader.read(), 0);
        publisher.publish(1);
        publisher.publish(2);
        assert_eq!(reader.read(), 2);
        assert_eq!(reader.read(), 2);
        publisher.publish(3);
        assert_eq!(reader.read(), 3);
    }

    #[test]
    fn a_value_is_never_torn_nor_older_than_before() {
        let mut memory = Memory::new(4096);
        let (mut publisher, mut reader) = latest::<[u64; 16]>(&mut memory.arena()).unwrap();
        let count = if cfg!(miri) { 100 } else { 200_000 };
        std::thread::scope(|scope| {
            scope.spawn(move || (1..=count).for_each(|n| publisher.publish([n; 16])));
            let mut last = 0;
            while last < count {
                let value = reader.read();
                assert!(value.iter().all(|&n| n == value[0]));
                assert!(value[0] >= last);
                last = value[0];
                std::thread::yield_now();
            }
        });
    }
}
