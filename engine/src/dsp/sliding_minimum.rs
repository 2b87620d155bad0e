//! The least of the last values, in constant time for each (van Herk 1992; Gil and Werman 1993).
//!
//! The values are cut into blocks as long as the window. A window is the end of one block and the begin of the next: the least
//! of the former is looked up among the block's least values from each place to its end, which are computed when the block is
//! complete; that of the latter is kept up to date.

use crate::config::ConfigError;
use crate::memory::Arena;

/// The window.
pub struct SlidingMinimum<'a> {
    /// Up to `position` the values of this block, behind it the least values from each place to the end of the last block.
    values: &'a mut [f32],
    position: usize,
    least: f32,
    rest: f32,
}

impl<'a> SlidingMinimum<'a> {
    /// A window over `length` values, at least one, all of which are `rest` before the first ones.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, length: usize, rest: f32) -> Result<Self, ConfigError> {
        let mut window = Self { values: arena.slice(length.max(1))?, position: 0, least: rest, rest };
        window.reset();
        Ok(window)
    }

    /// All values are as before the first ones.
    ///
    /// # Real-time
    /// Audio thread; takes as long as the window.
    pub fn reset(&mut self) {
        self.values.fill(self.rest);
        (self.position, self.least) = (0, f32::INFINITY);
    }

    /// Takes in a value, and gives the least in the window.
    ///
    /// # Real-time
    /// Audio thread. Once in a window it takes as long as the window.
    #[inline]
    pub fn next(&mut self, value: f32) -> f32 {
        if let Some(place) = self.values.get_mut(self.position) {
            *place = value;
        }
        self.position += 1;
        self.least = self.least.min(value);
        match self.values.get(self.position) {
            Some(&before) => self.least.min(before),
            None => self.complete(),
        }
    }

    /// A block is complete, and is the window.
    #[cold]
    fn complete(&mut self) -> f32 {
        let mut least = f32::INFINITY;
        for value in self.values.iter_mut().rev() {
            least = least.min(*value);
            *value = least;
        }
        (self.position, self.least) = (0, f32::INFINITY);
        least
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    #[test]
    fn it_is_the_least_in_the_window() {
        let values: Vec<f32> = (0..500u32).map(|n| ((n * 7919 + n * n * 31) % 101) as f32 - 20.0).collect();
        for length in [1, 2, 3, 16, 100] {
            let mut memory = Memory::new(4096);
            let mut window = SlidingMinimum::new(&mut memory.arena(), length, 50.0).unwrap();
            for _ in 0..2 {
                for n in 0..values.len() {
                    let first = (n + 1).saturating_sub(length);
                    let before = if n + 1 < length { 50.0 } else { f32::INFINITY };
                    let expected = values[first..=n].iter().fold(before, |least, value| least.min(*value));
                    assert_eq!(window.next(values[n]), expected, "{length} {n}");
                }
                window.reset();
            }
        }
    }
}
