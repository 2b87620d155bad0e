//! What the decode worker needs of a codec, whether it is a WebAssembly instance or a model in a test.

use rusty_audio_protocol::{Failure, SeekPrecision, TrackDescription};
use serde::Deserialize;

use crate::converted_frames;

/// Why a codec gives nothing now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Bytes or a module are on their way: the same call must be repeated when something has arrived.
    Waiting,
    /// The stream has ended.
    End,
    /// It will never go on.
    Failed(Failure),
}

/// How a codec can be sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeekAbility {
    /// To every frame.
    Exact,
    /// Near the target until its frame index is complete.
    Index,
    /// Not at all: only forwards, by decoding.
    None,
}

/// What a codec knows of its file. Frames are counted at the file's sample rate, encoder delay and padding trimmed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodecDescription {
    /// Container, in the words of its standard.
    pub container: String,
    /// Codec, in the words of its standard.
    pub codec: String,
    /// Channels in the file, at least 1.
    pub channels: u32,
    /// Sample rate of the file in Hz.
    pub sample_rate: u32,
    /// Length, when known.
    pub frames: Option<u64>,
    /// Whether `frames` is exact.
    pub frames_exact: bool,
    /// Whether encoder delay and padding are known.
    pub gapless: bool,
    /// How it can be sought.
    pub seek: SeekAbility,
    /// Sentences for a person: what this format cannot give.
    pub notes: Vec<String>,
    /// A position for each channel, in file order; empty if the file does not say.
    pub channel_positions: Vec<String>,
}

impl CodecDescription {
    /// The same for the main thread, at `sample_rate`; `index_progress` counts while the file must be indexed.
    #[must_use]
    pub fn for_track(&self, sample_rate: u32, index_progress: f32) -> TrackDescription {
        TrackDescription {
            container: self.container.clone(),
            codec: self.codec.clone(),
            channels: self.channels,
            source_sample_rate: self.sample_rate,
            frames: self.frames.map(|frames| converted_frames(frames, self.sample_rate, sample_rate)),
            frames_exact: self.frames_exact,
            gapless: self.gapless,
            seek: match self.seek {
                SeekAbility::Exact => SeekPrecision::Exact,
                SeekAbility::Index => SeekPrecision::Indexing { progress: index_progress },
                SeekAbility::None => SeekPrecision::None,
            },
            notes: self.notes.clone(),
        }
    }
}

/// How far the frame index of a file is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IndexState {
    /// This share of the file is indexed, 0 to 1.
    Partial(f32),
    /// Complete, or not needed.
    Complete,
}

/// A demuxer and decoder over one file. It never waits: a call that lacks something returns
/// [`Interruption::Waiting`], loses nothing, and is repeated later.
pub trait Codec {
    /// Opens the file, or starts it afresh.
    ///
    /// # Errors
    /// [`Interruption`], never `End`.
    fn open(&mut self) -> Result<CodecDescription, Interruption>;

    /// What is known by now; after the index is complete more than at the opening.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    fn description(&mut self) -> Result<CodecDescription, Interruption>;

    /// Decodes the next packet; the number of its frames may be 0.
    ///
    /// # Errors
    /// [`Interruption`].
    fn next(&mut self) -> Result<usize, Interruption>;

    /// Replaces `samples` by one channel of the packet that [`Codec::next`] has just decoded.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    fn read_plane(&mut self, channel: usize, samples: &mut Vec<f32>) -> Result<(), Interruption>;

    /// Source frame of the first frame of that packet.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    fn position(&mut self) -> Result<u64, Interruption>;

    /// Moves to a source frame.
    ///
    /// # Errors
    /// [`Interruption`].
    fn seek(&mut self, frame: u64) -> Result<(), Interruption>;

    /// Whether the positions since the last [`Codec::open`] or [`Codec::seek`] are known to be true.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    fn seek_is_exact(&mut self) -> Result<bool, Interruption>;

    /// After an inexact seek: source frames to add to every position since, once the index knows.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    fn landing_offset(&mut self) -> Result<Option<i64>, Interruption>;

    /// Adds one piece of the file to the frame index.
    ///
    /// # Errors
    /// [`Interruption`], never `End`.
    fn extend_index(&mut self) -> Result<IndexState, Interruption>;
}
