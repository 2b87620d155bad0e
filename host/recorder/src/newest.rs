//! The newest events in a few words each, for reports that somebody reads.

use rusty_audio_engine::events::{Event, Occurrence};

use crate::clocks::Clocks;
use crate::{Recording, Thread};

impl Recording {
    /// The newest `count` events of all threads, the newest last, each in a line: milliseconds from `now_ms` on, the thread, the frame
    /// of the context if it knows one, and what it was, with its numbers.
    #[must_use]
    pub fn newest(&self, count: usize, now_ms: f64) -> Vec<String> {
        let clocks = Clocks::new(self);
        let mut events: Vec<(f64, Thread, &Event)> = Vec::new();
        for track in &self.tracks {
            // An event that comes later in its thread is no earlier, whatever its clock says.
            let mut end = 0.0;
            let placed = track.events.iter().map(|event| {
                end = clocks.of(event).max(end);
                (end, track.thread, event)
            });
            events.extend(placed);
        }
        events.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
        let newest = events.split_off(events.len().saturating_sub(count));
        let line = |(us, thread, event): (f64, Thread, &Event)| {
            let from_now_ms = clocks.zero_ms + us / 1000.0 - now_ms;
            let frame = if event.frame == 0 { String::new() } else { format!(" @{}", event.frame) };
            Some(format!("{from_now_ms:.1} {thread:?}{frame} {}", words(event.occurrence()?)))
        };
        newest.into_iter().filter_map(line).collect()
    }
}

/// `Claimed kind=2 deadline=480000 seen_us=12`.
fn words(occurrence: Occurrence) -> String {
    format!("{occurrence:?}").replace(" { ", " ").replace(" }", "").replace(": ", "=").replace(", ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Track;
    use rusty_audio_engine::events::{ContextState, Return, StreamChange};

    const NUMBER: u32 = u32::MAX;

    fn track(thread: Thread, events: &[(f64, u64, Occurrence)]) -> Track {
        Track { thread, events: events.iter().map(|&(ms, frame, what)| Event::new(ms, frame, what)).collect() }
    }

    #[test]
    fn the_newest_of_all_threads_come_in_order() {
        let quanta = Occurrence::Quanta { inside_us: 120, longest_us: 60, fresh: true };
        let state = Occurrence::Context { state: ContextState::Running };
        let starves = Occurrence::Stream { number: 3, change: StreamChange::Starves { starved_frames: 128 } };
        let recording = Recording {
            sample_rate: 48_000.0,
            tracks: vec![
                track(Thread::Page, &[(1000.0, 0, state)]),
                track(Thread::Audio, &[(1100.0, 480, quanta), (1300.0, 960, quanta)]),
                track(Thread::Source(1), &[(1200.0, 700, starves), (f64::NAN, 720, starves)]),
            ],
        };
        let source = "Source(1) @700 Stream number=3 change=Starves starved_frames=128";
        let all = recording.newest(9, 1500.0);
        assert_eq!(
            all[..2],
            ["-500.0 Page Context state=Running", "-400.0 Audio @480 Quanta inside_us=120 longest_us=60 fresh=true"]
        );
        assert_eq!(all[2..4], [format!("-300.0 {source}"), format!("-300.0 {}", source.replace("700", "720"))]);
        assert_eq!(recording.newest(2, 1500.0), all[3..]);
        assert_eq!(recording.newest(0, 1500.0), [""; 0]);
        assert_eq!(Recording { sample_rate: 48_000.0, tracks: Vec::new() }.newest(9, 0.0), [""; 0]);
    }

    /// A browser sends 64 KiB at most when a page is left, and a report is more than its events.
    #[test]
    fn two_hundred_of_the_longest_fit_into_half_of_what_a_browser_sends() {
        let stream = |change| Occurrence::Stream { number: 4095, change };
        let longest = [
            Occurrence::TakenBack {
                kind: 99,
                seat: NUMBER,
                how: Return::Unclaimed,
                waited_us: NUMBER,
                elapsed: 65_535,
                slack: 65_535,
            },
            stream(StreamChange::Jumps { track: NUMBER, track_frame: (1 << 40) - 1, kept: Some(254) }),
        ];
        for what in longest {
            let events = vec![(0.0, 1 << 40, what); 200];
            let recording = Recording { sample_rate: 48_000.0, tracks: vec![track(Thread::Decode(NUMBER), &events)] };
            let lines = recording.newest(200, 30_000.0);
            let bytes = serde_json::to_string(&lines).expect("texts").len();
            assert!(lines.len() == 200 && bytes <= 32 * 1024, "{bytes} bytes: {}", lines[0]);
        }
    }
}
