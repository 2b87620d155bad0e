//! Powers of bins become powers of bands.

use crate::layout::{Band, FLOOR, Frame, MAXIMUM};

/// Reduces the bins of each channel to its bands.
///
/// `powers` is `[channel][frame.bins]`, `band_powers` is `[channel][frame.bands]`, `table` says what each band is made of.
/// A power that is not finite counts as none, so that it cannot stay in what is smoothed.
pub fn bands(frame: &Frame, powers: &[f32], table: &[Band], band_powers: &mut [f32]) {
    let channels = powers.chunks_exact(frame.bins as usize);
    for (powers, band_powers) in channels.zip(band_powers.chunks_exact_mut(frame.bands as usize)) {
        for (band, band_power) in table.iter().zip(band_powers) {
            let reduced = if frame.reduction == MAXIMUM { maximum(powers, band) } else { sum(powers, band) };
            *band_power = band.gain * reduced;
        }
    }
}

/// Each bin counts by the share of it that lies in the band. Thousands of them are added in double precision.
#[expect(clippy::cast_possible_truncation, reason = "the sum is a power as the bins are")]
fn sum(powers: &[f32], band: &Band) -> f32 {
    (first(band.lower)..powers.len())
        .take_while(|&bin| (bin as f32) < band.upper)
        .map(|bin| ((bin as f32 + 1.0).min(band.upper) - (bin as f32).max(band.lower)) * finite(powers[bin]))
        .map(f64::from)
        .sum::<f64>() as f32
}

/// The greatest of the bins whose middle lies in the band, and of the curve through the bins at the band's own middle.
fn maximum(powers: &[f32], band: &Band) -> f32 {
    let last = powers.len() - 1;
    let middle = 0.5 * (band.lower + band.upper) - 0.5;
    // Of a band beyond the bins there is nothing to be seen.
    if middle > last as f32 {
        return 0.0;
    }
    let middle = middle.max(0.0);
    let below = first(middle);
    let levels = [below.saturating_sub(1), below, below + 1, below + 2]
        .map(|bin| finite(powers[bin.min(last)]).max(FLOOR).log2());
    let between = curve(levels, middle.fract()).exp2();
    (first((band.lower - 0.5).ceil())..powers.len())
        .take_while(|&bin| bin as f32 + 0.5 < band.upper)
        .map(|bin| finite(powers[bin]))
        .fold(between, f32::max)
}

/// The curve through four levels, at `t` between the second and the third: the cubic whose slopes there are the harmonic
/// means of the steps on both sides, or 0 at a peak (B. van Leer, 1974), so that it is smooth and goes nowhere beyond them.
fn curve([before, left, right, after]: [f32; 4], t: f32) -> f32 {
    let step = right - left;
    let [m0, m1] = [slope(left - before, step), slope(step, after - right)];
    left + t * (m0 + t * (3.0 * step - 2.0 * m0 - m1 + t * (m0 + m1 - 2.0 * step)))
}

fn slope(left: f32, right: f32) -> f32 {
    if left * right > 0.0 { 2.0 * left * right / (left + right) } else { 0.0 }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bin's position, which is at most 16 385"
)]
fn first(position: f32) -> usize {
    position as usize
}

