//! True-peak limiter: nothing comes out above its ceiling, between the samples neither.
//!
//! ```text
//! peak[n]  = true peak of both channels              ITU-R BS.1770-5, 4 times oversampled
//! gain[n]  = min(1, ceiling/peak[n])
//! least[n] = min(gain[n − W + 1 ..= n])              the gain is there before the peak and as long as it
//! held[n]  = least[n], or up to it with the release  whichever is less
//! out[n]   = in[n − latency] · mean(mean(held))      over half of the lookahead each: the attack is a curve without a corner
//! ```
//! The window `W` is as long as lookahead and filter together, so the means have come to rest at the gain that a peak asks for
//! while every sample that the peak is computed from is put out.

use super::coefficient::Coefficient;
use super::{Effect, Parameter, Parameters, Reading, Unit};
use crate::config::{CHANNELS, ConfigError};
use crate::dispatcher::Dispatcher;
use crate::dsp::decibel::{amplitude_to_db, db_to_amplitude};
use crate::dsp::delay_line::DelayLine;
use crate::dsp::envelope::share;
use crate::dsp::inter_sample_peak::InterSamplePeak;
use crate::dsp::moving_average::MovingAverage;
use crate::dsp::ramp::CONTROL_FRAMES;
use crate::dsp::sliding_minimum::SlidingMinimum;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Keeps the true peak under the ceiling, with lookahead. What stays below keeps every bit.
///
/// The true peak is that of the standard's meter, whose filter lets go above three eighths of the sample rate: 18 kHz at
/// 48 kHz. White noise, which is as loud up there as anywhere, can have real peaks 2 dB above what such a meter reads.
pub struct Limiter<'a> {
    sample_rate: f32,
    detectors: [InterSamplePeak; CHANNELS],
    least: SlidingMinimum<'a>,
    means: [MovingAverage<'a>; 2],
    lines: [DelayLine<'a>; CHANNELS],
    latency: usize,
    ceiling: Coefficient,
    release: Coefficient,
    held: f32,
    gain: f32,
}

const CEILING: usize = 0;
const RELEASE: usize = 1;

/// Samples before and after the one at which the detector's filter is centred.
const FILTER_FRAMES: usize = 2 * InterSamplePeak::LATENCY - 1;

/// How far below the ceiling is aimed: -0.05 dB. Where the gain moves, what lies between the samples is not quite what was
/// measured; the worst of 6000 random signals, with up to 60 dB of reduction, was 0.004 dB.
const MARGIN: f32 = 0.994_26;

/// Fewer frames make the gain move too fast for that.
const LEAST_LOOKAHEAD: usize = 32;

impl<'a> Effect<'a> for Limiter<'a> {
    const NAME: &'static str = "limiter";
    const PARAMETERS: &'static [Parameter] = &[
        // dBTP.
        Parameter { name: "ceiling", unit: Unit::Decibels, default: -1.0, minimum: -24.0, maximum: 0.0 },
        Parameter { name: "release", unit: Unit::Seconds, default: 0.1, minimum: 0.001, maximum: 1.0 },
    ];
    const SETTINGS: &'static [Parameter] =
        &[Parameter { name: "lookahead", unit: Unit::Seconds, default: 0.005, minimum: 0.001, maximum: 0.01 }];
    // As of the last frame; 0 or less.
    const READINGS: &'static [Reading] = &[Reading { name: "gainReduction", unit: Unit::Decibels }];

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a hundredth of a rate")]
    fn new(arena: &mut Arena<'a>, sample_rate: f32, settings: &[f32]) -> Result<Self, ConfigError> {
        let lookahead = ((settings.first().copied().unwrap_or(0.005) * sample_rate) as usize).max(LEAST_LOOKAHEAD);
        let latency = lookahead - 1 + FILTER_FRAMES;
        Ok(Self {
            sample_rate,
            detectors: [InterSamplePeak::new(); CHANNELS],
            least: SlidingMinimum::new(arena, latency + 1, 1.0)?,
            means: [
                MovingAverage::new(arena, lookahead / 2, 1.0)?,
                MovingAverage::new(arena, lookahead - lookahead / 2 + 1, 1.0)?,
            ],
            lines: [DelayLine::new(arena, latency)?, DelayLine::new(arena, latency)?],
            latency,
            ceiling: Coefficient::new(),
            release: Coefficient::new(),
            held: 1.0,
            gain: 1.0,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        for block in parameters.blocks(run.frames()) {
            if block.begins_at_control_point() {
                let sample_rate = self.sample_rate;
                self.ceiling.control(parameters.target(CEILING), |db| db_to_amplitude(db) * MARGIN);
                self.release.control(parameters.target(RELEASE), |time_s| share(time_s, sample_rate));
            }
            self.limit(&mut run.part(block.frames.start, block.frames.len()), block.phase);
        }
    }

    fn reset(&mut self) {
        self.detectors = [InterSamplePeak::new(); CHANNELS];
        self.least.reset();
        self.means.iter_mut().for_each(MovingAverage::reset);
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.ceiling.reset();
        self.release.reset();
        (self.held, self.gain) = (1.0, 1.0);
    }

    fn latency_frames(&self) -> u32 {
        u32::try_from(self.latency).unwrap_or(u32::MAX)
    }

    fn tail_frames(&self) -> Option<u32> {
        Some(self.latency_frames())
    }

    fn read(&mut self, readings: &mut [f32]) {
        if let Some(reading) = readings.first_mut() {
            *reading = amplitude_to_db(self.gain);
        }
    }
}

impl Limiter<'_> {
    /// Limits the frames of one control block.
    fn limit(&mut self, run: &mut Quantum<'_>, phase: usize) {
        let mut gains = [0.0; CONTROL_FRAMES];
        let frames = run.frames();
        let Some(gains) = gains.get_mut(..frames) else { return };
        for (detector, plane) in self.detectors.iter_mut().zip(run.planes()) {
            detector.process(plane, gains);
        }
        for (n, gain) in gains.iter_mut().enumerate() {
            // Nothing over 0 is infinite, and 1 is less.
            let asked = (self.ceiling.value(phase + n) / *gain).min(1.0);
            let least = self.least.next(asked);
            let released = self.held + (least - self.held) * self.release.value(phase + n);
            self.held = least.min(released);
            let [first, second] = &mut self.means;
            *gain = second.next(first.next(self.held));
            self.gain = *gain;
        }
        for (line, plane) in self.lines.iter_mut().zip(run.planes()) {
            for (sample, gain) in plane.iter_mut().zip(gains.iter()) {
                line.write(*sample);
                *sample = line.tap(self.latency) * gain;
            }
        }
    }
}
