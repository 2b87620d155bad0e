//! Convolution with an impulse response, without latency.
//!
//! The first [`CONVOLVER_HEAD_TAPS`](crate::config::CONVOLVER_HEAD_TAPS) taps are computed in direct form, so that any split
//! of the frames into runs gives the same bits. All later ones are partitioned, in blocks that grow with the distance from
//! the first tap (Gardner 1995): see [`CONVOLVER_LEVELS`](crate::config::CONVOLVER_LEVELS). Each level is a
//! pipeline of jobs that convolve by overlap-save with a delay line of spectra: one transform for each input,
//! shared by all partitions and outputs, and one back for each output.
//!
//! | file | what |
//! |---|---|
//! | `layout` | levels, and where in a region everything lies |
//! | `jobs` | what a job computes |
//! | `voice` | one response with the past of its input |
//! | `response` | how the main thread writes a response |
//!
//! A new response does not cut the old one off: the input is cross-faded from one to the other, and the old one rings out.

mod jobs;
mod layout;
mod response;
mod voice;

pub(crate) use jobs::{run_block, run_preparation};
pub use layout::Transforms;
pub use response::Responses;

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{CHANNELS, ConfigError, RESPONSE_CUT_FRAMES, RESPONSE_FADE_FRAMES, RESPONSE_SLACK_FRAMES};
use crate::dispatcher::{Dispatcher, Otherwise, Task};
use crate::lockfree::board::Ticket;
use crate::memory::Arena;
use crate::quantum::Quantum;
use jobs::{is_prepared, preparation};
use layout::Layout;
use voice::{STEP_FRAMES, Voice};

/// Responses of one convolver: one sounds, one rings out, one gets ready.
const VOICES: usize = 3;

/// A factor that goes to 0 or 1 in a straight line.
#[derive(Clone, Copy)]
struct Fade {
    /// Frames since it was 0.
    frames: usize,
    length: usize,
    rises: bool,
}

impl Fade {
    fn at(value: bool, length: usize) -> Self {
        Self { frames: if value { length } else { 0 }, length, rises: value }
    }

    fn value(self, n: usize) -> f32 {
        let frames =
            if self.rises { self.frames.saturating_add(n).min(self.length) } else { self.frames.saturating_sub(n) };
        frames as f32 / self.length as f32
    }

    fn advance(&mut self, frames: usize) {
        self.frames =
            if self.rises { (self.frames + frames).min(self.length) } else { self.frames.saturating_sub(frames) };
    }

    fn is_one(self) -> bool {
        self.rises && self.frames == self.length
    }

    fn is_zero(self) -> bool {
        !self.rises && self.frames == 0
    }
}

#[derive(Clone, Copy)]
enum Stage {
    /// Its spectra are being computed.
    Preparing { task: Task, due: u64 },
    /// It has input and sounds.
    Sounding,
    /// Its input fades out or has, and it sounds for so many frames more.
    Ringing { left: usize },
    /// Nobody hears it; a worker may still have one of its jobs.
    Parting,
}

struct Part {
    voice: Voice,
    stage: Stage,
    /// The job that was to compute its spectra, if a worker that was taken for dead may still write them.
    abandoned: Option<Ticket>,
    /// How much of the input it gets.
    input: Fade,
    /// How much of it is heard.
    output: Fade,
}

impl Part {
    fn is_heard(&self) -> bool {
        matches!(self.stage, Stage::Sounding | Stage::Ringing { .. })
    }

    fn leave(&mut self) {
        if let Stage::Sounding = self.stage {
            // What of its results is on the way when the last input has gone in is part of the response.
            self.stage = Stage::Ringing { left: RESPONSE_FADE_FRAMES + self.voice.tail_frames() };
            self.input.rises = false;
        }
    }

    fn end_preparation(&mut self, task: Task, dispatcher: &mut Dispatcher<'_>) {
        self.abandoned = dispatcher.collect(task).and_then(|collected| collected.abandoned);
    }

    /// Whether nobody reaches its region any more.
    fn is_clear(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        self.abandoned.is_none_or(|ticket| dispatcher.has_ended(ticket)) && self.voice.is_clear(dispatcher)
    }

    fn part(&mut self, dispatcher: &mut Dispatcher<'_>) {
        self.voice.cancel(dispatcher);
        self.stage = Stage::Parting;
    }
}

/// Convolves the sound with an impulse response, and mixes it with the dry sound. It receives the places of responses, as
/// [`Responses`] gives them.
pub struct Convolver<'a> {
    parts: &'a mut [Option<Part>; VOICES],
    /// A response that was received and for which there is no part yet.
    pending: Option<u32>,
    /// Frames since the last step began, modulo [`STEP_FRAMES`].
    phase: usize,
    /// Whether anything of the convolved sound has been asked for yet; before, nothing is computed.
    awake: bool,
    /// Whether anything has been computed: what comes from now on is faded in.
    begun: bool,
    begins_anew: bool,
}

