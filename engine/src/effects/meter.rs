//! Meter: what goes through it is measured and left as it is.
//!
//! Loudness after ITU-R BS.1770-5 and EBU R 128, true peak after BS.1770-5, both since the start or since the last reset;
//! RMS of the louder channel with a time constant of 300 ms, so that a full-scale square is 0 dB.

use super::{Effect, Parameter, Parameters, Reading, Unit};
use crate::config::{CHANNELS, ConfigError};
use crate::dispatcher::Dispatcher;
use crate::dsp::decibel::{amplitude_to_db, power_to_db};
use crate::dsp::inter_sample_peak::InterSamplePeak;
use crate::dsp::level::Level;
use crate::dsp::loudness::LoudnessMeter;
use crate::dsp::ramp::CONTROL_FRAMES;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Measures. Silence is −∞ in dB and in LUFS; a loudness range that is not known yet is 0.
pub struct Meter<'a> {
    loudness: LoudnessMeter<'a>,
    detectors: [InterSamplePeak; CHANNELS],
    /// Linear.
    true_peak: f32,
    levels: [Level; CHANNELS],
    sample_rate: f32,
    was_reset: bool,
}

const RESET: usize = 0;

impl<'a> Effect<'a> for Meter<'a> {
    const NAME: &'static str = "meter";
    // All but the sound's last moments is forgotten when it rises above 0.5.
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "reset", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 }];
    const READINGS: &'static [Reading] = &[
        Reading { name: "truePeak", unit: Unit::Decibels },
        Reading { name: "rms", unit: Unit::Decibels },
        Reading { name: "momentaryLoudness", unit: Unit::Lufs },
        Reading { name: "shortTermLoudness", unit: Unit::Lufs },
        Reading { name: "integratedLoudness", unit: Unit::Lufs },
        Reading { name: "loudnessRange", unit: Unit::Lufs },
    ];

    fn new(arena: &mut Arena<'a>, sample_rate: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self {
            loudness: LoudnessMeter::new(arena, sample_rate)?,
            detectors: [InterSamplePeak::new(); CHANNELS],
            true_peak: 0.0,
            levels: [Level::new(sample_rate); CHANNELS],
            sample_rate,
            was_reset: false,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        if parameters.phase() == 0 {
            let is_reset = parameters.target(RESET) > 0.5;
            if is_reset && !self.was_reset {
                self.loudness.reset();
                self.true_peak = 0.0;
            }
            self.was_reset = is_reset;
        }
        let [left, right] = run.planes();
        self.loudness.process([left, right]);
        for ((plane, level), detector) in [left, right].into_iter().zip(&mut self.levels).zip(&mut self.detectors) {
            level.process(plane);
            for samples in plane.chunks(CONTROL_FRAMES) {
                let mut peaks = [0.0; CONTROL_FRAMES];
                detector.process(samples, &mut peaks);
                self.true_peak = peaks.into_iter().fold(self.true_peak, f32::max);
            }
        }
    }

    fn reset(&mut self) {
        self.loudness.reset();
        self.detectors = [InterSamplePeak::new(); CHANNELS];
        self.levels = [Level::new(self.sample_rate); CHANNELS];
        (self.true_peak, self.was_reset) = (0.0, false);
    }

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }

    fn read(&mut self, readings: &mut [f32]) {
        let loudness = self.loudness.reading();
        let mean_square = self.levels.iter().map(Level::mean_square).fold(0.0, f32::max);
        let measured = [
            amplitude_to_db(self.true_peak),
            power_to_db(mean_square),
            loudness.momentary_lufs,
            loudness.short_term_lufs,
            loudness.integrated_lufs,
            loudness.range_lu,
        ];
        for (reading, measured) in readings.iter_mut().zip(measured) {
            *reading = measured;
        }
    }
}
