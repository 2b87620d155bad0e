//! A pool worker: takes turns, keeps time if it is its task, and runs jobs slice by slice.
//!
//! Nobody wakes a worker from the audio thread. One of them, the timekeeper, waits about a millisecond at a time, stamps a
//! clock into shared memory and wakes others when there is work; when the stamp grows stale another takes the role over.
//!
//! Work is spread evenly: a job is for the idle worker that has claimed the fewest. Any other takes it only if it is
//! still there a tick later. So as long as all of them wake up in time, their counts differ by one at most.

use crate::config::{AUDIO_JOBS, PAGE_JOBS};
use crate::events::{Occurrence, microseconds};
use crate::job::{Commons, Fault, fault_before, run_slice};
use crate::lockfree::atomics::Ordering;
use crate::lockfree::board::{Claim, Claimer, Class, Noticeboard, Offer};
use crate::lockfree::park;
use crate::log::WorkerLog;
use crate::seats::{NOBODY, PoolShared, Seat};

/// How long the timekeeper sleeps between two stamps.
const TICK_US: u32 = 1_000;

/// How long the others sleep when nobody wakes them.
const IDLE_US: u32 = 10_000;

/// A stamp older than this is stale: the timekeeper is dead or starved.
const STALE_MS: f64 = 20.0;

/// A job that was seen so long ago and is still there is anyone's.
const OVERDUE_MS: f64 = 1.0;

/// Turns of a delayed worker in which it does nothing but what delays it: about 10 ms each. Together they are too long for a job that
/// is waited for, and too short for the page to take the worker for dead.
const DELAY_TURNS: u32 = 6;

/// No job of ours has more; a descriptor that says so was corrupted.
const MAX_SLICES: u32 = 1 << 16;

/// What the caller does after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Call again.
    Again,
    /// End: the worker has been retired.
    Stop,
    /// Let this befall the worker, in the middle of a test job.
    Suffer(Fault),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Board {
    Audio,
    Page,
}

struct Running {
    board: Board,
    claim: Claim,
    slices: u32,
    execution_ms: f64,
    suffered: bool,
    /// Whether its claim was recorded, so that its end is, too.
    recorded: bool,
}

/// When a job was first seen waiting.
#[derive(Clone, Copy)]
struct Seen {
    generation: u32,
    at_ms: f64,
}

const NEVER: Seen = Seen { generation: u32::MAX, at_ms: 0.0 };

