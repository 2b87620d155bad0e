//! What a picture says of a place, and of its loudest tone: in numbers, when it is asked.

use crate::layout::{Band, FLOOR, Frame};
use crate::note::Note;
use crate::passes::bands;
use crate::plan::Plan;

/// A frequency and what sounds there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// In Hz; NaN if there is none.
    pub frequency_hz: f64,
    /// In dB, weighted as the picture is; NaN if there is nothing.
    pub level_db: f64,
    /// The note nearest to the frequency.
    pub note: Option<Note>,
}

/// Of what cannot be read.
pub const NOTHING: Reading = Reading { frequency_hz: f64::NAN, level_db: f64::NAN, note: None };

/// No weighting makes a power greater than by so much: A has +1.3 dB at 2.5 kHz.
const GREATEST_GAIN: f64 = 1.4;
/// Frequency of A4.
const TUNING_HZ: f64 = 440.0;

/// What lies at a share of the axis from 0 to 1: the frequency there, and the level of the bar or column there, unsmoothed.
/// `powers` are the newest ones, of one channel.
#[must_use]
pub fn reading_at(plan: &Plan, powers: &[f32], share: f64) -> Reading {
    let share = share.clamp(0.0, 1.0);
    let frequency_hz = plan.axis.frequency_hz(share);
    let is_under = |band: &&Band| f64::from(band.left) <= share && share <= f64::from(band.right);
    let level_db = plan.table.iter().find(is_under).map_or(f64::NAN, |band| {
        let mut power = [0.0];
        bands(&Frame { bands: 1, ..plan.frame() }, powers, core::slice::from_ref(band), &mut power);
        decibels(power[0].into())
    });
    Reading { frequency_hz, level_db, note: Note::of(frequency_hz, TUNING_HZ) }
}

/// The strongest tone of the axis, read between bins; [`NOTHING`] if it lies below the picture's lower edge. `powers` are the
/// newest ones, of one channel.
#[must_use]
pub fn loudest(plan: &Plan, powers: &[f32]) -> Reading {
    let bin_hz = plan.bins.sample_rate / f64::from(plan.bins.fft_size);
    let [low, high] = plan.axis.range_hz();
    let gain = |bin: f64| plan.settings.weighting.power_gain(bin * bin_hz);
    let mut strongest = (0, 0.0);
    for (bin, &power) in (0u16..).zip(powers) {
        let is_on_axis = (low..=high).contains(&(f64::from(bin) * bin_hz));
        // The weighting is asked of few.
        if is_on_axis && power.is_finite() && f64::from(power) * GREATEST_GAIN > strongest.1 {
            let weighted = f64::from(power) * gain(bin.into());
            if weighted > strongest.1 {
                strongest = (bin, weighted);
            }
        }
    }
    let (bin, weighted) = strongest;
    if weighted == 0.0 {
        return NOTHING;
    }
    let tone = plan.lobe().tone(powers, bin.into());
    let level_db = decibels(tone.power * gain(tone.bin));
    if level_db < plan.settings.minimum_db {
        return NOTHING;
    }
    let frequency_hz = tone.bin * bin_hz;
    Reading { frequency_hz, level_db, note: Note::of(frequency_hz, TUNING_HZ) }
}

