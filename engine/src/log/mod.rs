//! Which events each thread of the engine writes into its flight recorder, and how often.
//!
//! A recorder keeps [`RECORDED_SECONDS`](crate::config::RECORDED_SECONDS) of what is usual: events that tell of nothing
//! wrong come at rates that do not depend on the load, those of jobs by an [`Allowance`]. What is wrong is always written.

mod audio;
mod source;
mod worker;

pub(crate) use audio::AudioLog;
pub(crate) use source::SourceLog;
pub(crate) use worker::WorkerLog;

/// How many events that are usual may still be written before the next pulse.
struct Allowance(u32);

impl Allowance {
    fn take(&mut self, events: u32) -> bool {
        let left = self.0.checked_sub(events);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::config::{
        AUDIO_EVENTS, EVENTFUL_MS, LATE_MS, RECORDED_SECONDS, REPEAT_PULSES, SOURCE_EVENTS, WORKER_EVENTS,
        WORKER_PULSE_MS,
    };
    use crate::events::{Event, Occurrence, StreamChange};
    use crate::lockfree::recorder::{Recorder, Replay, recorder};
    use crate::memory::Memory;
    use crate::protocol::Telemetry;
    use bytemuck::Zeroable;
    use std::vec::Vec;

    const RATE: f32 = 48_000.0;
    const QUANTUM: u64 = 128;
    const BROUGHT: Occurrence = Occurrence::Brought { job: 1, kind: 2, seat: 3 };
    const CLAIMED: Occurrence = Occurrence::Claimed { kind: 2, deadline: 1, seen_us: 0 };
    const TURNS: Occurrence = Occurrence::Turns { beats: 1, jobs: 2, busy_us: 3 };

    fn with_tape<R>(
        capacity: u32,
        test: impl FnOnce(Recorder<'_, Event>, &mut dyn FnMut() -> (Vec<Event>, u32)) -> R,
    ) -> R {
        let mut memory = Memory::new(1 << 18);
        let (recorder, mut replay): (_, Replay<'_, Event>) = recorder(&mut memory.arena(), capacity).unwrap();
        test(recorder, &mut || {
            let events = core::iter::from_fn(|| replay.next_event()).collect();
            (events, replay.lost())
        })
    }

    fn milliseconds(quantum: u64) -> f64 {
        quantum as f64 * QUANTUM as f64 * 1000.0 / f64::from(RATE)
    }

    #[test]
    fn whatever_is_usual_the_audio_threads_tape_holds_what_it_shall() {
        for callback_quanta in [1, 2, 4, 6, 8, 16, 32] {
            with_tape(AUDIO_EVENTS, |recorder, replayed| {
                let mut log = AudioLog::new(recorder, RATE);
                let quanta = u64::from(RECORDED_SECONDS) * 375;
                for quantum in 0..quanta {
                    // A callback's quanta are rendered at once.
                    log.begin(1.0 + milliseconds(quantum / callback_quanta * callback_quanta), quantum * QUANTUM);
                    (0..100).for_each(|_| log.usual(BROUGHT));
                }
                let (events, lost) = replayed();
                assert_eq!(lost, 0, "callbacks of {callback_quanta} quanta");
                let last = events.last().unwrap().frame;
                assert!(last > (quanta - 64) * QUANTUM, "it goes on to the end");
            });
        }
    }

    #[test]
    fn the_audio_thread_records_long_steps_and_where_the_time_went() {
        with_tape(64, |recorder, replayed| {
            let mut log = AudioLog::new(recorder, RATE);
            log.begin(f64::NEG_INFINITY, 0);
            log.leave(f64::NEG_INFINITY);
            log.begin(100.0, 128);
            assert_eq!(replayed().0, [], "a clock that begins has made no step");
            log.leave(103.0);
            log.begin(105.0, 256);
            log.leave(105.0);
            assert_eq!(replayed().0, []);
            log.begin(105.0 + EVENTFUL_MS, 384);
            let told = replayed().0[0];
            let expected = Occurrence::Quanta { inside_us: 3000, longest_us: 16_000, fresh: true };
            assert_eq!((told.frame, told.clock_ms, told.occurrence()), (384, 121.0, Some(expected)));
        });
    }

    #[test]
    fn without_a_clock_pulses_are_rare_and_say_so() {
        with_tape(256, |recorder, replayed| {
            let mut log = AudioLog::new(recorder, RATE);
            (0..3750).for_each(|quantum| log.begin(f64::NEG_INFINITY, quantum * QUANTUM));
            let (events, _) = replayed();
            let stale = Some(Occurrence::Quanta { inside_us: 0, longest_us: 0, fresh: false });
            assert!((20..30).contains(&events.len()) && events.iter().all(|event| event.occurrence() == stale));
        });
    }

    #[test]
    fn whatever_is_usual_a_workers_tape_holds_what_it_shall() {
        with_tape(WORKER_EVENTS, |recorder, replayed| {
            let mut log = WorkerLog::new(recorder);
            for turn in 0..u64::from(RECORDED_SECONDS) * 1000 {
                log.turn(1.0 + turn as f64, false, || TURNS);
                if log.claim(CLAIMED) {
                    log.write(CLAIMED);
                }
                log.sleep(1000);
            }
            let (events, lost) = replayed();
            assert_eq!(lost, 0);
            let pulses = events.iter().filter(|event| event.occurrence() == Some(TURNS)).count();
            assert_eq!(pulses as f64, f64::from(RECORDED_SECONDS) * 1000.0 / WORKER_PULSE_MS);
        });
    }

    #[test]
    fn a_worker_is_late_by_what_it_did_not_ask_for() {
        with_tape(64, |recorder, replayed| {
            let mut log = WorkerLog::new(recorder);
            log.turn(1000.0, false, || TURNS);
            log.sleep(10_000);
            log.turn(1010.0 + LATE_MS - 0.5, false, || TURNS);
            log.sleep(1000);
            log.turn(1060.5, false, || TURNS);
            log.turn(1100.0, true, || TURNS);
            log.end();
            log.turn(9000.0, false, || TURNS);
            let late: Vec<_> =
                replayed().0.iter().filter_map(Event::occurrence).filter(|&told| told != TURNS).collect();
            let expected = [(40_000, false), (39_500, true)].map(|(late_us, busy)| Occurrence::Late { late_us, busy });
            assert_eq!(late, expected);
        });
    }

    fn observe(log: &mut SourceLog<'_>, telemetry: &Telemetry, quantum: u64) {
        log.begin(milliseconds(quantum), quantum * QUANTUM, 128);
        log.observe(telemetry);
    }

    #[test]
    fn a_source_tells_every_change_and_ten_pulses_a_second() {
        with_tape(SOURCE_EVENTS, |recorder, replayed| {
            let mut log = SourceLog::new(recorder, RATE);
            let mut telemetry = Telemetry { state: 2, ..Telemetry::zeroed() };
            (0..375).for_each(|quantum| observe(&mut log, &telemetry, quantum));
            assert_eq!(replayed().0.len(), 10);
            for (quantum, state) in (375..).zip([5, 5, 2, 2]) {
                telemetry = Telemetry { state, starved_frames: telemetry.starved_frames + 1, ..telemetry };
                observe(&mut log, &telemetry, quantum);
            }
            let told: Vec<_> = replayed().0.iter().filter_map(Event::occurrence).collect();
            let source = |state, starved_frames| Occurrence::Source { state, buffered_frames: 0, starved_frames };
            assert_eq!(told, [source(5, 1), source(2, 3)], "the first and the last quantum of a run");
        });
    }

    /// What is told of the stream, numbers checked.
    fn changes(events: &[Event]) -> Vec<(u64, StreamChange)> {
        let stream = |event: &Event| match event.occurrence() {
            Some(Occurrence::Stream { number, change }) => Some((number, (event.frame, change))),
            _ => None,
        };
        let changes = events.iter().filter_map(stream);
        (0..).zip(changes).map(|(expected, (number, change))| (number == expected).then_some(change).unwrap()).collect()
    }

    #[test]
    fn changes_of_the_stream_are_told_at_their_very_frame() {
        with_tape(64, |recorder, replayed| {
            let mut log = SourceLog::new(recorder, RATE);
            log.begin(1.0, 1280, 128);
            log.change(StreamChange::Plays);
            log.reach(100);
            log.follow(3, 77);
            log.reach(128);
            log.change(StreamChange::Ends);
            log.observe(&Telemetry::zeroed());
            let expected = [
                (1280, StreamChange::Plays),
                (1380, StreamChange::Follows { track: 3, track_frame: 77 }),
                (1408, StreamChange::Ends),
                (1536, StreamChange::Stood { frames: 128 }),
            ];
            log.begin(1.0, 1408, 0);
            log.begin(1.0, 1536, 64);
            log.begin(1.0, 1600, 128);
            assert_eq!(changes(&replayed().0), expected);
        });
    }

    #[test]
    fn a_loop_that_goes_on_is_told_in_few_words_and_other_changes_when_they_happen() {
        with_tape(64, |recorder, replayed| {
            let mut log = SourceLog::new(recorder, RATE);
            let follows = StreamChange::Follows { track: 1, track_frame: 40 };
            let repeats = StreamChange::Repeats { track: 1, track_frame: 40 };
            log.begin(1.0, 0, 1000);
            for frame in [100, 100, 200, 300, 400, 500, 500, 550, 600] {
                log.reach(frame);
                log.follow(1, 40);
            }
            log.reach(601);
            log.change(StreamChange::Ends);
            log.reach(700);
            log.follow(1, 40);
            let expected = [
                (100, follows),
                (200, follows),
                (500, repeats),
                (550, follows),
                (600, repeats),
                (601, StreamChange::Ends),
                (700, follows),
            ];
            assert_eq!(changes(&replayed().0), expected);
        });
    }

    #[test]
    fn however_short_a_loop_is_the_sources_tape_holds_what_it_shall() {
        for every in [1, 5, 240, 14_399, 20_000, 48_000] {
            with_tape(SOURCE_EVENTS, |recorder, replayed| {
                let mut log = SourceLog::new(recorder, RATE);
                let telemetry = Telemetry { state: 2, ..Telemetry::zeroed() };
                let quanta = u64::from(RECORDED_SECONDS) * 375;
                for quantum in 0..quanta {
                    log.begin(milliseconds(quantum), quantum * QUANTUM, 128);
                    for offset in
                        (0..128u16).filter(|&offset| (quantum * QUANTUM + u64::from(offset)).is_multiple_of(every))
                    {
                        log.reach(usize::from(offset));
                        log.follow(1, 0);
                    }
                    log.observe(&telemetry);
                }
                let (events, lost) = replayed();
                assert_eq!(lost, 0, "a loop of {every} frames");
                let changes = changes(&events);
                let last = changes.last().unwrap().0;
                let told = every.max(QUANTUM) + u64::from(REPEAT_PULSES + 1) * 4800;
                assert!(last + told > quanta * QUANTUM, "a loop of {every} frames was last told of at {last}");
                assert!(changes.iter().all(|(frame, _)| frame.is_multiple_of(every)));
                // A fifth is left.
                assert!(events.len() * 6 <= SOURCE_EVENTS as usize * 5, "{} events", events.len());
            });
        }
    }
}
