//! Single-producer single-consumer ring of frames.
//!
//! Free-running `u32` indices over a power-of-two capacity (Lamport 1977, with the cached remote index of
//! FastForward and rtrb): the fill level is `write - read`, so no slot is lost and both ends may wrap at 2³².
//! A ring has one or more *planes* that share the indices, so that planar audio is published with one store.

use bytemuck::Pod;

use crate::config::ConfigError;
use crate::lockfree::atomics::{AtomicU32, Cells, Ordering};
use crate::lockfree::counter::Counter;
use crate::memory::Arena;

/// The item that found no room; it is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

/// The index that one end writes. 128 bytes, because processors fetch cache lines in pairs.
#[repr(C, align(128))]
struct Line {
    index: AtomicU32,
}

/// Frames that one end wanted to pass and could not. An end that waits counts again and again, which must not take the
/// line of its index away from the other end.
#[repr(C, align(128))]
struct Missed(Counter);

#[repr(C)]
struct Indices {
    write: Line,
    read: Line,
    overruns: Missed,
    underruns: Missed,
}

impl Indices {
    fn new(first: u32) -> Self {
        let [write, read] = [(); 2].map(|()| Line { index: AtomicU32::new(first) });
        let [overruns, underruns] = [(); 2].map(|()| Missed(Counter::new()));
        Self { write, read, overruns, underruns }
    }
}

struct Slots<'a, T> {
    indices: &'a Indices,
    /// `planes` runs of `capacity` elements.
    cells: Cells<'a, T>,
    capacity: u32,
    planes: usize,
}

impl<T> Clone for Slots<'_, T> {
    fn clone(&self) -> Self {
        Self { cells: self.cells.clone(), ..*self }
    }
}

impl<T: Pod> Slots<'_, T> {
    /// Where the one or two contiguous runs of `frames` frames from `index` on begin in a plane, and their lengths.
    fn runs(&self, index: u32, frames: u32) -> [(usize, usize); 2] {
        let start = index & (self.capacity - 1);
        let frames = frames.min(self.capacity);
        let first = frames.min(self.capacity - start);
        [(start as usize, first as usize), (0, (frames - first) as usize)]
    }

    fn plane(&self, plane: usize) -> usize {
        plane * self.capacity as usize
    }
}

/// Makes a ring of `capacity` frames with `planes` planes.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::NotPowerOfTwo`] unless `capacity` is a power of two up to 2³¹;
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn ring<'a, T: Pod>(
    arena: &mut Arena<'a>,
    planes: usize,
    capacity: u32,
) -> Result<(Producer<'a, T>, Consumer<'a, T>), ConfigError> {
    ring_from(arena, planes, capacity, 0)
}

/// As [`ring`], with `first` as the index of the first frame.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// As [`ring`].
#[doc(hidden)]
pub fn ring_from<'a, T: Pod>(
    arena: &mut Arena<'a>,
    planes: usize,
    capacity: u32,
    first: u32,
) -> Result<(Producer<'a, T>, Consumer<'a, T>), ConfigError> {
    if !capacity.is_power_of_two() {
        return Err(ConfigError::NotPowerOfTwo { actual: capacity });
    }
    let cells = Cells::carve(arena, planes.saturating_mul(capacity as usize))?;
    let indices = &*arena.place(Indices::new(first))?;
    let slots = Slots { indices, cells, capacity, planes };
    Ok((
        Producer { slots: slots.clone(), write: first, cached_read: first },
        Consumer { slots, read: first, cached_write: first },
    ))
}

/// The writing end.
pub struct Producer<'a, T> {
    slots: Slots<'a, T>,
    /// The truth about `indices.write`, which only this end stores; never read back from shared memory.
    write: u32,
    /// At most the truth: the consumer may have freed more since.
    cached_read: u32,
}

// SAFETY: the producer touches only slots in `[write, read + capacity)`, which the consumer does not read until
// the `Release` store of `write`; there is one producer because the type is neither `Clone` nor `Sync`.
unsafe impl<T: Pod + Send> Send for Producer<'_, T> {}

