//! Freeze and denoise: what is changed is not the sound but its spectrum, hop by hop.
//!
//! A short-time Fourier transform of [`SPECTRAL_SIZE`] samples, [`SPECTRAL_HOP`] frames from one to the next, with the root of
//! Hann's window before and after: frames that are not changed add up to what came in. [`SPECTRAL_HOPS`] hops are a job, on
//! its way through a pipeline: it has as long as a block lasts, so workers can compute it, and the sound is
//! the same bit for bit whoever does.
//!
//! Each job goes on from what the one before has left: sums to which frames are still added, the spectrum that is frozen, the
//! gains of the gate. What comes in lies in the region's history; each hop's AudioParams lie beside it, as they are at its end.
//!
//! | file | what |
//! |---|---|
//! | `layout` | where in the region everything lies |
//! | `jobs` | what a job computes |

mod jobs;
mod layout;

pub use jobs::Tables;
pub(crate) use jobs::run_block;

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{ConfigError, SPECTRAL_HOP, SPECTRAL_HOPS, SPECTRAL_SIZE};
use crate::dispatcher::Dispatcher;
use crate::dsp::decibel::db_to_amplitude;
use crate::lockfree::regions::{Region, Span};
use crate::memory::{Arena, Tract};
use crate::pipeline::Pipeline;
use crate::quantum::Quantum;
use jobs::{Hop, block};
use layout::{BLOCK, DEPTH, OVERLAP, Order, SAMPLES, SHAPE, SLOTS};

const FREEZE: usize = 0;
const THRESHOLD: usize = 1;
const REDUCTION: usize = 2;
const RELEASE: usize = 3;

/// At its lowest the gate is open, and touches nothing.
const NO_GATE_DB: f32 = -120.0;

/// Magnitude of the bin of a sine of amplitude 1: half the sum of the window.
const BIN_OF_SINE: f32 = SPECTRAL_SIZE as f32 * core::f32::consts::FRAC_1_PI;

/// A block is taken in and computed, and the first frames that a job finishes are those that the block's first frame of
/// a spectrum begins with.
#[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
const LATENCY_FRAMES: u32 = (2 * BLOCK + OVERLAP) as u32;

/// Freezes the spectrum, and takes noise out of it: each bin below the threshold is reduced.
///
/// `freeze` is a switch, or a share; while it is above 0 the sound that was heard last goes on. `threshold` is the level in
/// dBFS of a sine that is half let through, and at its lowest the gate is off. `reduction` is the gain of what is shut in dB,
/// `release` the time constant of shutting in seconds.
pub struct Spectral<'a> {
    tract: Tract<'a>,
    pipeline: Pipeline,
    /// Frames of the present block that have come in.
    position: usize,
    /// Where in the history that block lies.
    slot: usize,
    /// Duration of a hop in seconds.
    hop_s: f32,
    is_frozen: bool,
    begins_anew: bool,
}

