//! Compressor: takes level from what is loud.
//!
//! Feed-forward, in dB, both channels linked (Giannoulis, Massberg, Reiss, "Digital Dynamic Range Compressor Design", 2012).
//! With the level `x`, threshold `T`, ratio `R` and knee `W`, the reduction that is asked for is
//! ```text
//! x < T − W/2              0
//! T − W/2 ≤ x ≤ T + W/2    (1 − 1/R)·(x − T + W/2)²/(2W)
//! x > T + W/2              (1 − 1/R)·(x − T)
//! ```
//! The reduction follows it, up with the time constant of the attack and down with that of the release (their "smooth
//! branching" form), and the gain is makeup − reduction. The level is that of the louder channel: of its samples' magnitude,
//! of their mean square, or of the powers' mix in between.

use super::coefficient::Coefficient;
use super::{Effect, Parameter, Parameters, Reading, Unit};
use crate::config::ConfigError;
use crate::dispatcher::Dispatcher;
use crate::dsp::decibel::{db_to_amplitude, dbs_to_amplitude, powers_to_db};
use crate::dsp::envelope::share;
use crate::dsp::simd::{F32x4, LANES};
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Names and ranges are those of DynamicsCompressorNode where both have one; but nothing is made up for that is not asked for,
/// there is no latency, and the knee lies to both sides of the threshold.
pub struct Compressor {
    sample_rate: f32,
    attack: Coefficient,
    release: Coefficient,
    /// `1 − 1/R`: in a straight line, where the ratio itself would change most of it in one frame.
    slope: Coefficient,
    /// The makeup, linear.
    makeup: Coefficient,
    mean_square_share: f32,
    mean_square: f32,
    reduction_db: f32,
}

const THRESHOLD: usize = 0;
const KNEE: usize = 1;
const RATIO: usize = 2;
const ATTACK: usize = 3;
const RELEASE: usize = 4;
const MAKEUP: usize = 5;
const RMS: usize = 6;

/// Time constant of the mean square.
const MEAN_SQUARE_S: f32 = 0.02;

/// Smaller states become zero at control points, before they are denormal.
const SMALLEST: f32 = 1e-10;

/// A knee of no width would divide by zero.
const LEAST_KNEE_DB: f32 = 1e-3;

impl<'a> Effect<'a> for Compressor {
    const NAME: &'static str = "compressor";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "threshold", unit: Unit::Decibels, default: -24.0, minimum: -100.0, maximum: 0.0 },
        Parameter { name: "knee", unit: Unit::Decibels, default: 30.0, minimum: 0.0, maximum: 40.0 },
        Parameter { name: "ratio", unit: Unit::Linear, default: 12.0, minimum: 1.0, maximum: 20.0 },
        Parameter { name: "attack", unit: Unit::Seconds, default: 0.003, minimum: 0.0, maximum: 1.0 },
        Parameter { name: "release", unit: Unit::Seconds, default: 0.25, minimum: 0.0, maximum: 1.0 },
        Parameter { name: "makeup", unit: Unit::Decibels, default: 0.0, minimum: -24.0, maximum: 24.0 },
        // 0: the level is the peak, 1: the mean square.
        Parameter { name: "rms", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 },
    ];
    // As of the last frame, without the makeup; 0 or less.
    const READINGS: &'static [Reading] = &[Reading { name: "gainReduction", unit: Unit::Decibels }];

    fn new(_: &mut Arena<'a>, sample_rate: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self {
            sample_rate,
            attack: Coefficient::new(),
            release: Coefficient::new(),
            slope: Coefficient::new(),
            makeup: Coefficient::new(),
            mean_square_share: share(MEAN_SQUARE_S, sample_rate),
            mean_square: 0.0,
            reduction_db: 0.0,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        for block in parameters.blocks(run.frames()) {
            if block.begins_at_control_point() {
                self.control(parameters);
            }
            let (start, phase) = (block.frames.start, block.phase);
            let mut part = run.part(start, block.frames.len());
            let with_rms = !parameters.rests_at(RMS, 0.0);
            let (attack, release, slope, makeup) = (self.attack, self.release, self.slope, self.makeup);
            let at = |n| Values {
                attack: attack.values(phase + n).to_array(),
                release: release.values(phase + n).to_array(),
                makeup: makeup.values(phase + n),
                ..Values::new(parameters, start + n, slope.values(phase + n))
            };
            if parameters.are_steady() && [attack, release, slope, makeup].iter().all(Coefficient::rests) {
                let values = at(0);
                self.compress(&mut part, with_rms, |_| values);
            } else {
                self.compress(&mut part, with_rms, at);
            }
        }
    }

    fn reset(&mut self) {
        self.attack.reset();
        self.release.reset();
        self.slope.reset();
        self.makeup.reset();
        (self.mean_square, self.reduction_db) = (0.0, 0.0);
    }

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }

    fn read(&mut self, readings: &mut [f32]) {
        if let Some(reading) = readings.first_mut() {
            *reading = 0.0 - self.reduction_db;
        }
    }
}

