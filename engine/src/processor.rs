//! The audio thread's handle: one quantum, top to bottom.

use crate::chain::Chain;
use crate::config::{CHANNELS, ConfigError, MAX_QUANTUM_FRAMES};
use crate::dispatcher::Dispatcher;
use crate::dsp::level::Level;
use crate::effects::Effects;
use crate::events::StreamChange;
use crate::frame_clock::FrameClock;
use crate::lockfree::demand::Demand;
use crate::lockfree::latest::Publisher;
use crate::lockfree::ring::Consumer;
use crate::memory::Arena;
use crate::playback::{Playback, Position, Short};
use crate::protocol::{Action, Command, MAX_READINGS, State, Telemetry};
use crate::quantum::Quantum;

/// A player's source, and what is counted of it.
struct Source<'a> {
    playback: Playback<'a>,
    demand: &'a Demand,
    playing: bool,
    /// What the last command asked for. Of several in one quantum only the last counts, so that no quantum fades twice.
    wanted: bool,
    /// Why frames were missing at the end of the last quantum, if they were.
    missing: Short,
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
    clock: FrameClock,
    processed_frames: u64,
}

impl<'a, E: Effects<'a>> Processor<'a, E> {
    pub(crate) fn new(
        arena: &mut Arena<'a>,
        sample_rate: f32,
        source: Option<(Playback<'a>, &'a Demand)>,
        chain: Chain<'a, E>,
        commands: Consumer<'a, Command>,
        telemetry: Publisher<'a, Telemetry>,
    ) -> Result<Self, ConfigError> {
        let source = source.map(|(playback, demand)| Source {
            playback,
            demand,
            playing: false,
            wanted: false,
            missing: Short::Not,
            starved_frames: 0,
            starvation_events: 0,
        });
        Ok(Self {
            commands,
            source,
            chain,
            levels: [Level::new(sample_rate); CHANNELS],
            telemetry,
            planes: [arena.slice(MAX_QUANTUM_FRAMES)?, arena.slice(MAX_QUANTUM_FRAMES)?],
            clock: FrameClock::default(),
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

    /// Renders the next `frames` frames, at most [`MAX_QUANTUM_FRAMES`], which begin at `frame` of the context's clock. An older frame
    /// than that which follows the last quantum is taken for that one.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    // A copy in a caller is another function to a browser, and would stay cold when this one is warmed.
    #[inline(never)]
    pub fn process(&mut self, dispatcher: &mut Dispatcher<'_>, frame: u64, frames: usize) {
        let frames = frames.min(MAX_QUANTUM_FRAMES);
        let frame = self.clock.begin(frame, frames);
        dispatcher.begin_quantum(frame, frames);
        if let Some(source) = &mut self.source {
            source.playback.log().begin(dispatcher.clock_ms(), frame, frames);
        }
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
        dispatcher.leave_quantum();
    }

    /// Ends what is on its way, for good: nothing is processed any more. Returns whether nobody but the caller reaches the node's memory;
    /// until then it is called in every quantum, which begins at `frame` and has `frames` frames; 0 between two quanta.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    pub fn close(&mut self, dispatcher: &mut Dispatcher<'_>, frame: u64, frames: usize) -> bool {
        if frames > 0 {
            dispatcher.begin_quantum(self.clock.begin(frame, frames), frames);
        }
        self.obey(dispatcher);
        let clear = self.chain.close(dispatcher);
        if frames > 0 {
            dispatcher.leave_quantum();
        }
        clear
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
            clipped_samples: self.levels.iter().fold(0, |sum, level| sum.wrapping_add(level.clipped())),
            readings,
            ..bytemuck::Zeroable::zeroed()
        };
        if let (Some(source), Some(short)) = (&mut self.source, short) {
            source.report(short, &mut telemetry);
            source.playback.log().observe(&telemetry);
        }
        self.telemetry.publish(telemetry);
    }
}

impl Source<'_> {
    fn obey(&mut self, action: Action) {
        match action {
            Action::Play => self.wanted = true,
            Action::Pause => self.wanted = false,
            Action::Discard { epoch } => self.playback.discard(epoch),
            Action::Tell { .. } => {}
        }
    }

    fn render(&mut self, planes: &mut [&mut [f32]; CHANNELS], frames: usize) -> Short {
        match (self.playing, self.wanted) {
            (false, true) => self.playback.resume(),
            (true, false) => self.playback.pause(),
            _ => {}
        }
        self.playing = self.wanted;
        let (filled, short) = if self.playing {
            self.playback.read(planes, frames)
        } else {
            self.playback.settle();
            (0, Short::Not)
        };
        self.playback.ring_out(planes, filled, frames);
        if self.playing {
            #[expect(clippy::cast_possible_truncation, reason = "at most MAX_QUANTUM_FRAMES")]
            let (heard, missing) = (filled as u32, (frames - filled) as u32);
            self.demand.count(heard, if short == Short::Starved { missing } else { 0 });
        }
        if short != Short::Not || self.missing != Short::Not {
            self.count(short, filled, frames);
        }
        short
    }

    /// Counts and notes what is missing after the first `filled` frames of a quantum.
    fn count(&mut self, short: Short, filled: usize, frames: usize) {
        let missing = match short {
            Short::Priming if self.playback.is_in_hole() => short,
            Short::Starved => short,
            _ => Short::Not,
        };
        // A run that goes on from the quantum before is the same event.
        let begins = filled > 0 || missing != self.missing;
        self.missing = missing;
        if missing == Short::Starved {
            if begins {
                self.starvation_events = self.starvation_events.wrapping_add(1);
                self.playback.log().change(StreamChange::Starves { starved_frames: self.starved_frames });
            }
            #[expect(clippy::cast_possible_truncation, reason = "at most MAX_QUANTUM_FRAMES")]
            let frames = (frames - filled) as u32;
            self.starved_frames = self.starved_frames.wrapping_add(frames);
        } else if missing == Short::Priming && begins {
            self.playback.log().change(StreamChange::Primes);
        }
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
            target_frames: self.demand.target_frames(),
            needed_frames: self.demand.needed_frames(),
            read_index: self.playback.read_index(),
            ..*telemetry
        };
    }
}