fn finite(power: f32) -> f32 {
    if power.is_finite() { power } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::banding::Bins;
    use crate::layout::SUM;
    use crate::octave::octave_bands;
    use crate::scale::{Axis, Scale};
    use crate::weighting::Weighting;

    const BINS: Bins = Bins { fft_size: 2048, sample_rate: 48_000.0, noise_bandwidth: 1.0 };

    fn axis() -> Axis {
        Axis::new(Scale::Logarithmic, 20.0, 20_000.0)
    }

    fn reduced(powers: &[f32], table: &[Band], reduction: u32) -> Vec<f32> {
        let bands_of_each = u32::try_from(table.len()).unwrap();
        let frame = Frame { bins: BINS.count(), bands: bands_of_each, reduction, ..Frame::default() };
        let mut band_powers = vec![0.0; powers.len() / BINS.count() as usize * table.len()];
        bands(&frame, powers, table, &mut band_powers);
        band_powers
    }

    /// Some powers between 0 and 1, other ones for each seed.
    fn noise(seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..BINS.count())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 16_777_216.0
            })
            .collect()
    }

    #[test]
    fn the_energy_of_all_bands_is_that_of_their_bins() {
        for fraction in [1, 2, 3, 6, 12, 24] {
            let octaves = octave_bands(fraction, 20.0, 20_000.0);
            let table = BINS.octaves(&octaves, &axis(), Weighting::None);
            for seed in 1..6 {
                let powers = noise(seed);
                let in_bands: f64 = reduced(&powers, &table, SUM).into_iter().map(f64::from).sum();
                // Directly: what of each bin lies between the lowest and the highest edge.
                let position = |hz: f64| hz * 2048.0 / 48_000.0 + 0.5;
                let [lower, upper] = [position(octaves[0].lower_hz), position(octaves.last().unwrap().upper_hz)];
                let direct: f64 = powers
                    .iter()
                    .zip(0u16..)
                    .map(|(&power, bin)| {
                        let share = (f64::from(bin) + 1.0).min(upper) - f64::from(bin).max(lower);
                        f64::from(power) * share.max(0.0)
                    })
                    .sum();
                assert!((in_bands / direct - 1.0).abs() < 1e-6, "1/{fraction} octave: {in_bands} {direct}");
            }
        }
    }

    #[test]
    fn white_noise_rises_by_3_db_for_each_octave() {
        let table = BINS.octaves(&octave_bands(1, 100.0, 12_000.0), &axis(), Weighting::None);
        let band_powers = reduced(&vec![0.01; 1025], &table, SUM);
        for pair in band_powers.windows(2) {
            // IEC's octave is 10^0.3, a little less than 2.
            assert!((10.0 * (pair[1] / pair[0]).log10() - 3.0).abs() < 1e-3, "{band_powers:?}");
        }
    }

    #[test]
    fn channels_do_not_mix_and_what_is_not_finite_counts_as_none() {
        let table = BINS.octaves(&octave_bands(3, 20.0, 20_000.0), &axis(), Weighting::None);
        let mut powers = vec![0.0; 2050];
        powers[1025 + 100] = 1.0;
        (powers[1025 + 500], powers[700]) = (f32::NAN, f32::INFINITY);
        let band_powers = reduced(&powers, &table, SUM);
        let (left, right) = band_powers.split_at(table.len());
        assert!(left.iter().all(|&power| power == 0.0));
        assert!((right.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn no_tone_is_lost_between_columns_however_few_there_are() {
        for count in [10, 100, 3000] {
            let table = BINS.columns(count, &axis(), Weighting::None);
            for bin in 1..850 {
                let mut powers = vec![1e-9; 1025];
                powers[bin] = 0.25;
                let highest = reduced(&powers, &table, MAXIMUM).into_iter().fold(0.0, f32::max);
                // With more columns than bins none may have the middle of the bin, but one is near.
                assert!((0.2..=0.250_001).contains(&highest), "bin {bin} in {count} columns: {highest}");
            }
        }
    }

    /// Levels in dB that bands without width read, so many bins above bin 10.
    fn levels_between<const N: usize>(powers: &[f32], bins: [f32; N]) -> Vec<f32> {
        let place = |bin: f32| Band { lower: 10.5 + bin, upper: 10.5 + bin, gain: 1.0, ..Band::default() };
        reduced(powers, &bins.map(place), MAXIMUM).into_iter().map(|power| 10.0 * power.log10()).collect()
    }

    #[test]
    fn between_bins_there_is_a_curve_through_their_levels() {
        let mut powers = vec![0.0; 1025];
        (powers[9], powers[10], powers[11], powers[12]) = (1e-1, 1e-2, 1e-3, 1e-4);
        let straight = levels_between(&powers, [0.0, 0.25, 0.5, 1.0]);
        assert!(straight.iter().zip([-20.0, -22.5, -25.0, -30.0]).all(|(a, b)| (a - b).abs() < 1e-3), "{straight:?}");
        // A tone at a bin, with a Hann window: silence two bins away. The peak is round and the curve falls all the way.
        powers[9..13].copy_from_slice(&[0.25, 1.0, 0.25, 0.0]);
        let tone = levels_between(&powers, [0.0, 0.01, 0.1, 0.2, 0.4, 0.6, 0.8, 0.99, 1.0, 1.01, 1.5, 1.99]);
        assert!(tone.windows(2).all(|pair| pair[0] > pair[1]), "{tone:?}");
        assert!(tone[0].abs() < 1e-3 && tone[1] > -0.01 && (tone[8] + 6.02).abs() < 0.01, "{tone:?}");
    }

    #[test]
    fn above_half_the_sample_rate_there_is_nothing() {
        let beyond = Band { lower: 1025.0, upper: 1025.0, gain: 1.0, ..Band::default() };
        assert_eq!(reduced(&vec![1.0; 1025], &[beyond], MAXIMUM), [0.0]);
    }
}
