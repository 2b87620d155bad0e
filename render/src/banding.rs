//! From bins to the bands of a picture: octave bands whose energy is right, or one column for each step of the axis.

use crate::layout::Band;
use crate::octave::OctaveBand;
use crate::scale::Axis;
use crate::weighting::Weighting;

/// The bins of a real transform. Bin k has the power of what lies within half a bin of `k·sample_rate/fft_size` Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// Samples of the transform.
    pub fft_size: u32,
    /// In Hz.
    pub sample_rate: f64,
    /// The window's equivalent noise bandwidth in bins: what a sum over bins counts of a sine whose bin reads its power
    /// (1.5 for Hann).
    pub noise_bandwidth: f64,
}

impl Bins {
    /// Bins of each channel, from 0 Hz to half the sample rate.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.fft_size / 2 + 1
    }

    /// Position of a frequency, bin k reaching from k to k + 1. The outermost bins count wholly: 0 Hz is at the beginning of
    /// the first one and half the sample rate at the end of the last one.
    fn position(&self, frequency_hz: f64) -> f32 {
        let nyquist = f64::from(self.fft_size / 2);
        let bin = frequency_hz * f64::from(self.fft_size) / self.sample_rate;
        narrow(if bin <= 0.0 {
            0.0
        } else if bin >= nyquist {
            nyquist + 1.0
        } else {
            bin + 0.5
        })
    }

    /// Octave bands, to be reduced to [`SUM`](crate::layout::SUM)s: the sums of adjacent bands are the sum of all their bins.
    #[must_use]
    pub fn octaves(&self, bands: &[OctaveBand], axis: &Axis, weighting: Weighting) -> Vec<Band> {
        bands
            .iter()
            .map(|band| Band {
                lower: self.position(band.lower_hz),
                upper: self.position(band.upper_hz),
                gain: narrow(weighting.power_gain(band.center_hz) / self.noise_bandwidth),
                left: narrow(axis.position(band.lower_hz)),
                right: narrow(axis.position(band.upper_hz)),
            })
            .collect()
    }

    /// As many columns as asked for, of equal width on the axis, to be reduced to their
    /// [`MAXIMUM`](crate::layout::MAXIMUM): no tone is lost however narrow it is.
    #[must_use]
    pub fn columns(&self, count: u32, axis: &Axis, weighting: Weighting) -> Vec<Band> {
        let position = |column: f64| column / f64::from(count);
        (0..count)
            .map(f64::from)
            .map(|column| Band {
                lower: self.position(axis.frequency_hz(position(column))),
                upper: self.position(axis.frequency_hz(position(column + 1.0))),
                gain: narrow(weighting.power_gain(axis.frequency_hz(position(column + 0.5)))),
                left: narrow(position(column)),
                right: narrow(position(column + 1.0)),
            })
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "positions and gains need no more than single precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::octave::octave_bands;
    use crate::scale::Scale;

    const BINS: Bins = Bins { fft_size: 4096, sample_rate: 48_000.0, noise_bandwidth: 1.5 };

    fn axis(scale: Scale) -> Axis {
        Axis::new(scale, 20.0, 20_000.0)
    }

    #[test]
    fn adjacent_bands_share_an_edge_in_bins_and_on_the_axis() {
        for fraction in [1, 3, 6, 12, 24] {
            let bands = BINS.octaves(&octave_bands(fraction, 20.0, 20_000.0), &axis(Scale::Logarithmic), Weighting::A);
            for pair in bands.windows(2) {
                assert_eq!((pair[0].upper, pair[0].right), (pair[1].lower, pair[1].left));
            }
        }
        for scale in [Scale::Logarithmic, Scale::Linear, Scale::Mel, Scale::Bark] {
            let columns = BINS.columns(777, &axis(scale), Weighting::None);
            assert_eq!((columns[0].left, columns[776].right), (0.0, 1.0));
            for pair in columns.windows(2) {
                assert_eq!((pair[0].upper, pair[0].right), (pair[1].lower, pair[1].left));
            }
        }
    }

    #[test]
    fn a_bin_lies_about_its_frequency_and_the_outermost_are_whole() {
        let bin_hz = 48_000.0 / 4096.0;
        assert_eq!(BINS.position(100.0 * bin_hz), 100.5);
        assert_eq!(BINS.position(99.5 * bin_hz), 100.0);
        assert_eq!(BINS.position(0.0), 0.0);
        assert_eq!(BINS.position(24_000.0), 2049.0);
        assert_eq!(BINS.position(30_000.0), 2049.0);
        assert_eq!(BINS.count(), 2049);
    }

    #[test]
    fn the_weighting_is_that_of_the_middle() {
        let bands = BINS.octaves(&octave_bands(1, 60.0, 130.0), &axis(Scale::Logarithmic), Weighting::A);
        let levels: Vec<f32> = bands.iter().map(|band| 10.0 * (band.gain * 1.5).log10()).collect();
        assert_eq!(levels.len(), 2);
        assert!((levels[0] + 26.2).abs() < 0.05 && (levels[1] + 16.1).abs() < 0.05, "{levels:?}");
    }
}
