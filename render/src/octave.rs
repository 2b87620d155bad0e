//! Octave and fractional-octave bands (IEC 61260-1:2014, base ten).

/// A band by its exact frequencies, in Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OctaveBand {
    /// Lower edge, which is the upper edge of the band below.
    pub lower_hz: f64,
    /// Exact mid-band frequency.
    pub center_hz: f64,
    /// Upper edge.
    pub upper_hz: f64,
}

/// All bands of `1/fraction` octave whose mid-band frequencies lie between `minimum_hz` and `maximum_hz`, from low to high.
///
/// With `G = 10^(3/10)` the mid-band frequencies are `1000·G^(x/fraction)` for odd fractions and
/// `1000·G^((2x + 1)/(2·fraction))` for even ones, and the edges `G^(1/(2·fraction))` below and above.
///
/// # Panics
/// Unless `fraction` is 1 to 24 and `0 < minimum_hz`.
#[must_use]
pub fn octave_bands(fraction: i32, minimum_hz: f64, maximum_hz: f64) -> Vec<OctaveBand> {
    assert!((1..=24).contains(&fraction) && minimum_hz > 0.0, "bands of 1/{fraction} octave");
    // Half bands from 1 kHz: there are centres at the even ones and edges at the odd ones, or the other way round.
    let frequency_hz = |half_bands: i32| 1000.0 * 10f64.powf(0.15 * f64::from(half_bands) / f64::from(fraction));
    let parity = (fraction + 1) % 2;
    let first = (-20 * fraction..).map(|x| 2 * x + parity).find(|&x| frequency_hz(x) >= minimum_hz * (1.0 - 1e-9));
    (first.unwrap_or_default()..)
        .step_by(2)
        .take_while(|&x| frequency_hz(x) <= maximum_hz * (1.0 + 1e-9))
        .map(|x| OctaveBand {
            lower_hz: frequency_hz(x - 1),
            center_hz: frequency_hz(x),
            upper_hz: frequency_hz(x + 1),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_have_the_standards_exact_frequencies() {
        // Table E.1 of the standard, rounded to five digits: 10^(n/10).
        let exact_hz = [
            25.119, 31.623, 39.811, 50.119, 63.096, 79.433, 100.00, 125.89, 158.49, 199.53, 251.19, 316.23, 398.11,
            501.19, 630.96, 794.33, 1000.0, 1258.9, 1584.9, 1995.3, 2511.9, 3162.3, 3981.1, 5011.9, 6309.6, 7943.3,
            10_000.0, 12_589.0, 15_849.0, 19_953.0,
        ];
        let bands = octave_bands(3, 25.0, 20_000.0);
        assert_eq!(bands.len(), exact_hz.len());
        for (band, exact_hz) in bands.iter().zip(exact_hz) {
            assert!((band.center_hz / exact_hz - 1.0).abs() < 5e-5, "{band:?} {exact_hz}");
        }
    }

    #[test]
    fn bands_lie_side_by_side_and_are_as_wide_as_their_fraction() {
        for fraction in 1..=24 {
            let bands = octave_bands(fraction, 20.0, 20_000.0);
            let width = 10f64.powf(0.3 / f64::from(fraction));
            for band in &bands {
                assert!((20.0..=20_000.0).contains(&band.center_hz));
                assert!((band.upper_hz / band.lower_hz / width - 1.0).abs() < 1e-12);
                assert!(((band.lower_hz * band.upper_hz).sqrt() / band.center_hz - 1.0).abs() < 1e-12);
            }
            for pair in bands.windows(2) {
                assert_eq!(pair[0].upper_hz, pair[1].lower_hz, "1/{fraction} octave");
            }
            // 1 kHz is a centre of the odd ones and an edge of the even ones.
            let kilohertz = |hz: f64| (hz - 1000.0).abs() < 1e-9;
            assert!(bands.iter().any(|band| kilohertz(if fraction % 2 == 1 { band.center_hz } else { band.lower_hz })));
        }
    }

    #[test]
    #[should_panic(expected = "bands of 1/25 octave")]
    fn narrower_bands_are_refused() {
        let _ = octave_bands(25, 20.0, 20_000.0);
    }
}
