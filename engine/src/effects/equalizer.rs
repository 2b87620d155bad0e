//! Parametric equalizer: a cascade of second-order filters, all shapes of the Audio EQ Cookbook.
//!
//! Each band has four AudioParams: `frequency`, `gain` (of peaks and shelves), `q` and `type`, a number:
//!
//! | type | shape |
//! |---|---|
//! | 0 | off |
//! | 1 | peak |
//! | 2 | low shelf |
//! | 3 | high shelf |
//! | 4 | low pass |
//! | 5 | high pass |
//! | 6 | notch |
//! | 7 | band pass |
//!
//! A `q` of 0.707 is the steepest low pass without a resonance and the steepest shelf without a bump.

use super::equalizer_bands::{MAX_BANDS, PARAMETERS, PARAMETERS_PER_BAND, Tone};
use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{CHANNELS, ConfigError};
use crate::dispatcher::Dispatcher;
use crate::dsp::biquad::Biquad;
use crate::dsp::cascade::Cascade;
use crate::dsp::state_variable::Section;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Up to [`MAX_BANDS`] bands. A band that is off, or a peak or a shelf of 0 dB, leaves every number as it is, and while all
/// are so, every bit and the time of the processor.
///
/// Between two control points the filters go in a straight line, in what they are computed from, and stay stable on the way.
pub struct Equalizer<'a> {
    filters: Filters<'a>,
    sample_rate: f32,
    count: usize,
    bands: [State; MAX_BANDS],
    /// Nothing is changed up to the next control point.
    is_flat: bool,
    has_started: bool,
}

#[derive(Clone, Copy)]
struct State {
    tone: Tone,
    section: Section,
    tail_frames: f32,
}