impl<'a, T: Pod> Producer<'a, T> {
    /// Frames the ring can hold.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.slots.capacity
    }

    /// Index of the next frame that will be written; free-running.
    ///
    /// # Real-time
    /// The producer's thread.
    #[must_use]
    pub fn write_index(&self) -> u32 {
        self.write
    }

    /// Index of the next frame that the consumer will read, as last seen; free-running.
    ///
    /// # Real-time
    /// The producer's thread.
    pub fn read_index(&mut self) -> u32 {
        self.cached_read = self.slots.indices.read.index.load(Ordering::Acquire);
        self.cached_read
    }

    /// Frames that can be written now, at least.
    ///
    /// # Real-time
    /// The producer's thread; wait-free.
    pub fn space(&mut self) -> u32 {
        self.read_index();
        self.room()
    }

    /// How the ring is doing, for any other thread.
    ///
    /// # Real-time
    /// The producer's thread.
    #[must_use]
    pub fn gauge(&self) -> Gauge<'a> {
        Gauge { indices: self.slots.indices, capacity: self.slots.capacity }
    }

    /// A fill level above the capacity can only come from a corrupted word; it counts as full.
    fn room(&self) -> u32 {
        self.slots.capacity.saturating_sub(self.write.wrapping_sub(self.cached_read))
    }

    /// Lets `fill` write up to `frames` frames: it is called once per plane and contiguous run with the plane's
    /// number, the run's offset in the block, and the run. All planes are then published with one store.
    /// Returns the frames written, fewer than asked when the ring is nearly full; the others count as overrun.
    ///
    /// # Real-time
    /// The producer's thread; wait-free.
    pub fn write(&mut self, frames: u32, mut fill: impl FnMut(usize, usize, &mut [T])) -> u32 {
        let asked = frames;
        if self.room() < asked {
            self.read_index();
        }
        let frames = asked.min(self.room());
        if frames < asked {
            self.slots.indices.overruns.0.add(asked - frames);
        }
        if frames == 0 {
            return 0;
        }
        let runs = self.slots.runs(self.write, frames);
        for plane in 0..self.slots.planes {
            let mut offset = 0;
            for (start, length) in runs {
                if length == 0 {
                    break;
                }
                let start = self.slots.plane(plane) + start;
                // SAFETY: `frames` is at most the free space, so these slots are the producer's until the store below.
                unsafe { self.slots.cells.write(start, length, |run| fill(plane, offset, run)) };
                offset += length;
            }
        }
        self.write = self.write.wrapping_add(frames);
        self.slots.indices.write.index.store(self.write, Ordering::Release);
        frames
    }

    /// Writes one frame of a ring with one plane.
    ///
    /// # Real-time
    /// The producer's thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] gives the item back when there is no room.
    pub fn push(&mut self, item: T) -> Result<(), Full<T>> {
        match self.write(1, |_, _, run| run.fill(item)) {
            0 => Err(Full(item)),
            _ => Ok(()),
        }
    }
}

/// The reading end.
pub struct Consumer<'a, T> {
    slots: Slots<'a, T>,
    /// The truth about `indices.read`, which only this end stores; never read back from shared memory.
    read: u32,
    /// At most the truth: the producer may have written more since.
    cached_write: u32,
}

// SAFETY: the consumer touches only slots in `[read, write)`, which the producer does not write until the
// `Release` store of `read`; there is one consumer because the type is neither `Clone` nor `Sync`.
unsafe impl<T: Pod + Send> Send for Consumer<'_, T> {}

