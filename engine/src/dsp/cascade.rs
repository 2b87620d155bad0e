//! A stereo cascade of second-order sections, in which all four lanes work all the time.
//!
//! A vector holds both channels of two sections that follow each other: `[left, right]` of the first, `[left, right]` of
//! the second. Section `s` works on frame `n − s` while the first one works on frame `n`, so that no section of a step waits for
//! another. Each call fills this pipeline and drains it again, with the lanes masked that have no frame yet or no more: there is
//! no latency, and any split into calls gives the same bits.

use super::ramp::CONTROL_FRAMES;
use super::simd::F32x4;
use super::state_variable::{Section, State, Tuning, flushed};
use crate::config::CHANNELS;

/// `2·PAIRS` sections for both channels.
#[derive(Clone, Copy, Debug)]
pub struct Cascade<const PAIRS: usize> {
    tunings: [Tuning; PAIRS],
    states: [State; PAIRS],
    is_moving: bool,
}

impl<const PAIRS: usize> Cascade<PAIRS> {
    /// Frames that the last section is behind the first within a step.
    const LAG: usize = 2 * PAIRS - 1;

    /// Sections that pass everything as it is.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tunings: [Tuning::new([Section::IDENTITY; 4]); PAIRS],
            states: [State::default(); PAIRS],
            is_moving: false,
        }
    }

    /// Lets section `index` be `section` at once: for what is not heard yet.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn set(&mut self, index: usize, section: Section) {
        self.control(index, section);
        self.settle();
    }

    /// A control point: what moved has arrived. To be called at each of them, before [`Cascade::control`].
    ///
    /// # Real-time
    /// Audio thread.
    pub fn settle(&mut self) {
        if self.is_moving {
            for tuning in &mut self.tunings {
                tuning.settle();
            }
            self.is_moving = false;
        }
    }

    /// Lets section `index` move from what it is to `section`, which it reaches at the next control point.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn control(&mut self, index: usize, section: Section) {
        if let Some(tuning) = self.tunings.get_mut(index / 2) {
            let lane = index % 2 * CHANNELS;
            tuning.control(lane, section);
            tuning.control(lane + 1, section);
            self.is_moving |= tuning.is_moving;
        }
    }

    /// Whether a section is on its way to the next control point.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.is_moving
    }

    /// Lets the sections forget what they have heard.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn reset(&mut self) {
        self.states = [State::default(); PAIRS];
    }

    /// Filters both planes in place. Their first frame lies `phase` frames after a control point; they end at the next one or
    /// before, but may be any number while nothing [moves](Self::is_moving). Once in [`CONTROL_FRAMES`], states below
    /// −300 dB and those that are not a number become zero.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, planes: [&mut [f32]; CHANNELS], phase: usize) {
        let [left, right] = planes;
        let frames = left.len().min(right.len());
        let mut outputs = [F32x4::ZERO; PAIRS];
        let full = frames.max(Self::LAG);
        for step in 0..Self::LAG {
            self.masked_step(&mut outputs, left, right, step, phase);
        }
        if self.is_moving {
            self.full_steps::<true>(&mut outputs, left, right, full, phase);
        } else {
            self.full_steps::<false>(&mut outputs, left, right, full, phase);
        }
        for step in full..frames + Self::LAG {
            self.masked_step(&mut outputs, left, right, step, phase);
        }
    }

    /// Steps in which every lane has a frame.
    fn full_steps<const IS_MOVING: bool>(
        &mut self,
        outputs: &mut [F32x4; PAIRS],
        left: &mut [f32],
        right: &mut [f32],
        end: usize,
        phase: usize,
    ) {
        let (mut states, mut held) = (self.states, *outputs);
        let mut step = Self::LAG;
        while step < end {
            if (phase + step).is_multiple_of(CONTROL_FRAMES) {
                flush(&mut states, &mut held);
            }
            let stretch = (CONTROL_FRAMES - (phase + step) % CONTROL_FRAMES).min(end - step);
            for step in step..step + stretch {
                let mut before = input(left, right, step);
                let mut lane_phase = lane_phases(phase, step);
                for ((state, tuning), output) in states.iter_mut().zip(&self.tunings).zip(&mut held) {
                    let x = before.shuffle::<2, 3, 4, 5>(*output);
                    before = *output;
                    *output = if IS_MOVING && tuning.is_moving {
                        state.tick(x, &tuning.at(lane_phase))
                    } else {
                        state.tick(x, &tuning.resting)
                    };
                    lane_phase -= F32x4::splat(CHANNELS as f32);
                }
                write(left, right, step - Self::LAG, &held);
            }
            step += stretch;
        }
        (self.states, *outputs) = (states, held);
    }

    /// Any step: lanes that have no frame keep their state.
    fn masked_step(
        &mut self,
        outputs: &mut [F32x4; PAIRS],
        left: &mut [f32],
        right: &mut [f32],
        step: usize,
        phase: usize,
    ) {
        let frames = left.len().min(right.len());
        let last = frames as f32 - 1.0;
        let is_control_point = (phase + step).is_multiple_of(CONTROL_FRAMES);
        let keep = |lanes| if is_control_point { flushed(lanes) } else { lanes };
        let mut before = keep(input(left, right, step));
        let pairs = self.states.iter_mut().zip(&self.tunings).zip(outputs.iter_mut());
        for (first, ((state, tuning), output)) in (0..).step_by(2).zip(pairs) {
            let held = keep(*output);
            if step >= first && step < frames + first + 2 {
                let frame = F32x4::splat(step as f32 - first as f32) - F32x4::new([0.0, 0.0, 1.0, 1.0]);
                let mut next = State { s1: keep(state.s1), s2: keep(state.s2) };
                let x = before.shuffle::<2, 3, 4, 5>(held);
                *output = if tuning.is_moving {
                    next.tick(x, &tuning.at(frame + F32x4::splat(phase as f32)))
                } else {
                    next.tick(x, &tuning.resting)
                };
                // −1 < frame < frames, in one comparison.
                let has_frame = (frame + frame - F32x4::splat(last)).abs().less_than(F32x4::splat(last + 1.0));
                state.s1 = has_frame.select(next.s1, state.s1);
                state.s2 = has_frame.select(next.s2, state.s2);
            }
            before = held;
        }
        if let Some(frame) = step.checked_sub(Self::LAG) {
            write(left, right, frame, outputs);
        }
    }
}

