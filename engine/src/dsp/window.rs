//! Windows for spectra, in their periodic form: `w[n] = w[N − n]`, as if sample N followed that is sample 0 again.

use core::f64::consts::{PI, TAU};

use super::narrow;

/// A window function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// `0.5 − 0.5·cos x`: side lobes below −31 dB, falling by 18 dB/octave. Its shifted copies add up to a constant.
    Hann,
    /// `0.54 − 0.46·cos x`: side lobes below −42 dB.
    Hamming,
    /// Four terms (F. Harris, 1978): side lobes below −92 dB.
    BlackmanHarris,
    /// Five terms (ISO 18431-2): an amplitude between two bins is read within 0.01 dB; side lobes below −83 dB.
    FlatTop,
    /// Kaiser's, with the given β: the more, the lower the side lobes and the wider the main lobe.
    Kaiser(f64),
}

impl Window {
    /// The window's value at `phase` of its length, from 0 to 1. It is 1 in the middle, and even about it.
    ///
    /// # Real-time
    /// Any thread; some cosines, or a Bessel function for Kaiser's.
    #[must_use]
    pub fn value(self, phase: f64) -> f64 {
        if let Self::Kaiser(beta) = self {
            let x = 2.0 * phase - 1.0;
            return bessel_i0(beta * libm::sqrt(0f64.max(1.0 - x * x))) / bessel_i0(beta);
        }
        // With t = phase − ½ the signs of the terms are all positive.
        let t = TAU * (phase - 0.5);
        let terms = self.terms();
        terms.iter().zip(0u8..).map(|(term, k)| term * libm::cos(f64::from(k) * t)).sum::<f64>()
            / terms.iter().sum::<f64>()
    }

    /// Fills `window` with the periodic form: `window[n] = value(n/N)`.
    ///
    /// # Real-time
    /// Main thread, or a worker: a long window takes milliseconds.
    pub fn fill(self, window: &mut [f32]) {
        let length = window.len() as f64;
        for (n, sample) in window.iter_mut().enumerate() {
            *sample = narrow(self.value(n as f64 / length));
        }
    }

    /// Fills `window` with the root of the periodic form: for analysis and again for synthesis.
    ///
    /// # Real-time
    /// Main thread, or a worker: a long window takes milliseconds.
    pub fn fill_root(self, window: &mut [f32]) {
        let length = window.len() as f64;
        for (n, sample) in window.iter_mut().enumerate() {
            *sample = narrow(libm::sqrt(0f64.max(self.value(n as f64 / length))));
        }
    }

    /// Amplitudes of the cosines of once, twice … the length, the constant first; none for Kaiser's.
    fn terms(self) -> &'static [f64] {
        match self {
            Self::Hann => &[0.5, 0.5],
            Self::Hamming => &[0.54, 0.46],
            Self::BlackmanHarris => &[0.35875, 0.48829, 0.14128, 0.01168],
            Self::FlatTop => &[1.0, 1.933, 1.286, 0.388, 0.0322],
            Self::Kaiser(_) => &[],
        }
    }
}

/// Coherent gain: mean of the window, the factor of a sine's amplitude.
///
/// # Real-time
/// Any thread; as long as the window.
#[must_use]
pub fn coherent_gain(window: &[f32]) -> f64 {
    sum(window, |w| w) / window.len() as f64
}

/// Equivalent noise bandwidth in bins: width of the rectangle that lets through as much noise,
/// `N·Σw² / (Σw)²`.
///
/// # Real-time
/// Any thread; as long as the window.
#[must_use]
pub fn equivalent_noise_bandwidth(window: &[f32]) -> f64 {
    let total = sum(window, |w| w);
    window.len() as f64 * sum(window, |w| w * w) / (total * total)
}

fn sum(window: &[f32], of: impl Fn(f64) -> f64) -> f64 {
    window.iter().map(|&w| of(f64::from(w))).sum()
}

/// Modified Bessel function of order 0: `Σ ((x/2)^k / k!)²`.
pub(super) fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    // 80 terms are exact up to x = 60, where I0 is 1e25.
    for k in 1..80u8 {
        let k = f64::from(k);
        term *= quarter / (k * k);
        sum += term;
    }
    sum
}

