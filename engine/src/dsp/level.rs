//! Level meter: peak with a defined fall, mean square, and a count of what is above full scale.

use libm::expf;

use super::simd::{F32x4, LANES};

/// Peak fall of IEC 60268-10 type I: 20 dB in 1.7 s.
const PEAK_FALL_DB_PER_S: f32 = 20.0 / 1.7;

/// Time constant of the mean square.
const MEAN_SQUARE_S: f32 = 0.3;

/// Both numbers are brought up to date once in so many frames: 0.7 ms at 48 kHz, far below what an eye sees.
const BLOCK_FRAMES: usize = 32;

/// 0 dBFS.
const FULL_SCALE: f32 = 1.0;

/// One channel's meter.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    peak: f32,
    mean_square: f32,
    /// What is left of each after a block.
    peak_factor: f32,
    mean_square_factor: f32,
    /// Greatest magnitudes and sums of squares of the present block, of every fourth frame in a lane.
    maxima: F32x4,
    squares: F32x4,
    /// Frames of the present block.
    frames: usize,
    clipped: u32,
}

impl Level {
    /// A meter at rest; `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(sample_rate: f32) -> Self {
        const LN_10_BY_20: f32 = core::f32::consts::LN_10 / 20.0;
        let block_s = BLOCK_FRAMES as f32 / sample_rate;
        Self {
            peak: 0.0,
            mean_square: 0.0,
            peak_factor: expf(-PEAK_FALL_DB_PER_S * LN_10_BY_20 * block_s),
            mean_square_factor: expf(-block_s / MEAN_SQUARE_S),
            maxima: F32x4::ZERO,
            squares: F32x4::ZERO,
            frames: 0,
            clipped: 0,
        }
    }

    /// Takes in what was heard: finite samples.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &[f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            if self.frames == 0
                && let Some((block, later)) = rest.split_first_chunk::<BLOCK_FRAMES>()
            {
                let (mut maxima, mut squares) = (F32x4::ZERO, F32x4::ZERO);
                for lanes in block.as_chunks::<LANES>().0 {
                    let lanes = F32x4::read(lanes);
                    maxima = maxima.max(lanes.abs());
                    squares += lanes * lanes;
                }
                (self.maxima, self.squares) = (maxima, squares);
                if self.end_block() > FULL_SCALE {
                    self.count_clipped(block);
                }
                rest = later;
                continue;
            }
            let lane = self.frames % LANES;
            let mut lanes = [0.0; LANES];
            if let Some(four) = rest.first_chunk::<LANES>().filter(|_| lane == 0) {
                lanes = *four;
                rest = rest.get(LANES..).unwrap_or(&[]);
                self.frames += LANES;
            } else if let Some((place, (sample, later))) = lanes.get_mut(lane).zip(rest.split_first()) {
                *place = *sample;
                rest = later;
                self.frames += 1;
            }
            self.count_clipped(&lanes);
            let lanes = F32x4::new(lanes);
            self.maxima = self.maxima.max(lanes.abs());
            self.squares += lanes * lanes;
            if self.frames >= BLOCK_FRAMES {
                self.end_block();
            }
        }
    }

    fn count_clipped<const N: usize>(&mut self, samples: &[f32; N]) {
        let clipped = samples.iter().map(|sample| u32::from(sample.abs() > FULL_SCALE)).sum();
        self.clipped = self.clipped.wrapping_add(clipped);
    }

    /// Returns the greatest magnitude of the block.
    fn end_block(&mut self) -> f32 {
        let maximum = self.maxima.to_array().into_iter().fold(0.0, f32::max);
        let mean = self.squares.sum() / BLOCK_FRAMES as f32;
        self.peak = maximum.max(self.peak * self.peak_factor);
        self.mean_square = mean + (self.mean_square - mean) * self.mean_square_factor;
        // Below -200 dB both are zero, so that a long silence does not run into denormals.
        if self.peak < 1e-10 {
            self.peak = 0.0;
        }
        if self.mean_square < 1e-20 {
            self.mean_square = 0.0;
        }
        (self.maxima, self.squares, self.frames) = (F32x4::ZERO, F32x4::ZERO, 0);
        maximum
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

    /// Samples above 0 dBFS so far, wrapping.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn clipped(&self) -> u32 {
        self.clipped
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
        level.process(&[1.0; 32]);
        level.process(&std::vec![0.0; 81_600]);
        assert!((20.0 * level.peak().log10() + 20.0).abs() < 0.1, "{}", level.peak());
    }

    #[test]
    fn full_scale_is_not_clipped_and_the_next_number_is() {
        let above = 1.0f32.next_up();
        let mut level = Level::new(48_000.0);
        level.process(&[1.0, -1.0, above, -above].repeat(100));
        level.process(&std::vec![0.5; 4800]);
        assert_eq!(level.clipped(), 200);
    }

    #[test]
    fn any_split_shows_the_same() {
        let samples: std::vec::Vec<f32> = (0..9600u32).map(|n| ((n * 97 + 31) % 61) as f32 / 25.0 - 1.1).collect();
        let clipped = samples.iter().filter(|sample| sample.abs() > 1.0).count();
        let mut whole = Level::new(48_000.0);
        whole.process(&samples);
        assert_eq!(whole.clipped() as usize, clipped);
        for split in [1, 3, 127, 441] {
            let mut parts = Level::new(48_000.0);
            samples.chunks(split).for_each(|part| parts.process(part));
            assert_eq!((parts.peak(), parts.mean_square()), (whole.peak(), whole.mean_square()));
            assert_eq!(parts.clipped(), whole.clipped());
        }
    }
}