impl<'a, T: Pod> Consumer<'a, T> {
    /// Frames the ring can hold.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.slots.capacity
    }

    /// Index of the next frame that will be read; free-running.
    ///
    /// # Real-time
    /// The consumer's thread.
    #[must_use]
    pub fn read_index(&self) -> u32 {
        self.read
    }

    /// Frames that can be read now, at least.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn available(&mut self) -> u32 {
        self.cached_write = self.slots.indices.write.index.load(Ordering::Acquire);
        self.fill_level()
    }

    /// How the ring is doing, for any other thread.
    ///
    /// # Real-time
    /// The consumer's thread.
    #[must_use]
    pub fn gauge(&self) -> Gauge<'a> {
        Gauge { indices: self.slots.indices, capacity: self.slots.capacity }
    }

    /// Never above the capacity, whatever the shared word says.
    fn fill_level(&self) -> u32 {
        self.cached_write.wrapping_sub(self.read).min(self.slots.capacity)
    }

    /// Shows `take` up to `frames` frames that start `offset` frames after the read index, without freeing them:
    /// it is called once per plane and contiguous run with the plane's number, the run's offset in the block,
    /// and the run. Returns the frames shown.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn peek(&mut self, offset: u32, frames: u32, mut take: impl FnMut(usize, usize, &[T])) -> u32 {
        if self.fill_level() < offset.saturating_add(frames) {
            self.available();
        }
        let frames = frames.min(self.fill_level().saturating_sub(offset));
        let runs = self.slots.runs(self.read.wrapping_add(offset), frames);
        for plane in 0..self.slots.planes {
            let mut position = 0;
            for (start, length) in runs {
                if length == 0 {
                    break;
                }
                let start = self.slots.plane(plane) + start;
                // SAFETY: `offset + frames` is at most the fill level, so the producer does not write these slots
                // before `skip` frees them.
                unsafe { self.slots.cells.read(start, length, |run| take(plane, position, run)) };
                position += length;
            }
        }
        frames
    }

    /// Frees up to `frames` frames. Returns how many.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn skip(&mut self, frames: u32) -> u32 {
        if self.fill_level() < frames {
            self.available();
        }
        let frames = frames.min(self.fill_level());
        if frames == 0 {
            return 0;
        }
        self.read = self.read.wrapping_add(frames);
        self.slots.indices.read.index.store(self.read, Ordering::Release);
        frames
    }

    /// Shows `take` up to `frames` frames as [`peek`](Self::peek) does, and frees them. Returns how many there were;
    /// the others count as underrun.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn read(&mut self, frames: u32, take: impl FnMut(usize, usize, &[T])) -> u32 {
        let shown = self.peek(0, frames, take);
        if shown < frames {
            self.slots.indices.underruns.0.add(frames - shown);
        }
        self.skip(shown)
    }

    /// The item `offset` places after the next one of a ring with one plane.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn get(&mut self, offset: u32) -> Option<T> {
        let mut item = None;
        self.peek(offset, 1, |_, _, run| item = run.first().copied());
        item
    }

    /// Takes the next item of a ring with one plane.
    ///
    /// # Real-time
    /// The consumer's thread; wait-free.
    pub fn pop(&mut self) -> Option<T> {
        let item = self.get(0)?;
        self.skip(1);
        Some(item)
    }
}

/// How a ring is doing, as any thread may ask.
#[derive(Clone)]
pub struct Gauge<'a> {
    indices: &'a Indices,
    capacity: u32,
}