fn decibels(power: f64) -> f64 {
    10.0 * power.max(FLOOR.into()).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{MAXIMUM, SUM};
    use crate::settings::tests::settings;
    use crate::settings::{Kind, Settings};
    use crate::weighting::Weighting;

    /// 2049 bins of 11.72 Hz, with a tone of −20 dB on bin 100 as a Hann window has it.
    fn powers() -> Vec<f32> {
        let mut powers = vec![1e-12; 2049];
        powers[99..102].copy_from_slice(&[0.0025, 0.01, 0.0025]);
        powers
    }

    const TONE_HZ: f64 = 100.0 * 48_000.0 / 4096.0;

    #[test]
    fn a_place_has_its_frequency_note_and_the_level_of_what_is_drawn_there() {
        for (kind, reduction) in [(Kind::Bars, SUM), (Kind::Line, MAXIMUM), (Kind::Spectrogram, MAXIMUM)] {
            let plan = Plan::new(Settings { kind, ..settings() });
            assert_eq!(plan.frame().reduction, reduction);
            let reading = reading_at(&plan, &powers(), plan.axis.position(TONE_HZ));
            assert!((reading.frequency_hz - TONE_HZ).abs() < 1e-6, "{kind:?}: {reading:?}");
            assert!((reading.level_db + 20.0).abs() < 0.1, "{kind:?}: {reading:?}");
            assert_eq!(reading.note.unwrap().name, "D");
            // And what was drawn is what the twin has made of the bins.
            let mut drawn = vec![0.0; plan.table.len()];
            bands(&plan.frame(), &powers(), &plan.table, &mut drawn);
            for (band, power) in plan.table.iter().zip(drawn) {
                let middle = 0.5 * f64::from(band.left + band.right);
                assert_eq!(
                    reading_at(&plan, &powers(), middle).level_db,
                    decibels(power.into()),
                    "{kind:?} at {middle}"
                );
            }
        }
    }

    #[test]
    fn both_ends_are_read_and_what_lies_beyond_as_they_are() {
        let plan = Plan::new(Settings { kind: Kind::Area, ..settings() });
        for (share, frequency_hz) in [(-3.0, 20.0), (0.0, 20.0), (1.0, 20_000.0), (7.0, 20_000.0)] {
            let reading = reading_at(&plan, &powers(), share);
            assert!((reading.frequency_hz - frequency_hz).abs() < 1e-6 && reading.level_db.is_finite(), "{reading:?}");
        }
    }

    #[test]
    fn the_loudest_tone_is_read_between_bins() {
        let plan = Plan::new(settings());
        let reading = loudest(&plan, &powers());
        assert!((reading.frequency_hz - TONE_HZ).abs() < 0.02 && (reading.level_db + 20.0).abs() < 1e-2, "{reading:?}");
        // Half a bin higher both bins are 1.42 dB lower.
        let mut between = powers();
        let lower = 0.01 * 10f32.powf(-0.142_36);
        between[99..103].copy_from_slice(&[0.000_288, lower, lower, 0.000_288]);
        let reading = loudest(&plan, &between);
        assert!((reading.frequency_hz - TONE_HZ - 0.5 * 48_000.0 / 4096.0).abs() < 0.2, "{reading:?}");
        assert!((reading.level_db + 20.0).abs() < 0.05, "{reading:?}");
    }

    #[test]
    fn no_weighting_is_greater_than_the_greatest() {
        for weighting in [Weighting::None, Weighting::A, Weighting::C] {
            assert!(
                (0u16..2000).all(|step| weighting.power_gain(10.0 * f64::from(step)) < GREATEST_GAIN),
                "{weighting:?}"
            );
        }
    }

    #[test]
    fn it_is_the_loudest_of_what_the_picture_shows() {
        let mut powers = powers();
        // 47 Hz, louder than the tone, but for A.
        powers[4] = 0.1;
        let read = |settings: Settings, powers: &[f32]| loudest(&Plan::new(settings), powers).frequency_hz;
        assert!(read(settings(), &powers) < 60.0);
        assert!(read(Settings { weighting: Weighting::A, ..settings() }, &powers) > 1000.0);
        assert!(read(Settings { minimum_hz: 100.0, ..settings() }, &powers) > 1000.0);
        // What is not finite is none, and so is what lies below the lower edge.
        powers[500] = f32::NAN;
        assert!(read(settings(), &powers) < 60.0);
        assert!(read(settings(), &[1e-12; 2049]).is_nan());
        assert!(read(Settings { minimum_db: -130.0, ..settings() }, &[1e-12; 2049]).is_finite());
        // Between two bins there may be none.
        assert!(read(Settings { minimum_hz: 1000.0, maximum_hz: 1001.0, ..settings() }, &powers).is_nan());
    }
}
