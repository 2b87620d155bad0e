//! Renders the steps of a replay with the engine itself.
//!
//! The engine's sound depends on how its time is cut into quanta as little as a player's does. So each step is taken at the
//! beginning of a quantum, which has what it shall have: the frames that it will read and no others, and before a fade-out the
//! frames that were there. Frames that are there and shall not be read are kept behind a jump that nothing follows.

use std::collections::VecDeque;

use rusty_audio_engine::config::STAGING_FRAMES;
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{Command, Join, State};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, Processor, player, pool};

use super::{Ahead, Deed, Place, Replay, ReplayError, Step};

const MEMORY_BYTES: usize = 1 << 23;
const RING_FRAMES: u32 = 16_384;
/// Far less than the ring holds.
const QUANTUM_FRAMES: usize = 1024;

const _: () = assert!(QUANTUM_FRAMES <= STAGING_FRAMES, "what a quantum needs is fed at once");

pub(super) fn render(
    replay: &Replay,
    read: impl FnMut(u32, u64, [&mut [f32]; 2]) -> bool,
    hear: impl FnMut([&[f32]; 2]),
) -> Result<u64, ReplayError> {
    let mut memory = Memory::new(MEMORY_BYTES);
    let mut arena = memory.arena();
    let config = NodeConfig { sample_rate: replay.sample_rate, effects: &[] };
    let (controller, feeder, processor) = player(&mut arena, config, RING_FRAMES)?;
    let (_, dispatcher) = pool(&mut arena, replay.sample_rate)?;
    let rendering = Rendering {
        read,
        hear,
        controller,
        feeder,
        processor,
        dispatcher,
        now: 0,
        playing: false,
        position: None,
        ended: false,
        primes: false,
        missing_until: 0,
        starved_frames: 0,
        epoch: 0,
        fed: VecDeque::new(),
        next: Place { track: 0, frame: 0 },
        held: false,
        planes: [const { Vec::new() }; 2],
    };
    rendering.run(replay)
}

/// Frames of one segment in the ring.
struct Run {
    place: Place,
    frames: usize,
    /// Whether the segment begins here and its mark has not been passed.
    begins: bool,
}

struct Rendering<'a, R, H> {
    read: R,
    hear: H,
    controller: Controller<'a>,
    feeder: Feeder<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    dispatcher: Dispatcher<'a>,
    /// Frames that were rendered.
    now: u64,
    playing: bool,
    position: Option<Place>,
    ended: bool,
    primes: bool,
    missing_until: u64,
    starved_frames: u64,
    epoch: u32,
    /// What is in the ring.
    fed: VecDeque<Run>,
    /// What would be fed next.
    next: Place,
    /// Whether a jump that nothing follows ends what may be read.
    held: bool,
    planes: [Vec<f32>; 2],
}

