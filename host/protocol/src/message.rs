//! The messages themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// Names one entry of the queue for the life of a player; never reused.
pub type TrackId = u32;

/// Main thread to decode worker.
///
/// The queue belongs to the decode worker, so that the next track follows without a gap while the main
/// thread is blocked. Whatever makes the sound jump (`Open`, `Seek`) carries the epoch that its frames
/// will have; the processor discards all that belongs to an older epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DecoderCommand {
    /// First message. Beside it: `module` (the engine's `WebAssembly.Module`), `memory` (its shared
    /// memory, absent in solo mode) and `port` (solo mode only: a `MessagePort` to the worklet).
    Initialize {
        /// Sample rate of the audio context.
        sample_rate: u32,
        /// Address of the feeder in the shared memory; 0 in solo mode.
        feeder: u32,
        /// Top of this thread's stack in the shared memory; 0 in solo mode.
        stack_top: u32,
        /// Addresses of the codec modules, by their names.
        codec_urls: BTreeMap<String, String>,
    },
    /// From now on the sound is written to another engine, in which nothing has been written yet. The queue stays; unless
    /// the sound had ended, a `Seek` says where it goes on. Beside it: as beside `Initialize`.
    Connect {
        /// Address of the feeder in that engine's memory; 0 in solo mode.
        feeder: u32,
        /// Top of this thread's stack in that memory; 0 in solo mode.
        stack_top: u32,
    },
    /// Empties the queue and plays this source from its start. Beside it: `source`, a `Blob` or an
    /// absolute URL as a string.
    Open {
        /// The entry's name from now on.
        track: TrackId,
        /// Epoch of its frames.
        epoch: u32,
    },
    /// Appends a source to the queue. Beside it: `source`.
    Enqueue {
        /// The entry's name from now on.
        track: TrackId,
    },
    /// Takes an entry out of the queue; the track that sounds plays on only if it is another one.
    Remove {
        /// Which entry.
        track: TrackId,
    },
    /// Continues at a frame of a track of the queue.
    Seek {
        /// Which entry.
        track: TrackId,
        /// Target, at the context's sample rate; clamped to the track's length.
        frame: u64,
        /// Epoch of the frames from there on.
        epoch: u32,
    },
    /// Whether the current track starts again at its end instead of giving way to the next.
    Loop {
        /// The new state.
        enabled: bool,
    },
    /// Ends the worker.
    Shutdown,
}

/// How exactly a track can be sought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SeekPrecision {
    /// Every frame can be reached exactly.
    Exact,
    /// Seeks land near the target until the index is complete.
    Indexing {
        /// Share of the file that is indexed, 0 to 1.
        progress: f32,
    },
    /// The source cannot be sought (a stream of unknown length).
    None,
}

/// What is known of an opened track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackDescription {
    /// Container, in the words of its standard: `WAV`, `FLAC`, `MP3`, `Ogg`, `MP4`, `ADTS`, …
    pub container: String,
    /// Codec: `PCM 24-bit`, `FLAC`, `MP3`, `Vorbis`, `AAC-LC`, `ALAC`, `Opus`, …
    pub codec: String,
    /// Channels in the file.
    pub channels: u32,
    /// Sample rate of the file.
    pub source_sample_rate: u32,
    /// Length in frames at the context's sample rate, when known.
    pub frames: Option<u64>,
    /// Whether `frames` is exact or an estimate that may still change.
    pub frames_exact: bool,
    /// Whether encoder delay and padding are known and trimmed.
    pub gapless: bool,
    /// How exactly it can be sought now.
    pub seek: SeekPrecision,
    /// Sentences for a person: what this format cannot give.
    pub notes: Vec<String>,
}

/// Decode worker to main thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DecoderEvent {
    /// Answer to `Initialize`.
    Ready {
        /// [`crate::ABI`] of its module.
        abi: u32,
    },
    /// A source was opened; sent again when what is known of it has become better.
    Described {
        /// Which entry.
        track: TrackId,
        /// What is known of it.
        description: TrackDescription,
    },
    /// The first frames of an epoch are in the source ring.
    Landed {
        /// The epoch of the `Open` or `Seek` that this answers.
        epoch: u32,
        /// Which entry.
        track: TrackId,
        /// Where it really landed.
        frame: u64,
        /// Whether `frame` is exact; if not, `Relocated` follows when the index is there.
        exact: bool,
    },
    /// An inexact seek is now known to have landed elsewhere than it said.
    Relocated {
        /// The epoch of that seek.
        epoch: u32,
        /// Frames to add to every position of that epoch.
        offset: i64,
    },
    /// How much of a source has been received.
    Progress {
        /// Which entry.
        track: TrackId,
        /// Bytes received so far, each byte counted once.
        received_bytes: u64,
        /// Bytes of the whole source, when known.
        total_bytes: Option<u64>,
    },
    /// A track cannot be played, or not to its end; the queue goes on with the next one.
    Failed {
        /// Which entry.
        track: TrackId,
        /// Frames of it that were decoded and will still sound.
        frames: u64,
        /// Why.
        failure: Failure,
    },
    /// The last frame of the last track has been written to the source ring.
    Drained,
    /// Answer to `Shutdown`: nothing is written any more.
    Closed,
    /// The worker itself cannot go on. Nothing is written any more.
    Broken {
        /// Why.
        failure: Failure,
    },
}