const WET: usize = 0;
const DRY: usize = 1;

impl<'a> Effect<'a> for Convolver<'a> {
    const NAME: &'static str = "convolver";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "wet", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 8.0 },
        Parameter { name: "dry", unit: Unit::Linear, default: 1.0, minimum: 0.0, maximum: 8.0 },
    ];

    fn new(arena: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
        let parts = arena.place([const { None }; VOICES])?;
        Ok(Self { parts, pending: None, phase: 0, awake: false, begun: false, begins_anew: false })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>) {
        if core::mem::take(&mut self.begins_anew) {
            self.begin_anew(dispatcher);
        }
        // It begins with the first control point at which it is to be heard.
        self.awake |= !parameters.rests_at(WET, 0.0);
        let mut start = 0;
        while start < run.frames() {
            let frame = run.frame().wrapping_add(start as u64);
            if self.phase == 0 {
                self.turn(frame, dispatcher);
            }
            let count = (STEP_FRAMES - self.phase).min(run.frames() - start);
            let mut sum = [[0.0; STEP_FRAMES]; CHANNELS];
            if self.awake {
                self.begun = true;
                self.convolve(&run.part(start, count), &mut sum, dispatcher);
            }
            mix(&mut run.part(start, count), &sum, parameters, start);
            self.phase = (self.phase + count) % STEP_FRAMES;
            start += count;
        }
    }

    fn reset(&mut self) {
        // Jobs on their way can only be cancelled where there is a dispatcher.
        (self.phase, self.awake, self.begun, self.begins_anew) = (0, false, false, true);
    }

    fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        if let Some(place) = self.pending.take()
            && let Some(region) = dispatcher.commons().regions.take(place)
        {
            region.give_back();
        }
        for index in 0..VOICES {
            let Some(Some(part)) = self.parts.get_mut(index) else { continue };
            match part.stage {
                Stage::Preparing { task, .. } if dispatcher.is_done(task) => {
                    part.end_preparation(task, dispatcher);
                    part.stage = Stage::Parting;
                }
                Stage::Sounding | Stage::Ringing { .. } => part.part(dispatcher),
                Stage::Preparing { .. } | Stage::Parting => {}
            }
            self.let_go(index, dispatcher);
        }
        self.parts.iter().all(Option::is_none)
    }

    fn tail_frames(&self) -> Option<u32> {
        let tails = self.parts.iter().flatten().map(|part| part.voice.tail_frames());
        u32::try_from(tails.max().unwrap_or(0)).ok()
    }

    /// The word is the place of a response.
    fn receive(&mut self, word: u32, dispatcher: &mut Dispatcher<'_>) {
        if let Some(place) = self.pending.replace(word)
            && let Some(region) = dispatcher.commons().regions.take(place)
        {
            // Another one came before its turn.
            region.give_back();
        }
    }
}

