//! Second-order filters after the Audio EQ Cookbook (R. Bristow-Johnson), as transfer functions.
//!
//! `H(z) = (b0 + b1·z⁻¹ + b2·z⁻²) / (1 + a1·z⁻¹ + a2·z⁻²)`, in `f64`: for drawing and as a reference. What sounds is the
//! same transfer function as a [state-variable filter](super::state_variable), which is more accurate in `f32`.

use core::f64::consts::PI;

/// What a filter does to the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Passes what lies below the frequency; 12 dB/octave.
    LowPass,
    /// Passes what lies above the frequency; 12 dB/octave.
    HighPass,
    /// Passes what lies around the frequency, with 0 dB there.
    BandPass,
    /// Takes the frequency out.
    Notch,
    /// Changes only the phase, by 180° at the frequency.
    AllPass,
    /// Raises or lowers what lies around the frequency.
    Peak,
    /// Raises or lowers what lies below the frequency; at the frequency itself half of it, in dB.
    LowShelf,
    /// Raises or lowers what lies above the frequency; at the frequency itself half of it, in dB.
    HighShelf,
}

/// What a filter is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// What it does.
    pub shape: Shape,
    /// Cutoff, centre or middle of the slope in Hz. Filters keep within a millionth and 0.49 of the sample rate.
    pub frequency_hz: f32,
    /// Quality, linear for every shape (Web Audio's low pass and high pass have it in dB): 0.707 is the low pass
    /// without a resonance and the steepest shelf without a bump. Filters keep within 0.001 and 1000.
    pub q: f32,
    /// Gain of peak and shelves in dB.
    pub gain_db: f32,
}

impl Band {
    /// Half the angle that the frequency makes in a frame, within what filters can do: `π·frequency/sample_rate`.
    #[expect(clippy::manual_clamp, reason = "what is not a number becomes the least")]
    pub(super) fn half_angle(&self, sample_rate: f32) -> f64 {
        PI * (f64::from(self.frequency_hz) / f64::from(sample_rate)).max(1e-6).min(0.49)
    }

    /// The quality, within what filters can do.
    #[expect(clippy::manual_clamp, reason = "what is not a number becomes the least")]
    pub(super) fn quality(&self) -> f64 {
        f64::from(self.q).max(1e-3).min(1e3)
    }

    /// The cookbook's `A`, the square root of the amplitude that the gain means.
    pub(super) fn root_of_gain(&self) -> f64 {
        libm::exp2(f64::from(self.gain_db) * (core::f64::consts::LOG2_10 / 40.0))
    }
}

/// A transfer function of second order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Biquad {
    /// Numerator: `b0`, `b1`, `b2`.
    pub b: [f64; 3],
    /// Denominator without its leading 1: `a1`, `a2`.
    pub a: [f64; 2],
}

