//! What every format provides to [`crate::Codec`].

use crate::{CodecError, Description};

/// Samples of one packet, planar: `[channel][frame]`.
pub(crate) type Planes = Vec<Vec<f32>>;

/// What a call of [`Stream::next`] came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The planes hold frames; the first of them is this source frame, negative before the audible start.
    Frames {
        /// Source frame of the first.
        position: i64,
    },
    /// A packet could not be decoded; the sentence says why. Its frames are missing before the next packet.
    Damaged(String),
    /// Nothing audible: a packet of another track, preroll, a decoder that warms up.
    Nothing,
}

/// A demuxer with its decoder.
///
/// A call that fails with [`CodecError::Missing`] can be repeated and then goes on where it was.
pub(crate) trait Stream {
    /// What is known now.
    fn description(&self) -> Description;

    /// Sample rate in Hz.
    fn sample_rate(&self) -> u32;

    /// Length in frames, if it is certain: what [`Stream::description`] says, without its cost.
    fn exact_frames(&self) -> Option<u64>;

    /// What is wrong with the file although all its frames were delivered: a header that promised more.
    fn end_fault(&self) -> Option<CodecError> {
        None
    }

    /// Decodes the next packet into `planes`.
    fn next(&mut self, planes: &mut Planes) -> Result<Step, CodecError>;

    /// Goes to a packet from which decoding gives `frame` and what follows as a decoding from the start would.
    fn seek(&mut self, frame: u64) -> Result<(), CodecError>;

    /// Whether the positions since the last seek are known to be true.
    fn is_exact(&self) -> bool {
        true
    }

    /// Whether it still passes packets before the target of a seek, so that bytes must be kept.
    fn is_settling(&self) -> bool {
        false
    }

    /// Where the reader is in the file, in bytes.
    fn byte_position(&self) -> u64;

    /// Frames by which a complete stream may be shorter than [`Stream::exact_frames`] says: the last packet of
    /// an encoder that did not flush.
    fn frames_tolerance(&self) -> u64 {
        0
    }

    /// File offset from which the index wants bytes next; `None` when it is complete or not needed.
    fn index_next(&self) -> Option<u64> {
        None
    }

    /// Takes the bytes of the file from [`Stream::index_next`] on; whether the index is complete now.
    fn index_feed(&mut self, _bytes: &[u8]) -> bool {
        true
    }

    /// Frames to add to the positions since the last seek; `None` while that is not known.
    fn landing_offset(&self) -> Option<i64> {
        Some(0)
    }
}
