//! The flight recorder, read: what the events of all threads tell of each underrun, a trace of them to look at, and a replay of
//! what was heard.
//!
//! The engine's threads write [events](rusty_audio_engine::events) into their recorders, the page's own are kept by a
//! [`PageLog`]. Whoever asks replays all of them into a [`Recording`]; [`underruns`] finds what was missing and why, [`trace`]
//! makes a file for chrome://tracing or Perfetto, and a [`Replay`] renders a player's source again, given the tracks that it
//! played. All are functions of the recording alone, in which there is no sound. [`Recording::to_json`] takes it elsewhere, and
//! [`Recording::newest`] says its end in words.

mod attribution;
mod clocks;
mod file;
mod newest;
mod page_log;
mod replay;
mod timeline;
mod trace;

use rusty_audio_engine::events::Event;
use serde::{Deserialize, Serialize};

pub use attribution::{Cause, Kind, Underrun, underruns};
pub use file::FileError;
pub use page_log::{BEAT_MS, PageLog, SLOW_BEAT_MS};
pub use replay::{Replay, ReplayError};
pub use trace::trace;

/// Whose events they are. Players are counted by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Thread {
    /// The page's main thread.
    Page,
    /// What the main thread did with the pool's seats.
    Seats,
    /// The audio rendering thread.
    Audio,
    /// The audio rendering thread, of one player's source.
    Source(u32),
    /// The decode worker of a player.
    Decode(u32),
    /// The pool worker on a seat.
    Worker(u32),
}

/// The events of one thread, oldest first.
#[derive(Clone, Debug)]
pub struct Track {
    /// Whose.
    pub thread: Thread,
    /// What it noted down.
    pub events: Vec<Event>,
}

/// What the recorders of one engine hold.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Sample rate of the audio context in Hz.
    pub sample_rate: f64,
    /// One for each thread, in any order.
    pub tracks: Vec<Track>,
}

impl Recording {
    fn of(&self, thread: Thread) -> impl Iterator<Item = &Event> {
        self.tracks.iter().filter(move |track| track.thread == thread).flat_map(|track| &track.events)
    }
}

/// A part of the page's time, in ms of its monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its beginning.
    pub from_ms: f64,
    /// Its end.
    pub to_ms: f64,
}

impl Span {
    /// How long it is.
    #[must_use]
    pub fn milliseconds(self) -> f64 {
        self.to_ms - self.from_ms
    }

    /// Whether the two have a moment in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.from_ms <= other.to_ms && other.from_ms <= self.to_ms
    }

    /// How much the two have in common, in ms.
    #[must_use]
    pub fn common_milliseconds(self, other: Self) -> f64 {
        (self.to_ms.min(other.to_ms) - self.from_ms.max(other.from_ms)).max(0.0)
    }

    /// The same, longer by so much on either side.
    #[must_use]
    pub fn widened(self, ms: f64) -> Self {
        Self { from_ms: self.from_ms - ms, to_ms: self.to_ms + ms }
    }
}