/// As few filters as the bands need, since those that pass everything cost as much as the others.
enum Filters<'a> {
    Four(&'a mut Cascade<2>),
    Ten(&'a mut Cascade<5>),
    Sixteen(&'a mut Cascade<8>),
}

macro_rules! each_of {
    ($filters:expr, $cascade:ident => $result:expr) => {
        match $filters {
            Filters::Four($cascade) => $result,
            Filters::Ten($cascade) => $result,
            Filters::Sixteen($cascade) => $result,
        }
    };
}

impl<'a> Effect<'a> for Equalizer<'a> {
    const NAME: &'static str = "equalizer";
    const PARAMETERS: &'static [Parameter] = &PARAMETERS;
    const SETTINGS: &'static [Parameter] =
        &[Parameter { name: "bands", unit: Unit::Count, default: 10.0, minimum: 1.0, maximum: MAX_BANDS as f32 }];

    fn new(arena: &mut Arena<'a>, sample_rate: f32, settings: &[f32]) -> Result<Self, ConfigError> {
        let count = band_count(settings);
        Ok(Self {
            filters: match count {
                0..=4 => Filters::Four(arena.place(Cascade::new())?),
                5..=10 => Filters::Ten(arena.place(Cascade::new())?),
                _ => Filters::Sixteen(arena.place(Cascade::new())?),
            },
            sample_rate,
            count,
            bands: [State { tone: Tone::OFF, section: Section::IDENTITY, tail_frames: 0.0 }; MAX_BANDS],
            is_flat: true,
            has_started: false,
        })
    }

    fn parameter_count(settings: &[f32]) -> usize {
        band_count(settings) * PARAMETERS_PER_BAND
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        if parameters.phase() == 0 {
            self.control(parameters);
        }
        if self.is_flat {
            return;
        }
        let [left, right] = run.planes();
        let planes: [&mut [f32]; CHANNELS] = [left, right];
        each_of!(&mut self.filters, cascade => cascade.process(planes, parameters.phase()));
    }

    fn reset(&mut self) {
        each_of!(&mut self.filters, cascade => {
            cascade.settle();
            cascade.reset();
        });
        (self.is_flat, self.has_started) = (true, false);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; what is longer saturates")]
    fn tail_frames(&self) -> Option<u32> {
        let bands = self.bands.iter().take(self.count);
        Some(bands.map(|band| band.tail_frames).sum::<f32>() as u32)
    }
}

impl Equalizer<'_> {
    /// Names of the types, by number, as Web Audio's `BiquadFilterType` has them.
    pub const TYPES: [&'static str; 8] =
        ["off", "peaking", "lowshelf", "highshelf", "lowpass", "highpass", "notch", "bandpass"];

    /// A control point: bands whose parameters have changed move to what they are to be.
    fn control(&mut self, parameters: &Parameters<'_>) {
        each_of!(&mut self.filters, cascade => cascade.settle());
        if !self.has_started || !parameters.are_steady() {
            for index in 0..self.count {
                self.tune(index, parameters);
            }
            self.has_started = true;
        }
        let is_moving = each_of!(&self.filters, cascade => cascade.is_moving());
        let is_flat = !is_moving && self.bands.iter().take(self.count).all(|band| changes_nothing(&band.section));
        if is_flat && !self.is_flat {
            each_of!(&mut self.filters, cascade => cascade.reset());
        }
        self.is_flat = is_flat;
    }

    fn tune(&mut self, index: usize, parameters: &Parameters<'_>) {
        let Some(band) = self.bands.get_mut(index) else { return };
        let first = index * PARAMETERS_PER_BAND;
        let tone = Tone::new(core::array::from_fn(|n| parameters.target(first + n)));
        if self.has_started && tone == band.tone {
            return;
        }
        let section = tone.section(self.sample_rate);
        let tail_frames = tone.tail_frames(&section);
        *band = State { tone, section, tail_frames };
        if self.has_started {
            each_of!(&mut self.filters, cascade => cascade.control(index, section));
        } else {
            each_of!(&mut self.filters, cascade => cascade.set(index, section));
        }
    }

    /// Gain at a frequency in Hz, in dB, of an equalizer whose AudioParams have these values, four for each band: for
    /// drawing its curve. −∞ where nothing passes.
    ///
    /// # Real-time
    /// Any thread; about as long as twenty logarithms for each band.
    #[must_use]
    pub fn response_db(values: &[f32], sample_rate: f32, frequency_hz: f64) -> f64 {
        let (bands, _) = values.as_chunks::<PARAMETERS_PER_BAND>();
        let band_db = |values: &[f32; PARAMETERS_PER_BAND]| {
            let band = Tone::new(*values).band()?;
            Some(Biquad::new(&band, sample_rate).magnitude_db(frequency_hz, f64::from(sample_rate)))
        };
        bands.iter().filter_map(band_db).sum()
    }
}

fn changes_nothing(section: &Section) -> bool {
    section.m0 == 1.0 && section.m1 == 0.0 && section.m2 == 0.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
fn band_count(settings: &[f32]) -> usize {
    let asked = settings.first().copied().unwrap_or(10.0);
    (asked + 0.5).max(1.0).min(MAX_BANDS as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels far below the band, at it, and far above it.
    fn levels(number: u8) -> [f64; 3] {
        let values = [1_000.0, 12.0, 0.7, f32::from(number)];
        [10.0, 1_000.0, 23_000.0].map(|hz| Equalizer::response_db(&values, 48_000.0, hz))
    }

    #[test]
    fn each_type_does_what_it_is_called() {
        for (number, name) in (0..).zip(Equalizer::TYPES) {
            let [below, at, above] = levels(number);
            let (passes, raises, stops) =
                (|db: f64| db.abs() < 0.2, |db: f64| (db - 12.0).abs() < 0.2, |db: f64| db < -30.0);
            let is_so = match name {
                "off" => passes(below) && passes(at) && passes(above),
                "peaking" => passes(below) && raises(at) && passes(above),
                "lowshelf" => raises(below) && passes(above),
                "highshelf" => passes(below) && raises(above),
                "lowpass" => passes(below) && stops(above),
                "highpass" => stops(below) && passes(above),
                "notch" => passes(below) && stops(at) && passes(above),
                "bandpass" => stops(below) && passes(at) && stops(above),
                _ => false,
            };
            assert!(is_so, "{name}: {below} {at} {above}");
        }
        assert_eq!(Equalizer::PARAMETERS[PARAMETERS_PER_BAND - 1].maximum, (Equalizer::TYPES.len() - 1) as f32);
    }
}