impl Gauge<'_> {
    /// Frames between the two ends; while both move, anything they held meanwhile, never above the capacity.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn fill_level(&self) -> u32 {
        let read = self.indices.read.index.load(Ordering::Relaxed);
        self.indices.write.index.load(Ordering::Relaxed).wrapping_sub(read).min(self.capacity)
    }

    /// Frames the ring can hold.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Frames that the producer found no room for, wrapping. It may have brought them again later.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn overrun_frames(&self) -> u32 {
        self.indices.overruns.0.read()
    }

    /// Frames that [`Consumer::read`] was asked for and that were not there, wrapping.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn underrun_frames(&self) -> u32 {
        self.indices.underruns.0.read()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    #[test]
    fn every_slot_is_usable_and_order_is_kept() {
        let mut memory = Memory::new(4096);
        let (mut producer, mut consumer) = ring::<u32>(&mut memory.arena(), 1, 4).unwrap();
        for round in 0..10 {
            for i in 0..4 {
                producer.push(round * 4 + i).unwrap();
            }
            assert_eq!(producer.push(99), Err(Full(99)));
            for i in 0..4 {
                assert_eq!(consumer.pop(), Some(round * 4 + i));
            }
            assert_eq!(consumer.pop(), None);
        }
    }

    #[test]
    fn blocks_wrap_in_every_plane() {
        let mut memory = Memory::new(4096);
        let (mut producer, mut consumer) = ring::<f32>(&mut memory.arena(), 2, 8).unwrap();
        let mut next = 0.0;
        for _ in 0..20 {
            let written = producer.write(5, |plane, offset, run| {
                for (i, sample) in run.iter_mut().enumerate() {
                    *sample = next + (offset + i) as f32 + 1000.0 * plane as f32;
                }
            });
            assert_eq!(written, 5);
            let mut seen = [Vec::new(), Vec::new()];
            assert_eq!(consumer.peek(0, 5, |plane, _, run| seen[plane].extend_from_slice(run)), 5);
            for (plane, seen) in [0.0, 1000.0].into_iter().zip(&seen) {
                assert!(seen.iter().copied().eq((0..5).map(|i| next + i as f32 + plane)));
            }
            assert_eq!(consumer.skip(5), 5);
            next += 5.0;
        }
    }

    #[test]
    fn what_does_not_fit_and_what_is_not_there_is_counted() {
        let mut memory = Memory::new(4096);
        let (mut producer, mut consumer) = ring::<f32>(&mut memory.arena(), 2, 8).unwrap();
        let gauge = producer.gauge();
        assert_eq!(producer.write(6, |_, _, _| ()), 6);
        assert_eq!(producer.write(5, |_, _, _| ()), 2);
        assert_eq!((gauge.fill_level(), gauge.overrun_frames(), gauge.underrun_frames()), (8, 3, 0));
        assert_eq!(consumer.peek(0, 9, |_, _, _| ()), 8);
        assert_eq!(consumer.read(12, |_, _, _| ()), 8);
        assert_eq!((gauge.fill_level(), gauge.overrun_frames(), gauge.underrun_frames()), (0, 3, 4));
    }

    #[test]
    fn corrupted_indices_neither_hang_nor_leave_the_ring() {
        let mut memory = Memory::new(4096);
        let (mut producer, mut consumer) = ring::<u32>(&mut memory.arena(), 1, 4).unwrap();
        for word in [1, 3, 4, 5, 1 << 31, u32::MAX, 0x8000_0001] {
            producer.slots.indices.write.index.store(word, Ordering::Relaxed);
            producer.slots.indices.read.index.store(word.wrapping_mul(7), Ordering::Relaxed);
            assert!(consumer.available() <= 4);
            assert!(consumer.peek(0, 100, |_, _, run| assert!(run.len() <= 4)) <= 4);
            assert!(producer.write(100, |_, _, run| assert!(run.len() <= 4)) <= 4);
            assert!(consumer.skip(100) <= 4);
        }
    }

    #[test]
    fn real_threads_lose_nothing() {
        let mut memory = Memory::new(1 << 16);
        let (mut producer, mut consumer) = ring::<u32>(&mut memory.arena(), 1, 64).unwrap();
        let count = if cfg!(miri) { 300 } else { 1_000_000 };
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut next = 0;
                while next < count {
                    let frames = 37.min(count - next);
                    let written = producer.write(frames, |_, offset, run| {
                        for (i, item) in run.iter_mut().enumerate() {
                            *item = next + u32::try_from(offset + i).unwrap();
                        }
                    });
                    next += written;
                    if written == 0 {
                        std::thread::yield_now();
                    }
                }
            });
            let mut expected = 0;
            while expected < count {
                let shown = consumer.peek(0, 23, |_, _, run| {
                    for &item in run {
                        assert_eq!(item, expected);
                        expected += 1;
                    }
                });
                consumer.skip(shown);
                if shown == 0 {
                    std::thread::yield_now();
                }
            }
        });
    }
}