impl Convolver<'_> {
    /// Once a step: responses come and go.
    fn turn(&mut self, frame: u64, dispatcher: &mut Dispatcher<'_>) {
        for index in 0..VOICES {
            let Some(Some(part)) = self.parts.get_mut(index) else { continue };
            match part.stage {
                Stage::Ringing { left: 0 } => part.part(dispatcher),
                Stage::Ringing { .. } if part.output.is_zero() => part.part(dispatcher),
                Stage::Parting => self.let_go(index, dispatcher),
                Stage::Preparing { task, due } if frame >= due && dispatcher.is_done(task) => {
                    part.end_preparation(task, dispatcher);
                    self.take_over(index, dispatcher);
                }
                _ => {}
            }
        }
        if let Some(place) = self.pending {
            self.admit(place, frame, dispatcher);
        }
    }

    /// Gives the response of a part back when it is through with it.
    fn let_go(&mut self, index: usize, dispatcher: &mut Dispatcher<'_>) {
        let Some(place) = self.parts.get_mut(index) else { return };
        if let Some(part) = place
            && matches!(part.stage, Stage::Parting)
            && part.is_clear(dispatcher)
        {
            if let Some(region) = part.voice.region(dispatcher) {
                region.give_back();
            }
            *place = None;
        }
    }

    /// Finds a part for a response that was received.
    fn admit(&mut self, place: u32, frame: u64, dispatcher: &mut Dispatcher<'_>) {
        if self.parts.iter().flatten().any(|part| matches!(part.stage, Stage::Preparing { .. })) {
            return;
        }
        let Some(index) = self.parts.iter().position(Option::is_none) else {
            self.cut();
            return;
        };
        self.pending = None;
        let commons = dispatcher.commons();
        let Some(region) = commons.regions.take(place) else { return };
        let layout = Layout::new(region.shape(), commons.transforms);
        let stage = if is_prepared(&region, &layout) {
            Stage::Sounding
        } else {
            let slack = RESPONSE_SLACK_FRAMES;
            let Some(task) = dispatcher.post(preparation(place, &layout), Otherwise::Wait, frame, slack) else {
                // Too many jobs: it is not heard.
                region.give_back();
                return;
            };
            Stage::Preparing { task, due: frame.wrapping_add(slack as u64) }
        };
        let (input, output) = (Fade::at(false, RESPONSE_FADE_FRAMES), Fade::at(true, RESPONSE_CUT_FRAMES));
        if let Some(part) = self.parts.get_mut(index) {
            *part = Some(Part { voice: Voice::new(place, layout), stage, abandoned: None, input, output });
        }
        if let Stage::Sounding = stage {
            self.take_over(index, dispatcher);
        }
    }

    /// What rings out is cut off, because another one is about to.
    fn cut(&mut self) {
        for part in self.parts.iter_mut().flatten() {
            if let Stage::Ringing { .. } = part.stage {
                part.output.rises = false;
            }
        }
    }

    /// The response of a part gets the input from now on.
    fn take_over(&mut self, index: usize, dispatcher: &mut Dispatcher<'_>) {
        self.cut();
        for (other, part) in self.parts.iter_mut().enumerate() {
            let Some(part) = part.as_mut().filter(|part| other != index && part.is_heard()) else { continue };
            if self.begun {
                part.leave();
            } else {
                part.part(dispatcher);
            }
        }
        if let Some(Some(part)) = self.parts.get_mut(index) {
            part.stage = Stage::Sounding;
            part.input = Fade::at(!self.begun, RESPONSE_FADE_FRAMES);
            part.input.rises = true;
            part.voice.begin(dispatcher);
        }
    }

    fn begin_anew(&mut self, dispatcher: &mut Dispatcher<'_>) {
        for part in self.parts.iter_mut().flatten() {
            match part.stage {
                Stage::Sounding => {
                    part.voice.cancel(dispatcher);
                    part.voice.begin(dispatcher);
                    part.input = Fade::at(true, RESPONSE_FADE_FRAMES);
                }
                Stage::Ringing { .. } => part.part(dispatcher),
                Stage::Preparing { .. } | Stage::Parting => {}
            }
        }
    }

    /// Adds what all responses make of a step.
    fn convolve(
        &mut self,
        run: &Quantum<'_>,
        sum: &mut [[f32; STEP_FRAMES]; CHANNELS],
        dispatcher: &mut Dispatcher<'_>,
    ) {
        let frames = run.frames();
        for part in self.parts.iter_mut().flatten().filter(|part| part.is_heard()) {
            let Part { voice, stage, input, output, .. } = part;
            let faded;
            let heard = if input.is_one() {
                run.channels()
            } else {
                faded = fade(run.channels(), *input);
                faded.each_ref().map(|plane| plane.get(..frames).unwrap_or(&[]))
            };
            if output.is_one() {
                voice.process(heard, sum, run.frame(), dispatcher);
            } else {
                let mut own = [[0.0; STEP_FRAMES]; CHANNELS];
                voice.process(heard, &mut own, run.frame(), dispatcher);
                for (sum, own) in sum.iter_mut().zip(&own) {
                    for (n, (sum, own)) in sum.iter_mut().zip(own).enumerate() {
                        *sum += own * output.value(n);
                    }
                }
            }
            input.advance(frames);
            output.advance(frames);
            if let Stage::Ringing { left } = stage {
                *left = left.saturating_sub(frames);
            }
        }
    }
}

/// What a response gets of the input while it fades in or out.
fn fade(input: [&[f32]; CHANNELS], fade: Fade) -> [[f32; STEP_FRAMES]; CHANNELS] {
    let mut faded = [[0.0; STEP_FRAMES]; CHANNELS];
    if !fade.is_zero() {
        for (faded, plane) in faded.iter_mut().zip(input) {
            for (n, (faded, sample)) in faded.iter_mut().zip(plane).enumerate() {
                *faded = sample * fade.value(n);
            }
        }
    }
    faded
}

/// A step of the output: dry and convolved sound.
fn mix(step: &mut Quantum<'_>, sum: &[[f32; STEP_FRAMES]; CHANNELS], parameters: &Parameters<'_>, start: usize) {
    let (dry, wet) = (parameters.target(DRY), parameters.target(WET));
    let hears_wet = !parameters.rests_at(WET, 0.0);
    for (plane, sum) in step.planes().iter_mut().zip(sum) {
        if !parameters.rests_at(DRY, 1.0) {
            for (n, sample) in plane.iter_mut().enumerate() {
                *sample *= if parameters.are_steady() { dry } else { parameters.value(DRY, start + n) };
            }
        }
        if hears_wet && parameters.are_steady() {
            for (sample, sum) in plane.iter_mut().zip(sum) {
                *sample += wet * sum;
            }
        } else if hears_wet {
            for (n, (sample, sum)) in plane.iter_mut().zip(sum).enumerate() {
                *sample += parameters.value(WET, start + n) * sum;
            }
        }
    }
}
