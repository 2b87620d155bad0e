//! Tables that are written once and read by every thread from then on: impulse responses, windows.

use core::array;

use crate::config::ConfigError;
use crate::lockfree::atomics::{AtomicU32, Cells, Ordering};
use crate::memory::Arena;

struct Shared<'a, const PLACES: usize> {
    /// Samples of each table; 0 until it is written.
    lengths: &'a [AtomicU32; PLACES],
    samples: Cells<'a, f32>,
    place_samples: usize,
}

impl<const PLACES: usize> Clone for Shared<'_, PLACES> {
    fn clone(&self) -> Self {
        Self { samples: self.samples.clone(), ..*self }
    }
}

/// Makes a shelf for `PLACES` tables of at most `place_samples` samples each.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn shelf<'a, const PLACES: usize>(
    arena: &mut Arena<'a>,
    place_samples: usize,
) -> Result<(Shelver<'a, PLACES>, Shelf<'a, PLACES>), ConfigError> {
    let lengths = &*arena.place(array::from_fn(|_| AtomicU32::new(0)))?;
    let samples = Cells::carve(arena, PLACES.saturating_mul(place_samples))?;
    let shared = Shared { lengths, samples, place_samples };
    Ok((Shelver { shared: shared.clone(), used: 0 }, Shelf { shared }))
}

/// The writing end.
pub struct Shelver<'a, const PLACES: usize> {
    shared: Shared<'a, PLACES>,
    used: usize,
}

impl<const PLACES: usize> Shelver<'_, PLACES> {
    /// Lets `fill` write a table of `samples` samples, zero before. Returns its place, or `None` when the shelf is full
    /// or the table is empty or too long.
    ///
    /// # Real-time
    /// Main thread.
    pub fn put(&mut self, samples: usize, fill: impl FnOnce(&mut [f32])) -> Option<u32> {
        let Shared { lengths, samples: cells, place_samples } = &self.shared;
        if samples == 0 || samples > *place_samples {
            return None;
        }
        let length = lengths.get(self.used)?;
        // SAFETY: this place was never used, and readers look at it only after the release store of its length.
        unsafe { cells.write(self.used * place_samples, samples, fill) };
        #[expect(clippy::cast_possible_truncation, reason = "a wasm memory has at most 2³² bytes")]
        length.store(samples as u32, Ordering::Release);
        self.used += 1;
        u32::try_from(self.used - 1).ok()
    }
}

/// The reading end.
#[derive(Clone)]
pub struct Shelf<'a, const PLACES: usize> {
    shared: Shared<'a, PLACES>,
}

impl<const PLACES: usize> Shelf<'_, PLACES> {
    /// Shows the table at `place`, empty when there is none.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    pub fn read<R>(&self, place: u32, show: impl FnOnce(&[f32]) -> R) -> R {
        let place = place as usize;
        let length = self.shared.lengths.get(place).map_or(0, |length| length.load(Ordering::Acquire) as usize);
        let start = place.saturating_mul(self.shared.place_samples);
        // SAFETY: a table is not written after the release store of its length, which was acquired above; a length
        // that somebody corrupted is clamped to the place.
        unsafe { self.shared.samples.read(start, length.min(self.shared.place_samples), show) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn tables_are_written_once_and_found_again() {
        let mut memory = Memory::new(1 << 12);
        let (mut shelver, shelf) = shelf::<2>(&mut memory.arena(), 4).unwrap();
        assert_eq!(shelf.read(0, <[f32]>::len), 0);
        assert_eq!(shelver.put(5, |_| ()), None, "too long");
        assert_eq!(shelver.put(0, |_| ()), None, "empty");
        assert_eq!(shelver.put(3, |table| table.fill(1.0)), Some(0));
        assert_eq!(shelver.put(4, |table| table.fill(2.0)), Some(1));
        assert_eq!(shelver.put(1, |_| ()), None, "full");
        shelf.read(0, |table| assert_eq!(table, [1.0; 3]));
        shelf.read(1, |table| assert_eq!(table, [2.0; 4]));
        assert_eq!(shelf.read(7, <[f32]>::len), 0);
    }
}
