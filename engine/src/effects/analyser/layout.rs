//! Where in its region everything of an analyser lies.

use crate::config::CHANNELS;
use crate::lockfree::regions::{Shape, Span};

/// Tells it from regions of other kinds.
const KIND: u32 = u32::from_le_bytes(*b"anal");

/// The past of each plane lies there twice, one copy behind the other, so that any part of it is in one piece. It is twice as
/// long as the longest transform: what is read of it is written over only when reading takes as long as that transform lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Samples of the longest transform, a power of two.
    longest: usize,
}

impl Layout {
    pub fn new(longest: usize) -> Self {
        Self { longest }
    }

    /// That of a region of an analyser.
    pub fn of(shape: Shape) -> Option<Self> {
        let [KIND, longest, 0] = shape else { return None };
        Some(Self { longest: longest as usize })
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most the longest transform")]
    pub fn shape(self) -> Shape {
        [KIND, self.longest as u32, 0]
    }

    pub fn samples(self) -> usize {
        CHANNELS * 2 * self.ring()
    }

    /// Frames of the past.
    pub fn ring(self) -> usize {
        2 * self.longest
    }

    /// Whether the newest `frames` frames may be read.
    pub fn holds(self, frames: usize) -> bool {
        frames <= self.longest
    }

    /// All of the past.
    pub fn past(self) -> Span {
        Span::new(0, self.samples())
    }

    /// Both copies of `frames` frames of a plane from `frame` of the context's clock on, up to where the past begins anew.
    pub fn coming(self, plane: usize, frame: u64, frames: usize) -> [Span; 2] {
        let position = self.position(frame);
        let frames = frames.min(self.ring() - position);
        let first = plane * 2 * self.ring() + position;
        [Span::new(first, frames), Span::new(first + self.ring(), frames)]
    }

    /// The `frames` frames of a plane before `frame` of the context's clock, of which the lower 32 bits suffice.
    pub fn before(self, plane: usize, frame: u32, frames: usize) -> Span {
        let end = plane * 2 * self.ring() + self.ring() + self.position(frame.into());
        Span::new(end.saturating_sub(frames), frames)
    }

    #[expect(clippy::cast_possible_truncation, reason = "below the ring's length")]
    fn position(self, frame: u64) -> usize {
        (frame & (self.ring() as u64 - 1)) as usize
    }
}