/// A worker's handle.
pub struct Worker<'a> {
    shared: &'a PoolShared<'a>,
    seat: u32,
    audio: Claimer<'a>,
    page: Claimer<'a>,
    commons: Commons<'a>,
    /// The jobs at hand, one of each class at most: a more urgent one goes between two slices of the others.
    running: [Option<Running>; Class::COUNT],
    audio_seen: [Seen; AUDIO_JOBS],
    page_seen: [Seen; PAGE_JOBS],
    /// Class and start of the slice that the last turn ran.
    slice: Option<(usize, f64)>,
    /// Jobs since the last one whose time went into a histogram.
    unsampled: u32,
    /// Turns of a delay that are left.
    delay_turns: u32,
    log: WorkerLog<'a>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        shared: &'a PoolShared<'a>,
        seat: u32,
        boards: &[Noticeboard<'a>; 2],
        commons: Commons<'a>,
        log: WorkerLog<'a>,
    ) -> Self {
        let [audio, page] = boards;
        Self {
            shared,
            seat,
            audio: audio.claimer(seat),
            page: page.claimer(seat),
            commons,
            running: [const { None }; Class::COUNT],
            audio_seen: [NEVER; AUDIO_JOBS],
            page_seen: [NEVER; PAGE_JOBS],
            slice: None,
            unsampled: 0,
            delay_turns: 0,
            log,
        }
    }

    /// One turn: at most one slice of a job, or a timed wait. `now_ms` is the caller's monotonic clock; all workers of a
    /// pool must use the same one. The time from one call to the next is taken for the slice's.
    ///
    /// # Real-time
    /// Worker; blocks for at most 10 ms.
    pub fn turn(&mut self, now_ms: f64) -> Turn {
        let shared = self.shared;
        let Some(seat) = shared.seats.get(self.seat as usize) else { return Turn::Stop };
        if self.delay_turns > 0 {
            // One that is given up meanwhile goes on at once: it tells that it lives before the browser ends its thread.
            let given_up = seat.retiring.load(Ordering::Acquire) != 0;
            self.delay_turns = if given_up { 0 } else { self.delay_turns - 1 };
            if self.delay_turns > 0 {
                return Turn::Suffer(Fault::Delay);
            }
        }
        let wake = seat.wake.load(Ordering::Acquire);
        seat.beats.store(seat.beats.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        self.log.turn(now_ms, self.at_hand().is_some(), || Occurrence::Turns {
            beats: seat.beats.load(Ordering::Relaxed),
            jobs: seat.jobs.read(),
            busy_us: seat.busy_us.read(),
        });
        self.account(seat, now_ms);
        let keeps_time = self.keeps_time(now_ms);
        if keeps_time {
            shared.stamp(now_ms);
        }
        let retiring = seat.retiring.load(Ordering::Acquire) != 0;
        let waits = !retiring && self.claim_next(seat, now_ms);
        if let Some(class) = self.at_hand() {
            return self.run(seat, class, now_ms);
        }
        seat.busy.store(0, Ordering::Relaxed);
        if retiring {
            let _ = shared.timekeeper.compare_exchange(self.seat, NOBODY, Ordering::AcqRel, Ordering::Relaxed);
            self.log.end();
            return Turn::Stop;
        }
        // Work that waits for another worker is looked at again a tick later.
        let limit_us = if keeps_time || waits { TICK_US } else { IDLE_US };
        self.log.sleep(limit_us);
        park::wait(&seat.wake, wake, limit_us);
        Turn::Again
    }

    fn keeps_time(&self, now_ms: f64) -> bool {
        let keeper = self.shared.timekeeper.load(Ordering::Acquire);
        if keeper == self.seat {
            return true;
        }
        let fresh = keeper != NOBODY && now_ms - self.shared.clock_ms() <= STALE_MS;
        let exchange =
            || self.shared.timekeeper.compare_exchange(keeper, self.seat, Ordering::AcqRel, Ordering::Relaxed);
        !fresh && exchange().is_ok()
    }

    /// The most urgent class that is at hand.
    fn at_hand(&self) -> Option<usize> {
        self.running.iter().position(Option::is_some)
    }

    /// Adds the last turn's slice to its job, and publishes the job if that was its last.
    fn account(&mut self, seat: &Seat, now_ms: f64) {
        let Some((class, since_ms)) = self.slice.take() else { return };
        let Some(place) = self.running.get_mut(class) else { return };
        let Some(mut running) = place.take() else { return };
        let spent_ms = (now_ms - since_ms).max(0.0);
        running.execution_ms += spent_ms;
        seat.busy_us.add(microseconds(spent_ms));
        if running.slices < running.claim.descriptor().slices.min(MAX_SLICES) {
            *place = Some(running);
            return;
        }
        let execution_us = microseconds(running.execution_ms);
        let (kind, deadline) = (running.claim.descriptor().kind, running.claim.deadline());
        self.sample(seat, kind, execution_us);
        if running.recorded {
            self.log.write(Occurrence::Done { kind, deadline, execution_us });
        }
        match running.board {
            Board::Audio => self.audio.complete(running.claim, execution_us),
            Board::Page => self.page.complete(running.claim, execution_us),
        };
        seat.jobs.add(1);
        if running.board == Board::Page {
            self.tell_page();
        }
    }

    fn sample(&mut self, seat: &Seat, kind: u32, execution_us: u32) {
        let period = self.shared.sampling.load(Ordering::Relaxed);
        self.unsampled = self.unsampled.wrapping_add(1);
        if period != 0 && self.unsampled >= period {
            self.unsampled = 0;
            if let Some(histogram) = seat.execution.get(kind as usize) {
                histogram.record(execution_us);
            }
        }
    }

    fn tell_page(&self) {
        self.shared.finished.fetch_add(1, Ordering::AcqRel);
        park::wake(&self.shared.finished);
    }

    /// Claims the most urgent job that waits, if it is more urgent than all at hand and for this worker. Returns whether
    /// one is left to others.
    fn claim_next(&mut self, seat: &Seat, now_ms: f64) -> bool {
        let mut best: Option<(Board, Offer)> = None;
        let mut seen_ms = 0.0;
        for board in [Board::Audio, Board::Page] {
            let (claimer, seen): (_, &mut [Seen]) = match board {
                Board::Audio => (&self.audio, &mut self.audio_seen),
                Board::Page => (&self.page, &mut self.page_seen),
            };
            for offer in claimer.offers() {
                let Some(seen) = seen.get_mut(offer.slot) else { continue };
                if seen.generation != offer.generation() {
                    *seen = Seen { generation: offer.generation(), at_ms: now_ms };
                }
                if best.is_none_or(|(_, best)| offer.precedes(&best)) {
                    best = Some((board, offer));
                    seen_ms = now_ms - seen.at_ms;
                }
            }
        }
        let Some((board, offer)) = best else { return false };
        let class = offer.class as usize;
        if self.at_hand().is_some_and(|at_hand| at_hand <= class) {
            return true;
        }
        let next = self.shared.next_seat();
        // A worker that has a less urgent job at hand is not idle, but it is here.
        if next.is_none_or(|next| next == self.seat) || seen_ms >= OVERDUE_MS {
            let claimer = match board {
                Board::Audio => &mut self.audio,
                Board::Page => &mut self.page,
            };
            if let Some(claim) = claimer.claim(offer)
                && let Some(place) = self.running.get_mut(class)
            {
                seat.busy.store(1, Ordering::Relaxed);
                seat.claims.fetch_add(1, Ordering::Relaxed);
                let (kind, deadline) = (claim.descriptor().kind, claim.deadline());
                let seen_us = microseconds(seen_ms);
                let recorded = self.log.claim(Occurrence::Claimed { kind, deadline, seen_us });
                *place = Some(Running { board, claim, slices: 0, execution_ms: 0.0, suffered: false, recorded });
            }
            // Whatever else waits is for the next.
            self.wake_next();
        } else {
            self.wake_next();
        }
        true
    }

    fn wake_next(&self) {
        let waiting = self.audio.offers().next().is_some() || self.page.offers().next().is_some();
        if let Some(next) = self.shared.next_seat().filter(|&next| waiting && next != self.seat) {
            self.shared.wake(next);
        }
    }

    /// Runs the next slice of the job of `class`.
    fn run(&mut self, seat: &Seat, class: usize, now_ms: f64) -> Turn {
        let Some(place) = self.running.get_mut(class) else { return Turn::Again };
        let Some(mut running) = place.take() else { return Turn::Again };
        let claimer = match running.board {
            Board::Audio => &mut self.audio,
            Board::Page => &mut self.page,
        };
        if !claimer.is_wanted(&running.claim) {
            let (kind, deadline) = (running.claim.descriptor().kind, running.claim.deadline());
            claimer.fail(running.claim);
            seat.unwanted_jobs.add(1);
            if running.recorded {
                self.log.write(Occurrence::Dropped { kind, deadline });
            }
            return Turn::Again;
        }
        if let Some(fault) = fault_before(running.claim.descriptor(), running.slices)
            && !running.suffered
        {
            running.suffered = true;
            *place = Some(running);
            if fault == Fault::Delay {
                self.delay_turns = DELAY_TURNS;
            }
            return Turn::Suffer(fault);
        }
        let (slice, commons) = (running.slices, &self.commons);
        claimer.compute(&running.claim, |descriptor, input, output| {
            run_slice(descriptor, slice, input, output, commons);
        });
        running.slices += 1;
        claimer.progress(&running.claim, running.slices);
        *place = Some(running);
        self.slice = Some((class, now_ms));
        Turn::Again
    }
}
