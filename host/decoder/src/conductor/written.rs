//! What is in the ring.

use rusty_audio_protocol::TrackId;

use crate::Sink;

/// A run of frames in the ring that has not been heard to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) track: TrackId,
    pub(super) frame: u64,
    pub(super) start: u32,
    /// None while it is being written.
    pub(super) end: Option<u32>,
    /// The track broke there, so it does not loop.
    pub(super) broken: bool,
}

impl Written {
    /// Whether all of it has been read.
    pub(super) fn is_heard(&self, sink: &impl Sink) -> bool {
        self.end.is_some_and(|end| is_reached(end, sink.read()))
    }

    /// Frames of it that have not been read, of those before ring index `written`.
    pub(super) const fn frames_ahead(&self, read: u32, written: u32) -> u32 {
        let end = match self.end {
            Some(end) => end,
            None => written,
        };
        let next = if is_reached(self.start, read) { read } else { self.start };
        if is_reached(end, next) { 0 } else { end.wrapping_sub(next) }
    }
}

/// Whether ring index `index` has come at `reached`; indices wrap.
const fn is_reached(index: u32, reached: u32) -> bool {
    reached.wrapping_sub(index) < 1 << 31
}
