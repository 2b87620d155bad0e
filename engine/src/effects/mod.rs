//! Effects: what a node does to its sound.
//!
//! # Add an effect in four steps
//!
//! 1. A file for it in this folder, named for what the field calls it, with a type that implements [`Effect`]: constants for
//!    its AudioParams, settings and readings; `new`, which takes all its memory; `process`, which changes a run of frames.
//! 2. A `mod` and a `pub use` of it below.
//! 3. A line of it in the table below.
//! 4. `cargo test -p rusty-audio-tests --test laws`: the laws that hold for every effect of the table now hold for it, or say
//!    which does not. What it costs is counted by `scripts/check.sh --write-budgets`.
//!
//! Its AudioParams, the node's readings and its place in the package's types follow from the table. What a law asks:
//!
//! - any split of the frames into runs gives the same bits, so all that is done now and then is done at absolute frames;
//! - `reset` makes it as new;
//! - silence in is silence out, after [`Effect::tail_frames`];
//! - input below [`MAGNITUDE_LIMIT`](crate::dsp::cleaner::MAGNITUDE_LIMIT) never makes anything but finite numbers;
//! - a parameter that jumps does not make the sound step: [`Parameters`] gives straight lines, not jumps.
//!
//! An effect whose jobs run on the pool takes a tract of the arena in `new`, which is a region to its jobs, and ends them in
//! `close`; [`spectral`] is the example, and `job.rs` lists its kind.
//!
//! An effect of one's own needs no change here: implement [`Effect`] in a crate of one's own, name it in a table of one's own
//! with [`effects!`](crate::effects!), and build the module with that table. `tests/own_effect` does.

pub mod analyser;
mod coefficient;
mod compressor;
pub mod convolver;
mod delay;
mod description;
mod equalizer;
mod equalizer_bands;
mod gain;
mod limiter;
mod meter;
mod parameters;
pub mod spectral;
mod stereo_width;

pub use analyser::Analyser;
pub use compressor::Compressor;
pub use convolver::Convolver;
pub use delay::Delay;
pub use description::{Description, Parameter, Reading, Unit};
pub use equalizer::Equalizer;
pub use equalizer_bands::MAX_BANDS;
pub use gain::Gain;
pub use limiter::Limiter;
pub use meter::Meter;
pub use parameters::{Block, Parameters};
pub use spectral::Spectral;
pub use stereo_width::StereoWidth;

use crate::config::ConfigError;
use crate::dispatcher::Dispatcher;
use crate::memory::Arena;
use crate::quantum::Quantum;

effects! {
    /// The effects that this engine comes with.
    pub enum StandardEffects<'a> {
        Gain(Gain),
        Convolver(Convolver<'a>),
        StereoWidth(StereoWidth),
        Delay(Delay<'a>),
        Equalizer(Equalizer<'a>),
        Compressor(Compressor),
        Limiter(Limiter<'a>),
        Meter(Meter<'a>),
        Spectral(Spectral<'a>),
        Analyser(Analyser<'a>),
    }
}

/// What changes sound. It lives on the audio thread; all its memory is taken by `new`.
pub trait Effect<'a>: Sized {
    /// Its name in the list of a node's effects, in camel case.
    const NAME: &'static str;
    /// Its AudioParams. Every effect has [`Parameter::BYPASS`] besides.
    const PARAMETERS: &'static [Parameter];
    /// Numbers that are fixed when it is built, such as the longest delay.
    const SETTINGS: &'static [Parameter] = &[];
    /// What it measures.
    const READINGS: &'static [Reading] = &[];

    /// Builds one for a context of `sample_rate` Hz, with a number for each of [`Effect::SETTINGS`], in their ranges.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room for it.
    fn new(arena: &mut Arena<'a>, sample_rate: f32, settings: &[f32]) -> Result<Self, ConfigError>;

    /// How many of [`Effect::PARAMETERS`] it has with these settings: the first so many.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn parameter_count(settings: &[f32]) -> usize {
        let _ = settings;
        Self::PARAMETERS.len()
    }

    /// Changes a run of frames, which follows the one before. The input has neither NaN nor infinities nor denormals.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>);

    /// Forgets all sound, as if it were new.
    ///
    /// # Real-time
    /// Main thread, or audio thread while it does not sound: takes as long as its memory is large.
    fn reset(&mut self);

    /// Frames by which the output is late.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn latency_frames(&self) -> u32 {
        0
    }

    /// Frames, its latency among them, that it goes on to sound after its input has fallen silent, until it is 120 dB below
    /// what came in; `None` if it may sound for ever. With its parameters as they are: it may change with them.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn tail_frames(&self) -> Option<u32>;

    /// Writes a number for each of [`Effect::READINGS`], as of the last run.
    ///
    /// # Real-time
    /// Audio thread.
    fn read(&mut self, readings: &mut [f32]) {
        let _ = readings;
    }

    /// The place of its region among [`Regions`](crate::lockfree::regions::Regions), if jobs of the page read that.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn region(&self) -> Option<u32> {
        None
    }

    /// Takes a word from the main thread, between two quanta; what it means is the effect's affair.
    ///
    /// # Real-time
    /// Audio thread.
    fn receive(&mut self, word: u32, dispatcher: &mut Dispatcher<'_>) {
        let _ = (word, dispatcher);
    }

    /// Cancels its jobs and gives back what it was lent, for good. Returns whether none of them reaches its memory any more; until
    /// then it is called again, once a quantum or so.
    ///
    /// # Real-time
    /// Audio thread.
    fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        let _ = dispatcher;
        true
    }
}

/// A closed table of effects: one of them, whichever it is. Made by [`effects!`](crate::effects!).
pub trait Effects<'a>: Sized {
    /// What there is, by number.
    const LIST: &'static [Description];

    /// Builds the effect with that number; `None` when there is none.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room for it.
    fn build(
        number: usize,
        arena: &mut Arena<'a>,
        sample_rate: f32,
        settings: &[f32],
    ) -> Result<Option<Self>, ConfigError>;

    /// [`Effect::parameter_count`] of the effect with that number.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn parameter_count(number: usize, settings: &[f32]) -> usize;

    /// [`Effect::process`].
    ///
    /// # Real-time
    /// Audio thread.
    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>);

    /// [`Effect::reset`].
    ///
    /// # Real-time
    /// As for the effect.
    fn reset(&mut self);

    /// [`Effect::latency_frames`].
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn latency_frames(&self) -> u32;

    /// [`Effect::tail_frames`].
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn tail_frames(&self) -> Option<u32>;

    /// [`Effect::read`].
    ///
    /// # Real-time
    /// Audio thread.
    fn read(&mut self, readings: &mut [f32]);

    /// [`Effect::region`].
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    fn region(&self) -> Option<u32>;

    /// [`Effect::receive`].
    ///
    /// # Real-time
    /// Audio thread.
    fn receive(&mut self, word: u32, dispatcher: &mut Dispatcher<'_>);

    /// [`Effect::close`].
    ///
    /// # Real-time
    /// Audio thread.
    fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool;
}