/// Frames from the last control point to those on which the lanes of the first pair work.
#[inline(always)]
fn lane_phases(phase: usize, step: usize) -> F32x4 {
    F32x4::splat((phase + step) as f32) - F32x4::new([0.0, 0.0, 1.0, 1.0])
}

/// The input of a step, where a pair has its output for the next pair; zero behind the end.
#[inline(always)]
fn input(left: &[f32], right: &[f32], step: usize) -> F32x4 {
    let sample = |plane: &[f32]| plane.get(step).copied().unwrap_or(0.0);
    F32x4::new([0.0, 0.0, sample(left), sample(right)])
}

#[inline(always)]
fn write(left: &mut [f32], right: &mut [f32], frame: usize, outputs: &[F32x4]) {
    if let (Some(left), Some(right), Some(output)) = (left.get_mut(frame), right.get_mut(frame), outputs.last()) {
        let [.., left_output, right_output] = output.to_array();
        (*left, *right) = (left_output, right_output);
    }
}

/// Also what is between two sections, so that a number that is none ends everywhere at once.
#[inline(always)]
fn flush(states: &mut [State], outputs: &mut [F32x4]) {
    for (state, output) in states.iter_mut().zip(outputs) {
        state.flush();
        *output = flushed(*output);
    }
}

impl<const PAIRS: usize> Default for Cascade<PAIRS> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::biquad::{Band, Biquad, Shape};
    use super::*;
    use std::vec::Vec;

    const RATE: f32 = 48_000.0;

    fn noise(frames: usize, seed: u32) -> Vec<f32> {
        let mut word = seed;
        let next = |_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (word >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..frames).map(next).collect()
    }

    fn bands(gain_db: f32) -> [Band; 10] {
        core::array::from_fn(|index| Band {
            shape: [Shape::Peak, Shape::LowShelf, Shape::HighShelf, Shape::AllPass, Shape::Peak][index % 5],
            frequency_hz: 31.25 * (1 << index) as f32,
            q: 0.8 + 0.1 * index as f32,
            gain_db: if index % 2 == 0 { gain_db } else { -gain_db },
        })
    }

    fn tuned(gain_db: f32) -> Cascade<5> {
        let mut cascade = Cascade::new();
        for (index, band) in bands(gain_db).iter().enumerate() {
            cascade.set(index, Section::new(band, RATE));
        }
        cascade
    }

    /// Renders noise, in pieces of these lengths; with gains from `gains`, if any, at each control point.
    fn render(split: &[usize], gains: Option<&dyn Fn(usize) -> f32>) -> [Vec<f32>; 2] {
        let mut cascade = tuned(3.0);
        let (mut left, mut right) = (noise(5_000, 1), noise(5_000, 2));
        left[3_000..4_000].fill(0.0);
        let mut start = 0;
        for &frames in split.iter().cycle() {
            let mut rest = frames.min(left.len() - start);
            while rest > 0 {
                let phase = start % CONTROL_FRAMES;
                if phase == 0 {
                    cascade.settle();
                    if let Some(gains) = gains {
                        for (index, band) in bands(gains(start)).iter().enumerate() {
                            cascade.control(index, Section::new(band, RATE));
                        }
                    }
                }
                let count = if gains.is_some() { rest.min(CONTROL_FRAMES - phase) } else { rest };
                cascade.process([&mut left[start..start + count], &mut right[start..start + count]], phase);
                start += count;
                rest -= count;
            }
            if start == left.len() {
                break;
            }
        }
        [left, right]
    }

    #[test]
    fn it_is_the_product_of_its_sections() {
        for (heard, seed) in render(&[5_000], None).iter().zip([1, 2]) {
            let mut expected: Vec<f64> = noise(5_000, seed).into_iter().map(f64::from).collect();
            if seed == 1 {
                expected[3_000..4_000].fill(0.0);
            }
            for band in bands(3.0) {
                let Biquad { b: [b0, b1, b2], a: [a1, a2] } = Biquad::new(&band, RATE);
                let (mut s1, mut s2) = (0.0, 0.0);
                for x in &mut expected {
                    let y = b0 * *x + s1;
                    s1 = b1 * *x - a1 * y + s2;
                    s2 = b2 * *x - a2 * y;
                    *x = y;
                }
            }
            for (n, (heard, expected)) in heard.iter().zip(&expected).enumerate() {
                assert!((f64::from(*heard) - expected).abs() < 3e-6, "{n}: {heard} {expected}");
            }
        }
    }

    #[test]
    fn any_split_gives_the_same_bits_at_rest_and_moving() {
        let gains = |frame: usize| match frame {
            0..1_000 => 3.0,
            1_000..2_000 => -12.0 + frame as f32 / 100.0,
            _ => 9.0,
        };
        for gains in [None, Some(&gains as &dyn Fn(usize) -> f32)] {
            let whole = render(&[5_000], gains);
            for split in [&[1][..], &[2, 3], &[7], &[31], &[32], &[33], &[127], &[128], &[441, 3], &[4096]] {
                let heard = render(split, gains);
                assert!(heard == whole, "{split:?}");
            }
        }
    }

    #[test]
    fn a_change_never_steps() {
        let mut cascade = Cascade::<1>::new();
        let mut heard = Vec::new();
        for block in 0..100 {
            cascade.settle();
            let gain_db = if block < 50 { 0.0 } else { 20.0 };
            let band = Band { shape: Shape::LowShelf, frequency_hz: 5_000.0, q: 0.7, gain_db };
            cascade.control(0, Section::new(&band, RATE));
            let (mut left, mut right) = ([0.1; CONTROL_FRAMES], [0.1; CONTROL_FRAMES]);
            cascade.process([&mut left, &mut right], 0);
            heard.extend(left);
        }
        let steepest = heard[1_000..].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // From 0.1 to 1.0 in 32 frames and some more that the filter takes; a step would be 0.9 at once.
        assert!(steepest < 0.06, "{steepest}");
        assert!((heard[3_199] - 1.0).abs() < 1e-3, "{}", heard[3_199]);
    }

    #[test]
    fn sections_without_a_purpose_change_nothing() {
        let mut cascade = Cascade::<6>::new();
        let (mut left, mut right) = (noise(777, 5), noise(777, 6));
        cascade.process([&mut left, &mut right], 0);
        assert!(left == noise(777, 5) && right == noise(777, 6));
    }

    #[test]
    fn it_falls_silent_and_forgets_what_is_not_a_number() {
        let mut cascade = tuned(6.0);
        let (mut left, mut right) = (std::vec![0.0; 300_000], std::vec![0.0; 300_000]);
        left[0] = 1.0;
        left[50] = f32::NAN;
        right[60] = f32::INFINITY;
        cascade.process([&mut left, &mut right], 0);
        assert!(left[300..].iter().chain(&right[300..]).all(|sample| sample.is_finite()));
        assert!(left[200_000..].iter().chain(&right[200_000..]).all(|&sample| sample == 0.0));
    }
}
