//! What was missing, and why.
//!
//! Four kinds of trouble are looked for, and never added up:
//!
//! - *starvation*: a player's [`Source`] says so, exactly;
//! - *jobs*: the audio thread [took back][TakenBack] what workers did not bring in time, or [refused][Refused] what it had no room
//!   for; only the latter is heard;
//! - *device*: the browser [counted][Device] more underruns;
//! - *gap*: an estimate of the same for browsers that count none. Lag is the pool's clock less the context's. Usually it moves
//!   within the length of a device callback. A gap is a rise above the least lag of the last 3 s by more than 8 ms and two of the usual
//!   longest steps from quantum to quantum (the upper quartile of the same time), 15 ms at least.
//!
//! Each is given a cause by the first of these laws that applies:
//!
//! **Starvation** is the decode worker's: *decode late*; unless it waited for the page. Then it is *page frozen*: the main thread
//! did nothing for most of the time that the decode worker waited for bytes, and the bytes came within 0.4 s after that was over. Where
//! the decode worker noted down no wait, the same is asked of the time from the last frame that arrived before to the first one
//! after.
//!
//! **Gaps** and **device** underruns are the *audio thread overloaded* if at least half of the time that was lost was
//! spent in the engine's processors, beyond what they usually take for as many frames. Else the *device stalled*: the browser or
//! the system did not ask for quanta, or spent the time elsewhere. If the overloaded thread was computing jobs that it had taken
//! back for at least half of that time, the cause is theirs.
//!
//! **Jobs** that were taken back: the cause is the worker's that had the job, or of all that could have claimed it. *Worker dead* if
//! it trapped, if the page missed it and it was never heard of again, or if it left no sign of life until the recording ends two
//! seconds later without having been retired; otherwise *worker late*. But where the pool's clock had not gone on with the frames, and no worker told that it was late, there
//! are two ways:
//!
//! - The frames came in a burst, because the audio thread had been kept from them or goes ahead: a gap lies within a second before,
//!   or the lag falls from its peak just before to the clock's next stamp by at least half of the time that the job was out.
//!   The cause is that of the gap, or else of an underrun of the device within that second, or else the device's.
//! - Who keeps the clock got no time, is a worker itself, and has not told of it yet: no gap lies before and the lag does not fall, for the clock goes on by as much as the frames did. It is *worker late*.
//!
//! If the recording ends before the clock goes on, a gap or an underrun of the device before stands for a burst, and without either it is
//! *worker late*.
//!
//! Without a clock (solo mode) nothing can be said about gaps, and the cause of starvation is unknown: `None`.
//!
//! [`Source`]: rusty_audio_engine::events::Occurrence::Source
//! [TakenBack]: rusty_audio_engine::events::Occurrence::TakenBack
//! [Refused]: rusty_audio_engine::events::Occurrence::Refused
//! [Device]: rusty_audio_engine::events::Occurrence::Device

mod device;
mod gaps;
mod jobs;
mod starvation;

use rusty_audio_engine::events::Event;

use crate::timeline::Timeline;
use crate::{Recording, Span, Thread};

use device::device;
use gaps::gaps;
use jobs::jobs;
use starvation::starvation;

/// Trouble of the same kind and cause within so long is one.
const SAME_MS: f64 = 500.0;
/// How long what the browser counts may lie back beyond the last time it was asked, and a gap before the jobs it made late.
const DELAY_MS: f64 = 500.0;

/// Why frames were missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A pool worker lived and brought its job too late.
    WorkerLate,
    /// A pool worker had died.
    WorkerDead,
    /// Bytes or their decoding came too late.
    DecodeLate,
    /// The engine's processors took longer than what they rendered lasts.
    AudioOverloaded,
    /// The device, or what drives it, did not ask for frames in time.
    DeviceStalled,
    /// The page's main thread did nothing, and others waited for it.
    PageFrozen,
}

