//! The mean of the last values, each between 0 and 1.

use super::narrow;
use crate::config::ConfigError;
use crate::memory::Arena;

/// A window. Values are rounded to 2⁻²³, so that their sum in `f64` is exact and does not drift, however many there were.
pub struct MovingAverage<'a> {
    values: &'a mut [f32],
    position: usize,
    sum: f64,
    /// One by the length; what that rounds away is far below the last digit of a mean.
    per_value: f64,
    rest: f32,
}

impl<'a> MovingAverage<'a> {
    /// A window over `length` values, at least one, all of which are `rest` before the first ones.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, length: usize, rest: f32) -> Result<Self, ConfigError> {
        let values = arena.slice(length.max(1))?;
        let per_value = 1.0 / values.len() as f64;
        let mut average = Self { values, position: 0, sum: 0.0, per_value, rest: round(rest) };
        average.reset();
        Ok(average)
    }

    /// All values are as before the first ones.
    ///
    /// # Real-time
    /// Audio thread; takes as long as the window.
    pub fn reset(&mut self) {
        self.values.fill(self.rest);
        self.sum = f64::from(self.rest) * self.values.len() as f64;
        self.position = 0;
    }

    /// Takes in a value, and gives the mean of the window.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn next(&mut self, value: f32) -> f32 {
        let value = round(value);
        let mut left = 0.0;
        if let Some(place) = self.values.get_mut(self.position) {
            left = core::mem::replace(place, value);
        }
        self.position += 1;
        if self.position >= self.values.len() {
            self.position = 0;
        }
        self.sum += f64::from(value) - f64::from(left);
        narrow(self.sum * self.per_value)
    }
}

/// To a multiple of 2⁻²³: between 1 and 2 no `f32` is anything else.
#[inline]
fn round(value: f32) -> f32 {
    (value + 1.0) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn it_is_the_mean_and_does_not_drift() {
        let mut memory = Memory::new(4096);
        let mut average = MovingAverage::new(&mut memory.arena(), 49, 1.0).unwrap();
        assert_eq!(average.next(1.0), 1.0);
        for n in 0..500_000u32 {
            average.next((n * 7919 % 1_000_003) as f32 / 1e6);
        }
        for n in 0..49u16 {
            average.next(f32::from(n) / 64.0);
        }
        assert_eq!(average.next(0.0), 24.0 / 64.0);
        for _ in 0..48 {
            average.next(1.0);
        }
        assert_eq!(average.next(1.0), 1.0);
    }
}
