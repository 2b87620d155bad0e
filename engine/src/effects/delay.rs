//! Echo: a delay line for each channel, with feedback.
//!
//! ```text
//! echo = line delayed by `time`
//! out  = in + mix·(echo − in)
//! line = in + feedback·lowpass(echo)
//! ```
//! The low pass has one pole, so each echo is darker than the one before. `pingPong` moves everything to alternate sides: at 1
//! the sum of both channels enters on the left, and each echo returns on the other side.

use super::coefficient::Coefficient;
use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{CHANNELS, ConfigError};
use crate::dispatcher::Dispatcher;
use crate::dsp::delay_line::DelayLine;
use crate::dsp::ramp::CONTROL_FRAMES;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Repeats its input. A change of the time does not bend the pitch: it fades from one delay to the other.
pub struct Delay<'a> {
    lines: [DelayLine<'a>; CHANNELS],
    sample_rate: f32,
    /// In frames.
    longest_delay: f32,
    /// Length of a fade between two delays: a multiple of [`CONTROL_FRAMES`].
    fade_frames: usize,
    /// The delay that is heard, in frames, and the one that is faded to.
    delay: f32,
    next_delay: f32,
    /// Frames since the fade's begin; none while there is no fade.
    fade: Option<usize>,
    /// How much of a step the low pass follows in a frame.
    share: Coefficient,
    low: [f32; CHANNELS],
    feedback: f32,
    has_started: bool,
}

const TIME: usize = 0;
const FEEDBACK: usize = 1;
const MIX: usize = 2;
const HIGH_CUT: usize = 3;
const PING_PONG: usize = 4;

/// At its highest the low pass passes everything.
const NO_CUT_HZ: f32 = 20_000.0;

const LONGEST_FEEDBACK: f32 = 0.98;

const FADE_S: f32 = 0.02;

/// Echoes below -400 dB end, before they are denormal.
const SMALLEST: f32 = 1e-20;