impl<'a> Effect<'a> for Spectral<'a> {
    const NAME: &'static str = "spectral";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "freeze", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 },
        Parameter { name: "threshold", unit: Unit::Decibels, default: NO_GATE_DB, minimum: NO_GATE_DB, maximum: 0.0 },
        Parameter { name: "reduction", unit: Unit::Decibels, default: -24.0, minimum: -60.0, maximum: 0.0 },
        Parameter { name: "release", unit: Unit::Seconds, default: 0.1, minimum: 0.01, maximum: 2.0 },
    ];

    fn new(arena: &mut Arena<'a>, sample_rate: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self {
            tract: arena.tract(SAMPLES)?,
            pipeline: Pipeline::new(DEPTH),
            position: 0,
            slot: 0,
            hop_s: SPECTRAL_HOP as f32 / sample_rate,
            is_frozen: false,
            begins_anew: true,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>) {
        let Some(region) = dispatcher.commons().regions.of_tract(&self.tract, SHAPE) else {
            // The pool is another memory's.
            run.planes().iter_mut().for_each(|plane| plane.fill(0.0));
            return;
        };
        if core::mem::take(&mut self.begins_anew) {
            self.begin(&region, dispatcher);
        }
        self.is_frozen = parameters.target(FREEZE) > 0.0;
        let mut start = 0;
        while start < run.frames() {
            let count = (SPECTRAL_HOP - self.position % SPECTRAL_HOP).min(run.frames() - start);
            self.exchange(&region, &mut run.part(start, count));
            start += count;
            self.position += count;
            if self.position.is_multiple_of(SPECTRAL_HOP) {
                self.end_hop(&region, parameters);
            }
            if self.position >= BLOCK {
                self.end_block(&region, run.frame().wrapping_add(start as u64), dispatcher);
            }
        }
    }

    fn reset(&mut self) {
        // A job on its way can only be cancelled where there is a dispatcher.
        (self.is_frozen, self.begins_anew) = (false, true);
    }

    fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        let clear = self.pipeline.close(dispatcher);
        if clear {
            dispatcher.commons().regions.leave(&self.tract);
        }
        clear
    }

    fn latency_frames(&self) -> u32 {
        LATENCY_FRAMES
    }

    /// A frame of a spectrum may end so much later than what it is made of.
    fn tail_frames(&self) -> Option<u32> {
        #[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
        const TAIL_FRAMES: u32 = LATENCY_FRAMES + SPECTRAL_SIZE as u32;
        (!self.is_frozen).then_some(TAIL_FRAMES)
    }
}

impl Spectral<'_> {
    /// Begins, or begins anew, without a past.
    fn begin(&mut self, region: &Region<'_>, dispatcher: &mut Dispatcher<'_>) {
        self.pipeline.cancel(dispatcher);
        region.reach([layout::history()], [], |[history], []| history.fill(0.0));
        self.pipeline.restart(region, layout::diary());
        (self.position, self.slot) = (0, 0);
    }

    /// Takes frames in, and gives those of the result that sounds.
    fn exchange(&self, region: &Region<'_>, run: &mut Quantum<'_>) {
        let (position, frames) = (self.position, run.frames());
        let sounding = self.pipeline.sounding();
        for (channel, plane) in run.planes().iter_mut().enumerate() {
            let history = Span::new(layout::block(channel, self.slot).start + position, frames);
            region.reach([history], [], |[history], []| {
                for (kept, sample) in history.iter_mut().zip(plane.iter()) {
                    *kept = *sample;
                }
            });
            let Some(sounding) = sounding else {
                plane.fill(0.0);
                continue;
            };
            let result = Span::new(layout::sums(sounding.bench, channel).start + position, frames);
            region.reach([], [result], |[], [result]| {
                for (n, (sample, result)) in plane.iter_mut().zip(result).enumerate() {
                    *sample = if sounding.is_whole() { *result } else { result * sounding.gain(position + n, BLOCK) };
                }
            });
        }
    }

    /// Notes what the hop is to be told. Its end is a control point.
    fn end_hop(&self, region: &Region<'_>, parameters: &Parameters<'_>) {
        let threshold_db = parameters.target(THRESHOLD);
        let hop = Hop {
            freeze: parameters.target(FREEZE),
            threshold: if threshold_db > NO_GATE_DB { db_to_amplitude(threshold_db) * BIN_OF_SINE } else { 0.0 },
            floor: db_to_amplitude(parameters.target(REDUCTION)),
            shutting: -libm::expm1f(-self.hop_s / parameters.target(RELEASE)),
        };
        let number = (self.position / SPECTRAL_HOP).saturating_sub(1).min(SPECTRAL_HOPS - 1);
        region.reach([layout::settings(self.slot, number)], [], |[settings], []| {
            for (place, value) in settings.iter_mut().zip(hop.to_samples()) {
                *place = value;
            }
        });
    }

    /// A block is full, at frame `now`.
    fn end_block(&mut self, region: &Region<'_>, now: u64, dispatcher: &mut Dispatcher<'_>) {
        let (place, slot) = (region.place(), self.slot);
        let describe = |number, to| block(&Order { region: place, slot, block: number, place: to });
        self.pipeline.advance((region, layout::diary()), (now, BLOCK), true, dispatcher, describe);
        self.position = 0;
        self.slot = if slot + 1 < SLOTS { slot + 1 } else { 0 };
    }
}
