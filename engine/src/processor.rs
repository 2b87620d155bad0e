//! The audio thread's handle: one quantum, top to bottom.

use crate::chain::Chain;
use crate::config::{CHANNELS, ConfigError, MAX_QUANTUM_FRAMES};
use crate::dispatcher::Dispatcher;
use crate::dsp::level::Level;
use crate::effects::Effects;
use crate::lockfree::latest::Publisher;
use crate::lockfree::ring::Consumer;
use crate::memory::Arena;
use crate::playback::{Playback, Position, Short};
use crate::protocol::{Action, Command, MAX_READINGS, State, Telemetry};
use crate::quantum::Quantum;

/// A player's source, and what is counted of it.
struct Source<'a> {
    playback: Playback<'a>,
    playing: bool,
    starved: bool,
    starved_frames: u32,
    starvation_events: u32,
}

/// Renders a node's sound: what a source plays, or what comes in, through a chain of effects.
pub struct Processor<'a, E> {
    commands: Consumer<'a, Command>,
    source: Option<Source<'a>>,
    chain: Chain<'a, E>,
    levels: [Level; CHANNELS],
    telemetry: Publisher<'a, Telemetry>,
    planes: [&'a mut [f32]; CHANNELS],
    processed_frames: u64,
}

impl<'a, E: Effects<'a>> Processor<'a, E> {
    pub(crate) fn new(
        arena: &mut Arena<'a>,
        sample_rate: f32,
        playback: Option<Playback<'a>>,
        chain: Chain<'a, E>,
        commands: Consumer<'a, Command>,
        telemetry: Publisher<'a, Telemetry>,
    ) -> Result<Self, ConfigError> {
        let source =
            |playback| Source { playback, playing: false, starved: false, starved_frames: 0, starvation_events: 0 };
        Ok(Self {
            commands,
            source: playback.map(source),
            chain,
            levels: [Level::new(sample_rate); CHANNELS],
            telemetry,
            planes: [arena.slice(MAX_QUANTUM_FRAMES)?, arena.slice(MAX_QUANTUM_FRAMES)?],
            processed_frames: 0,
        })
    }

    /// The effects, with the place of their AudioParams' values.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn chain(&mut self) -> &mut Chain<'a, E> {
        &mut self.chain
    }

    /// A channel's frames: what comes in before [`Processor::process`], what is heard after it. Empty for a channel that
    /// does not exist.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn plane(&mut self, channel: usize) -> &mut [f32] {
        self.planes.get_mut(channel).map_or(&mut [], |plane| plane)
    }

    /// Renders the next `frames` frames, at most [`MAX_QUANTUM_FRAMES`], which begin at `frame` of the context's clock.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    // A copy in a caller is another function to a browser, and would stay cold when this one is warmed.
    #[inline(never)]
    pub fn process(&mut self, dispatcher: &mut Dispatcher<'_>, frame: u64, frames: usize) {
        let frames = frames.min(MAX_QUANTUM_FRAMES);
        dispatcher.begin_quantum(frame, frames);
        self.obey(dispatcher);
        let [left, right] = &mut self.planes;
        let mut planes = [left.get_mut(..frames).unwrap_or_default(), right.get_mut(..frames).unwrap_or_default()];
        let short = self.source.as_mut().map(|source| source.render(&mut planes, frames));
        let mut quantum = Quantum::new(planes, frame);
        self.chain.process(&mut quantum, dispatcher);
        for (level, plane) in self.levels.iter_mut().zip(quantum.planes()) {
            level.process(plane);
        }
        self.processed_frames = self.processed_frames.wrapping_add(frames as u64);
        self.report(short);
    }

    fn obey(&mut self, dispatcher: &mut Dispatcher<'_>) {
        while let Some(command) = self.commands.pop() {
            match (command.action(), &mut self.source) {
                (Some(Action::Tell { place, word }), _) => self.chain.receive(place, word, dispatcher),
                (Some(action), Some(source)) => source.obey(action),
                _ => {}
            }
        }
    }

    fn report(&mut self, short: Option<Short>) {
        let cleaned = self.chain.cleaned();
        let mut readings = [0.0; MAX_READINGS];
        self.chain.read(&mut readings);
        let mut telemetry = Telemetry {
            processed_frames: self.processed_frames,
            peak: self.levels.map(|level| level.peak()),
            mean_square: self.levels.map(|level| level.mean_square()),
            not_finite_samples: cleaned.not_finite,
            denormal_samples: cleaned.denormal,
            readings,
            ..bytemuck::Zeroable::zeroed()
        };
        if let (Some(source), Some(short)) = (&mut self.source, short) {
            source.report(short, &mut telemetry);
        }
        self.telemetry.publish(telemetry);
    }
}

impl Source<'_> {
    fn obey(&mut self, action: Action) {
        match action {
            Action::Play if !self.playing => {
                self.playing = true;
                self.playback.resume();
            }
            Action::Pause if self.playing => {
                self.playing = false;
                self.playback.pause();
            }
            Action::Discard { epoch } => self.playback.discard(epoch),
            _ => {}
        }
    }

    fn render(&mut self, planes: &mut [&mut [f32]; CHANNELS], frames: usize) -> Short {
        let (filled, short) = if self.playing {
            self.playback.read(planes, frames)
        } else {
            self.playback.settle();
            (0, Short::Not)
        };
        self.playback.ring_out(planes, filled, frames);
        if self.playing && short == Short::Starved {
            #[expect(clippy::cast_possible_truncation, reason = "at most MAX_QUANTUM_FRAMES")]
            let missing = (frames - filled) as u32;
            self.starved_frames = self.starved_frames.wrapping_add(missing);
            // A run that goes on from the quantum before is the same event.
            if filled > 0 || !self.starved {
                self.starvation_events = self.starvation_events.wrapping_add(1);
            }
        }
        self.starved = self.playing && short == Short::Starved;
        short
    }

    fn report(&mut self, short: Short, telemetry: &mut Telemetry) {
        let position = self.playback.position();
        let state = match (self.playing, short, position) {
            (false, _, None) => State::Idle,
            (false, ..) => State::Paused,
            (true, Short::Not, _) => State::Playing,
            (true, Short::Priming, _) => State::Priming,
            (true, Short::Ended, _) => State::Ended,
            (true, Short::Starved, _) => State::Starved,
        };
        let Position { epoch, track, frame } = position.unwrap_or(Position { epoch: 0, track: 0, frame: 0 });
        *telemetry = Telemetry {
            track_frame: frame,
            starved_frames: self.starved_frames,
            starvation_events: self.starvation_events,
            state: state as u32,
            track,
            epoch,
            buffered_frames: self.playback.buffered(),
            capacity_frames: self.playback.capacity(),
            read_index: self.playback.read_index(),
            ..*telemetry
        };
    }
}
