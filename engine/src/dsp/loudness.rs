//! Loudness of a stereo signal after ITU-R BS.1770-5 and EBU R 128: momentary, short-term and integrated loudness (EBU Tech
//! 3341), and loudness range (EBU Tech 3342).
//!
//! `L = −0.691 + 10·log10(Σ mean square of each K-weighted channel)`, in LUFS. Squares are summed over 10 ms; 400 ms of these
//! are the momentary loudness, 3 s the short-term one, both renewed every 10 ms. Every 100 ms the last 400 ms are a block
//! of the integrated loudness and the last 3 s one of the range, so that blocks lie on absolute frames since the start.

use super::cascade::Cascade;
use super::gating::{Gating, power_to_lufs};
use super::k_weighting::k_weighting;
use super::narrow;
use super::ramp::CONTROL_FRAMES;
use crate::config::{CHANNELS, ConfigError};
use crate::memory::Arena;

/// Pieces of 10 ms that are a momentary block, a short-term block, and the step from one gated block to the next.
const MOMENTARY_PIECES: usize = 40;
const SHORT_TERM_PIECES: usize = 300;
const STEP_PIECES: usize = 10;

/// Relative gates of integrated loudness and of the range, in LU.
const INTEGRATED_GATE_LU: f64 = 10.0;
const RANGE_GATE_LU: f64 = 20.0;
/// The percentiles of the range.
const RANGE: [f64; 2] = [0.10, 0.95];

/// Frames that are weighted at once: a whole number of control blocks.
const CHUNK_FRAMES: usize = 128;

/// What a meter reads, in LUFS and LU. Silence, and what is not known yet, is −∞; a range that is not known yet is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// Of the last 400 ms.
    pub momentary_lufs: f32,
    /// Of the last 3 s.
    pub short_term_lufs: f32,
    /// The greatest momentary loudness.
    pub momentary_max_lufs: f32,
    /// The greatest short-term loudness.
    pub short_term_max_lufs: f32,
    /// Of all that passed the gates.
    pub integrated_lufs: f32,
    /// From the 10th to the 95th percentile of what passed the gates.
    pub range_lu: f32,
}

impl Loudness {
    const UNKNOWN: Self = Self {
        momentary_lufs: f32::NEG_INFINITY,
        short_term_lufs: f32::NEG_INFINITY,
        momentary_max_lufs: f32::NEG_INFINITY,
        short_term_max_lufs: f32::NEG_INFINITY,
        integrated_lufs: f32::NEG_INFINITY,
        range_lu: 0.0,
    };
}

/// The meter.
pub struct LoudnessMeter<'a> {
    weighting: Cascade<1>,
    /// Frames since the last control point.
    phase: usize,
    piece_frames: usize,
    /// Frames and sum of squares of the piece under way.
    frames: usize,
    sum: f64,
    /// Sums of squares of the last pieces, in a ring.
    pieces: [f64; SHORT_TERM_PIECES],
    newest: usize,
    /// Pieces since the start, as far as it matters.
    count: usize,
    /// Pieces until the next gated block.
    until_block: usize,
    momentary: Gating<'a>,
    short_term: Gating<'a>,
    reading: Loudness,
}

impl<'a> LoudnessMeter<'a> {
    /// A meter that has heard nothing; `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room: it takes 29 KB.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a hundredth of a rate, saturating")]
    pub fn new(arena: &mut Arena<'a>, sample_rate: f32) -> Result<Self, ConfigError> {
        Ok(Self {
            weighting: k_weighting(sample_rate),
            phase: 0,
            piece_frames: libm::roundf(sample_rate / 100.0).max(1.0) as usize,
            frames: 0,
            sum: 0.0,
            pieces: [0.0; SHORT_TERM_PIECES],
            newest: 0,
            count: 0,
            until_block: STEP_PIECES,
            momentary: Gating::new(arena)?,
            short_term: Gating::new(arena)?,
            reading: Loudness::UNKNOWN,
        })
    }

    /// Begins anew.
    ///
    /// # Real-time
    /// Audio thread; some microseconds.
    pub fn reset(&mut self) {
        self.weighting.reset();
        self.momentary.reset();
        self.short_term.reset();
        self.pieces = [0.0; SHORT_TERM_PIECES];
        (self.phase, self.frames, self.sum, self.count) = (0, 0, 0.0, 0);
        self.until_block = STEP_PIECES;
        self.reading = Loudness::UNKNOWN;
    }