impl Biquad {
    /// The cookbook's filter; `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Any thread; about as long as ten logarithms.
    #[must_use]
    pub fn new(band: &Band, sample_rate: f32) -> Self {
        let angle = 2.0 * band.half_angle(sample_rate);
        let (sin, cos) = libm::sincos(angle);
        let alpha = sin / (2.0 * band.quality());
        let gain = band.root_of_gain();
        let (b, [a0, a1, a2]) = match band.shape {
            Shape::LowPass => {
                let b1 = 1.0 - cos;
                ([b1 / 2.0, b1, b1 / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Shape::HighPass => {
                let b1 = 1.0 + cos;
                ([b1 / 2.0, -b1, b1 / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Shape::BandPass => ([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::Notch => ([1.0, -2.0 * cos, 1.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::AllPass => ([1.0 - alpha, -2.0 * cos, 1.0 + alpha], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::Peak => (
                [1.0 + alpha * gain, -2.0 * cos, 1.0 - alpha * gain],
                [1.0 + alpha / gain, -2.0 * cos, 1.0 - alpha / gain],
            ),
            Shape::LowShelf => shelf(gain, cos, alpha),
            Shape::HighShelf => {
                let ([b0, b1, b2], [a0, a1, a2]) = shelf(gain, -cos, alpha);
                ([b0, -b1, b2], [a0, -a1, a2])
            }
        };
        Self { b: b.map(|b| b / a0), a: [a1 / a0, a2 / a0] }
    }

    /// Gain at a frequency in Hz, in dB; −∞ where it is nothing.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn magnitude_db(&self, frequency_hz: f64, sample_rate: f64) -> f64 {
        let (sin, cos) = libm::sincos(2.0 * PI * frequency_hz / sample_rate);
        // Horner in z⁻¹ = cos − i·sin.
        let power = |[c0, c1, c2]: [f64; 3]| {
            let (re, im) = (c1 + c2 * cos, -c2 * sin);
            let (re, im) = (c0 + re * cos + im * sin, im * cos - re * sin);
            re * re + im * im
        };
        let [a1, a2] = self.a;
        10.0 * libm::log10(power(self.b) / power([1.0, a1, a2]))
    }
}

fn shelf(gain: f64, cos: f64, alpha: f64) -> ([f64; 3], [f64; 3]) {
    let (more, less) = (gain + 1.0, gain - 1.0);
    let slope = 2.0 * libm::sqrt(gain) * alpha;
    (
        [gain * (more - less * cos + slope), 2.0 * gain * (less - more * cos), gain * (more - less * cos - slope)],
        [more + less * cos + slope, -2.0 * (less + more * cos), more + less * cos - slope],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [f32; 6] = [3_000.0, 8_000.0, 44_100.0, 48_000.0, 192_000.0, 768_000.0];

    fn at(shape: Shape, q: f32, gain_db: f32, fraction: f64, sample_rate: f32) -> f64 {
        let frequency_hz = sample_rate / 10.0;
        let biquad = Biquad::new(&Band { shape, frequency_hz, q, gain_db }, sample_rate);
        biquad.magnitude_db(f64::from(frequency_hz) * fraction, f64::from(sample_rate))
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }

    #[test]
    fn each_shape_has_its_gain_at_the_edges_and_at_its_frequency() {
        let half = 20.0 * 0.5f64.sqrt().log10();
        for rate in RATES {
            let q = core::f32::consts::FRAC_1_SQRT_2;
            for (shape, [at_dc, at_centre, at_nyquist]) in [
                (Shape::LowPass, [0.0, half, -200.0]),
                (Shape::HighPass, [-200.0, half, 0.0]),
                (Shape::BandPass, [-200.0, 0.0, -200.0]),
                (Shape::Notch, [0.0, -200.0, 0.0]),
                (Shape::AllPass, [0.0, 0.0, 0.0]),
                (Shape::Peak, [0.0, 9.0, 0.0]),
                (Shape::LowShelf, [9.0, 4.5, 0.0]),
                (Shape::HighShelf, [0.0, 4.5, 9.0]),
            ] {
                for (fraction, expected) in [(0.0, at_dc), (1.0, at_centre), (5.0, at_nyquist)] {
                    let gain = at(shape, q, 9.0, fraction, rate);
                    if expected == -200.0 {
                        assert!(gain < -100.0, "{shape:?} {fraction} {gain}");
                    } else {
                        near(gain, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn quality_is_linear() {
        for q in [0.5, 2.0, 10.0] {
            near(at(Shape::LowPass, q, 0.0, 1.0, 48_000.0), 20.0 * f64::from(q).log10());
            near(at(Shape::HighPass, q, 0.0, 1.0, 48_000.0), 20.0 * f64::from(q).log10());
        }
    }

    #[test]
    fn opposite_gains_cancel() {
        for shape in [Shape::Peak, Shape::LowShelf, Shape::HighShelf] {
            for fraction in [0.1, 0.7, 1.0, 1.3, 4.0] {
                near(at(shape, 1.4, 12.0, fraction, 48_000.0) + at(shape, 1.4, -12.0, fraction, 48_000.0), 0.0);
            }
        }
    }

    #[test]
    fn absurd_wishes_make_stable_filters() {
        for rate in RATES {
            for frequency_hz in [0.0, -5.0, 1e9, f32::NAN, 20.0, rate / 2.0] {
                for q in [0.0, -1.0, 1e9, f32::NAN, 1.0] {
                    let band = Band { shape: Shape::LowPass, frequency_hz, q, gain_db: 0.0 };
                    let [a1, a2] = Biquad::new(&band, rate).a;
                    assert!(a2 < 1.0 && a1.abs() < 1.0 + a2, "{rate} {frequency_hz} {q}: {a1} {a2}");
                }
            }
        }
    }
}
