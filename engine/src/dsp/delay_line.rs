//! Delay line of one channel: a ring of samples whose length is a power of two, with taps at whole and at broken delays.

use crate::config::ConfigError;
use crate::memory::Arena;

/// The samples written last.
pub struct DelayLine<'a> {
    samples: &'a mut [f32],
    /// Where the next sample goes; only its low bits count.
    position: usize,
}

impl<'a> DelayLine<'a> {
    /// Samples that a cubic tap reads on the far side of its delay.
    const MARGIN: usize = 2;

    /// A line of silence, whose taps reach back `longest_delay` frames.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, longest_delay: usize) -> Result<Self, ConfigError> {
        let length = longest_delay.saturating_add(Self::MARGIN + 1).checked_next_power_of_two().unwrap_or(usize::MAX);
        Ok(Self { samples: arena.slice(length)?, position: 0 })
    }

    /// Forgets everything.
    ///
    /// # Real-time
    /// Audio thread; takes as long as the line.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
    }

    /// Writes the next sample.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn write(&mut self, sample: f32) {
        let mask = self.samples.len().wrapping_sub(1);
        if let Some(place) = self.samples.get_mut(self.position & mask) {
            *place = sample;
        }
        self.position = self.position.wrapping_add(1);
    }

    /// The sample written `delay` frames before the last one: 0 is the last one itself. Beyond the longest delay it is
    /// some younger sample.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn tap(&self, delay: usize) -> f32 {
        let mask = self.samples.len().wrapping_sub(1);
        let index = self.position.wrapping_sub(1).wrapping_sub(delay);
        self.samples.get(index & mask).copied().unwrap_or(0.0)
    }

    /// The signal `delay` frames before the last sample, on the straight line between two samples. At half a frame the
    /// line loses 3 dB at a quarter of the sample rate. Delays keep within 0 and the longest one.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn tap_linear(&self, delay: f32) -> f32 {
        let (whole, fraction) = self.split(delay, 0);
        let (near, far) = (self.tap(whole), self.tap(whole + 1));
        near + (far - near) * fraction
    }

    /// The signal `delay` frames before the last sample, on the cubic through four samples (Lagrange's interpolation). At
    /// half a frame it loses 0.07 dB at an eighth of the sample rate and 1.1 dB at a quarter. Delays keep within 1 and the
    /// longest one, since the cubic needs a sample on the near side.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn tap_cubic(&self, delay: f32) -> f32 {
        let (whole, t) = self.split(delay, 1);
        let [a, b, c, d] = [whole - 1, whole, whole + 1, whole + 2].map(|delay| self.tap(delay));
        // The weights are those of samples at −1, 0, 1 and 2.
        let (before, after, beyond) = (t + 1.0, t - 1.0, t - 2.0);
        let (outer, inner) = (t * after * (1.0 / 6.0), before * beyond * 0.5);
        (d * (before * outer) - a * (beyond * outer)) + (b * (inner * after) - c * (inner * t))
    }

    /// Whole frames and the rest of a delay, not less than `least`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a delay within the line")]
    fn split(&self, delay: f32, least: u16) -> (usize, f32) {
        let longest = (self.samples.len().saturating_sub(Self::MARGIN + 1)) as f32;
        // What is not a number becomes the least.
        let delay = f32::from(least).max(delay).min(longest);
        let whole = delay as usize;
        (whole.max(usize::from(least)), delay - whole as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn with_line(longest_delay: usize, samples: impl Iterator<Item = f32>, test: impl Fn(&DelayLine<'_>)) {
        let mut memory = Memory::new(65_536);
        let mut line = DelayLine::new(&mut memory.arena(), longest_delay).unwrap();
        for sample in samples {
            line.write(sample);
        }
        test(&line);
    }

    #[test]
    fn taps_find_what_was_written() {
        with_line(100, (0..=1000u16).map(f32::from), |line| {
            for delay in 0..=100u16 {
                assert_eq!(line.tap(usize::from(delay)), 1000.0 - f32::from(delay));
                assert_eq!(line.tap_linear(f32::from(delay)), 1000.0 - f32::from(delay));
                assert_eq!(line.tap_linear(f32::from(delay) + 0.25), 999.75 - f32::from(delay));
                if delay > 0 {
                    assert_eq!(line.tap_cubic(f32::from(delay)), 1000.0 - f32::from(delay));
                }
            }
        });
    }

    #[test]
    fn a_cubic_is_interpolated_exactly() {
        let cubic = |x: f32| 0.5 * x * x * x - 2.0 * x * x + 3.0 * x - 7.0;
        // At x = −10, −9 … 10; the last sample is the one at 10.
        with_line(16, (-10..=10i16).map(|x| cubic(f32::from(x))), |line| {
            for step in 16..=256u16 {
                let delay = f32::from(step) / 16.0;
                let (heard, expected) = (line.tap_cubic(delay), cubic(10.0 - delay));
                assert!((heard - expected).abs() < 1e-4, "{delay}: {heard} {expected}");
            }
        });
    }

    #[test]
    fn half_a_frame_loses_what_is_said() {
        for (period, linear_db, cubic_db) in [(8.0, -0.69, -0.07), (4.0, -3.01, -1.07)] {
            let sine = |n: f64| (n * core::f64::consts::TAU / period).sin();
            with_line(64, (0..1000).map(|n| super::super::narrow(sine(f64::from(n)))), |line| {
                let expected = sine(999.0 - 20.5);
                let gain_db = |heard: f32| 20.0 * (f64::from(heard) / expected).log10();
                let (linear, cubic) = (gain_db(line.tap_linear(20.5)), gain_db(line.tap_cubic(20.5)));
                assert!((linear - linear_db).abs() < 0.01, "{linear}");
                assert!((cubic - cubic_db).abs() < 0.01, "{cubic}");
            });
        }
    }

    #[test]
    fn absurd_delays_stay_within_the_line() {
        with_line(10, (0..100u16).map(f32::from), |line| {
            for delay in [f32::NAN, f32::NEG_INFINITY, -1.0] {
                assert_eq!((line.tap_linear(delay), line.tap_cubic(delay)), (99.0, 98.0));
            }
            assert_eq!(line.tap_linear(f32::INFINITY), line.tap_cubic(1e20));
        });
    }
}
