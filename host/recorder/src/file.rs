//! A recording as text, to be kept and read elsewhere: JSON, and each event as the eight words that it is.

use core::fmt;

use rusty_audio_engine::events::Event;
use serde::{Deserialize, Serialize};

use crate::{Recording, Thread, Track};

/// Counts up when what is written changes its form or its meaning.
const FORMAT: u32 = 2;

/// What every format has.
#[derive(Deserialize)]
struct Header {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    format: u32,
    sample_rate: f64,
    tracks: Vec<FileTrack>,
}

#[derive(Serialize, Deserialize)]
struct FileTrack {
    thread: Thread,
    /// As they lie in the memory of a little-endian machine. Words and not their numbers: a clock that stands is no number.
    events: Vec<[u32; 8]>,
}

/// Why a text is no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// It has another format.
    Format {
        /// Which.
        found: u32,
    },
    /// It was altered or cut short, or never was a recording.
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format { found } => write!(
                text,
                "The recording has the format {found}, and this program reads the format {FORMAT}. Use the program of the version \
                 that it was recorded with."
            ),
            Self::Damaged { reason } => write!(
                text,
                "This is no whole recording: {reason}. Give the text of `monitor.recording()` as it was, all of it."
            ),
        }
    }
}

impl core::error::Error for FileError {}

impl From<serde_json::Error> for FileError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged { reason: error.to_string() }
    }
}

impl Recording {
    /// The recording as JSON, for [`Recording::from_json`].
    ///
    /// # Panics
    /// Never: numbers and names can be written.
    #[must_use]
    pub fn to_json(&self) -> String {
        let words = |events: &Vec<Event>| events.iter().map(|&event| bytemuck::must_cast(event)).collect();
        let tracks = self.tracks.iter().map(|track| FileTrack { thread: track.thread, events: words(&track.events) });
        let file = File { format: FORMAT, sample_rate: self.sample_rate, tracks: tracks.collect() };
        serde_json::to_string(&file).expect("numbers and names can be written")
    }

    /// Reads what [`Recording::to_json`] wrote.
    ///
    /// # Errors
    /// A [`FileError`] for another format, and for what is no whole recording. Whether its events agree with each other is for those
    /// to say that read them, such as [`Replay::new`](crate::Replay::new).
    pub fn from_json(text: &str) -> Result<Self, FileError> {
        let Header { format } = serde_json::from_str(text)?;
        if format != FORMAT {
            return Err(FileError::Format { found: format });
        }
        let File { sample_rate, tracks, .. } = serde_json::from_str(text)?;
        let tracks = tracks.into_iter().map(|FileTrack { thread, events }| {
            let events = events.into_iter().enumerate().map(|(place, words)| {
                let event: Event = bytemuck::must_cast(words);
                event.occurrence().map(|_| event).ok_or_else(|| FileError::Damaged {
                    reason: format!("event {place} of {thread:?} is none that this engine knows"),
                })
            });
            Ok(Track { thread, events: events.collect::<Result<_, _>>()? })
        });
        Ok(Self { sample_rate, tracks: tracks.collect::<Result<_, FileError>>()? })
    }
}