/// What four frames are compressed with.
#[derive(Clone, Copy)]
struct Values {
    threshold_db: F32x4,
    knee_db: F32x4,
    half_knee_db: F32x4,
    /// `(1 − 1/R)/(2W)`
    curvature: F32x4,
    /// `1 − 1/R`
    slope: F32x4,
    /// Linear.
    makeup: F32x4,
    rms: F32x4,
    attack: [f32; LANES],
    release: [f32; LANES],
}

impl Values {
    #[inline(always)]
    fn new(parameters: &Parameters<'_>, n: usize, slope: F32x4) -> Self {
        let knee_db = F32x4::splat(LEAST_KNEE_DB).max(parameters.values(KNEE, n));
        Self {
            threshold_db: parameters.values(THRESHOLD, n),
            knee_db,
            half_knee_db: knee_db * 0.5,
            curvature: slope / (knee_db + knee_db),
            slope,
            makeup: F32x4::splat(1.0),
            rms: parameters.values(RMS, n),
            attack: [1.0; LANES],
            release: [1.0; LANES],
        }
    }

    /// The reduction in dB that a level asks for.
    #[inline(always)]
    fn asked_db(&self, level_db: F32x4) -> F32x4 {
        let over = level_db - self.threshold_db;
        let in_knee = F32x4::ZERO.max(over + self.half_knee_db).min(self.knee_db);
        let above = F32x4::ZERO.max(over - self.half_knee_db);
        in_knee * in_knee * self.curvature + above * self.slope
    }
}

impl Compressor {
    fn control(&mut self, parameters: &Parameters<'_>) {
        let sample_rate = self.sample_rate;
        self.attack.control(parameters.target(ATTACK), |time_s| share(time_s, sample_rate));
        self.release.control(parameters.target(RELEASE), |time_s| share(time_s, sample_rate));
        self.slope.control(parameters.target(RATIO), |ratio| 1.0 - 1.0 / ratio);
        self.makeup.control(parameters.target(MAKEUP), db_to_amplitude);
        for state in [&mut self.reduction_db, &mut self.mean_square] {
            if *state < SMALLEST {
                *state = 0.0;
            }
        }
        if parameters.rests_at(RMS, 0.0) {
            self.mean_square = 0.0;
        }
    }

    #[inline(always)]
    fn compress(&mut self, run: &mut Quantum<'_>, with_rms: bool, values: impl Fn(usize) -> Values) {
        let [left, right] = run.planes();
        let (left, left_rest) = left.as_chunks_mut::<LANES>();
        let (right, right_rest) = right.as_chunks_mut::<LANES>();
        let mut n = 0;
        for (left, right) in left.iter_mut().zip(right) {
            let gain = self.gain(*left, *right, LANES, with_rms, &values(n));
            *left = (F32x4::new(*left) * gain).to_array();
            *right = (F32x4::new(*right) * gain).to_array();
            n += LANES;
        }
        if !left_rest.is_empty() {
            let (mut last_left, mut last_right) = ([0.0; LANES], [0.0; LANES]);
            for (frame, (left, right)) in left_rest.iter().zip(right_rest.iter()).enumerate() {
                if let (Some(last_left), Some(last_right)) = (last_left.get_mut(frame), last_right.get_mut(frame)) {
                    (*last_left, *last_right) = (*left, *right);
                }
            }
            let gain = self.gain(last_left, last_right, left_rest.len(), with_rms, &values(n)).to_array();
            for ((left, right), gain) in left_rest.iter_mut().zip(right_rest.iter_mut()).zip(gain) {
                *left *= gain;
                *right *= gain;
            }
        }
    }

    /// The gain of four frames, of which `count` exist.
    #[inline(always)]
    fn gain(&mut self, left: [f32; LANES], right: [f32; LANES], count: usize, with_rms: bool, with: &Values) -> F32x4 {
        let (left, right) = (F32x4::new(left), F32x4::new(right));
        let mut power = (left * left).max(right * right);
        if with_rms {
            let mut means = [0.0; LANES];
            for (mean, power) in means.iter_mut().zip(power.to_array()).take(count) {
                self.mean_square += (power - self.mean_square) * self.mean_square_share;
                *mean = self.mean_square;
            }
            power += (F32x4::new(means) - power) * with.rms;
        }
        let asked = with.asked_db(powers_to_db(power)).to_array();
        let mut reduction = [0.0; LANES];
        let shares = with.attack.into_iter().zip(with.release);
        for ((reduction, asked), (attack, release)) in reduction.iter_mut().zip(asked).zip(shares).take(count) {
            let share = if asked > self.reduction_db { attack } else { release };
            self.reduction_db += (asked - self.reduction_db) * share;
            *reduction = self.reduction_db;
        }
        dbs_to_amplitude(-F32x4::new(reduction)) * with.makeup
    }
}
