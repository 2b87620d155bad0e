//! Frequency and level of a single tone from three bins.
//!
//! A tone between two bins reads too low in both, by up to 1.4 dB with a Hann window. The ratio of the powers beside the highest
//! bin tells where the tone lies, if the window's main lobe is known; the lobe then tells the true power. Unlike a parabola
//! through three levels this has no error of its own, whatever the window.

use crate::layout::FLOOR;

/// Steps of the table for each bin.
const STEPS: usize = 32;
/// The table reaches 1.5 bins to the right, and three points beyond for the interpolation.
const POINTS: usize = STEPS * 3 / 2 + 3;

/// A tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Its frequency in bins: `frequency_hz = bin·sample_rate/fft_size`.
    pub bin: f64,
    /// Its power, on the scale of the bins.
    pub power: f64,
}

/// The main lobe of a window: how a tone's power falls with its distance from a bin.
#[derive(Clone, Debug)]
pub struct MainLobe {
    /// Natural logarithm of the power, 0 in the middle, at multiples of `1/STEPS` bins.
    logarithms: [f64; POINTS],
}

impl MainLobe {
    /// The lobe of a window, from its samples. Its shape does not depend on the length, so 256 samples will do for any
    /// transform. A rectangle is too narrow to be used: its lobe has a zero one bin from the middle.
    #[must_use]
    pub fn new(window: &[f32]) -> Self {
        let length = window.len() as f64;
        let logarithms = core::array::from_fn(|point| {
            let distance = point as f64 / STEPS as f64;
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, &sample) in window.iter().enumerate() {
                let (sine, cosine) = (core::f64::consts::TAU * distance * n as f64 / length).sin_cos();
                real += f64::from(sample) * cosine;
                imaginary -= f64::from(sample) * sine;
            }
            (real * real + imaginary * imaginary).ln()
        });
        Self { logarithms: logarithms.map(|logarithm| logarithm - logarithms[0]) }
    }

    /// Logarithm of the power at a distance of −1.5 to 1.5 bins: the cubic through the four nearest points of the table.
    fn logarithm(&self, distance: f64) -> f64 {
        let position = distance.abs() * STEPS as f64;
        let whole = position.floor();
        let t = position - whole;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to POINTS − 3")]
        let index = (whole as usize).min(POINTS - 3);
        // The lobe is even, so the point before the first one is the second.
        let [a, b, c, d] = [index.abs_diff(1), index, index + 1, index + 2].map(|point| self.logarithms[point]);
        -t * (t - 1.0) * (t - 2.0) / 6.0 * a + (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0 * b
            - (t + 1.0) * t * (t - 2.0) / 2.0 * c
            + (t + 1.0) * t * (t - 1.0) / 6.0 * d
    }

    /// The tone whose highest bin is `bin`, as if nothing else sounded. The first and the last bin are taken as they are.
    ///
    /// # Panics
    /// If there is no such bin.
    #[must_use]
    pub fn tone(&self, powers: &[f32], bin: usize) -> Tone {
        let power = f64::from(powers[bin].max(FLOOR));
        if bin == 0 || bin + 1 == powers.len() {
            return Tone { bin: bin as f64, power };
        }
        let ratio = f64::from((powers[bin + 1].max(FLOOR)).ln() - powers[bin - 1].max(FLOOR).ln());
        // The further to the right, the higher the ratio. Thirty halvings leave a billionth of a bin.
        let (mut left, mut right) = (-0.5, 0.5);
        for _ in 0..30 {
            let middle = 0.5 * (left + right);
            if self.logarithm(1.0 - middle) - self.logarithm(1.0 + middle) < ratio {
                left = middle;
            } else {
                right = middle;
            }
        }
        Tone { bin: bin as f64 + left, power: power / self.logarithm(left).exp() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::TAU;

    const SIZE: usize = 1024;

    /// Cosine terms of Hann, Hamming, Blackman-Harris and a flat top; and Kaiser's with β = 9.
    fn windows(length: usize) -> Vec<Vec<f64>> {
        let terms: [&[f64]; 4] =
            [&[0.5, 0.5], &[0.54, 0.46], &[0.35875, 0.48829, 0.14128, 0.01168], &[1.0, 1.933, 1.286, 0.388, 0.0322]];
        let cosines = |terms: &[f64], phase: f64| -> f64 {
            terms.iter().zip(0u8..).map(|(term, k)| term * (f64::from(k) * TAU * (phase - 0.5)).cos()).sum()
        };
        let bessel = |x: f64| {
            (1..60)
                .fold((1.0, 1.0), |(sum, term), k| {
                    let term = term * (x / 2.0 / f64::from(k)).powi(2);
                    (sum + term, term)
                })
                .0
        };
        let phase = |n: usize| n as f64 / length as f64;
        let kaiser = |phase: f64| bessel(9.0 * (1.0 - (2.0 * phase - 1.0).powi(2)).sqrt());
        let mut windows: Vec<Vec<f64>> =
            terms.iter().map(|terms| (0..length).map(|n| cosines(terms, phase(n))).collect()).collect();
        windows.push((0..length).map(|n| kaiser(phase(n))).collect());
        windows
    }

    #[expect(clippy::cast_possible_truncation, reason = "a test's samples")]
    fn narrow(window: &[f64]) -> Vec<f32> {
        window.iter().map(|&sample| sample as f32).collect()
    }

    /// Powers of bins 98 to 102 of a sine of amplitude 1 at `frequency` bins; 1 at a bin.
    fn powers(window: &[f64], frequency: f64, phase: f64) -> Vec<f32> {
        let gain: f64 = window.iter().sum::<f64>() / 2.0;
        let bins: Vec<f64> = (98..=102)
            .map(|bin| {
                let (mut real, mut imaginary) = (0.0, 0.0);
                for (n, w) in window.iter().enumerate() {
                    let sample = w * (TAU * frequency * n as f64 / SIZE as f64 + phase).sin() / gain;
                    let (sine, cosine) = (TAU * f64::from(bin) * n as f64 / SIZE as f64).sin_cos();
                    real += sample * cosine;
                    imaginary -= sample * sine;
                }
                real * real + imaginary * imaginary
            })
            .collect();
        narrow(&bins)
    }

    #[test]
    fn a_tone_is_read_between_bins_with_every_window() {
        for (number, (window, short)) in windows(SIZE).iter().zip(windows(256)).enumerate() {
            let lobe = MainLobe::new(&narrow(&short));
            // Hamming's side lobes hardly fall: the image of the tone at the negative frequency is felt 200 bins away.
            let bound_db = if number == 1 { 0.01 } else { 1e-3 };
            for step in -10..=10 {
                for phase in [0.0, 0.7, 2.0] {
                    let frequency = 100.0 + f64::from(step) / 20.5;
                    let tone = lobe.tone(&powers(window, frequency, phase), 2);
                    let error = tone.bin + 98.0 - frequency;
                    let error_db = 10.0 * tone.power.log10();
                    assert!(error.abs() < 1e-3, "window {number} at {frequency}: {error} bins off");
                    assert!(error_db.abs() < bound_db, "window {number} at {frequency}: {error_db} dB off");
                }
            }
        }
    }

    #[test]
    fn the_table_is_the_lobe() {
        // Hann's, by its formula: sin(πx)/(πx·(1 − x²)).
        let lobe = MainLobe::new(&narrow(&windows(256)[0]));
        for step in 1..=1499 {
            let x = f64::from(step) / 1000.0 + 1e-7;
            let exact = ((core::f64::consts::PI * x).sin() / (core::f64::consts::PI * x * (1.0 - x * x))).powi(2).ln();
            assert!((lobe.logarithm(x) - exact).abs() < 3e-5, "{x}: {} {exact}", lobe.logarithm(x));
            assert_eq!(lobe.logarithm(x), lobe.logarithm(-x));
        }
    }

    #[test]
    fn silence_and_the_outermost_bins_are_taken_as_they_are() {
        let lobe = MainLobe::new(&narrow(&windows(256)[0]));
        assert_eq!(lobe.tone(&[0.25, 0.0, 0.5], 0), Tone { bin: 0.0, power: 0.25 });
        assert_eq!(lobe.tone(&[0.25, 0.0, 0.5], 2), Tone { bin: 2.0, power: 0.5 });
        let silence = lobe.tone(&[0.0; 5], 2);
        assert!((silence.bin - 2.0).abs() < 1e-6 && silence.power < 2e-30, "{silence:?}");
    }
}
