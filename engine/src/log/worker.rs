//! What a pool worker records of its turns and of its jobs.

use super::Allowance;
use crate::config::{LATE_MS, WORKER_JOBS_PER_PULSE, WORKER_PULSE_MS};
use crate::events::{Event, Occurrence, microseconds};
use crate::lockfree::recorder::Recorder;

/// The log of one worker.
pub(crate) struct WorkerLog<'a> {
    recorder: Recorder<'a, Event>,
    now_ms: f64,
    /// When the next turn is to come at the latest; 0 before a worker's first.
    expected_ms: f64,
    pulse_ms: f64,
    /// Jobs whose claim and end may still be recorded before the next pulse.
    allowance: Allowance,
}

impl<'a> WorkerLog<'a> {
    pub(crate) fn new(recorder: Recorder<'a, Event>) -> Self {
        let allowance = Allowance(WORKER_JOBS_PER_PULSE);
        Self { recorder, now_ms: 0.0, expected_ms: 0.0, pulse_ms: f64::NEG_INFINITY, allowance }
    }

    /// A turn begins; `busy` says whether the last one left a job at hand. `turns` makes the pulse.
    pub(crate) fn turn(&mut self, now_ms: f64, busy: bool, turns: impl FnOnce() -> Occurrence) {
        self.now_ms = now_ms;
        let late_ms = now_ms - self.expected_ms;
        if late_ms >= LATE_MS && self.expected_ms > 0.0 {
            self.write(Occurrence::Late { late_us: microseconds(late_ms), busy });
        }
        self.expected_ms = now_ms;
        if now_ms - self.pulse_ms >= WORKER_PULSE_MS {
            self.pulse_ms = now_ms;
            self.allowance = Allowance(WORKER_JOBS_PER_PULSE);
            self.write(turns());
        }
    }

    /// The worker goes to sleep for at most so long.
    pub(crate) fn sleep(&mut self, microseconds: u32) {
        self.expected_ms = self.now_ms + f64::from(microseconds) / 1000.0;
    }

    /// The worker ends. Another on its seat is not late for it.
    pub(crate) fn end(&mut self) {
        self.expected_ms = 0.0;
    }

    /// Records the claim of a job, if there is room for more before the next pulse. Returns whether it did.
    pub(crate) fn claim(&mut self, claimed: Occurrence) -> bool {
        let recorded = self.allowance.take(1);
        if recorded {
            self.write(claimed);
        }
        recorded
    }

    /// Writes what must not be missed.
    pub(crate) fn write(&mut self, occurrence: Occurrence) {
        self.recorder.record(Event::new(self.now_ms, 0, occurrence));
    }
}
