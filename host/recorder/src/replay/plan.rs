//! From the events of a source to the steps of a replay.

use rusty_audio_engine::config::{MAX_QUANTUM_FRAMES, SOURCE_PULSE_SECONDS};
use rusty_audio_engine::events::{Event, Occurrence, StreamChange, next_number};
use rusty_audio_engine::protocol::State;

use super::{Ahead, Deed, Place, Replay, ReplayError, Step};
use crate::{Recording, Thread};

pub(super) fn plan(recording: &Recording, player: u32) -> Result<Replay, ReplayError> {
    let events: Vec<_> = recording.of(Thread::Source(player)).copied().collect();
    let first = events.first().ok_or(ReplayError::NothingPlayed)?;
    #[expect(clippy::cast_possible_truncation, reason = "an audio context's sample rate is an f32")]
    let sample_rate = recording.sample_rate as f32;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let pulse_frames = (sample_rate * SOURCE_PULSE_SECONDS) as u64;
    let stood = match first.occurrence() {
        Some(Occurrence::Stream { change: StreamChange::Stood { frames }, .. }) => frames,
        _ => 0,
    };
    let mut plan = Plan {
        longest_silence: pulse_frames + MAX_QUANTUM_FRAMES as u64,
        from_frame: first.frame.saturating_sub(stood),
        stood: 0,
        number: None,
        steps: Vec::new(),
        ahead: Vec::new(),
        playing: false,
        begun: false,
        ended: false,
        primes: false,
        starved_frames: 0,
        hole: None,
        passage: None,
        change_frame: 0,
        source_frame: 0,
    };
    let why = |error| if is_solo(recording) { ReplayError::Solo } else { error };
    for (place, event) in events.iter().enumerate() {
        plan.add(event, &events[place + 1..]).map_err(why)?;
    }
    if plan.number.is_none() { Err(ReplayError::NothingPlayed) } else { Ok(plan.end(sample_rate)) }
}

/// Whether the page took its part of the recording, and the audio thread had nobody to give its part to.
fn is_solo(recording: &Recording) -> bool {
    let is_there = |thread| recording.of(thread).next().is_some();
    is_there(Thread::Page) && !is_there(Thread::Audio)
}

/// Frames that are missing.
#[derive(Clone, Copy)]
struct Hole {
    from: u64,
    /// `u64::MAX` if no event tells.
    until: u64,
    /// Whether nothing else has changed since.
    is_latest: bool,
}

/// A place that the stream has followed to.
#[derive(Clone, Copy)]
struct Passage {
    to: Place,
    frame: u64,
    /// Frames since the time before, if it had followed there before.
    every: Option<u64>,
}

/// The player's state after the events that were read.
struct Plan {
    /// Frames from one pulse to the next, at most.
    longest_silence: u64,
    from_frame: u64,
    /// Frames of the context's clock that the player did not render.
    stood: u64,
    /// Of the next change; `None` before the first.
    number: Option<u32>,
    steps: Vec<Step>,
    /// What the next change keeps.
    ahead: Vec<(u32, Place)>,
    playing: bool,
    begun: bool,
    ended: bool,
    primes: bool,
    /// With those of the present hole, if its end is known.
    starved_frames: u64,
    hole: Option<Hole>,
    passage: Option<Passage>,
    change_frame: u64,
    source_frame: u64,
}

impl Plan {
    /// Takes the next event; `rest` are those behind it.
    fn add(&mut self, event: &Event, rest: &[Event]) -> Result<(), ReplayError> {
        let damaged = Err(ReplayError::Damaged { frame: event.frame });
        match event.occurrence() {
            Some(Occurrence::Stream { number, change }) => {
                self.count(number, event.frame)?;
                if let StreamChange::Stood { frames } = change {
                    self.stood = self.stood.wrapping_add(frames);
                }
                match self.time(event).filter(|&frame| frame >= self.change_frame && self.follows_hole(frame, change)) {
                    Some(frame) => self.change(frame, change, rest).map_or(damaged, Ok),
                    None => damaged,
                }
            }
            Some(Occurrence::Source { state, starved_frames, .. }) => {
                if self.number.is_none() && state != State::Idle as u32 {
                    return Err(ReplayError::BeginsLate);
                }
                match self.time(event).filter(|&frame| frame >= self.source_frame) {
                    Some(frame) if frame - self.source_frame > self.longest_silence => {
                        Err(ReplayError::EventsLost { frame: event.frame })
                    }
                    Some(frame) if self.agrees(frame, state, starved_frames) => {
                        self.source_frame = frame;
                        Ok(())
                    }
                    _ => damaged,
                }
            }
            _ => damaged,
        }
    }

    fn count(&mut self, number: u32, frame: u64) -> Result<(), ReplayError> {
        let expected = self.number.replace(next_number(number));
        match expected {
            None if number != 0 => Err(ReplayError::BeginsLate),
            Some(expected) if number != expected => Err(ReplayError::EventsLost { frame }),
            _ => Ok(()),
        }
    }

    /// An event's frame, counted from the replay's first.
    fn time(&self, event: &Event) -> Option<u64> {
        event.frame.checked_sub(self.from_frame)?.checked_sub(self.stood)
    }

    /// Whether a change at `frame` does not lie in the midst of a hole. Segments may begin there, though nothing of them is
    /// heard.
    fn follows_hole(&self, frame: u64, change: StreamChange) -> bool {
        use StreamChange::{Follows, Repeats, Stood};
        matches!(change, Follows { .. } | Repeats { .. } | Stood { .. })
            || self.hole.is_none_or(|hole| hole.until <= frame || hole.until == u64::MAX)
    }

