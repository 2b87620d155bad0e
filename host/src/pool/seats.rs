//! The seats: stacks and handles in shared memory, more of them than workers, so that a dead one's can rest.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rusty_audio_engine::config::SEATS;
use rusty_audio_protocol::{ErrorCode, Failure};

use crate::error::Result;
use crate::owned_worker::RUN_ON_MS;
use crate::script::now_ms;

use super::member::Working;
use super::surface::Surface;

/// How long a worker may take to end by itself.
const END_LIMIT_MS: f64 = 1_000.0;

struct Resting {
    seat: u32,
    until_ms: f64,
    /// A worker that was asked to end, and which it is.
    leaving: Option<(Working, u32)>,
}

/// Who may sit where.
pub struct Seats {
    surface: Rc<Surface>,
    /// A bit for each seat that somebody has or that rests.
    taken: Cell<u32>,
    stack_tops: [Cell<u32>; SEATS],
    resting: RefCell<Vec<Resting>>,
}

impl Seats {
    /// All free.
    pub fn new(surface: Rc<Surface>) -> Self {
        Self { surface, taken: Cell::new(0), stack_tops: Default::default(), resting: RefCell::default() }
    }

    fn free(&self) -> Option<u32> {
        (0..).take(SEATS).find(|seat| self.taken.get() >> seat & 1 == 0)
    }

    /// Whether one is free.
    pub fn has_free(&self) -> bool {
        self.free().is_some()
    }

    /// Takes a free seat.
    pub fn take(&self) -> Result<u32> {
        let message = "All seats for workers rest: too many workers died within a second.";
        let seat = self.free().ok_or_else(|| Failure::new(ErrorCode::WorkerFailed, message))?;
        self.taken.set(self.taken.get() | 1 << seat);
        Ok(seat)
    }

    /// Top of a seat's stack, which is carved out once.
    pub fn stack_top(&self, seat: u32) -> Result<u32> {
        let Some(top) = self.stack_tops.get(seat as usize) else {
            return Err(Failure::new(ErrorCode::WorkerFailed, "There is no such seat."));
        };
        if top.get() == 0 {
            top.set(self.surface.instance().stack()?);
        }
        Ok(top.get())
    }

    /// The worker on it was terminated: it rests.
    pub fn rest(&self, seat: u32) {
        self.resting.borrow_mut().push(Resting { seat, until_ms: now_ms() + f64::from(RUN_ON_MS), leaving: None });
    }

    /// The worker on it was asked to end.
    pub fn retire(&self, worker: Working, incarnation: u32) {
        let (seat, until_ms) = (worker.seat, now_ms() + END_LIMIT_MS);
        self.resting.borrow_mut().push(Resting { seat, until_ms, leaving: Some((worker, incarnation)) });
    }

    /// A worker that was asked to end says its last word: its seat is free at once.
    pub fn release(&self, seat: u32, incarnation: u32) {
        let is_meant = |resting: &mut Resting| {
            resting.seat == seat && resting.leaving.as_ref().is_some_and(|&(_, leaving)| leaving == incarnation)
        };
        let left: Vec<_> = self.resting.borrow_mut().extract_if(.., is_meant).collect();
        for resting in left {
            self.free_again(resting.seat);
        }
    }

    /// Frees the seats that have rested, and terminates who should have ended by now.
    pub fn look(&self, now_ms: f64) {
        let mut rested = Vec::new();
        self.resting.borrow_mut().retain_mut(|resting| {
            if resting.until_ms > now_ms {
                return true;
            }
            match resting.leaving.take() {
                Some((working, _)) => {
                    working.worker.terminate();
                    resting.until_ms = now_ms + f64::from(RUN_ON_MS);
                    true
                }
                None => {
                    rested.push(resting.seat);
                    false
                }
            }
        });
        for seat in rested {
            self.free_again(seat);
        }
    }

    /// Whether a worker that was asked to end has not.
    pub fn is_anybody_leaving(&self) -> bool {
        self.resting.borrow().iter().any(|resting| resting.leaving.is_some())
    }

    /// Terminates who has not ended.
    pub fn clear(&self) {
        self.resting.borrow_mut().clear();
    }

    /// Whoever sat there has certainly ended: the seat is cleared for another.
    pub fn free_again(&self, seat: u32) {
        self.surface.bury_seat(seat);
        self.taken.set(self.taken.get() & !(1 << seat));
    }
}
