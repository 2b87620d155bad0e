//! What becomes of a player's stream, as the flight recorder keeps it: enough to render the stream again.

/// Frames are kept modulo 2 to this: 17 days at 768 kHz.
const FRAME_BITS: u32 = 40;

/// Changes are numbered modulo 2 to this, so that a missing one is noticed.
const NUMBER_BITS: u32 = 12;

/// A change of what a player's source plays. From one change to the next the stream goes on frame by frame, or does not.
///
/// `kept` are frames that were there and would have been read next, and that a fade-out heard at that moment was made of; `None`
/// where it was made of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamChange {
    /// It shall sound.
    Plays,
    /// It shall not.
    Pauses {
        /// Frames of the fade-out.
        kept: Option<u32>,
    },
    /// All that was there is dropped; nothing sounds before the next jump.
    Drops {
        /// Frames of the fade-out.
        kept: Option<u32>,
    },
    /// It goes on elsewhere, with a cross-fade if it was heard or does not start at a track's beginning.
    Jumps {
        /// Which track.
        track: u32,
        /// From which of its frames on.
        track_frame: u64,
        /// Frames of the old stream's fade-out.
        kept: Option<u32>,
    },
    /// It goes on elsewhere, without a gap.
    Follows {
        /// Which track.
        track: u32,
        /// From which of its frames on.
        track_frame: u64,
    },
    /// It has followed there again, one time or many: each time after as many frames as between the last two changes that were
    /// of the same kind. The event is at the latest time.
    Repeats {
        /// Which track.
        track: u32,
        /// From which of its frames on.
        track_frame: u64,
    },
    /// Tells of the frames that the next change keeps: so many frames on, those of another segment begin.
    Ahead {
        /// Frames from here on, fewer than are kept.
        offset: u32,
        /// Which track.
        track: u32,
        /// From which of its frames on.
        track_frame: u64,
    },
    /// Its last frame has been read.
    Ends,
    /// The next frame should sound and is not there; nor is any other before the next quantum.
    Starves {
        /// Frames that were missing before, since the player was made.
        starved_frames: u32,
    },
    /// The same, but nothing of it is counted: what is there belongs to a jump that is not ready.
    Primes,
    /// The player was not rendered for so many frames of the context's clock before this one; everything stood still meanwhile.
    Stood {
        /// How many.
        frames: u64,
    },
}

impl StreamChange {
    #[inline]
    pub(super) fn to_words(self, number: u32) -> [u32; 3] {
        let (kind, first, frame, small) = match self {
            Self::Plays => (0, 0, 0, 0),
            Self::Pauses { kept } => (1, 0, 0, count(kept)),
            Self::Drops { kept } => (2, 0, 0, count(kept)),
            Self::Jumps { track, track_frame, kept } => (3, track, track_frame, count(kept)),
            Self::Follows { track, track_frame } => (4, track, track_frame, 0),
            Self::Repeats { track, track_frame } => (5, track, track_frame, 0),
            Self::Ahead { offset, track, track_frame } => (6, track, track_frame, offset),
            Self::Ends => (7, 0, 0, 0),
            Self::Starves { starved_frames } => (8, starved_frames, 0, 0),
            Self::Primes => (9, 0, 0, 0),
            Self::Stood { frames } => (10, 0, frames, 0),
        };
        #[expect(clippy::cast_possible_truncation, reason = "the two parts of a number of 40 bits")]
        let (low, high) = (frame as u32, (frame >> 32) as u32);
        [first, low, kind | (number & NUMBER_MASK) << 4 | (small & 0xff) << 16 | high << 24]
    }

    /// The number of a change, and what it is.
    pub(super) fn from_words([first, low, packed]: [u32; 3]) -> Option<(u32, Self)> {
        let small = packed >> 16 & 0xff;
        let (track, track_frame, kept) = (first, u64::from(packed >> 24) << 32 | u64::from(low), small.checked_sub(1));
        let change = match packed & 0xf {
            0 => Self::Plays,
            1 => Self::Pauses { kept },
            2 => Self::Drops { kept },
            3 => Self::Jumps { track, track_frame, kept },
            4 => Self::Follows { track, track_frame },
            5 => Self::Repeats { track, track_frame },
            6 => Self::Ahead { offset: small, track, track_frame },
            7 => Self::Ends,
            8 => Self::Starves { starved_frames: first },
            9 => Self::Primes,
            10 => Self::Stood { frames: track_frame },
            _ => return None,
        };
        Some((packed >> 4 & NUMBER_MASK, change))
    }
}

const NUMBER_MASK: u32 = (1 << NUMBER_BITS) - 1;

const _: () = assert!(FRAME_BITS == 32 + 8 && NUMBER_BITS == 16 - 4, "the third word is full");

/// The number that follows `number` when changes are numbered.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn next_number(number: u32) -> u32 {
    number.wrapping_add(1) & NUMBER_MASK
}

/// One more than the frames, 0 for none at all.
fn count(kept: Option<u32>) -> u32 {
    kept.map_or(0, |frames| frames.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FADE_FRAMES;

    #[test]
    fn a_change_says_what_it_was_made_from() {
        let kept = Some(u32::try_from(FADE_FRAMES).unwrap());
        let (track, track_frame) = (u32::MAX, (1 << FRAME_BITS) - 1);
        let changes = [
            StreamChange::Plays,
            StreamChange::Pauses { kept },
            StreamChange::Pauses { kept: Some(0) },
            StreamChange::Drops { kept: None },
            StreamChange::Jumps { track, track_frame, kept },
            StreamChange::Follows { track, track_frame: 1 << 32 },
            StreamChange::Repeats { track: 7, track_frame: 0 },
            StreamChange::Ahead { offset: 127, track, track_frame },
            StreamChange::Ends,
            StreamChange::Starves { starved_frames: u32::MAX },
            StreamChange::Primes,
            StreamChange::Stood { frames: 1 << 33 },
        ];
        for change in changes {
            for number in [0, 1, NUMBER_MASK] {
                assert_eq!(StreamChange::from_words(change.to_words(number)), Some((number, change)));
            }
        }
        assert_eq!(StreamChange::from_words([0, 0, 11]), None);
        assert_eq!(next_number(NUMBER_MASK), 0);
    }
}
