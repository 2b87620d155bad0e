//! Linear prediction: what comes next is a weighted sum of what came last. Burg's method (1975).
//!
//! Each stage finds the reflection coefficient that leaves the least error, forwards and backwards together:
//! `k = −2·Σ f·b / Σ (f² + b²)`. It needs no window, so a few milliseconds tell a tone's frequency, and no coefficient is
//! greater than 1, so what is predicted does not grow.

use super::simd::{F32x4, LANES};

/// Samples that a prediction looks back at: eight tones.
pub const ORDER: usize = 16;

/// Samples that a prediction is learnt from, at most.
pub const LEARNT: usize = 128;

/// Learnt from this many samples for each one that it looks back at, or more: fewer are met by chance.
const SAMPLES_OF_A_STAGE: usize = 4;

/// Of the signal's power, what counts as rounding and not as error: −100 dB. A few tones leave no other after some stages, and
/// predicting that would do them harm.
const ROUNDING: f32 = 1e-10;

/// The weights of the last [`ORDER`] samples.
#[derive(Clone, Copy, Debug)]
pub struct LinearPrediction {
    /// That of the oldest sample first.
    weights: [f32; ORDER],
}

impl LinearPrediction {
    /// Learns from `signal`, the last [`LEARNT`] samples of it. Their magnitudes are to be below
    /// [`MAGNITUDE_LIMIT`](super::cleaner::MAGNITUDE_LIMIT). From fewer than four it learns nothing and predicts silence.
    ///
    /// # Real-time
    /// Audio thread: about 20 000 instructions, however the signal is.
    #[must_use]
    pub fn learn(signal: &[f32]) -> Self {
        let signal = signal.split_at(signal.len().saturating_sub(LEARNT)).1;
        let (mut forward, mut backward) = ([0.0; LEARNT], [0.0; LEARNT]);
        for (place, sample) in forward.iter_mut().zip(&mut backward).zip(signal) {
            (*place.0, *place.1) = (*sample, *sample);
        }
        let mut filter = [0.0; ORDER + 1];
        filter[0] = 1.0;
        let mut rounding = 0.0;
        let stages = ORDER.min(signal.len() / SAMPLES_OF_A_STAGE);
        for stage in 1..=stages {
            // The error backwards one sample earlier: both are changed in place, so it is the same element.
            let forward = forward.get_mut(stage..signal.len()).unwrap_or_default();
            let backward = backward.get_mut(..forward.len()).unwrap_or_default();
            let (product, power) = correlate(forward, backward);
            // The first power is the largest.
            rounding = (power * ROUNDING).max(rounding);
            let reflection = if power > f32::MIN_POSITIVE { -2.0 * product / (power + rounding) } else { 0.0 };
            reflect(forward, backward, reflection);
            extend(&mut filter, stage, reflection);
        }
        let mut weights = [0.0; ORDER];
        for (weight, tap) in weights.iter_mut().rev().zip(&filter[1..]) {
            *weight = -tap;
        }
        Self { weights }
    }

    /// The sample that follows `last`.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn next(&self, last: &[f32; ORDER]) -> f32 {
        let (weights, _) = self.weights.as_chunks::<LANES>();
        let (last, _) = last.as_chunks::<LANES>();
        let products = weights.iter().zip(last).map(|(weights, last)| F32x4::read(weights) * F32x4::read(last));
        products.fold(F32x4::ZERO, |sum, product| sum + product).sum()
    }
}

/// `Σ f·b`, and `Σ (f² + b²)`, which is at least twice as large.
fn correlate(forward: &[f32], backward: &[f32]) -> (f32, f32) {
    let ((f_lanes, f_rest), (b_lanes, b_rest)) = (forward.as_chunks::<LANES>(), backward.as_chunks::<LANES>());
    let (mut product, mut power) = (F32x4::ZERO, F32x4::ZERO);
    for (f, b) in f_lanes.iter().zip(b_lanes) {
        let (f, b) = (F32x4::read(f), F32x4::read(b));
        product += f * b;
        power += f * f + b * b;
    }
    let (mut product, mut power) = (product.sum(), power.sum());
    for (f, b) in f_rest.iter().zip(b_rest) {
        product += f * b;
        power += f * f + b * b;
    }
    (product, power)
}

