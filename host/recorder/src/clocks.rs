//! The events of all threads on one time line.

use rusty_audio_engine::events::{Event, Occurrence};

use crate::timeline::milliseconds;
use crate::{Recording, Span};

/// Places events on one time line.
pub(crate) struct Clocks {
    /// When the first event began.
    pub(crate) zero_ms: f64,
    sample_rate: f64,
    /// Frame from which on events without a clock are placed.
    first_frame: u64,
}

impl Clocks {
    pub(crate) fn new(recording: &Recording) -> Self {
        let events = || recording.tracks.iter().flat_map(|track| &track.events);
        let from = |event: &Event| span_of(event).from_ms;
        let zero_ms = events().map(from).filter(|ms| ms.is_finite()).fold(f64::INFINITY, f64::min);
        Self {
            zero_ms: if zero_ms.is_finite() { zero_ms } else { 0.0 },
            sample_rate: recording.sample_rate,
            first_frame: events().filter(|event| event.frame != 0).map(|event| event.frame).min().unwrap_or(0),
        }
    }

    /// µs from the first event on.
    pub(crate) fn microseconds(&self, ms: f64) -> f64 {
        ((ms - self.zero_ms) * 1000.0).max(0.0)
    }

    /// Where an event is, in µs from the first one on. Without a clock the context's time must do.
    pub(crate) fn of(&self, event: &Event) -> f64 {
        if event.clock_ms.is_finite() {
            return self.microseconds(event.clock_ms);
        }
        #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
        let frames = event.frame.saturating_sub(self.first_frame) as f64;
        frames * 1e6 / self.sample_rate
    }
}

/// What an event says lasted until it was written.
pub(crate) fn span_of(event: &Event) -> Span {
    let lasted_ms = match event.occurrence() {
        Some(Occurrence::Late { late_us, .. }) => milliseconds(late_us),
        Some(Occurrence::PageGap { gap_us, .. }) => milliseconds(gap_us),
        _ => 0.0,
    };
    Span { from_ms: event.clock_ms - lasted_ms, to_ms: event.clock_ms }
}
