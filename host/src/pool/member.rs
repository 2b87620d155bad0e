//! One worker of the pool, and those that take its place when it dies.

use std::rc::Rc;

use rusty_audio_engine::protocol::SeatTelemetry;

use crate::owned_worker::OwnedWorker;
use crate::script::{Listener, now_ms};

/// A worker that died before so many turns never really started.
const TURNS_OF_A_START: u32 = 4;

/// After the second failed start in a row the next is put off by so long, after each further one by twice as long.
const FIRST_DELAY_MS: f64 = 100.0;
const LONGEST_DELAY_MS: f64 = 10_000.0;

/// The busy share is that of about the last second.
const SHARE_WINDOW_MS: f64 = 1_000.0;

/// Who has a member's place.
pub enum Place {
    /// Nobody, and nobody before that time.
    Vacant {
        /// Milliseconds of the page's clock.
        until_ms: f64,
    },
    /// A worker that has not answered yet.
    Starting {
        /// Its seat.
        seat: u32,
        /// Itself.
        worker: Rc<OwnedWorker>,
        /// When it got its first message.
        since_ms: f64,
    },
    /// A worker that is counted on.
    Working(Working),
}

/// A worker at work.
pub struct Working {
    /// Its seat.
    pub seat: u32,
    /// Itself.
    pub worker: Rc<OwnedWorker>,
    _listeners: [Listener; 2],
    /// Jobs that workers before it have done on its seat.
    pub jobs_before: u32,
    beats_before: u32,
    beats: u32,
    silent_ms: f64,
    /// Busy time and time of the look that began the window of the share.
    window: (u32, f64),
    /// Share of the last window that it was busy, 0 to 1.
    pub busy_share: f64,
}

impl Working {
    /// Takes over what a look has seen. Returns for how many milliseconds it has taken no turn.
    pub fn hear(&mut self, telemetry: &SeatTelemetry, now_ms: f64, elapsed_ms: f64) -> f64 {
        match telemetry.beats == self.beats {
            true => self.silent_ms += elapsed_ms,
            false => (self.beats, self.silent_ms) = (telemetry.beats, 0.0),
        }
        let (busy_us, since_ms) = self.window;
        if now_ms - since_ms >= SHARE_WINDOW_MS {
            let busy_ms = f64::from(telemetry.busy_us.wrapping_sub(busy_us)) / 1000.0;
            self.busy_share = (busy_ms / (now_ms - since_ms)).min(1.0);
            self.window = (telemetry.busy_us, now_ms);
        }
        self.silent_ms
    }
}

/// A worker of the pool, as the page counts them.
pub struct Member {
    /// Which worker has the place now.
    pub incarnation: u32,
    /// Who has it.
    pub place: Place,
    /// How often it was replaced.
    pub restarts: u32,
    /// Why it was, the last time.
    pub last_exit: Option<String>,
    /// How long the last replacement took, from the last sign of life to the first of the next worker, in ms.
    pub replacement_ms: Option<f64>,
    failed_starts: u32,
    lost_ms: Option<f64>,
}

impl Member {
    /// Nobody yet.
    pub fn new() -> Self {
        Self {
            incarnation: 0,
            place: Place::Vacant { until_ms: 0.0 },
            restarts: 0,
            last_exit: None,
            replacement_ms: None,
            failed_starts: 0,
            lost_ms: None,
        }
    }

    /// The seat, if somebody sits there.
    pub fn seat(&self) -> Option<u32> {
        match &self.place {
            Place::Vacant { .. } => None,
            Place::Starting { seat, .. } => Some(*seat),
            Place::Working(working) => Some(working.seat),
        }
    }

    /// Whether a worker is on its way, and has not failed before.
    pub fn is_coming(&self) -> bool {
        !matches!(self.place, Place::Working(_)) && self.failed_starts == 0
    }

    /// The worker has answered; `before` is what is known of its seat.
    pub fn begin(&mut self, seat: u32, worker: Rc<OwnedWorker>, listeners: [Listener; 2], before: SeatTelemetry) {
        let now = now_ms();
        self.replacement_ms = self.lost_ms.take().map(|lost| now - lost).or(self.replacement_ms);
        self.place = Place::Working(Working {
            seat,
            worker,
            _listeners: listeners,
            jobs_before: before.jobs,
            beats_before: before.beats,
            beats: before.beats,
            silent_ms: 0.0,
            window: (before.busy_us, now),
            busy_share: 0.0,
        });
    }

    /// The worker is dead. Returns its seat and itself.
    pub fn die(&mut self, reason: &str, beats: u32) -> Option<(u32, Rc<OwnedWorker>)> {
        let vacant = Place::Vacant { until_ms: 0.0 };
        match core::mem::replace(&mut self.place, vacant) {
            Place::Vacant { .. } => None,
            Place::Starting { seat, worker, .. } => {
                self.fail_to_start(reason);
                Some((seat, worker))
            }
            Place::Working(Working { seat, worker, beats_before, silent_ms, .. }) => {
                self.lost_ms = Some(now_ms() - silent_ms);
                self.restarts += 1;
                match beats.wrapping_sub(beats_before) < TURNS_OF_A_START {
                    true => self.fail_to_start(reason),
                    false => (self.failed_starts, self.last_exit) = (0, Some(reason.into())),
                }
                Some((seat, worker))
            }
        }
    }

    /// Nobody could be put there. The first time another is tried at once.
    pub fn fail_to_start(&mut self, reason: &str) {
        let doublings = i32::try_from(self.failed_starts).unwrap_or(i32::MAX) - 1;
        let delay_ms = if doublings < 0 { 0.0 } else { FIRST_DELAY_MS * 2f64.powi(doublings) };
        self.failed_starts += 1;
        self.last_exit = Some(reason.into());
        self.place = Place::Vacant { until_ms: now_ms() + delay_ms.min(LONGEST_DELAY_MS) };
    }
}
