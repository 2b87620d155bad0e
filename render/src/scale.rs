//! Frequency scales, and the horizontal axis that is laid out by one of them.

use core::f64::consts::LN_10;

/// How frequencies are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As many pixels for each octave.
    Logarithmic,
    /// As many pixels for each hertz.
    Linear,
    /// `2595·log10(1 + f/700)`: equal steps of pitch (D. O'Shaughnessy, Speech Communication, 1987; the HTK book's).
    Mel,
    /// Critical bands: `26.81·f/(1960 + f) − 0.53`, bent below 2 and above 20.1 (H. Traunmüller, Analytical expressions
    /// for the tonotopic sensory scale, JASA 88, 1990).
    Bark,
}

impl Scale {
    /// The scale's own number for a frequency: `ln f`, hertz, mel or bark. It rises with the frequency.
    #[must_use]
    pub fn value(self, frequency_hz: f64) -> f64 {
        match self {
            Self::Logarithmic => frequency_hz.ln(),
            Self::Linear => frequency_hz,
            Self::Mel => 2595.0 / LN_10 * (frequency_hz / 700.0).ln_1p(),
            Self::Bark => match 26.81 * frequency_hz / (1960.0 + frequency_hz) - 0.53 {
                low if low < 2.0 => low + 0.15 * (2.0 - low),
                high if high > 20.1 => high + 0.22 * (high - 20.1),
                middle => middle,
            },
        }
    }

    /// The frequency in Hz of the scale's own number: the inverse of [`Scale::value`].
    #[must_use]
    pub fn frequency_hz(self, value: f64) -> f64 {
        match self {
            Self::Logarithmic => value.exp(),
            Self::Linear => value,
            Self::Mel => 700.0 * (value * LN_10 / 2595.0).exp_m1(),
            Self::Bark => {
                let unbent = match value {
                    low if low < 2.0 => (low - 0.3) / 0.85,
                    high if high > 20.1 => (high + 0.22 * 20.1) / 1.22,
                    middle => middle,
                };
                1960.0 * (unbent + 0.53) / (26.28 - unbent)
            }
        }
    }
}

/// The horizontal axis: frequencies from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    scale: Scale,
    range_hz: [f64; 2],
    left: f64,
    right: f64,
}

impl Axis {
    /// An axis from `minimum_hz` at the left to `maximum_hz` at the right.
    ///
    /// # Panics
    /// Unless `0 < minimum_hz < maximum_hz`; a linear, mel or bark axis may begin at 0.
    #[must_use]
    pub fn new(scale: Scale, minimum_hz: f64, maximum_hz: f64) -> Self {
        let begins = if scale == Scale::Logarithmic { minimum_hz > 0.0 } else { minimum_hz >= 0.0 };
        assert!(begins && minimum_hz < maximum_hz, "an axis from a lower to a higher frequency");
        Self {
            scale,
            range_hz: [minimum_hz, maximum_hz],
            left: scale.value(minimum_hz),
            right: scale.value(maximum_hz),
        }
    }

    /// How frequencies are spread over it.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The frequencies in Hz at its ends.
    #[must_use]
    pub fn range_hz(&self) -> [f64; 2] {
        self.range_hz
    }

    /// Where a frequency lies: 0 at the left, 1 at the right; beyond them if it is not on the axis.
    #[must_use]
    pub fn position(&self, frequency_hz: f64) -> f64 {
        (self.scale.value(frequency_hz) - self.left) / (self.right - self.left)
    }

    /// The frequency in Hz at a position: the inverse of [`Axis::position`].
    #[must_use]
    pub fn frequency_hz(&self, position: f64) -> f64 {
        self.scale.frequency_hz(self.left + position * (self.right - self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALES: [Scale; 4] = [Scale::Logarithmic, Scale::Linear, Scale::Mel, Scale::Bark];

    #[test]
    fn each_scale_rises_and_its_inverse_leads_back() {
        for scale in SCALES {
            let mut last = f64::NEG_INFINITY;
            for step in 0..=2000 {
                let frequency_hz = 10.0 * 10f64.powf(f64::from(step) / 2000.0 * 3.5);
                let value = scale.value(frequency_hz);
                assert!(value > last, "{scale:?} at {frequency_hz} Hz");
                last = value;
                let back = scale.frequency_hz(value);
                assert!((back / frequency_hz - 1.0).abs() < 1e-11, "{scale:?}: {frequency_hz} Hz became {back} Hz");
            }
        }
    }

    #[test]
    fn mel_and_bark_are_as_published() {
        assert_eq!(Scale::Mel.value(0.0), 0.0);
        // 1000 Hz is 1000 mel by the definition of the mel; the formula has 999.99.
        assert!((Scale::Mel.value(1000.0) - 1000.0).abs() < 0.02);
        assert!((Scale::Mel.value(700.0) - 2595.0 * 2f64.log10()).abs() < 1e-9);
        // Zwicker's table of critical bands: the edges of the bands in Hz. Traunmüller states an error below 0.05 bark
        // from 200 to 6700 Hz, and the bends keep the rest within 0.15.
        let edges_hz = [
            100.0, 200.0, 300.0, 400.0, 510.0, 630.0, 770.0, 920.0, 1080.0, 1270.0, 1480.0, 1720.0, 2000.0, 2320.0,
            2700.0, 3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0, 9500.0, 12000.0, 15500.0,
        ];
        for (edge_hz, number) in edges_hz.into_iter().zip(1u8..) {
            let bound = if (200.0..=6700.0).contains(&edge_hz) { 0.06 } else { 0.15 };
            let error = Scale::Bark.value(edge_hz) - f64::from(number);
            assert!(error.abs() < bound, "{edge_hz} Hz: {error} bark off");
        }
    }

    #[test]
    fn an_axis_reaches_from_0_to_1() {
        for scale in SCALES {
            let axis = Axis::new(scale, 20.0, 20_000.0);
            assert!(axis.position(20.0).abs() < 1e-12 && (axis.position(20_000.0) - 1.0).abs() < 1e-12);
            assert!((axis.frequency_hz(axis.position(440.0)) - 440.0).abs() < 1e-9);
        }
        // An octave is as wide everywhere.
        let axis = Axis::new(Scale::Logarithmic, 20.0, 20_480.0);
        for octave in 0..=10 {
            assert!((axis.position(20.0 * 2f64.powi(octave)) - f64::from(octave) / 10.0).abs() < 1e-12);
        }
    }

    #[test]
    #[should_panic(expected = "from a lower to a higher")]
    fn a_logarithmic_axis_cannot_begin_at_0() {
        let _ = Axis::new(Scale::Logarithmic, 0.0, 20_000.0);
    }
}
