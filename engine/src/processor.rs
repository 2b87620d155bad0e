//! The audio thread's handle: one quantum, top to bottom.

use crate::config::{CHANNELS, ConfigError, MAX_QUANTUM_FRAMES};
use crate::dispatcher::Dispatcher;
use crate::dsp::level::Level;
use crate::effects::{Convolver, Gain};
use crate::lockfree::latest::Publisher;
use crate::lockfree::ring::Consumer;
use crate::memory::Arena;
use crate::playback::{Playback, Position, Short};
use crate::protocol::{Action, Command, State, Telemetry};

/// Renders a player's sound.
pub struct Processor<'a> {
    commands: Consumer<'a, Command>,
    playback: Playback<'a>,
    convolver: Option<Convolver<'a>>,
    gain: Gain,
    levels: [Level; CHANNELS],
    telemetry: Publisher<'a, Telemetry>,
    output: [&'a mut [f32]; CHANNELS],
    gain_values: &'a mut [f32],
    wet_values: &'a mut [f32],
    playing: bool,
    starved: bool,
    processed_frames: u64,
    starved_frames: u32,
    starvation_events: u32,
}

impl<'a> Processor<'a> {
    pub(crate) fn new(
        arena: &mut Arena<'a>,
        sample_rate: f32,
        playback: Playback<'a>,
        commands: Consumer<'a, Command>,
        telemetry: Publisher<'a, Telemetry>,
        convolver: Option<Convolver<'a>>,
    ) -> Result<Self, ConfigError> {
        let mut plane = |value: f32| {
            let plane = arena.slice(MAX_QUANTUM_FRAMES)?;
            plane.fill(value);
            Ok(plane)
        };
        Ok(Self {
            commands,
            playback,
            convolver,
            gain: Gain::new(),
            levels: [Level::new(sample_rate); CHANNELS],
            telemetry,
            output: [plane(0.0)?, plane(0.0)?],
            gain_values: plane(Gain::PARAMETER.default)?,
            wet_values: plane(Convolver::PARAMETER.default)?,
            playing: false,
            starved: false,
            processed_frames: 0,
            starved_frames: 0,
            starvation_events: 0,
        })
    }

    /// Where the caller puts the gain AudioParam's values before each quantum: one, or one for each frame.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn gain_values(&mut self) -> &mut [f32] {
        self.gain_values
    }

    /// As [`Processor::gain_values`], for the convolver's wet AudioParam.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn wet_values(&mut self) -> &mut [f32] {
        self.wet_values
    }

    /// What the last quantum sounds like.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn output(&self, channel: usize) -> &[f32] {
        self.output.get(channel).map_or(&[], |plane| plane)
    }

    /// Renders the next `frames` frames, at most [`MAX_QUANTUM_FRAMES`], which begin at `frame` of the context's clock;
    /// so many of the gain and of the wet values are valid.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    pub fn process(
        &mut self,
        dispatcher: &mut Dispatcher<'_>,
        frame: u64,
        frames: usize,
        [gain_count, wet_count]: [usize; 2],
    ) {
        let frames = frames.min(MAX_QUANTUM_FRAMES);
        dispatcher.begin_quantum(frame, frames);
        self.obey();
        let short = self.render(frames);
        let [left, right] = &mut self.output;
        let mut planes = [&mut **left, &mut **right];
        if let Some(convolver) = &mut self.convolver {
            let values = self.wet_values.get(..wet_count).unwrap_or(&[]);
            convolver.process(&mut planes, frames, values, dispatcher);
        }
        self.gain.process(&mut planes, frames, self.gain_values.get(..gain_count).unwrap_or(&[]));
        for (level, plane) in self.levels.iter_mut().zip(&self.output) {
            level.process(plane.get(..frames).unwrap_or(&[]));
        }
        self.processed_frames = self.processed_frames.wrapping_add(frames as u64);
        self.report(short);
    }

    fn obey(&mut self) {
        while let Some(command) = self.commands.pop() {
            match command.action() {
                Some(Action::Play) if !self.playing => {
                    self.playing = true;
                    self.playback.resume();
                }
                Some(Action::Pause) if self.playing => {
                    self.playing = false;
                    self.playback.pause();
                }
                Some(Action::Discard { epoch }) => self.playback.discard(epoch),
                _ => {}
            }
        }
    }

    fn render(&mut self, frames: usize) -> Short {
        let [left, right] = &mut self.output;
        let mut planes = [&mut **left, &mut **right];
        let (filled, short) = if self.playing {
            self.playback.read(&mut planes, frames)
        } else {
            self.playback.settle();
            (0, Short::Not)
        };
        self.playback.ring_out(&mut planes, filled, frames);
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

    fn report(&mut self, short: Short) {
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
        self.telemetry.publish(Telemetry {
            processed_frames: self.processed_frames,
            track_frame: frame,
            starved_frames: self.starved_frames,
            starvation_events: self.starvation_events,
            state: state as u32,
            track,
            epoch,
            buffered_frames: self.playback.buffered(),
            capacity_frames: self.playback.capacity(),
            read_index: self.playback.read_index(),
            peak: self.levels.map(|level| level.peak()),
            mean_square: self.levels.map(|level| level.mean_square()),
        });
    }
}
