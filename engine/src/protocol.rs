//! All that crosses a thread: plain data, safe to read whatever its bits.

use bytemuck::{Pod, Zeroable};

/// Number of what the package's files say to each other: exports, messages, and what lies in shared memory. It goes up whenever one
/// of these changes, so that a file of another version, perhaps out of a cache, is refused. The shells have it too, and
/// `scripts/check.sh` compares them.
pub const ABI: u32 = 1;

/// Main thread to audio thread.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Command {
    kind: u32,
    /// An epoch, or the place of an effect.
    number: u32,
    word: u32,
}

impl Command {
    /// Let the source sound.
    pub const PLAY: Self = Self { kind: 1, number: 0, word: 0 };
    /// Fade out and hold the position.
    pub const PAUSE: Self = Self { kind: 2, number: 0, word: 0 };

    /// Fade out at once and drop every frame older than `epoch`.
    #[must_use]
    pub const fn discard(epoch: u32) -> Self {
        Self { kind: 3, number: epoch, word: 0 }
    }

    /// A word for the effect at `place` of the node's list.
    #[must_use]
    pub const fn tell(place: u32, word: u32) -> Self {
        Self { kind: 4, number: place, word }
    }

    /// What the command says; `None` for bits that no command has.
    #[must_use]
    pub(crate) fn action(self) -> Option<Action> {
        match self.kind {
            1 => Some(Action::Play),
            2 => Some(Action::Pause),
            3 => Some(Action::Discard { epoch: self.number }),
            4 => Some(Action::Tell { place: self.number as usize, word: self.word }),
            _ => None,
        }
    }
}

pub(crate) enum Action {
    Play,
    Pause,
    Discard { epoch: u32 },
    Tell { place: usize, word: u32 },
}

/// How a segment meets what was written before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Without a gap.
    Follow,
    /// The processor jumps to it as soon as it is primed.
    Now,
    /// The processor jumps to it when its read index reaches this one.
    At(u32),
}

/// Decode worker to audio thread: what begins or ends at an index of the source ring.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Mark {
    /// Frame of the track at `index`.
    frame: u64,
    kind: u32,
    /// Source-ring index, free-running.
    pub index: u32,
    /// Epoch of the frames from `index` on.
    pub epoch: u32,
    /// Which track they belong to.
    pub track: u32,
    at: u32,
    reserved: u32,
}

const FOLLOW: u32 = 0;
const NOW: u32 = 1;
const AT: u32 = 2;
const END: u32 = 3;

impl Mark {
    /// A segment begins.
    #[must_use]
    pub fn begin(index: u32, epoch: u32, track: u32, frame: u64, join: Join) -> Self {
        let (kind, at) = match join {
            Join::Follow => (FOLLOW, 0),
            Join::Now => (NOW, 0),
            Join::At(at) => (AT, at),
        };
        Self { frame, kind, index, epoch, track, at, reserved: 0 }
    }

    /// Nothing follows for now.
    #[must_use]
    pub fn end(index: u32, epoch: u32) -> Self {
        Self { frame: 0, kind: END, index, epoch, track: 0, at: 0, reserved: 0 }
    }

    /// Whether this is the end of the stream, as far as is known.
    #[must_use]
    pub fn is_end(self) -> bool {
        self.kind == END
    }

    /// How the segment joins; `None` for an end. Unknown bits read as a plain continuation.
    #[must_use]
    pub fn join(self) -> Option<Join> {
        match self.kind {
            NOW => Some(Join::Now),
            AT => Some(Join::At(self.at)),
            END => None,
            _ => Some(Join::Follow),
        }
    }

    /// Frame of the track at `index`.
    #[must_use]
    pub fn frame(self) -> u64 {
        self.frame
    }
}

/// What the processor is doing.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No segment has begun.
    Idle = 0,
    /// A segment was asked for and its first frames are awaited.
    Priming = 1,
    /// The source sounds.
    Playing = 2,
    /// The position is held.
    Paused = 3,
    /// The last frame has sounded and nothing follows.
    Ended = 4,
    /// Frames that should sound are not there.
    Starved = 5,
}

/// Numbers that the effects of one node can measure.
pub const MAX_READINGS: usize = 32;

/// Audio thread to main thread, published once per quantum. Of the source only players know.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Telemetry {
    /// Frames rendered since the node was made.
    pub processed_frames: u64,
    /// Frame of the track that will be read next.
    pub track_frame: u64,
    /// Frames that should have sounded and were not there.
    pub starved_frames: u32,
    /// Runs of such frames.
    pub starvation_events: u32,
    /// A [`State`].
    pub state: u32,
    /// Track of `track_frame`.
    pub track: u32,
    /// Epoch of `track_frame`.
    pub epoch: u32,
    /// Frames in the source ring.
    pub buffered_frames: u32,
    /// Frames that the source ring holds.
    pub capacity_frames: u32,
    /// How far ahead the source is to be written now.
    pub target_frames: u32,
    /// The largest need of the source that is remembered, of which that follows; see [`buffering`](crate::buffering).
    pub needed_frames: u32,
    /// Read index of the source ring, free-running.
    pub read_index: u32,
    /// Peak with instant attack and a fall of 20 dB in 1.7 s, linear, left and right (IEC 60268-10 type I fall).
    pub peak: [f32; 2],
    /// Mean of the squares over a window of 300 ms (one pole), left and right.
    pub mean_square: [f32; 2],
    /// Samples that were no number, infinite or absurdly large, and became zero.
    pub not_finite_samples: u32,
    /// Denormal samples in the input that became zero.
    pub denormal_samples: u32,
    /// Samples above 0 dBFS that left the node.
    pub clipped_samples: u32,
    /// Nothing: the size is to be a multiple of 8.
    pub reserved: u32,
    /// What the effects measure, in their order; zero behind the last one.
    pub readings: [f32; MAX_READINGS],
}

/// What is known of a pool worker; counts wrap at 2³².
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct SeatTelemetry {
    /// Turns taken; while it moves, the worker lives. An idle one takes a turn at least every 10 ms.
    pub beats: u32,
    /// 1 while it has a job.
    pub busy: u32,
    /// Jobs completed.
    pub jobs: u32,
    /// Jobs given up because nobody wanted them any more.
    pub unwanted_jobs: u32,
    /// Time spent on jobs in microseconds.
    pub busy_us: u32,
    /// 1 if it keeps the pool's time.
    pub keeps_time: u32,
}

/// Where the audio thread's jobs ran; counts wrap at 2³².
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct DispatchTelemetry {
    /// Computed by workers.
    pub by_workers: u32,
    /// Computed by the audio thread from the start.
    pub own: u32,
    /// Taken back by the audio thread: nobody had claimed them.
    pub taken_unclaimed: u32,
    /// Taken back by the audio thread: whoever had claimed them was silent or had failed.
    pub taken_silent: u32,
    /// Not computed: the board was full.
    pub refused: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_what_it_was_made_from() {
        let mark = Mark::begin(7, 2, 3, 1 << 40, Join::At(99));
        assert_eq!((mark.frame(), mark.join()), (1 << 40, Some(Join::At(99))));
        assert!(Mark::end(7, 2).is_end());
        assert_eq!(Mark::end(7, 2).join(), None);
    }
}
