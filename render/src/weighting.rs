//! Frequency weightings A and C of sound level meters (IEC 61672-1:2013, Annex E).

/// A weighting of levels by frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// None: every frequency counts alike (the standard's Z).
    None,
    /// As loud as quiet sounds are heard.
    A,
    /// As loud as loud sounds are heard.
    C,
}

impl Weighting {
    /// The weighting as a factor of power, 1 at 1 kHz.
    #[must_use]
    pub fn power_gain(self, frequency_hz: f64) -> f64 {
        self.response(frequency_hz) / self.response(1000.0)
    }

    /// The squared magnitude of the analogue filter, not yet normalised.
    fn response(self, frequency_hz: f64) -> f64 {
        let square = frequency_hz * frequency_hz;
        let pole = |pole_square: f64| 1.0 / (square + pole_square);
        let [low, high] = outer_poles_squared();
        let c = square * square * pole(low).powi(2) * pole(high).powi(2);
        match self {
            Self::None => 1.0,
            Self::C => c,
            Self::A => {
                // Poles of the high passes that A adds: f2 and f3 of formulas (E.5) and (E.6), 107.7 and 737.9 Hz.
                let middle = 10f64.powf(2.45);
                let root = 5f64.sqrt();
                let [f2, f3] = [0.5 * (3.0 - root) * middle, 0.5 * (3.0 + root) * middle];
                c * square * square * pole(f2 * f2) * pole(f3 * f3)
            }
        }
    }
}

/// Squares of the pole frequencies f1 and f4 in Hz², 20.6² and 12194²: C is 3 dB down at 10^1.5 and 10^3.9 Hz.
fn outer_poles_squared() -> [f64; 2] {
    let [reference, low, high] = [1e6, 1e3, 10f64.powf(7.8)];
    let d = core::f64::consts::FRAC_1_SQRT_2;
    let b = (reference + low * high / reference - d * (low + high)) / (1.0 - d);
    let root = (b * b - 4.0 * low * high).sqrt();
    [0.5 * (-b - root), 0.5 * (-b + root)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Table 3 of IEC 61672-1: A and C in dB at 10, 12.5 … 20 000 Hz, that is at `1000·10^(n/10)` from n = −20.
    const TABLE: [(f64, f64); 34] = [
        (-70.4, -14.3),
        (-63.4, -11.2),
        (-56.7, -8.5),
        (-50.5, -6.2),
        (-44.7, -4.4),
        (-39.4, -3.0),
        (-34.6, -2.0),
        (-30.2, -1.3),
        (-26.2, -0.8),
        (-22.5, -0.5),
        (-19.1, -0.3),
        (-16.1, -0.2),
        (-13.4, -0.1),
        (-10.9, 0.0),
        (-8.6, 0.0),
        (-6.6, 0.0),
        (-4.8, 0.0),
        (-3.2, 0.0),
        (-1.9, 0.0),
        (-0.8, 0.0),
        (0.0, 0.0),
        (0.6, 0.0),
        (1.0, -0.1),
        (1.2, -0.2),
        (1.3, -0.3),
        (1.2, -0.5),
        (1.0, -0.8),
        (0.5, -1.3),
        (-0.1, -2.0),
        (-1.1, -3.0),
        (-2.5, -4.4),
        (-4.3, -6.2),
        (-6.6, -8.5),
        (-9.3, -11.2),
    ];

    #[test]
    fn levels_are_those_of_the_standards_table() {
        for ((a, c), n) in TABLE.into_iter().zip(-20i32..) {
            let frequency_hz = 1000.0 * 10f64.powf(f64::from(n) / 10.0);
            for (weighting, printed) in [(Weighting::A, a), (Weighting::C, c), (Weighting::None, 0.0)] {
                let level = 10.0 * weighting.power_gain(frequency_hz).log10();
                assert!((level - printed).abs() < 0.0501, "{weighting:?} at {frequency_hz} Hz: {level}, not {printed}");
            }
        }
    }

    #[test]
    fn poles_are_those_that_the_standard_prints() {
        let [low, high] = outer_poles_squared().map(f64::sqrt);
        assert!((low - 20.598_997).abs() < 1e-4 && (high - 12_194.217).abs() < 1e-2, "{low} {high}");
        assert_eq!(Weighting::A.power_gain(0.0), 0.0);
    }
}
