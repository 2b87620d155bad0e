//! True-peak meter after ITU-R BS.1770-5, Annex 2: the greatest magnitude of the signal at four times its rate.
//!
//! The filter is the standard's, of 48 taps in four phases. It is made for 48 kHz; the higher the rate, the less there is
//! between the samples. Its gain is within 0.12 dB up to three eighths of the sample rate, 18 kHz; EBU Tech 3341 wants a
//! reading to be right within +0.2 and −0.4 dB.

use super::simd::F32x4;

pub(super) const TAPS: usize = 12;

/// The standard's phases 0 and 1, in 8192ths; 2 and 3 are these from last to first.
pub(super) const PHASES: [[i16; TAPS]; 2] = [
    [14, 90, -161, 272, -487, 1125, 7964, -838, 390, -218, 122, -68],
    [-239, 240, -424, 730, -1364, 3810, 6388, -1641, 832, -477, 271, -155],
];
pub(super) const UNIT: f32 = 8192.0;

/// One channel's meter.
#[derive(Clone, Copy, Debug)]
pub struct TruePeak {
    /// One vector for each tap: the four phases.
    taps: [F32x4; TAPS],
    /// The last samples, the newest first, and what the next ones push them to.
    history: [f32; TAPS],
    peak: F32x4,
}

impl TruePeak {
    /// A meter at rest.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        let [first, second] = PHASES.map(|phase| phase.map(|tap| f32::from(tap) / UNIT));
        let (mut third, mut fourth) = (second, first);
        third.reverse();
        fourth.reverse();
        let phases = first.into_iter().zip(second).zip(third.into_iter().zip(fourth));
        let mut taps = [F32x4::ZERO; TAPS];
        for (tap, ((a, b), (c, d))) in taps.iter_mut().zip(phases) {
            *tap = F32x4::new([a, b, c, d]);
        }
        Self { taps, history: [0.0; TAPS], peak: F32x4::ZERO }
    }

    /// Takes in samples; those that are not finite count as 0.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &[f32]) {
        for &sample in samples {
            let [a, b, c, d, e, f, g, h, i, j, k, _] = self.history;
            let sample = if sample.is_finite() { sample } else { 0.0 };
            self.history = [sample, a, b, c, d, e, f, g, h, i, j, k];
            // Two sums, so that the additions do not all wait for each other.
            let mut sums = [F32x4::ZERO; 2];
            for (taps, samples) in self.taps.as_chunks::<2>().0.iter().zip(self.history.as_chunks::<2>().0) {
                for ((sum, tap), &sample) in sums.iter_mut().zip(taps).zip(samples) {
                    *sum += *tap * sample;
                }
            }
            let [even, odd] = sums;
            self.peak = self.peak.max((even + odd).abs());
        }
    }

    /// The greatest true peak since it was taken last, linear.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn peak(&self) -> f32 {
        self.peak.to_array().into_iter().fold(0.0, f32::max)
    }

    /// Takes the peak, and begins anew; the samples are kept.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn take(&mut self) -> f32 {
        let peak = self.peak();
        self.peak = F32x4::ZERO;
        peak
    }

    /// Frames by which a peak is seen late.
    pub const LATENCY: usize = TAPS / 2;
}

impl Default for TruePeak {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::narrow;
    use super::*;
    use core::f64::consts::{PI, TAU};
    use std::vec::Vec;

    fn read_db(samples: &[f32]) -> f64 {
        let mut meter = TruePeak::new();
        meter.process(samples);
        20.0 * f64::from(meter.peak()).log10()
    }

    /// EBU Tech 3341: a sine faded in and out, so that only its steady part counts.
    fn sine(amplitude: f64, divisor: f64, degrees: f64) -> Vec<f32> {
        let fade = |n: usize| (n.min(4799 - n) as f64 / 480.0).min(1.0);
        let value = |n: usize| (TAU * n as f64 / divisor + degrees * PI / 180.0).sin();
        (0..4800).map(|n| narrow(amplitude * fade(n) * value(n))).collect()
    }

    fn assert_reads(actual: f64, expected: f64) {
        assert!(actual > expected - 0.4 && actual < expected + 0.2, "{actual} dBTP");
    }

    #[test]
    fn sines_of_tech_3341_read_their_amplitude() {
        // Cases 15 to 19.
        for (amplitude, divisor, degrees, expected) in [
            (0.50, 4.0, 0.0, -6.0),
            (0.50, 4.0, 45.0, -6.0),
            (0.50, 6.0, 60.0, -6.0),
            (0.50, 8.0, 67.5, -6.0),
            (1.41, 4.0, 45.0, 3.0),
        ] {
            assert_reads(read_db(&sine(amplitude, divisor, degrees)), expected);
        }
    }

    #[test]
    fn a_burst_at_the_higher_rate_reads_its_amplitude_wherever_the_samples_lie() {
        // Cases 20 to 23: a burst at four times the rate, decimated at each of the four offsets. Its band is limited by a
        // slow envelope, in place of the case's low-pass filter.
        for offset in 0..4 {
            let value = |n: usize| {
                let t = (n * 4 + offset) as f64;
                let envelope = 0.5 - 0.5 * (TAU * t / 16_384.0).cos();
                narrow(envelope * (TAU * t / 24.0 + 0.3).sin())
            };
            assert_reads(read_db(&(0..4096).map(value).collect::<Vec<_>>()), 0.0);
        }
    }

    #[test]
    fn the_filter_is_symmetric_and_flat_up_to_three_eighths_of_the_rate() {
        let meter = TruePeak::new();
        let interpolated: Vec<f64> = (0..4 * TAPS).map(|n| f64::from(meter.taps[n / 4].to_array()[n % 4])).collect();
        for n in 0..interpolated.len() {
            assert_eq!(interpolated[n], interpolated[47 - n], "{n}");
        }
        for step in 0..=100 {
            let frequency = f64::from(step) * 0.375 / 100.0;
            let at = |n: usize| TAU * frequency / 4.0 * (n as f64 - 23.5);
            let gain: f64 = interpolated.iter().enumerate().map(|(n, tap)| tap * at(n).cos() / 4.0).sum();
            let gain_db = 20.0 * gain.log10();
            assert!(gain_db.abs() < 0.12, "{frequency}: {gain_db}");
        }
    }

    #[test]
    fn it_is_taken_and_bad_numbers_do_not_stick() {
        let mut meter = TruePeak::new();
        meter.process(&[0.0, f32::NAN, f32::INFINITY, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let peak = meter.take();
        assert!((0.48..0.5).contains(&peak), "{peak}");
        assert_eq!(meter.peak(), 0.0);
    }
}
