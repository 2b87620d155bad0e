//! What the flight recorder keeps: one event is eight words, plain data, safe to read whatever its bits.
//!
//! | thread | events | kept by |
//! |---|---|---|
//! | audio rendering thread | [`Quanta`](Occurrence::Quanta), jobs posted, brought, taken back, refused | [`Dispatcher`](crate::Dispatcher) |
//! | audio rendering thread, of one player | [`Source`](Occurrence::Source), [`Stream`](Occurrence::Stream) | [`Processor`](crate::Processor) |
//! | decode worker | [`Waits`](Occurrence::Waits), [`GoesOn`](Occurrence::GoesOn) | [`Feeder`](crate::Feeder) |
//! | pool worker | [`Turns`](Occurrence::Turns), [`Late`](Occurrence::Late), jobs claimed, done, dropped | [`Worker`](crate::Worker) |
//! | main thread | [`Seat`](Occurrence::Seat) | [`PoolController`](crate::PoolController) |
//! | main thread | what the page and the browser tell | the host |
//!
//! The clock of all of them is `performance.timeOrigin + performance.now()`. The audio thread has none: it reads what the
//! pool's timekeeper stamped last, which is 1 ms old at most while that one lives.

mod stream;

use bytemuck::{Pod, Zeroable};

pub use stream::{StreamChange, next_number};

/// Something that happened on one thread.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Event {
    /// When, in ms of the page's monotonic clock; not finite on the audio thread while nobody keeps time.
    pub clock_ms: f64,
    /// Frame of the context's clock; 0 on threads that do not know it.
    pub frame: u64,
    kind: u32,
    words: [u32; 3],
}

/// How a job came back to the audio thread that had posted it.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Nobody had claimed it.
    Unclaimed = 0,
    /// Whoever had claimed it brought nothing.
    Silent = 1,
    /// Whoever had claimed it failed or was buried.
    Lost = 2,
}

/// What becomes of a seat.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatChange {
    /// A worker is counted on.
    Taken = 0,
    /// There are too many: nobody counts on its worker any more, which ends after the job at hand.
    Retired = 1,
    /// Its worker is dead: it has thrown, and runs nothing any more.
    Trapped = 2,
    /// Its worker gave no sign of life and is replaced: it is dead, or so late that nobody waits for it.
    Missed = 3,
    /// Its worker's thread has ended; what it had claimed is given up.
    Buried = 4,
}

/// State of the audio context, as in Web Audio.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextState {
    /// Time stands.
    Suspended = 0,
    /// Time goes on.
    Running = 1,
    /// The system has taken the device away for now.
    Interrupted = 2,
    /// It is over.
    Closed = 3,
}

/// State of the page, as in the Page Lifecycle specification.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// It is seen.
    Visible = 0,
    /// It is not seen; its timers are throttled.
    Hidden = 1,
    /// The browser lets it do nothing.
    Frozen = 2,
}