    /// Whether a pulse says what the changes before it do.
    fn agrees(&self, frame: u64, state: u32, starved_frames: u32) -> bool {
        let until = self.hole.map_or(0, |hole| hole.until);
        let in_hole = until > frame;
        let counted = u64::from(starved_frames) == self.starved_frames & u64::from(u32::MAX);
        // The first quantum after a hole is always told.
        let in_time = !self.hole.is_some_and(|hole| hole.is_latest) || until == frame || self.source_frame >= until;
        match [State::Idle, State::Priming, State::Playing, State::Paused, State::Ended, State::Starved]
            .into_iter()
            .find(|&known| known as u32 == state)
        {
            Some(State::Idle) => !self.playing && !self.begun && counted,
            Some(State::Paused) => !self.playing && self.begun && counted,
            Some(State::Playing) => {
                self.playing && self.begun && !self.ended && !self.primes && !in_hole && counted && in_time
            }
            Some(State::Priming) => self.playing && (!self.begun || self.ended || self.primes) && !in_hole && counted,
            Some(State::Ended) => self.playing && self.ended && !in_hole && counted,
            Some(State::Starved) => self.playing && in_hole,
            None => false,
        }
    }

    /// `None` if it cannot be.
    fn change(&mut self, frame: u64, change: StreamChange, rest: &[Event]) -> Option<()> {
        self.change_frame = frame;
        if let Some(hole) = &mut self.hole {
            hole.is_latest = false;
        }
        let passage = self.passage.take();
        let deed = match change {
            StreamChange::Ahead { offset, track, track_frame } => {
                self.ahead.push((offset, Place { track, frame: track_frame }));
                return Some(());
            }
            StreamChange::Stood { .. } => return Some(()),
            StreamChange::Plays => {
                self.playing = true;
                Deed::Play
            }
            StreamChange::Pauses { kept } => {
                (self.playing, self.primes) = (false, false);
                Deed::Pause { ahead: self.kept(kept) }
            }
            StreamChange::Drops { kept } => {
                (self.begun, self.ended, self.primes) = (false, false, false);
                Deed::Drop { ahead: self.kept(kept) }
            }
            StreamChange::Jumps { track, track_frame, kept } => {
                (self.begun, self.ended, self.primes) = (true, false, false);
                Deed::Jump { to: Place { track, frame: track_frame }, ahead: self.kept(kept) }
            }
            StreamChange::Follows { track, track_frame } => {
                (self.begun, self.ended) = (true, false);
                let to = Place { track, frame: track_frame };
                let before = passage.filter(|passage| passage.to == to);
                self.passage = Some(Passage { to, frame, every: before.map(|before| frame - before.frame) });
                Deed::Follow { to }
            }
            StreamChange::Repeats { track, track_frame } => {
                let before = passage.filter(|passage| passage.to == Place { track, frame: track_frame })?;
                let every = before.every.filter(|&every| every > 0)?;
                let elapsed = frame - before.frame;
                self.passage = Some(Passage { frame, ..before });
                if elapsed == 0 || !elapsed.is_multiple_of(every) {
                    return None;
                }
                let deed = Deed::Repeat { to: before.to, every, times: elapsed / every };
                self.steps.push(Step { frame: before.frame + every, deed });
                return Some(());
            }
            StreamChange::Ends => {
                self.ended = true;
                Deed::End
            }
            StreamChange::Starves { starved_frames } => {
                if u64::from(starved_frames) != self.starved_frames & u64::from(u32::MAX) {
                    return None;
                }
                let missing = rest.iter().find_map(counted).map(|after| after.wrapping_sub(starved_frames));
                let until = missing.map_or(u64::MAX, |missing| frame + u64::from(missing));
                self.starved_frames += missing.map_or(0, u64::from);
                self.hole = Some(Hole { from: frame, until, is_latest: true });
                Deed::Starve { until }
            }
            StreamChange::Primes => {
                self.primes = true;
                Deed::Prime
            }
        };
        self.steps.push(Step { frame, deed });
        Some(())
    }

    fn kept(&mut self, kept: Option<u32>) -> Option<Ahead> {
        let segments = core::mem::take(&mut self.ahead);
        kept.map(|frames| Ahead { frames, segments })
    }

    fn end(self, sample_rate: f32) -> Replay {
        let mut frames = self.change_frame.max(self.source_frame);
        if let Some(Passage { frame, every: Some(every), .. }) = self.passage {
            // From there on it may have repeated once more, which would be told later.
            frames = frames.min(frame + every);
        }
        let mut starved_frames = self.starved_frames;
        if let Some(Hole { from, until, .. }) = self.hole {
            let missing = if until == u64::MAX {
                // How long it was would be told later.
                frames = frames.min(self.source_frame.max(from));
                frames.saturating_sub(from)
            } else {
                starved_frames -= until - from;
                frames.min(until).saturating_sub(from)
            };
            starved_frames += missing;
        }
        Replay { sample_rate, from_frame: self.from_frame, frames, starved_frames, steps: self.steps }
    }
}

/// Frames that were missing until this event, if it is not one within a hole.
fn counted(event: &Event) -> Option<u32> {
    match event.occurrence() {
        Some(Occurrence::Stream { change: StreamChange::Starves { starved_frames }, .. }) => Some(starved_frames),
        Some(Occurrence::Source { state, starved_frames, .. }) if state != State::Starved as u32 => {
            Some(starved_frames)
        }
        _ => None,
    }
}