    /// What it reads.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn reading(&self) -> Loudness {
        self.reading
    }

    /// Takes in what was heard; samples that are not finite count as 0.
    ///
    /// # Real-time
    /// Audio thread. Once in 100 ms it takes some microseconds more.
    pub fn process(&mut self, planes: [&[f32]; CHANNELS]) {
        let [left, right] = planes;
        for (left, right) in left.chunks(CHUNK_FRAMES).zip(right.chunks(CHUNK_FRAMES)) {
            let mut weighted = [[0.0; CHUNK_FRAMES]; CHANNELS];
            for (copy, plane) in weighted.iter_mut().zip([left, right]) {
                for (copy, &sample) in copy.iter_mut().zip(plane) {
                    *copy = if sample.is_finite() { sample } else { 0.0 };
                }
            }
            let [weighted_left, weighted_right] = &mut weighted;
            let count = left.len().min(right.len());
            if let (Some(left), Some(right)) = (weighted_left.get_mut(..count), weighted_right.get_mut(..count)) {
                self.weighting.process([left, right], self.phase);
                self.phase = (self.phase + count) % CONTROL_FRAMES;
                for (&mut left, &mut right) in left.iter_mut().zip(right) {
                    let (left, right) = (f64::from(left), f64::from(right));
                    self.sum += left * left + right * right;
                    self.frames += 1;
                    if self.frames >= self.piece_frames {
                        self.finish_piece();
                    }
                }
            }
        }
    }

    fn finish_piece(&mut self) {
        self.newest = if self.newest + 1 < SHORT_TERM_PIECES { self.newest + 1 } else { 0 };
        if let Some(piece) = self.pieces.get_mut(self.newest) {
            *piece = self.sum;
        }
        (self.sum, self.frames) = (0.0, 0);
        self.count = (self.count + 1).min(SHORT_TERM_PIECES);
        let (momentary, short_term) = (self.mean_power(MOMENTARY_PIECES), self.mean_power(SHORT_TERM_PIECES));
        let reading = &mut self.reading;
        reading.momentary_lufs = narrow(power_to_lufs(momentary));
        reading.short_term_lufs = narrow(power_to_lufs(short_term));
        reading.momentary_max_lufs = reading.momentary_max_lufs.max(reading.momentary_lufs);
        reading.short_term_max_lufs = reading.short_term_max_lufs.max(reading.short_term_lufs);
        self.until_block -= 1;
        if self.until_block == 0 {
            self.until_block = STEP_PIECES;
            self.finish_block(momentary, short_term);
        }
    }

    fn finish_block(&mut self, momentary: f64, short_term: f64) {
        if self.count >= MOMENTARY_PIECES {
            self.momentary.add(momentary);
            self.reading.integrated_lufs = narrow(power_to_lufs(self.momentary.mean_power(INTEGRATED_GATE_LU)));
        }
        if self.count >= SHORT_TERM_PIECES {
            let [low, high] = RANGE;
            self.short_term.add(short_term);
            self.reading.range_lu = narrow(self.short_term.range_lu(RANGE_GATE_LU, low, high));
        }
    }

    /// Mean power of the last pieces; before the start there was silence.
    fn mean_power(&self, pieces: usize) -> f64 {
        let (recent, older) = self.pieces.split_at_checked(self.newest + 1).unwrap_or((&self.pieces, &[]));
        let sum: f64 = recent.iter().rev().chain(older.iter().rev()).take(pieces).sum();
        sum / (pieces * self.piece_frames) as f64
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use core::f64::consts::TAU;
    use std::vec::Vec;

    const RATE: f32 = 48_000.0;

    /// A stereo sine of 1 kHz: pairs of level in dBFS and length in seconds.
    fn tones(rate: f32, tones: &[(f64, f64)]) -> Vec<f32> {
        let levels = tones.iter().flat_map(|&(level_db, length_s)| {
            let amplitude = 10f64.powf(level_db / 20.0);
            (0..).take_while(move |&n| f64::from(n) < length_s * f64::from(rate) - 0.5).map(move |_: u32| amplitude)
        });
        let sine = |n: usize| (TAU * 1000.0 * n as f64 / f64::from(rate)).sin();
        levels.enumerate().map(|(n, amplitude)| narrow(amplitude * sine(n))).collect()
    }

    fn measure(rate: f32, samples: &[f32], mut watch: impl FnMut(usize, Loudness)) -> Loudness {
        let mut memory = Memory::new(65_536);
        let mut meter = LoudnessMeter::new(&mut memory.arena(), rate).unwrap();
        for (quantum, samples) in samples.chunks(128).enumerate() {
            meter.process([samples, samples]);
            watch(quantum * 128 + samples.len(), meter.reading());
        }
        meter.reading()
    }

    fn assert_near(actual: f32, expected: f32, tolerance: f32) {
        assert!((actual - expected).abs() <= tolerance, "{actual} instead of {expected}");
    }

    #[test]
    fn integrated_loudness_of_tech_3341() {
        // Cases 1 to 5, and the first two with all three measures.
        for rate in [44_100.0, RATE, 96_000.0] {
            for level in [-23.0, -33.0] {
                let reading = measure(rate, &tones(rate, &[(level, 20.0)]), |_, _| {});
                for lufs in [reading.momentary_lufs, reading.short_term_lufs, reading.integrated_lufs] {
                    assert_near(lufs, narrow(level), 0.1);
                }
            }
        }
        for parts in [
            &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)][..],
            &[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)],
            &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)],
        ] {
            assert_near(measure(RATE, &tones(RATE, parts), |_, _| {}).integrated_lufs, -23.0, 0.1);
        }
    }

    #[test]
    fn short_term_loudness_of_tech_3341() {
        // Case 9: constant after 3 s.
        let samples = tones(RATE, &[(-20.0, 1.34), (-30.0, 1.66)].repeat(5));
        measure(RATE, &samples, |frame, reading| {
            if frame > 144_000 + 480 {
                assert_near(reading.short_term_lufs, -23.0, 0.1);
            }
        });
        // Case 10: the greatest short-term loudness of 3 s of tone, wherever they begin.
        for index in 0..20 {
            let samples = tones(RATE, &[(-300.0, f64::from(index) * 0.15), (-23.0, 3.0), (-300.0, 1.0)]);
            assert_near(measure(RATE, &samples, |_, _| {}).short_term_max_lufs, -23.0, 0.1);
        }
    }

    #[test]
    fn momentary_loudness_of_tech_3341() {
        // Case 12: constant after 1 s.
        let samples = tones(RATE, &[(-20.0, 0.18), (-30.0, 0.22)].repeat(25));
        measure(RATE, &samples, |frame, reading| {
            if frame > 48_000 {
                assert_near(reading.momentary_lufs, -23.0, 0.1);
            }
        });
        // Case 13: the greatest momentary loudness of 400 ms of tone, wherever they begin.
        for index in 0..20 {
            let samples = tones(RATE, &[(-300.0, f64::from(index) * 0.05), (-23.0, 0.4), (-300.0, 1.0)]);
            assert_near(measure(RATE, &samples, |_, _| {}).momentary_max_lufs, -23.0, 0.1);
        }
    }

    #[test]
    fn loudness_range_of_tech_3342() {
        for (levels, range_lu) in [
            (&[-20.0, -30.0][..], 10.0),
            (&[-20.0, -15.0], 5.0),
            (&[-40.0, -20.0], 20.0),
            (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
        ] {
            let parts: Vec<(f64, f64)> = levels.iter().map(|&level| (level, 20.0)).collect();
            assert_near(measure(RATE, &tones(RATE, &parts), |_, _| {}).range_lu, range_lu, 1.0);
        }
    }

    #[test]
    fn any_split_gives_the_same_bits_and_a_reset_starts_anew() {
        let samples = tones(RATE, &[(-20.0, 2.0), (-35.0, 3.0)]);
        let whole = measure(RATE, &samples, |_, _| {});
        for frames in [1, 127, 192, 4096] {
            let mut memory = Memory::new(65_536);
            let mut meter = LoudnessMeter::new(&mut memory.arena(), RATE).unwrap();
            for _ in 0..2 {
                meter.reset();
                samples.chunks(frames).for_each(|samples| meter.process([samples, samples]));
                assert_eq!(meter.reading(), whole, "{frames}");
            }
        }
    }

    #[test]
    fn silence_and_bad_numbers_are_silence() {
        let reading = measure(RATE, &std::vec![f32::NAN; 240_000], |_, _| {});
        assert_eq!(reading, Loudness::UNKNOWN);
    }
}