/// Seat of a worker, where nobody's is known.
pub const NO_SEAT: u32 = 0xff;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Audio thread: it renders the quantum at `frame`. 20 times a second, and whenever the pool's clock went on by
    /// [`EVENTFUL_MS`](crate::config::EVENTFUL_MS) or more from one quantum to the next.
    Quanta {
        /// Time spent in the engine's processors since the last of these events: summed steps of the pool's clock, so
        /// within a few ms an estimate, over a second a sampled load.
        inside_us: u32,
        /// The longest step of the pool's clock between the beginnings of two quanta since then.
        longest_us: u32,
        /// Whether the clock was stamped since the quantum before, so that it can be trusted to be the time.
        fresh: bool,
    },
    /// Audio thread: a job was posted for workers, or is computed by the audio thread from the start.
    Posted {
        /// Counts the jobs, wrapping.
        job: u32,
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// Frames until its result is needed.
        slack: u32,
        /// Whether workers may claim it.
        for_workers: bool,
    },
    /// Audio thread: the result of a job was needed, and a worker had brought it.
    Brought {
        /// Which job.
        job: u32,
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// Which worker.
        seat: u32,
    },
    /// Audio thread: it computes a job itself that it had posted for workers.
    TakenBack {
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// Who had claimed it, or [`NO_SEAT`].
        seat: u32,
        /// Why.
        how: Return,
        /// By how much the pool's clock had gone on since it was posted.
        waited_us: u32,
        /// How many frames had passed since then, 65535 at most.
        elapsed: u32,
        /// Frames that are left until its result is needed, 65535 at most; 0 means that it was late.
        slack: u32,
    },
    /// Audio thread: a job could not be posted at all, and what it would have computed is missing.
    Refused {
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// Frames until its result would have been needed.
        slack: u32,
    },
    /// Audio thread, of one player: ten times a second while quanta are rendered, and whenever the state or the epoch changes.
    Source {
        /// A [`State`](crate::protocol::State).
        state: u32,
        /// Frames in the source ring.
        buffered_frames: u32,
        /// Frames that should have sounded and were not there, since the player was made.
        starved_frames: u32,
    },
    /// Audio thread, of one player: what it plays changes at `frame`, which may lie within a quantum. All of these events
    /// together say what has sounded, frame by frame.
    Stream {
        /// Counts them, wrapping as [`next_number`] does; the first one of a player is 0.
        number: u32,
        /// What changes.
        change: StreamChange,
    },
    /// Decode worker: it cannot go on before bytes arrive.
    Waits {
        /// Index of the next frame to be written.
        written: u32,
        /// Frames in the source ring.
        buffered_frames: u32,
    },
    /// Decode worker: what it waited for is there.
    GoesOn {
        /// Index of the next frame to be written.
        written: u32,
        /// Frames in the source ring.
        buffered_frames: u32,
    },
    /// Pool worker: it lives. Twice a second.
    Turns {
        /// Turns taken, wrapping.
        beats: u32,
        /// Jobs completed, wrapping.
        jobs: u32,
        /// Time spent on jobs, wrapping.
        busy_us: u32,
    },
    /// Pool worker: its turn came later than it had asked for, or the slice of a job took that long.
    Late {
        /// By how much, if it waited; or how long it took between two turns of a job.
        late_us: u32,
        /// Whether it had a job at hand.
        busy: bool,
    },
    /// Pool worker: it has a job.
    Claimed {
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// The frame at which its result is needed, wrapping, or the number of a job of the page.
        deadline: u32,
        /// How long it had seen the job wait.
        seen_us: u32,
    },
    /// Pool worker: a job is done.
    Done {
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// As in [`Claimed`](Occurrence::Claimed).
        deadline: u32,
        /// Time spent on it.
        execution_us: u32,
    },
    /// Pool worker: a job was given up because nobody wanted it any more.
    Dropped {
        /// A [`Kind`](crate::job::Kind).
        kind: u32,
        /// As in [`Claimed`](Occurrence::Claimed).
        deadline: u32,
    },
    /// Main thread: something becomes of a worker. The clock is the pool's, so it stands while no worker lives; that of a loss is the
    /// page's.
    Seat {
        /// Whose.
        seat: u32,
        /// What.
        change: SeatChange,
    },
    /// Main thread: the state of the context has changed, or will because the page asked for it.
    Context {
        /// To what.
        state: ContextState,
    },
    /// Main thread: the state of the page has changed.
    Page {
        /// To what.
        state: PageState,
    },
    /// Main thread: it did nothing for long. The event is at the end of the gap.
    PageGap {
        /// How long.
        gap_us: u32,
        /// How long it would have done nothing anyway.
        usual_us: u32,
    },
    /// Main thread: it heard that the audio thread has trapped, at `frame`.
    Trap {
        /// How many there were.
        count: u32,
    },
    /// Main thread: the browser counted more underruns of the device than before (`playbackStats`).
    Device {
        /// Underruns since the context was made.
        events: u32,
        /// Their duration in all.
        duration_us: u32,
        /// How long ago it was asked before.
        since_us: u32,
    },
}