impl<'a> Effect<'a> for Delay<'a> {
    const NAME: &'static str = "delay";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "time", unit: Unit::Seconds, default: 0.25, minimum: 0.001, maximum: 5.0 },
        Parameter { name: "feedback", unit: Unit::Linear, default: 0.35, minimum: 0.0, maximum: LONGEST_FEEDBACK },
        Parameter { name: "mix", unit: Unit::Linear, default: 0.25, minimum: 0.0, maximum: 1.0 },
        Parameter { name: "highCut", unit: Unit::Hertz, default: NO_CUT_HZ, minimum: 200.0, maximum: NO_CUT_HZ },
        Parameter { name: "pingPong", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 },
    ];
    const SETTINGS: &'static [Parameter] =
        &[Parameter { name: "maximumDelay", unit: Unit::Seconds, default: 1.0, minimum: 0.01, maximum: 5.0 }];

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "5 s are within 3 840 000 frames")]
    fn new(arena: &mut Arena<'a>, sample_rate: f32, settings: &[f32]) -> Result<Self, ConfigError> {
        let longest_delay = settings.first().copied().unwrap_or(1.0) * sample_rate;
        let frames = longest_delay as usize + 1;
        Ok(Self {
            lines: [DelayLine::new(arena, frames)?, DelayLine::new(arena, frames)?],
            sample_rate,
            longest_delay,
            fade_frames: ((FADE_S * sample_rate) as usize).next_multiple_of(CONTROL_FRAMES),
            delay: 0.0,
            next_delay: 0.0,
            fade: None,
            share: Coefficient::new(),
            low: [0.0; CHANNELS],
            feedback: 0.0,
            has_started: false,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        for block in parameters.blocks(run.frames()) {
            if block.begins_at_control_point() {
                self.control(parameters);
            }
            let (start, phase) = (block.frames.start, block.phase);
            let mut part = run.part(start, block.frames.len());
            let share = self.share;
            let at = |n| Values {
                feedback: parameters.value(FEEDBACK, start + n),
                mix: parameters.value(MIX, start + n),
                ping_pong: parameters.value(PING_PONG, start + n),
                share: share.value(phase + n),
            };
            if parameters.are_steady() && share.rests() {
                let values = at(0);
                self.repeat(&mut part, |_| values);
            } else {
                self.repeat(&mut part, at);
            }
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.low = [0.0; CHANNELS];
        self.fade = None;
        self.share.reset();
        self.has_started = false;
    }

    /// Every round of the loop is at most `feedback` of the one before, and what the loop holds is at most
    /// `1/(1 − 0.98)` of what came in. The low pass makes a round longer by its time constant, or twice that at most.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; what is longer saturates")]
    fn tail_frames(&self) -> Option<u32> {
        // 120 dB and the 34 dB that the loop can hold, as a natural logarithm.
        const DECAY: f32 = 17.8;
        let delay = self.delay.max(self.next_delay);
        let constant = self.sample_rate / (core::f32::consts::TAU * self.share.asked().min(NO_CUT_HZ));
        // e^-rate is what is left after a frame.
        let slowest = 0.79 / constant;
        let rate = if self.feedback > 0.0 {
            slowest.min(-libm::logf(self.feedback) / (delay + 2.0 * constant))
        } else {
            slowest
        };
        Some((DECAY / rate + delay) as u32 + 2 * self.fade_frames as u32)
    }
}

/// Parameters of a frame.
#[derive(Clone, Copy)]
struct Values {
    feedback: f32,
    mix: f32,
    ping_pong: f32,
    share: f32,
}

impl Delay<'_> {
    /// A control point: the time that is asked for is faded to, if no fade is under way.
    fn control(&mut self, parameters: &Parameters<'_>) {
        let per_hz = core::f32::consts::TAU / self.sample_rate;
        self.share.control(parameters.target(HIGH_CUT), |cutoff_hz| {
            if cutoff_hz < NO_CUT_HZ { -libm::expm1f(-per_hz * cutoff_hz) } else { 1.0 }
        });
        for low in &mut self.low {
            *low = without_denormals(*low);
        }
        self.feedback = parameters.target(FEEDBACK);
        let delay = (parameters.target(TIME) * self.sample_rate).min(self.longest_delay);
        if !self.has_started {
            (self.delay, self.next_delay, self.has_started) = (delay, delay, true);
        }
        if self.fade.is_none() && delay.to_bits() != self.delay.to_bits() {
            (self.next_delay, self.fade) = (delay, Some(0));
        }
    }

    #[inline(always)]
    fn repeat(&mut self, run: &mut Quantum<'_>, values: impl Fn(usize) -> Values) {
        let frames = run.frames();
        let [left, right] = run.planes();
        // The last sample in the line is one frame old.
        let (tap, next_tap) = (self.delay - 1.0, self.next_delay - 1.0);
        let per_frame = 1.0 / self.fade_frames as f32;
        for (n, (left, right)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
            let Values { feedback, mix, ping_pong, share } = values(n);
            let [first, second] = &self.lines;
            let mut echo = [first.tap_cubic(tap), second.tap_cubic(tap)];
            if let Some(fade) = self.fade {
                let weight = (fade + n) as f32 * per_frame;
                for (echo, line) in echo.iter_mut().zip(&self.lines) {
                    *echo += (line.tap_cubic(next_tap) - *echo) * weight;
                }
            }
            for (low, echo) in self.low.iter_mut().zip(echo) {
                *low += (echo - *low) * share;
            }
            let [low_left, low_right] = self.low;
            let crossed = (low_right - low_left) * ping_pong;
            let into_left = *left + ((*left + *right) * 0.5 - *left) * ping_pong;
            let into_right = *right - *right * ping_pong;
            let [first, second] = &mut self.lines;
            first.write(without_denormals(into_left + feedback * (low_left + crossed)));
            second.write(without_denormals(into_right + feedback * (low_right - crossed)));
            let [echo_left, echo_right] = echo;
            *left += (echo_left - *left) * mix;
            *right += (echo_right - *right) * mix;
        }
        if let Some(fade) = self.fade {
            let fade = fade + frames;
            self.fade = (fade < self.fade_frames).then_some(fade);
            if self.fade.is_none() {
                self.delay = self.next_delay;
            }
        }
    }
}

fn without_denormals(sample: f32) -> f32 {
    if sample.abs() < SMALLEST { 0.0 } else { sample }
}