impl<R, H> Rendering<'_, R, H>
where
    R: FnMut(u32, u64, [&mut [f32]; 2]) -> bool,
    H: FnMut([&[f32]; 2]),
{
    fn run(mut self, replay: &Replay) -> Result<u64, ReplayError> {
        for Step { frame, deed } in &replay.steps {
            self.advance((*frame).min(replay.frames))?;
            if *frame >= replay.frames {
                break;
            }
            if let &Deed::Repeat { to, every, times } = deed {
                let due = (0..times).map(|time| frame.saturating_add(time.saturating_mul(every)));
                // The recording may have ended meanwhile.
                for due in due.take_while(|&due| due < replay.frames) {
                    self.advance(due)?;
                    self.follow(to)?;
                }
            } else {
                self.take(deed)?;
            }
        }
        self.advance(replay.frames)?;
        Ok(self.starved_frames)
    }

    fn diverged(&self) -> ReplayError {
        ReplayError::Diverged { frame: self.now }
    }

    /// Renders until there are so many frames.
    fn advance(&mut self, to: u64) -> Result<(), ReplayError> {
        while self.now < to {
            let missing = self.now < self.missing_until;
            let until = if missing { to.min(self.missing_until) } else { to };
            #[expect(clippy::cast_possible_truncation, reason = "at most QUANTUM_FRAMES")]
            let frames = (until - self.now).min(QUANTUM_FRAMES as u64) as usize;
            let flows = self.playing && self.position.is_some() && !self.ended && !self.primes && !missing;
            if flows {
                self.feed(frames)?;
            }
            self.processor.process(&mut self.dispatcher, self.now, frames);
            if flows {
                self.consume(frames)?;
            }
            if missing && self.playing {
                self.starved_frames += frames as u64;
            }
            self.now += frames as u64;
            self.check(flows)?;
            for (channel, plane) in self.planes.iter_mut().enumerate() {
                plane.clear();
                plane.extend_from_slice(&self.processor.plane(channel)[..frames]);
            }
            let [left, right] = &self.planes;
            (self.hear)([left, right]);
        }
        Ok(())
    }

    /// The engine must be where it was when it was recorded.
    fn check(&mut self, flows: bool) -> Result<(), ReplayError> {
        let telemetry = *self.controller.telemetry();
        let place = Place { track: telemetry.track, frame: telemetry.track_frame };
        let right = self.position.is_none_or(|position| position == place)
            && u64::from(telemetry.starved_frames) == self.starved_frames & u64::from(u32::MAX)
            && (telemetry.state == State::Playing as u32) == flows;
        if right { Ok(()) } else { Err(self.diverged()) }
    }

    fn take(&mut self, deed: &Deed) -> Result<(), ReplayError> {
        match deed {
            Deed::Play => {
                self.send(Command::PLAY)?;
                self.playing = true;
            }
            Deed::Pause { ahead } => {
                self.provide(ahead.as_ref())?;
                self.send(Command::PAUSE)?;
                (self.playing, self.primes) = (false, false);
            }
            Deed::Drop { ahead } => {
                self.provide(ahead.as_ref())?;
                self.epoch = self.epoch.wrapping_add(1);
                self.send(Command::discard(self.epoch))?;
                self.leave(None);
            }
            Deed::Jump { to, ahead } => {
                self.provide(ahead.as_ref())?;
                self.epoch = self.epoch.wrapping_add(1);
                self.begin(*to, Join::Now)?;
                // A jump whose end is known is ready, and an end that something follows is none.
                self.feeder.end().map_err(|_| self.diverged())?;
                self.begin(*to, Join::Follow)?;
                self.leave(Some(*to));
            }
            Deed::Follow { to } => self.follow(*to)?,
            Deed::Repeat { .. } => return Err(self.diverged()),
            Deed::End => {
                if !self.fed.is_empty() {
                    return Err(self.diverged());
                }
                self.feeder.end().map_err(|_| self.diverged())?;
                self.ended = true;
            }
            Deed::Starve { until } => {
                if self.position.is_none() || !self.fed.is_empty() {
                    self.hold(0)?;
                }
                self.missing_until = *until;
            }
            Deed::Prime => {
                if !self.fed.is_empty() {
                    self.hold(0)?;
                }
                self.begin(self.next, Join::Now)?;
                self.primes = true;
            }
        }
        Ok(())
    }

    /// All that is in the ring is behind, and the stream goes on elsewhere.
    fn leave(&mut self, to: Option<Place>) {
        self.fed.clear();
        (self.position, self.next) = (to, to.unwrap_or(self.next));
        (self.ended, self.primes, self.held) = (false, false, false);
    }

    fn follow(&mut self, to: Place) -> Result<(), ReplayError> {
        match self.fed.front_mut() {
            Some(run) if run.begins && run.place == to && !self.held => run.begins = false,
            None if self.position.is_some() && !self.held => {
                self.begin(to, Join::Follow)?;
                self.next = to;
            }
            _ => {
                let here = self.feeder.read();
                self.begin(to, Join::At(here))?;
                self.leave(Some(to));
            }
        }
        (self.position, self.ended) = (Some(to), false);
        Ok(())
    }

    /// Makes the frames that a fade-out is made of be there, and no others.
    fn provide(&mut self, ahead: Option<&Ahead>) -> Result<(), ReplayError> {
        let Some(Ahead { frames, segments }) = ahead else { return Ok(()) };
        let there = self.there();
        if there > *frames as usize {
            return self.hold(*frames);
        }
        for &(offset, to) in segments.iter().filter(|segment| segment.0 as usize >= there) {
            self.feed(offset as usize)?;
            self.begin(to, Join::Follow)?;
            self.next = to;
            self.fed.push_back(Run { place: to, frames: 0, begins: true });
        }
        self.feed(*frames as usize)
    }

    /// Ends what may be read so many frames on.
    fn hold(&mut self, frames: u32) -> Result<(), ReplayError> {
        let at = self.feeder.read().wrapping_add(frames);
        self.held = true;
        self.begin(self.next, Join::At(at))
    }

    fn there(&self) -> usize {
        self.fed.iter().map(|run| run.frames).sum()
    }

    /// Makes that many frames be in the ring, if there are fewer.
    fn feed(&mut self, frames: usize) -> Result<(), ReplayError> {
        let count = frames.saturating_sub(self.there());
        if count == 0 {
            return Ok(());
        }
        if count > STAGING_FRAMES {
            return Err(self.diverged());
        }
        let Place { track, frame } = self.next;
        for plane in &mut self.planes {
            plane.clear();
            plane.resize(count, 0.0);
        }
        let [left, right] = &mut self.planes;
        if !(self.read)(track, frame, [left, right]) {
            return Err(ReplayError::NoFrames { track, track_frame: frame });
        }
        for (channel, plane) in self.planes.iter().enumerate() {
            if let Some(staging) = self.feeder.staging(channel).and_then(|staging| staging.get_mut(..count)) {
                staging.copy_from_slice(plane);
            }
        }
        if u32::try_from(count).map(|count| self.feeder.push(count) == count) != Ok(true) {
            return Err(self.diverged());
        }
        self.next.frame += count as u64;
        match self.fed.back_mut() {
            Some(run) => run.frames += count,
            None => self.fed.push_back(Run { place: Place { track, frame }, frames: count, begins: false }),
        }
        Ok(())
    }

    /// So many frames were read.
    fn consume(&mut self, mut frames: usize) -> Result<(), ReplayError> {
        while frames > 0 {
            let Some(run) = self.fed.front_mut().filter(|run| !run.begins) else { return Err(self.diverged()) };
            let taken = run.frames.min(frames);
            run.frames -= taken;
            run.place.frame += taken as u64;
            self.position = Some(run.place);
            frames -= taken;
            if run.frames == 0 {
                self.fed.pop_front();
            }
        }
        Ok(())
    }

    fn begin(&mut self, place: Place, join: Join) -> Result<(), ReplayError> {
        self.feeder.begin(self.epoch, place.track, place.frame, join).map_err(|_| self.diverged())
    }

    fn send(&mut self, command: Command) -> Result<(), ReplayError> {
        self.controller.send(command).map_err(|_| self.diverged())
    }
}