/// What was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Frames of a player's source.
    Starvation {
        /// Which player.
        player: u32,
    },
    /// Results of jobs.
    Jobs,
    /// Frames of the device, as the browser counts.
    Device,
    /// Calls of the audio thread, an estimate.
    Gap,
}

/// Something was missing.
#[derive(Clone, Debug)]
pub struct Underrun {
    /// What.
    pub kind: Kind,
    /// When.
    pub span: Span,
    /// How much: frames, jobs, underruns of the device, or ms of a gap.
    pub amount: u64,
    /// Why; `None` if the recording does not say.
    pub cause: Option<Cause>,
    /// The events that say so, with their threads.
    pub evidence: Vec<(Thread, Event)>,
}

/// Finds what was missing in a recording, in the order of time, and why.
#[must_use]
pub fn underruns(recording: &Recording) -> Vec<Underrun> {
    let timeline = Timeline::new(recording);
    let gaps = gaps(&timeline, recording);
    let device = device(&timeline, recording, &gaps);
    let mut all = starvation(&timeline, recording);
    all.extend(jobs(&timeline, recording, &gaps, &device));
    all.extend(device);
    all.extend(gaps);
    all.sort_by(|a, b| a.span.from_ms.total_cmp(&b.span.from_ms));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Track;
    use rusty_audio_engine::events::{NO_SEAT, Occurrence, Return, SeatChange};

    const RATE: f64 = 48_000.0;
    const FRAMES_PER_MS: u64 = 48;

    fn beat(ms: u32, frame_ms: u32, inside_ms: u32, longest_ms: u32) -> Event {
        let [inside_us, longest_us] = [inside_ms, longest_ms].map(|ms| ms * 1000);
        let occurrence = Occurrence::Quanta { inside_us, longest_us, fresh: true };
        Event::new(f64::from(ms), u64::from(frame_ms) * FRAMES_PER_MS, occurrence)
    }

    /// Two calm seconds, then 150 ms for 100 ms of sound, `inside_ms` of which the processors took.
    fn recording(inside_ms: u32, longest_ms: u32, taken: Option<Event>, seats: Vec<Event>) -> Recording {
        let mut audio: Vec<_> = (0..=40).map(|beats| beat(1000 + beats * 50, beats * 50, 10, 3)).collect();
        audio.extend(taken);
        audio.push(beat(3150, 2100, inside_ms, longest_ms));
        let alive = (0..10).map(|beats| Event::new(1000.0 + f64::from(beats) * 250.0, 0, TURNS)).collect();
        let track = |thread, events| Track { thread, events };
        let tracks = vec![track(Thread::Audio, audio), track(Thread::Worker(0), alive), track(Thread::Seats, seats)];
        Recording { sample_rate: RATE, tracks }
    }

    const TURNS: Occurrence = Occurrence::Turns { beats: 0, jobs: 0, busy_us: 0 };

    fn taken(slack: u32) -> Option<Event> {
        let how = Return::Silent;
        let occurrence = Occurrence::TakenBack { kind: 2, seat: 0, how, waited_us: 20_000, elapsed: 960, slack };
        Some(Event::new(3000.0, 2000 * FRAMES_PER_MS, occurrence))
    }

    fn causes(recording: &Recording) -> Vec<(Kind, Option<Cause>)> {
        underruns(recording).into_iter().map(|underrun| (underrun.kind, underrun.cause)).collect()
    }

    #[test]
    fn a_gap_is_caused_where_the_time_went() {
        let inside = |ms| causes(&recording(ms, 60, None, Vec::new()));
        assert_eq!(inside(140), [(Kind::Gap, Some(Cause::AudioOverloaded))]);
        assert_eq!(inside(20), [(Kind::Gap, Some(Cause::DeviceStalled))]);
    }

    #[test]
    fn an_overload_by_jobs_that_were_taken_back_is_their_workers() {
        let late = causes(&recording(140, 3, taken(4800), Vec::new()));
        assert_eq!(late, [(Kind::Jobs, Some(Cause::WorkerLate)), (Kind::Gap, Some(Cause::WorkerLate))]);
    }

    /// The same, but the worker's last sign of life was before, and the recording ends after its seat has changed.
    fn silent(changes: &[(f64, SeatChange)]) -> Recording {
        let seat = |&(ms, change)| Event::new(ms, 0, Occurrence::Seat { seat: 0, change });
        let mut recording = recording(140, 3, taken(4800), changes.iter().map(seat).collect());
        recording.tracks[1].events.truncate(8);
        recording
    }

    #[test]
    fn a_death_is_told_at_once() {
        for change in [SeatChange::Trapped, SeatChange::Missed] {
            let dead = [(Kind::Jobs, Some(Cause::WorkerDead)), (Kind::Gap, Some(Cause::WorkerDead))];
            assert_eq!(causes(&silent(&[(500.0, SeatChange::Taken), (3100.0, change)])), dead, "{change:?}");
            assert_eq!(causes(&silent(&[(3600.0, change)])), dead, "{change:?}, and the rest was written over");
        }
        let alive = silent(&[(500.0, SeatChange::Taken), (3600.0, SeatChange::Buried)]);
        assert_eq!(causes(&alive)[0], (Kind::Jobs, Some(Cause::WorkerLate)), "nobody had missed it");
    }

    #[test]
    fn who_was_retired_did_not_die() {
        // The recording ends long after, and silence is no proof either.
        for retired_ms in [2900.0, 2990.0, 3100.0] {
            let retired =
                silent(&[(500.0, SeatChange::Taken), (retired_ms, SeatChange::Retired), (6000.0, SeatChange::Buried)]);
            assert_eq!(causes(&retired)[0], (Kind::Jobs, Some(Cause::WorkerLate)), "{retired_ms}");
        }
        assert_eq!(
            causes(&silent(&[(6000.0, SeatChange::Taken)]))[0],
            (Kind::Jobs, Some(Cause::WorkerDead)),
            "silence"
        );
    }

    #[test]
    fn who_came_for_another_is_not_whom_the_job_had_waited_for() {
        let cause = |change, came_ms| {
            let seat = |ms, seat, change| Event::new(ms, 0, Occurrence::Seat { seat, change });
            let changes =
                [seat(500.0, 0, SeatChange::Taken), seat(2985.0, 0, change), seat(came_ms, 1, SeatChange::Taken)];
            let mut recording = recording(140, 3, taken(4800), changes.to_vec());
            recording.tracks[1].events.truncate(7);
            let its = vec![Event::new(came_ms, 0, TURNS)];
            recording.tracks.push(Track { thread: Thread::Worker(1), events: its });
            let how = Return::Silent;
            let claimed = Occurrence::TakenBack { kind: 2, seat: 1, how, waited_us: 20_000, elapsed: 960, slack: 4800 };
            for event in &mut recording.tracks[0].events {
                if matches!(event.occurrence(), Some(Occurrence::TakenBack { .. })) {
                    *event = Event::new(event.clock_ms, event.frame, claimed);
                }
            }
            causes(&recording)[0]
        };
        // The job was posted at 2980 ms.
        assert_eq!(cause(SeatChange::Missed, 2990.0), (Kind::Jobs, Some(Cause::WorkerDead)));
        assert_eq!(cause(SeatChange::Retired, 2990.0), (Kind::Jobs, Some(Cause::WorkerLate)));
        assert_eq!(cause(SeatChange::Missed, 2970.0), (Kind::Jobs, Some(Cause::WorkerLate)), "it was there already");
    }

    #[test]
    fn who_was_missed_and_comes_back_was_late() {
        let changes = [(500.0, SeatChange::Taken), (3100.0, SeatChange::Missed), (6200.0, SeatChange::Taken)];
        let cause = |late_until_ms: f64| {
            let mut recording = silent(&changes);
            let late = Occurrence::Late { late_us: 400_000, busy: true };
            recording.tracks[1].events.push(Event::new(late_until_ms, 0, late));
            causes(&recording)[0]
        };
        assert_eq!(cause(3400.0), (Kind::Jobs, Some(Cause::WorkerLate)));
        assert_eq!(cause(7000.0), (Kind::Jobs, Some(Cause::WorkerDead)), "that was another");
    }

    #[test]
    fn a_job_that_was_soon_computed_is_no_overload() {
        let causes = causes(&recording(140, 3, taken(960), Vec::new()));
        assert_eq!(causes, [(Kind::Jobs, Some(Cause::WorkerLate)), (Kind::Gap, Some(Cause::AudioOverloaded))]);
    }

    #[test]
    fn a_clock_that_stood_says_nothing_of_where_the_time_went() {
        // The clock goes on by 140 of 150 ms at once, and 100 ms were rendered meanwhile.
        let causes = causes(&recording(140, 140, None, Vec::new()));
        assert_eq!(causes, [(Kind::Gap, Some(Cause::DeviceStalled))]);
    }

    /// After two calm seconds a job is out for 40 ms of sound and no time, and nobody had claimed it.
    fn timeless(before: Option<Event>, after: Option<Event>, page: Vec<Event>) -> Recording {
        let stamped_ms = before.map_or(3000.0, |before| before.clock_ms);
        let mut recording = recording(10, 3, None, Vec::new());
        let audio = &mut recording.tracks[0].events;
        audio.pop();
        audio.extend(before);
        let (seat, how) = (NO_SEAT, Return::Unclaimed);
        let taken = Occurrence::TakenBack { kind: 2, seat, how, waited_us: 0, elapsed: 1920, slack: 480 };
        audio.push(Event::new(stamped_ms, 2040 * FRAMES_PER_MS, taken));
        audio.extend(after);
        recording.tracks.push(Track { thread: Thread::Page, events: page });
        recording
    }

    #[test]
    fn a_clock_that_goes_on_with_the_frames_had_a_keeper_without_time() {
        let keeper = [(Kind::Jobs, Some(Cause::WorkerLate))];
        assert_eq!(causes(&timeless(None, Some(beat(3200, 2200, 10, 200)), Vec::new())), keeper);
        assert_eq!(causes(&timeless(None, None, Vec::new())), keeper, "the clock never went on");
        let counted = Occurrence::Device { events: 1, duration_us: 9000, since_us: 1_000_000 };
        let cause = |after| causes(&timeless(None, after, vec![Event::new(3100.0, 0, counted)])).last().unwrap().1;
        assert_eq!(cause(Some(beat(3200, 2200, 10, 200))), Some(Cause::WorkerLate), "whatever was counted");
        assert_eq!(cause(None), Some(Cause::DeviceStalled), "the device ran dry, and no more is known");
    }

    #[test]
    fn a_burst_of_frames_is_not_the_workers() {
        let ahead = causes(&timeless(None, Some(beat(3002, 2060, 10, 2)), Vec::new()));
        assert_eq!(ahead, [(Kind::Jobs, Some(Cause::DeviceStalled))], "nothing was missed before");
        let gap =
            |inside_ms| timeless(Some(beat(3100, 2000, inside_ms, 100)), Some(beat(3102, 2100, 0, 2)), Vec::new());
        for (inside_ms, cause) in [(95, Cause::AudioOverloaded), (10, Cause::DeviceStalled)] {
            let found = causes(&gap(inside_ms));
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(found.iter().all(|found| found.1 == Some(cause)), "{found:?}");
        }
    }

    #[test]
    fn no_recording_has_no_underruns() {
        assert!(underruns(&Recording { sample_rate: RATE, tracks: Vec::new() }).is_empty());
    }
}
