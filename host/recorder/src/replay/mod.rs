//! A replay: what a player's source played, rendered again from its recording and the same tracks, bit by bit.
//!
//! The recording says when the stream changed, to the frame ([`StreamChange`](rusty_audio_engine::events::StreamChange));
//! between two changes it goes on frame by frame, or does not. So a [`Replay`] is a list of these changes, and no sound is in
//! it. It is rendered by the engine itself, which is given each frame when it was there and none when it was missing.
//!
//! What is rendered is the source: effects and the volume come after it and are not recorded.

mod plan;
mod rendering;

use core::fmt;

use rusty_audio_engine::config::ConfigError;
use serde::{Deserialize, Serialize};

use crate::Recording;

/// What a player's source played from its first recorded frame to its last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    sample_rate: f32,
    from_frame: u64,
    frames: u64,
    starved_frames: u64,
    steps: Vec<Step>,
}

impl Replay {
    /// Plans the replay of the player with that number.
    ///
    /// # Errors
    /// A [`ReplayError`] when the recording does not say all of what happened, or contradicts itself.
    pub fn new(recording: &Recording, player: u32) -> Result<Self, ReplayError> {
        plan::plan(recording, player)
    }

    /// Frame of the context's clock at which it begins.
    #[must_use]
    pub fn from_frame(&self) -> u64 {
        self.from_frame
    }

    /// How many frames it has: those that the player rendered until the last event, or until it was to be told whether a loop has
    /// gone on or a hole has ended.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// How many of them should have sounded and were not there.
    #[must_use]
    pub fn starved_frames(&self) -> u64 {
        self.starved_frames
    }

    /// Renders it. `read` writes as many frames of a track, from one of its frames on, as the two planes hold, left and right,
    /// at the context's sample rate and mixed to stereo, as the decode worker wrote them; it says whether there are so many.
    /// `hear` is given what is heard, left and right, block by block. Returns how many frames were missing.
    ///
    /// # Errors
    /// A [`ReplayError`] when the tracks do not have the frames, or when the engine does not do what the recording says.
    pub fn render(
        &self,
        read: impl FnMut(u32, u64, [&mut [f32]; 2]) -> bool,
        hear: impl FnMut([&[f32]; 2]),
    ) -> Result<u64, ReplayError> {
        rendering::render(self, read, hear)
    }
}

/// A frame of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    track: u32,
    frame: u64,
}

/// Frames that were there and were faded out of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ahead {
    frames: u32,
    /// Segments that begin among them, so many frames on.
    segments: Vec<(u32, Place)>,
}

/// Something that happened, at a frame counted from the replay's first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    frame: u64,
    deed: Deed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Deed {
    Play,
    Pause {
        ahead: Option<Ahead>,
    },
    Drop {
        ahead: Option<Ahead>,
    },
    Jump {
        to: Place,
        ahead: Option<Ahead>,
    },
    Follow {
        to: Place,
    },
    /// Follows so many times, the first time now.
    Repeat {
        to: Place,
        every: u64,
        times: u64,
    },
    End,
    /// Nothing is there before that frame.
    Starve {
        until: u64,
    },
    /// Nothing is there before the next jump.
    Prime,
}

/// Why there is no replay.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The recording has no events of this player, or none but that it idled.
    NothingPlayed,
    /// The recording is of solo mode, where no thread notes down the changes of a stream.
    Solo,
    /// The player's first events were written over.
    BeginsLate,
    /// Events were written over before they were taken out of the recorder.
    EventsLost {
        /// Frame of the context's clock of the first event behind them.
        frame: u64,
    },
    /// The events contradict each other.
    Damaged {
        /// Frame of the context's clock at which they do.
        frame: u64,
    },
    /// A track does not have the frames that were played.
    NoFrames {
        /// Which track.
        track: u32,
        /// The first of its frames that were asked for.
        track_frame: u64,
    },
    /// The engine did something else than what is recorded.
    Diverged {
        /// Frames from the replay's first until then.
        frame: u64,
    },
    /// The engine could not be built.
    Engine(ConfigError),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingPlayed => {
                write!(text, "The player did nothing in this recording. Give the number of one that has played.")
            }
            Self::Solo => write!(
                text,
                "The recording was made in solo mode, where the changes of the stream are not recorded, so there is nothing to render \
                 again. Serve the page with the isolation headers, so that the engine runs in shared mode, and record again."
            ),
            Self::BeginsLate => write!(
                text,
                "The player's first events were written over. Take the events out of the recorder at least once in 30 s from the \
                 player's beginning on, or make a new player and record again."
            ),
            Self::EventsLost { frame } => write!(
                text,
                "Events before frame {frame} were written over. Take the events out of the recorder more often and record again."
            ),
            Self::Damaged { frame } => {
                write!(text, "The events contradict each other at frame {frame}. Use the recording as it was taken.")
            }
            Self::NoFrames { track, track_frame } => write!(
                text,
                "Track {track} does not have the frames from {track_frame} on that were played. Give the same file, decoded at the \
                 same sample rate."
            ),
            Self::Diverged { frame } => write!(
                text,
                "After {frame} frames the engine does something else than what is recorded. Use the engine that it was recorded \
                 with."
            ),
            Self::Engine(error) => write!(text, "The engine could not be built: {error:?}."),
        }
    }
}

impl core::error::Error for ReplayError {}

impl From<ConfigError> for ReplayError {
    fn from(error: ConfigError) -> Self {
        Self::Engine(error)
    }
}
