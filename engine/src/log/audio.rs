//! What the audio thread records of its quanta and of its jobs.

use super::Allowance;
use crate::config::{EVENTFUL_MS, JOB_EVENTS_PER_PULSE, PULSE_SECONDS};
use crate::events::{Event, Occurrence, microseconds};
use crate::lockfree::recorder::Recorder;

/// Pulses after which one is recorded although the clock stands.
const PATIENCE_PULSES: u64 = 8;

/// The audio thread's log. It has no clock of its own: whatever time passes is seen in the steps of the pool's.
pub(crate) struct AudioLog<'a> {
    recorder: Recorder<'a, Event>,
    pulse_frames: u64,
    /// First frame of the present quantum.
    frame: u64,
    /// The pool's clock at the beginning of the present quantum, and when it was last left.
    began_ms: f64,
    left_ms: f64,
    /// Since the last pulse.
    inside_ms: f64,
    longest_ms: f64,
    pulse_frame: u64,
    allowance: Allowance,
}

impl<'a> AudioLog<'a> {
    pub(crate) fn new(recorder: Recorder<'a, Event>, sample_rate: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of frames")]
        let pulse_frames = (PULSE_SECONDS * sample_rate) as u64;
        Self {
            recorder,
            pulse_frames,
            frame: 0,
            began_ms: f64::NEG_INFINITY,
            left_ms: f64::NEG_INFINITY,
            inside_ms: 0.0,
            longest_ms: 0.0,
            pulse_frame: 0,
            allowance: Allowance(JOB_EVENTS_PER_PULSE),
        }
    }

    /// The pool's clock at the beginning of the present quantum.
    pub(crate) fn clock_ms(&self) -> f64 {
        self.began_ms
    }

    /// The quantum at `frame` begins.
    pub(crate) fn begin(&mut self, clock_ms: f64, frame: u64) {
        // Not a number while nobody has kept time, endless when somebody begins to.
        let elapsed_ms = clock_ms - self.began_ms;
        let elapsed_ms = if elapsed_ms < f64::INFINITY { elapsed_ms } else { 0.0 };
        self.inside_ms += (self.left_ms - self.began_ms).max(0.0);
        self.longest_ms = self.longest_ms.max(elapsed_ms);
        (self.began_ms, self.left_ms, self.frame) = (clock_ms, clock_ms, frame);
        let since = frame.wrapping_sub(self.pulse_frame);
        let fresh = elapsed_ms > 0.0;
        // A clock that has not been stamped for long would tell of a time that has passed.
        let due = since >= self.pulse_frames && (fresh || since >= self.pulse_frames * PATIENCE_PULSES);
        if due || elapsed_ms >= EVENTFUL_MS {
            let (inside_us, longest_us) = (microseconds(self.inside_ms), microseconds(self.longest_ms));
            self.write(Occurrence::Quanta { inside_us, longest_us, fresh });
            (self.inside_ms, self.longest_ms) = (0.0, 0.0);
            if since >= self.pulse_frames {
                self.pulse_frame = frame;
                self.allowance = Allowance(JOB_EVENTS_PER_PULSE);
            }
        }
    }

    /// The present quantum is rendered, or as much of it as one node has.
    pub(crate) fn leave(&mut self, clock_ms: f64) {
        self.left_ms = clock_ms;
    }

    /// What went well with a job, if there is room for more of it before the next pulse.
    pub(crate) fn usual(&mut self, occurrence: Occurrence) {
        if self.allowance.take(1) {
            self.write(occurrence);
        }
    }

    /// What did not.
    pub(crate) fn write(&mut self, occurrence: Occurrence) {
        self.recorder.record(Event::new(self.began_ms, self.frame, occurrence));
    }
}