impl Event {
    /// An event at `clock_ms` and `frame`.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    #[inline]
    pub fn new(clock_ms: f64, frame: u64, occurrence: Occurrence) -> Self {
        let (kind, words) = occurrence.to_words();
        Self { clock_ms, frame, kind, words }
    }

    /// What happened; `None` for bits that no event has.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn occurrence(&self) -> Option<Occurrence> {
        Occurrence::from_words(self.kind, self.words)
    }
}

const LOW: u32 = 0xff;
const HALF: u32 = 0xffff;

impl Occurrence {
    #[inline]
    fn to_words(self) -> (u32, [u32; 3]) {
        match self {
            Self::Quanta { inside_us, longest_us, fresh } => (1, [inside_us, longest_us, u32::from(fresh)]),
            Self::Posted { job, kind, slack, for_workers } => {
                (2, [job, kind & LOW | u32::from(for_workers) << 8, slack])
            }
            Self::Brought { job, kind, seat } => (3, [job, kind & LOW | seat << 8, 0]),
            Self::TakenBack { kind, seat, how, waited_us, elapsed, slack } => {
                let frames = elapsed.min(HALF) << 16 | slack.min(HALF);
                (4, [waited_us, kind & LOW | (seat & LOW) << 8 | (how as u32) << 16, frames])
            }
            Self::Refused { kind, slack } => (5, [0, kind, slack]),
            Self::Source { state, buffered_frames, starved_frames } => (6, [state, buffered_frames, starved_frames]),
            Self::Waits { written, buffered_frames } => (7, [written, buffered_frames, 0]),
            Self::GoesOn { written, buffered_frames } => (8, [written, buffered_frames, 0]),
            Self::Turns { beats, jobs, busy_us } => (9, [beats, jobs, busy_us]),
            Self::Late { late_us, busy } => (10, [late_us, u32::from(busy), 0]),
            Self::Claimed { kind, deadline, seen_us } => (11, [kind, deadline, seen_us]),
            Self::Done { kind, deadline, execution_us } => (12, [kind, deadline, execution_us]),
            Self::Dropped { kind, deadline } => (13, [kind, deadline, 0]),
            Self::Seat { seat, change } => (14, [seat, change as u32, 0]),
            Self::Context { state } => (15, [state as u32, 0, 0]),
            Self::Page { state } => (16, [state as u32, 0, 0]),
            Self::PageGap { gap_us, usual_us } => (17, [gap_us, usual_us, 0]),
            Self::Trap { count } => (18, [count, 0, 0]),
            Self::Device { events, duration_us, since_us } => (19, [events, duration_us, since_us]),
            Self::Stream { number, change } => (20, change.to_words(number)),
        }
    }

    fn from_words(number: u32, [a, b, c]: [u32; 3]) -> Option<Self> {
        let (kind, seat) = (b & LOW, b >> 8 & LOW);
        Some(match number {
            1 => Self::Quanta { inside_us: a, longest_us: b, fresh: c != 0 },
            2 => Self::Posted { job: a, kind, slack: c, for_workers: b >> 8 != 0 },
            3 => Self::Brought { job: a, kind, seat },
            4 => {
                let how = [Return::Unclaimed, Return::Silent, Return::Lost].get((b >> 16) as usize).copied()?;
                Self::TakenBack { kind, seat, how, waited_us: a, elapsed: c >> 16, slack: c & HALF }
            }
            5 => Self::Refused { kind: b, slack: c },
            6 => Self::Source { state: a, buffered_frames: b, starved_frames: c },
            7 => Self::Waits { written: a, buffered_frames: b },
            8 => Self::GoesOn { written: a, buffered_frames: b },
            9 => Self::Turns { beats: a, jobs: b, busy_us: c },
            10 => Self::Late { late_us: a, busy: b != 0 },
            11 => Self::Claimed { kind: a, deadline: b, seen_us: c },
            12 => Self::Done { kind: a, deadline: b, execution_us: c },
            13 => Self::Dropped { kind: a, deadline: b },
            14 => {
                use SeatChange::{Buried, Missed, Retired, Taken, Trapped};
                Self::Seat { seat: a, change: [Taken, Retired, Trapped, Missed, Buried].get(b as usize).copied()? }
            }
            15 => {
                use ContextState::{Closed, Interrupted, Running, Suspended};
                Self::Context { state: [Suspended, Running, Interrupted, Closed].get(a as usize).copied()? }
            }
            16 => {
                use PageState::{Frozen, Hidden, Visible};
                Self::Page { state: [Visible, Hidden, Frozen].get(a as usize).copied()? }
            }
            17 => Self::PageGap { gap_us: a, usual_us: b },
            18 => Self::Trap { count: a },
            19 => Self::Device { events: a, duration_us: b, since_us: c },
            20 => {
                let (number, change) = StreamChange::from_words([a, b, c])?;
                Self::Stream { number, change }
            }
            _ => return None,
        })
    }
}

