//! K-weighting of ITU-R BS.1770-5, Annex 1: a high shelf that stands for the head, then a high pass.
//!
//! The standard prints both filters for 48 kHz. Their analogue prototypes are found from the printed digits by undoing the
//! bilinear transform, and are transformed again for the sample rate that there is: the same response at any rate, up to
//! where the transform bends it.

use super::cascade::Cascade;
use super::narrow;
use super::state_variable::Section;

/// The rate of the printed coefficients, in Hz.
const PRINTED_RATE: f64 = 48_000.0;

/// `[b0, b1, b2]` and `[a1, a2]` of the standard's Tables 1 and 2.
const PRINTED: [([f64; 3], [f64; 2]); 2] = [
    ([1.53512485958697, -2.69169618940638, 1.19839281085285], [-1.69065929318241, 0.73248077421585]),
    ([1.0, -2.0, 1.0], [-1.99004745483398, 0.99007225036621]),
];

/// Both filters for two channels; `sample_rate` in Hz.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn k_weighting(sample_rate: f32) -> Cascade<1> {
    let mut cascade = Cascade::new();
    for (index, (b, a)) in PRINTED.into_iter().enumerate() {
        cascade.set(index, transformed(b, a, f64::from(sample_rate)));
    }
    cascade
}

/// With `g = tan(π·frequency/sample_rate)`, `D = 1 + g·k + g²` and the prototype
/// `(high·s² + band·s + low) / (s² + k·s + 1)`, the printed coefficients are sums of these:
/// ```text
/// 1 − a1 + a2 = 4/D       1 + a1 + a2 = 4·g²/D            1 − a2 = 2·g·k/D
/// b0 − b1 + b2 = 4·high/D  b0 + b1 + b2 = 4·g²·low/D  b0 − b2 = 2·g·band/D
/// ```
fn transformed([b0, b1, b2]: [f64; 3], [a1, a2]: [f64; 2], sample_rate: f64) -> Section {
    let quarter_of_d = 1.0 / (1.0 - a1 + a2);
    let square = (1.0 + a1 + a2) * quarter_of_d;
    let g = libm::sqrt(square);
    let k = 2.0 * (1.0 - a2) * quarter_of_d / g;
    let high = (b0 - b1 + b2) * quarter_of_d;
    let band = 2.0 * (b0 - b2) * quarter_of_d / g;
    let low = (b0 + b1 + b2) * quarter_of_d / square;
    // Rates so low that a filter would lie above half of them stop short of it.
    let angle = (libm::atan(g) * PRINTED_RATE / sample_rate).min(1.5);
    Section {
        g: narrow(libm::tan(angle)),
        k: narrow(k),
        m0: narrow(high),
        m1: narrow(band - high * k),
        m2: narrow(low - high),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::biquad::Biquad;
    use super::*;
    use core::f64::consts::TAU;
    use std::vec::Vec;

    /// The transfer function of a section, by the formulas of the bilinear transform.
    fn biquad(section: Section) -> Biquad {
        let [g, k, m0, m1, m2] = [section.g, section.k, section.m0, section.m1, section.m2].map(f64::from);
        let d = 1.0 + g * k + g * g;
        let (high, band, low) = (m0, m1 + m0 * k, m2 + m0);
        let b = [high + band * g + low * g * g, 2.0 * (low * g * g - high), high - band * g + low * g * g];
        Biquad { b: b.map(|b| b / d), a: [2.0 * (g * g - 1.0) / d, (1.0 - g * k + g * g) / d] }
    }

    fn sections(sample_rate: f64) -> [Biquad; 2] {
        PRINTED.map(|(b, a)| biquad(transformed(b, a, sample_rate)))
    }

    #[test]
    fn at_48_khz_the_coefficients_are_those_printed() {
        for (biquad, (b, a)) in sections(PRINTED_RATE).iter().zip(PRINTED) {
            // What is left is the rounding of the parameters to f32.
            for (actual, printed) in biquad.b.iter().zip(b).chain(biquad.a.iter().zip(a)) {
                assert!((actual - printed).abs() < 3e-7, "{actual} {printed}");
            }
        }
    }

    #[test]
    fn at_other_rates_the_response_is_the_same() {
        let printed = PRINTED.map(|(b, a)| Biquad { b, a });
        for sample_rate in [44_100.0, 88_200.0, 96_000.0, 192_000.0] {
            for frequency_hz in [20.0, 38.0, 100.0, 500.0, 997.0, 2_000.0, 4_000.0, 8_000.0] {
                let expected: f64 = printed.iter().map(|biquad| biquad.magnitude_db(frequency_hz, PRINTED_RATE)).sum();
                let actual: f64 =
                    sections(sample_rate).iter().map(|biquad| biquad.magnitude_db(frequency_hz, sample_rate)).sum();
                assert!((actual - expected).abs() < 0.02, "{sample_rate} {frequency_hz}: {actual} {expected}");
            }
        }
    }

    #[test]
    fn a_sine_is_raised_by_what_the_standard_takes_off_again() {
        // 997 Hz: the 0.691 dB of the loudness formula.
        for sample_rate in [44_100.0f32, 48_000.0, 96_000.0] {
            let mut left: Vec<f32> =
                (0..96_000).map(|n| narrow((TAU * 997.0 * f64::from(n) / f64::from(sample_rate)).sin())).collect();
            let mut right = std::vec![0.0; 96_000];
            k_weighting(sample_rate).process([&mut left, &mut right], 0);
            let power = left[48_000..].iter().map(|&y| f64::from(y).powi(2)).sum::<f64>() / 48_000.0;
            assert!((10.0 * (2.0 * power).log10() - 0.691).abs() < 5e-3, "{sample_rate}");
            assert!(right.iter().all(|&y| y == 0.0));
        }
    }
}
