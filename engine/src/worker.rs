//! The pool: workers that keep time and look for work.
//!
//! Nobody wakes a worker from the audio thread. One of them, the timekeeper, waits about a millisecond at a time and
//! stamps a clock into shared memory; when the stamp grows stale another takes the role over.

use core::array;

use atomic_float::AtomicF64;

use crate::config::MAX_WORKERS;
use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::lockfree::park;

/// How long the timekeeper sleeps between two stamps.
const TICK_US: u32 = 1_000;

/// How long the others sleep when nobody wakes them.
const IDLE_US: u32 = 50_000;

/// A stamp older than this is stale: the timekeeper is dead or starved.
const STALE_MS: f64 = 100.0;

const NOBODY: u32 = u32::MAX;

/// The words that the pool shares.
pub(crate) struct PoolShared {
    /// Bumped before every wake-up; what sleeping workers compare.
    signal: AtomicU32,
    stopping: AtomicU32,
    timekeeper: AtomicU32,
    clock_ms: AtomicF64,
    turns: [AtomicU32; MAX_WORKERS],
}

impl PoolShared {
    pub(crate) fn new() -> Self {
        Self {
            signal: AtomicU32::new(0),
            stopping: AtomicU32::new(0),
            timekeeper: AtomicU32::new(NOBODY),
            clock_ms: AtomicF64::new(f64::NEG_INFINITY),
            turns: array::from_fn(|_| AtomicU32::new(0)),
        }
    }
}

/// What a worker does after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Call again.
    Again,
    /// The pool is being shut down.
    Stop,
}

/// A worker's handle.
pub struct Worker<'a> {
    shared: &'a PoolShared,
    slot: u32,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(shared: &'a PoolShared, slot: u32) -> Self {
        Self { shared, slot }
    }

    /// One turn: a stamp if it is this worker's task to keep time, then a timed wait. `now_ms` is the caller's
    /// monotonic clock; all workers of a pool must use the same one.
    ///
    /// # Real-time
    /// Worker; blocks for at most 50 ms.
    pub fn turn(&mut self, now_ms: f64) -> Turn {
        let shared = self.shared;
        let signal = shared.signal.load(Ordering::Acquire);
        if shared.stopping.load(Ordering::Acquire) != 0 {
            return Turn::Stop;
        }
        if let Some(turns) = shared.turns.get(self.slot as usize) {
            turns.fetch_add(1, Ordering::Relaxed);
        }
        if self.keeps_time(now_ms) {
            shared.clock_ms.store(now_ms, Ordering::Release);
            park::wait(&shared.signal, signal, TICK_US);
        } else {
            park::wait(&shared.signal, signal, IDLE_US);
        }
        Turn::Again
    }

    fn keeps_time(&self, now_ms: f64) -> bool {
        let keeper = self.shared.timekeeper.load(Ordering::Acquire);
        if keeper == self.slot {
            return true;
        }
        let fresh = now_ms - self.shared.clock_ms.load(Ordering::Acquire) <= STALE_MS;
        !fresh
            && self.shared.timekeeper.compare_exchange(keeper, self.slot, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

/// The main thread's handle of the pool.
pub struct PoolController<'a> {
    shared: &'a PoolShared,
    workers: u32,
}

impl<'a> PoolController<'a> {
    pub(crate) fn new(shared: &'a PoolShared, workers: u32) -> Self {
        Self { shared, workers }
    }

    /// How many workers the pool has.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn workers(&self) -> u32 {
        self.workers
    }

    /// Turns that a worker has taken, wrapping: a number that stands still belongs to a worker that is dead.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn turns(&self, slot: u32) -> u32 {
        self.shared.turns.get(slot as usize).map_or(0, |turns| turns.load(Ordering::Relaxed))
    }

    /// The timekeeper's last stamp in ms; negative infinity before the first.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn clock_ms(&self) -> f64 {
        self.shared.clock_ms.load(Ordering::Acquire)
    }

    /// Tells every worker to stop at its next turn, and wakes them.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn stop(&self) {
        self.shared.stopping.store(1, Ordering::Release);
        self.shared.signal.fetch_add(1, Ordering::AcqRel);
        park::wake_all(&self.shared.signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::split::pool;

    #[test]
    fn one_keeps_time_and_another_takes_over_when_it_dies() {
        let mut memory = Memory::new(1 << 12);
        let (controller, mut workers) = pool(&mut memory.arena(), 2).unwrap();
        let [Some(first), Some(second), ..] = &mut workers else { panic!("two workers") };
        first.turn(10.0);
        assert_eq!(controller.clock_ms(), 10.0);
        second.turn(50.0);
        assert_eq!(controller.clock_ms(), 10.0, "the stamp was fresh");
        second.turn(200.0);
        assert_eq!(controller.clock_ms(), 200.0, "the first did not stamp for long");
        first.turn(201.0);
        assert_eq!(controller.clock_ms(), 200.0, "there is one timekeeper");
        assert_eq!((controller.turns(0), controller.turns(1)), (2, 2));
    }

    #[test]
    fn stop_reaches_every_worker() {
        let mut memory = Memory::new(1 << 12);
        let (controller, workers) = pool(&mut memory.arena(), 3).unwrap();
        controller.stop();
        let stopped = workers.into_iter().flatten().map(|mut worker| worker.turn(0.0));
        assert!(stopped.eq([Turn::Stop; 3]));
    }

    #[test]
    fn a_pool_has_one_to_eight_workers() {
        let mut memory = Memory::new(1 << 12);
        assert!(pool(&mut memory.arena(), 0).is_err());
        assert!(pool(&mut memory.arena(), 9).is_err());
        assert!(pool(&mut memory.arena(), 8).is_ok());
    }
}