/// Whole microseconds of a duration in ms; 0 for one that is negative or no number.
pub(crate) fn microseconds(ms: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let us = (ms * 1000.0) as u32;
    us
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_eight_words() {
        assert_eq!(size_of::<Event>(), 32);
    }

    #[test]
    fn an_event_says_what_it_was_made_from() {
        let occurrences = [
            Occurrence::Quanta { inside_us: 1, longest_us: 2, fresh: true },
            Occurrence::Posted { job: u32::MAX, kind: 6, slack: 4096, for_workers: true },
            Occurrence::Brought { job: 7, kind: 2, seat: 15 },
            Occurrence::TakenBack {
                kind: 2,
                seat: NO_SEAT,
                how: Return::Unclaimed,
                waited_us: 7,
                elapsed: 9,
                slack: 0,
            },
            Occurrence::TakenBack { kind: 5, seat: 3, how: Return::Lost, waited_us: 0, elapsed: 65_535, slack: 17 },
            Occurrence::Refused { kind: 4, slack: 8192 },
            Occurrence::Source { state: 5, buffered_frames: 3, starved_frames: u32::MAX },
            Occurrence::Waits { written: 9, buffered_frames: 8 },
            Occurrence::GoesOn { written: 9, buffered_frames: 7 },
            Occurrence::Turns { beats: 1, jobs: 2, busy_us: 3 },
            Occurrence::Late { late_us: 40_000, busy: true },
            Occurrence::Claimed { kind: 2, deadline: 1, seen_us: 5 },
            Occurrence::Done { kind: 2, deadline: 1, execution_us: 400 },
            Occurrence::Dropped { kind: 2, deadline: 1 },
            Occurrence::Seat { seat: 4, change: SeatChange::Buried },
            Occurrence::Context { state: ContextState::Interrupted },
            Occurrence::Page { state: PageState::Frozen },
            Occurrence::PageGap { gap_us: 1_000_000, usual_us: 16_667 },
            Occurrence::Trap { count: 2 },
            Occurrence::Device { events: 3, duration_us: 20_000, since_us: 1_000_000 },
            Occurrence::Stream {
                number: 9,
                change: StreamChange::Jumps { track: 1, track_frame: 1 << 33, kept: Some(128) },
            },
        ];
        for occurrence in occurrences {
            let event = Event::new(1.5, 1 << 40, occurrence);
            assert_eq!((event.clock_ms, event.frame, event.occurrence()), (1.5, 1 << 40, Some(occurrence)));
        }
    }

    #[test]
    fn bits_that_no_event_has_are_none() {
        assert_eq!(Event::zeroed().occurrence(), None);
        for (kind, words) in
            [(21, [0; 3]), (20, [0, 0, 15]), (4, [0, 3 << 16, 0]), (14, [0, 5, 0]), (15, [4, 0, 0]), (16, [3, 0, 0])]
        {
            assert_eq!(Event { kind, words, ..Event::zeroed() }.occurrence(), None, "{kind}");
        }
    }

    #[test]
    fn durations_that_are_none_are_0() {
        assert_eq!([1.5, -1.0, f64::NAN, f64::INFINITY].map(microseconds), [1500, 0, 0, u32::MAX]);
    }
}