/// The errors after a stage.
fn reflect(forward: &mut [f32], backward: &mut [f32], reflection: f32) {
    let ((f_lanes, f_rest), (b_lanes, b_rest)) = (forward.as_chunks_mut::<LANES>(), backward.as_chunks_mut::<LANES>());
    for (f_place, b_place) in f_lanes.iter_mut().zip(b_lanes) {
        let (f, b) = (F32x4::read(f_place), F32x4::read(b_place));
        (f + b * reflection).write(f_place);
        (b + f * reflection).write(b_place);
    }
    for (f, b) in f_rest.iter_mut().zip(b_rest) {
        (*f, *b) = (*f + *b * reflection, *b + *f * reflection);
    }
}

/// The filter that leaves the error after a stage (Levinson): the one before, and itself reversed.
fn extend(filter: &mut [f32; ORDER + 1], stage: usize, reflection: f32) {
    let before = *filter;
    for (tap, reversed) in filter.iter_mut().zip(before.iter().take(stage + 1).rev()) {
        *tap += reflection * reversed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::TAU;

    /// Predicts from the first samples of a signal, one from the other, and gives the largest error relative to the peak.
    fn error(known: usize, predicted: usize, signal: impl Fn(f32) -> f32) -> f32 {
        let mut samples = [0.0; 256];
        samples.iter_mut().enumerate().for_each(|(n, sample)| *sample = signal(n as f32));
        let truth = samples;
        let prediction = LinearPrediction::learn(&samples[..known]);
        for n in known..known + predicted {
            samples[n] = prediction.next(samples[n - ORDER..].first_chunk().unwrap());
        }
        let worst = samples.iter().zip(&truth).take(known + predicted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        worst / truth.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
    }

    #[test]
    fn tones_are_continued() {
        assert!(error(128, 40, |_| 0.7) < 1e-6);
        assert!(error(128, 40, |n| if n % 2.0 == 0.0 { 0.3 } else { -0.3 }) < 1e-6);
        for frequency in [400.0, 1000.0, 5000.0, 12_000.0, 20_000.0] {
            let wrong = error(128, 40, |n| 1e-3 * (TAU * frequency / 48_000.0 * n + 0.3).sin());
            assert!(wrong < 0.02, "{frequency}: {wrong}");
        }
        let wrong = error(128, 40, |n| (n * 0.1).sin() + 0.5 * (n * 0.33 + 1.0).cos() + 0.2 * (n * 1.2).sin());
        assert!(wrong < 0.1, "{wrong}");
    }

    #[test]
    fn no_reflection_makes_an_error_larger() {
        let mut word = 1u32;
        let mut sample = |scale: f32| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            word.cast_signed() as f32 / 2_147_483_648.0 * scale
        };
        for length in 1..LEARNT {
            let (forward, mut backward) = (core::array::from_fn(|_| sample(1.0)), [0.0; LEARNT]);
            let mixed = length as f32 / LEARNT as f32;
            backward.iter_mut().zip(forward).for_each(|(b, f): (&mut f32, f32)| *b = f * mixed + sample(1.0 - mixed));
            let before = (forward, backward);
            let power =
                |(f, b): &([f32; LEARNT], [f32; LEARNT])| f.iter().chain(b).map(|x| f64::from(*x).powi(2)).sum::<f64>();
            let (mut f, mut b) = before;
            let (product, correlated) = correlate(&f[..length], &b[..length]);
            let k = -2.0 * product / correlated;
            assert!(k.abs() <= 1.0 + 1e-6);
            reflect(&mut f[..length], &mut b[..length], k);
            assert!(power(&(f, b)) <= power(&before) * (1.0 + 1e-6));
            assert!(power(&(f, b)) < power(&before) || k == 0.0);
        }
    }

    #[test]
    fn too_little_to_learn_from_predicts_silence() {
        for known in 0..SAMPLES_OF_A_STAGE {
            assert_eq!(LinearPrediction::learn(&[0.5; 4][..known]).next(&[0.5; ORDER]), 0.0);
        }
        assert_eq!(LinearPrediction::learn(&[0.5; 4]).next(&[0.5; ORDER]), 0.5);
        assert_eq!(LinearPrediction::learn(&[0.0; LEARNT]).next(&[0.0; ORDER]), 0.0);
    }

    #[test]
    fn the_largest_and_the_smallest_magnitudes_stay_finite() {
        for scale in [1e10, 1e-15, 1e-30, f32::MIN_POSITIVE / 8.0] {
            for step in 1..60 {
                let mut samples = [0.0; LEARNT];
                for (n, sample) in samples.iter_mut().enumerate() {
                    *sample = if n * n * step % 7 < 3 { scale } else { -scale };
                }
                let next = LinearPrediction::learn(&samples).next(samples.last_chunk().unwrap());
                assert!(next.is_finite(), "{scale} {step}: {next}");
            }
        }
    }
}
