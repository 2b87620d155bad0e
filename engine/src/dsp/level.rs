//! Level meter: peak with a defined fall, and mean square.

use libm::expf;

/// Peak fall of IEC 60268-10 type I: 20 dB in 1.7 s.
const PEAK_FALL_DB_PER_S: f32 = 20.0 / 1.7;

/// Time constant of the mean square.
const MEAN_SQUARE_S: f32 = 0.3;

/// One channel's meter.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    peak: f32,
    mean_square: f32,
    peak_factor: f32,
    mean_square_share: f32,
}

impl Level {
    /// A meter at rest; `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(sample_rate: f32) -> Self {
        const LN_10_BY_20: f32 = core::f32::consts::LN_10 / 20.0;
        Self {
            peak: 0.0,
            mean_square: 0.0,
            peak_factor: expf(-PEAK_FALL_DB_PER_S * LN_10_BY_20 / sample_rate),
            mean_square_share: 1.0 - expf(-1.0 / (MEAN_SQUARE_S * sample_rate)),
        }
    }

    /// Takes in what was heard.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &[f32]) {
        for &sample in samples {
            let sample = if sample.is_finite() { sample } else { 0.0 };
            self.peak = sample.abs().max(self.peak * self.peak_factor);
            self.mean_square += (sample * sample - self.mean_square) * self.mean_square_share;
        }
        // Below -200 dB both are zero, so that a long silence does not run into denormals.
        if self.peak < 1e-10 {
            self.peak = 0.0;
        }
        if self.mean_square < 1e-20 {
            self.mean_square = 0.0;
        }
    }

    /// Peak, linear.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn peak(&self) -> f32 {
        self.peak
    }

    /// Mean of the squares, linear.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn mean_square(&self) -> f32 {
        self.mean_square
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn a_full_scale_square_reads_full_scale() {
        let mut level = Level::new(48_000.0);
        for _ in 0..48_000 * 3 {
            level.process(&[1.0, -1.0]);
        }
        assert_eq!(level.peak(), 1.0);
        assert!((level.mean_square() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_peak_falls_20_db_in_1_7_s() {
        let mut level = Level::new(48_000.0);
        level.process(&[1.0]);
        level.process(&std::vec![0.0; 81_600]);
        assert!((20.0 * level.peak().log10() + 20.0).abs() < 0.1, "{}", level.peak());
    }

    #[test]
    fn bad_numbers_do_not_stick() {
        let mut level = Level::new(48_000.0);
        level.process(&[f32::NAN, f32::INFINITY, 0.5]);
        assert_eq!(level.peak(), 0.5);
    }
}