/// Kaiser's β for side lobes `attenuation_db` below the main one, above 50 dB (J. Kaiser, 1974).
pub(super) fn kaiser_beta(attenuation_db: f64) -> f64 {
    0.1102 * (attenuation_db - 8.7)
}

/// `sin(πx)/(πx)`.
pub(super) fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn filled(window: Window, length: usize) -> Vec<f32> {
        let mut samples = std::vec![0.0; length];
        window.fill(&mut samples);
        samples
    }

    /// Level of the spectrum `bins` from the centre, in dB below the centre.
    fn level_db(samples: &[f32], bins: f64) -> f64 {
        let (mut re, mut im, mut total) = (0.0, 0.0, 0.0);
        for (n, &w) in samples.iter().enumerate() {
            let angle = TAU * bins * n as f64 / samples.len() as f64;
            re += f64::from(w) * angle.cos();
            im += f64::from(w) * angle.sin();
            total += f64::from(w);
        }
        10.0 * ((re * re + im * im) / (total * total)).log10()
    }

    #[test]
    fn gains_and_bandwidths_are_those_of_harris() {
        for (window, gain, bandwidth) in [
            (Window::Hann, 0.5, 1.5),
            (Window::Hamming, 0.54, 1.3628),
            (Window::BlackmanHarris, 0.35875, 2.0044),
            (Window::FlatTop, 0.2155, 3.7709),
            (Window::Kaiser(0.0), 1.0, 1.0),
            (Window::Kaiser(2.0 * PI), 0.49, 1.50),
        ] {
            let samples = filled(window, 4096);
            // He prints two digits of Kaiser's.
            let tolerance = if matches!(window, Window::Kaiser(_)) { 5e-3 } else { 1e-4 };
            assert!((coherent_gain(&samples) - gain).abs() < tolerance, "{window:?} {}", coherent_gain(&samples));
            let actual = equivalent_noise_bandwidth(&samples);
            assert!((actual - bandwidth).abs() < tolerance, "{window:?} {actual}");
        }
    }

    #[test]
    fn side_lobes_are_as_low_as_is_said() {
        for (window, main_lobe, limit_db) in [
            (Window::Hann, 2.0, -31.4),
            (Window::Hamming, 2.0, -42.0),
            (Window::BlackmanHarris, 4.0, -91.9),
            (Window::FlatTop, 5.0, -83.5),
            (Window::Kaiser(kaiser_beta(100.0)), 4.0, -60.0),
        ] {
            let samples = filled(window, 1024);
            for step in 0..400 {
                let level = level_db(&samples, main_lobe + f64::from(step) / 20.0);
                assert!(level < limit_db, "{window:?} {step}: {level}");
            }
        }
        // Between two bins the flat top reads what it reads at one.
        assert!(level_db(&filled(Window::FlatTop, 1024), 0.5).abs() < 0.01);
    }

    #[test]
    fn they_are_periodic_even_and_one_in_the_middle() {
        for window in [Window::Hann, Window::Hamming, Window::BlackmanHarris, Window::FlatTop, Window::Kaiser(9.0)] {
            let samples = filled(window, 256);
            assert_eq!(samples[128], 1.0);
            for n in 1..128 {
                assert!((samples[n] - samples[256 - n]).abs() < 1e-7);
            }
        }
        assert!(filled(Window::Hann, 256)[0].abs() < 1e-9);
    }

    #[test]
    fn hanns_window_adds_up_to_a_constant() {
        // Its squared root is itself: at half overlap the sum is 1, at three quarters 2.
        for (hops, expected) in [(2, 1.0), (4, 2.0)] {
            let mut root = std::vec![0.0f32; 512];
            Window::Hann.fill_root(&mut root);
            let hop = 512 / hops;
            for n in 0..hop {
                let sum: f32 = (0..hops).map(|k| root[n + k * hop] * root[n + k * hop]).sum();
                assert!((sum - expected).abs() < 1e-6, "{n}: {sum}");
            }
        }
    }

    #[test]
    fn the_bessel_function_has_its_tabulated_values() {
        for (x, expected) in [(0.0, 1.0), (1.0, 1.266_065_877_752_008_4), (10.0, 2_815.716_628_466_254)] {
            assert!((bessel_i0(x) / expected - 1.0).abs() < 1e-14);
        }
    }
}
