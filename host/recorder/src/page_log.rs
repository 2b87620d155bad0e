//! What the main thread notes down: the state of context and page, its own gaps, traps, and what the browser counts.

use std::collections::VecDeque;

use rusty_audio_engine::events::{ContextState, Event, Occurrence, PageState};

/// Events that are kept: the last 30 s of a page that misses every second beat, 32 KiB.
const CAPACITY: usize = 1024;

/// From one beat of a visible page's timer to the next.
pub const BEAT_MS: f64 = 100.0;

/// The same for a hidden page, whose timers browsers let fire once a second; and while nobody looks at what is noted down.
pub const SLOW_BEAT_MS: f64 = 1000.0;

/// A beat that comes after so many times the usual is a gap.
const GAP_BEATS: f64 = 3.0;

/// The main thread's part of the flight recorder. It outlives the engine's memory, so also what happens while a fresh engine is made.
#[derive(Debug)]
pub struct PageLog {
    events: VecDeque<Event>,
    state: PageState,
    is_slow: bool,
    beat_ms: Option<f64>,
    traps: u32,
    /// Events and when `playbackStats` were last asked.
    device: Option<(u32, f64)>,
}

impl Default for PageLog {
    fn default() -> Self {
        Self {
            events: VecDeque::new(),
            state: PageState::Visible,
            is_slow: false,
            beat_ms: None,
            traps: 0,
            device: None,
        }
    }
}

impl PageLog {
    /// The events, oldest first.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// The state of the context is or will be another one. To be called when the page suspends it, too, since the event of the
    /// browser may come late.
    pub fn context(&mut self, now_ms: f64, state: ContextState) {
        self.write(now_ms, 0, Occurrence::Context { state });
    }

    /// The page is seen, not seen, or frozen.
    pub fn page(&mut self, now_ms: f64, state: PageState) {
        self.beat(now_ms);
        self.state = state;
        self.write(now_ms, 0, Occurrence::Page { state });
    }

    /// From the last beat on the timer is one of [`SLOW_BEAT_MS`], or of [`BEAT_MS`].
    pub fn slow(&mut self, is_slow: bool) {
        self.is_slow = is_slow;
    }

    /// The main thread does something: to be called by a timer, every [`BEAT_MS`] or [`SLOW_BEAT_MS`].
    pub fn beat(&mut self, now_ms: f64) {
        let usual_ms = if self.state == PageState::Visible && !self.is_slow { BEAT_MS } else { SLOW_BEAT_MS };
        if let Some(last_ms) = self.beat_ms.replace(now_ms)
            && now_ms - last_ms > GAP_BEATS * usual_ms
        {
            let (gap_us, usual_us) = (microseconds(now_ms - last_ms), microseconds(usual_ms));
            self.write(now_ms, 0, Occurrence::PageGap { gap_us, usual_us });
        }
    }

    /// The audio thread has trapped in the quantum at `frame`.
    pub fn trap(&mut self, now_ms: f64, frame: u64) {
        self.traps += 1;
        self.write(now_ms, frame, Occurrence::Trap { count: self.traps });
    }

    /// What `playbackStats` say: underruns since the context was made, and their duration in all. To be called once a second.
    pub fn device(&mut self, now_ms: f64, events: u32, duration_ms: f64) {
        let (before, asked_ms) = self.device.replace((events, now_ms)).unwrap_or((0, now_ms));
        if events != before {
            let (duration_us, since_us) = (microseconds(duration_ms), microseconds(now_ms - asked_ms));
            self.write(now_ms, 0, Occurrence::Device { events, duration_us, since_us });
        }
    }

    fn write(&mut self, now_ms: f64, frame: u64, occurrence: Occurrence) {
        if self.events.len() == CAPACITY {
            self.events.pop_front();
        }
        self.events.push_back(Event::new(now_ms, frame, occurrence));
    }
}

fn microseconds(ms: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let us = (ms * 1000.0) as u32;
    us
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(log: &PageLog) -> Vec<Occurrence> {
        log.events().map(|event| event.occurrence().unwrap()).collect()
    }

    #[test]
    fn a_gap_is_what_is_long_for_the_page_as_it_is_seen() {
        let mut log = PageLog::default();
        log.beat(0.0);
        log.beat(250.0);
        assert_eq!(told(&log), []);
        log.beat(1250.0);
        assert_eq!(told(&log), [Occurrence::PageGap { gap_us: 1_000_000, usual_us: 100_000 }]);
        log.page(1300.0, PageState::Hidden);
        log.beat(2300.0);
        log.beat(3300.0);
        log.page(4300.0, PageState::Visible);
        assert_eq!(log.events().count(), 3, "a hidden page beats once a second");
        log.slow(true);
        log.beat(5300.0);
        log.beat(6300.0);
        log.slow(false);
        assert_eq!(log.events().count(), 3, "and so does one at which nobody looks");
        log.beat(7300.0);
        assert_eq!(log.events().count(), 4);
    }

    #[test]
    fn underruns_of_the_device_are_written_when_there_are_more() {
        let mut log = PageLog::default();
        log.device(0.0, 0, 0.0);
        log.device(1000.0, 0, 0.0);
        log.device(2000.0, 2, 21.5);
        log.device(3000.0, 2, 21.5);
        assert_eq!(told(&log), [Occurrence::Device { events: 2, duration_us: 21_500, since_us: 1_000_000 }]);
    }

    #[test]
    fn the_oldest_go_first() {
        let mut log = PageLog::default();
        (0..2000).for_each(|n| log.trap(f64::from(n), 0));
        assert_eq!(log.events().count(), CAPACITY);
        assert_eq!(told(&log).last(), Some(&Occurrence::Trap { count: 2000 }));
    }
}
