//! The words that the pool's threads share.

use core::array;

use atomic_float::AtomicF64;

use crate::config::{ConfigError, SEATS};
use crate::job::Kind;
use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::lockfree::counter::Counter;
use crate::lockfree::histogram::Histogram;
use crate::lockfree::park;
use crate::memory::Arena;

pub(crate) const NOBODY: u32 = u32::MAX;

/// The words of one seat. Written by its worker unless a comment names another.
#[repr(C, align(64))]
pub(crate) struct Seat {
    /// Bumped by whoever wakes the worker; compared by its wait.
    pub(crate) wake: AtomicU32,
    /// Written by the main thread: end after the job at hand.
    pub(crate) retiring: AtomicU32,
    /// Turns taken. While it moves, the worker lives.
    pub(crate) beats: AtomicU32,
    /// Jobs claimed; the main thread starts it at the others' highest. Who has the fewest is the next.
    pub(crate) claims: AtomicU32,
    /// 1 while it has a job.
    pub(crate) busy: AtomicU32,
    pub(crate) jobs: Counter,
    pub(crate) unwanted_jobs: Counter,
    pub(crate) busy_us: Counter,
    /// Execution times by [`Kind`].
    pub(crate) execution: [Histogram; Kind::COUNT],
}

impl Seat {
    fn new() -> Self {
        Self {
            wake: AtomicU32::new(0),
            retiring: AtomicU32::new(0),
            beats: AtomicU32::new(0),
            claims: AtomicU32::new(0),
            busy: AtomicU32::new(0),
            jobs: Counter::new(),
            unwanted_jobs: Counter::new(),
            busy_us: Counter::new(),
            execution: array::from_fn(|_| Histogram::new()),
        }
    }
}

/// The words that the pool shares.
pub(crate) struct PoolShared<'a> {
    /// Seat of the worker that keeps time.
    pub(crate) timekeeper: AtomicU32,
    clock_ms: AtomicF64,
    /// Seats that have a worker, a bit each; written by the main thread.
    pub(crate) taken: AtomicU32,
    /// Bumped, with a wake-up, when a job of the main thread has ended.
    pub(crate) finished: AtomicU32,
    /// The execution time of every so many jobs goes into the histograms; 0 for none. Written by the main thread.
    pub(crate) sampling: AtomicU32,
    pub(crate) dispatched: DispatchCounts,
    pub(crate) seats: [&'a Seat; SEATS],
}

impl<'a> PoolShared<'a> {
    /// Each seat is placed by itself: all together are too much for a thread's stack.
    pub(crate) fn place(arena: &mut Arena<'a>) -> Result<&'a Self, ConfigError> {
        let mut seats = [None; SEATS];
        for seat in &mut seats {
            *seat = Some(&*arena.place(Seat::new())?);
        }
        let [Some(first), ..] = seats else {
            return Err(ConfigError::OutOfMemory { needed_bytes: 0, available_bytes: 0 });
        };
        Ok(arena.place(Self {
            timekeeper: AtomicU32::new(NOBODY),
            clock_ms: AtomicF64::new(f64::NEG_INFINITY),
            taken: AtomicU32::new(0),
            finished: AtomicU32::new(0),
            sampling: AtomicU32::new(1),
            dispatched: DispatchCounts::default(),
            seats: seats.map(|seat| seat.unwrap_or(first)),
        })?)
    }

    /// The timekeeper's last stamp; negative infinity before the first.
    pub(crate) fn clock_ms(&self) -> f64 {
        self.clock_ms.load(Ordering::Acquire)
    }

    pub(crate) fn stamp(&self, now_ms: f64) {
        self.clock_ms.store(now_ms, Ordering::Release);
    }

    /// Among the workers that have nothing to do, the one that has claimed the fewest jobs.
    pub(crate) fn next_seat(&self) -> Option<u32> {
        let taken = self.taken.load(Ordering::Relaxed);
        let mut next: Option<(u32, u32)> = None;
        for (number, seat) in (0..).zip(self.seats) {
            if taken >> number & 1 == 0 || seat.busy.load(Ordering::Relaxed) != 0 {
                continue;
            }
            let claims = seat.claims.load(Ordering::Relaxed);
            if next.is_none_or(|(_, fewest)| claims.wrapping_sub(fewest).cast_signed() < 0) {
                next = Some((number, claims));
            }
        }
        next.map(|(number, _)| number)
    }

    pub(crate) fn wake(&self, seat: u32) {
        if let Some(seat) = self.seats.get(seat as usize) {
            seat.wake.fetch_add(1, Ordering::AcqRel);
            park::wake(&seat.wake);
        }
    }
}

/// Where jobs ran, counted since the start; each wraps at 2³². Written by the audio thread.
#[derive(Default)]
pub(crate) struct DispatchCounts {
    /// Computed by workers.
    pub(crate) by_workers: Counter,
    /// Computed by the audio thread from the start.
    pub(crate) own: Counter,
    /// Taken back unclaimed.
    pub(crate) taken_unclaimed: Counter,
    /// Taken back from a worker that was silent or had failed.
    pub(crate) taken_silent: Counter,
    /// Not computed at all: the board was full of jobs that dead workers have.
    pub(crate) refused: Counter,
}
