//! A recording as a file in Chrome's Trace Event Format, for chrome://tracing and ui.perfetto.dev.
//!
//! The format: an object with `traceEvents`, each with a phase `ph`. Used are `M` (names of process and threads), `X` (from
//! `ts` on for `dur`), `i` (a moment, of scope `t`) and `C` (counters). Times are in µs from the first event on.

use std::collections::BTreeMap;

use rusty_audio_engine::events::{Event, Occurrence, StreamChange};
use rusty_audio_engine::job::Kind as Job;
use rusty_audio_engine::protocol::State;
use serde_json::{Value, json};

use crate::clocks::{Clocks, span_of};
use crate::timeline::milliseconds;
use crate::{Kind, Recording, Span, Thread, Underrun};

const PROCESS: u32 = 1;

/// The text of a trace file with all events of a recording, and what [`underruns`](crate::underruns) found in it on threads of its own.
#[must_use]
pub fn trace(recording: &Recording, underruns: &[Underrun]) -> String {
    let clocks = Clocks::new(recording);
    let mut file =
        vec![json!({"ph": "M", "name": "process_name", "pid": PROCESS, "tid": 0, "args": {"name": "Rusty Audio"}})];
    let mut lanes: BTreeMap<Lane, Vec<Value>> = BTreeMap::new();
    for track in &recording.tracks {
        let lane = lanes.entry(Lane::Thread(track.thread)).or_default();
        lane.extend(Track::new(track.thread, &clocks).write(&track.events));
    }
    for underrun in underruns {
        lanes.entry(Lane::Underruns(Number::of(underrun.kind))).or_default().push(told(underrun, &clocks));
    }
    for (tid, (lane, mut events)) in (1u32..).zip(lanes) {
        file.push(json!({"ph": "M", "name": "thread_name", "pid": PROCESS, "tid": tid, "args": {"name": lane.name()}}));
        file.push(
            json!({"ph": "M", "name": "thread_sort_index", "pid": PROCESS, "tid": tid, "args": {"sort_index": tid}}),
        );
        for event in &mut events {
            event["pid"] = PROCESS.into();
            event["tid"] = tid.into();
        }
        file.append(&mut events);
    }
    json!({"displayTimeUnit": "ms", "traceEvents": file}).to_string()
}

/// A line of the picture.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Underruns(Number),
    Thread(Thread),
}

/// A kind of underruns, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    Starvation(u32),
    Device,
    Gap,
    Jobs,
}

impl Number {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Starvation { player } => Self::Starvation(player),
            Kind::Device => Self::Device,
            Kind::Gap => Self::Gap,
            Kind::Jobs => Self::Jobs,
        }
    }
}

impl Lane {
    fn name(&self) -> String {
        match self {
            Self::Underruns(Number::Starvation(player)) => format!("Starvation of player {player}"),
            Self::Underruns(Number::Device) => String::from("Underruns of the device (counted by the browser)"),
            Self::Underruns(Number::Gap) => String::from("Gaps between callbacks (estimated)"),
            Self::Underruns(Number::Jobs) => String::from("Late jobs"),
            Self::Thread(Thread::Page) => String::from("Page"),
            Self::Thread(Thread::Seats) => String::from("Pool"),
            Self::Thread(Thread::Audio) => String::from("Audio rendering thread"),
            Self::Thread(Thread::Source(player)) => format!("Source of player {player}"),
            Self::Thread(Thread::Decode(player)) => format!("Decode worker of player {player}"),
            Self::Thread(Thread::Worker(seat)) => format!("Worker on seat {seat}"),
        }
    }
}

/// Writes the events of one thread.
struct Track<'c> {
    thread: Thread,
    clocks: &'c Clocks,
    /// What has begun and not ended: name, beginning, arguments.
    open: Vec<(String, f64, Value)>,
    written: Vec<Value>,
}

impl<'c> Track<'c> {
    fn new(thread: Thread, clocks: &'c Clocks) -> Self {
        Self { thread, clocks, open: Vec::new(), written: Vec::new() }
    }

    fn write(mut self, events: &[Event]) -> Vec<Value> {
        let mut end = 0.0;
        for event in events {
            end = self.clocks.of(event).max(end);
            if let Some(occurrence) = event.occurrence() {
                self.add(event, occurrence, end);
            }
        }
        for (name, from, arguments) in core::mem::take(&mut self.open) {
            self.slice(&name, from, end, arguments);
        }
        self.written
    }

    fn add(&mut self, event: &Event, occurrence: Occurrence, at: f64) {
        let frame = json!({"frame": event.frame});
        match occurrence {
            Occurrence::Quanta { inside_us, longest_us, fresh } => {
                self.counter("inside processors", at, json!({"ms": milliseconds(inside_us)}));
                self.counter("longest step", at, json!({"ms": milliseconds(longest_us)}));
                if !fresh {
                    self.moment("clock stands", at, frame);
                }
            }
            Occurrence::Posted { job, kind, slack, for_workers } => {
                let name = if for_workers { "posted" } else { "own" };
                let arguments = json!({"job": job, "frame": event.frame, "slack": slack});
                self.moment(&format!("{name}: {}", job_name(kind)), at, arguments);
            }
            Occurrence::Brought { job, kind, seat } => {
                let arguments = json!({"job": job, "frame": event.frame, "seat": seat});
                self.moment(&format!("brought: {}", job_name(kind)), at, arguments);
            }
            Occurrence::TakenBack { kind, seat, how, elapsed, slack, .. } => {
                let arguments = json!({"frame": event.frame, "seat": seat, "how": format!("{how:?}"), "elapsed": elapsed, "slack": slack});
                self.moment(&format!("taken back: {}", job_name(kind)), at, arguments);
            }
            Occurrence::Refused { kind, slack } => {
                let arguments = json!({"frame": event.frame, "slack": slack});
                self.moment(&format!("refused: {}", job_name(kind)), at, arguments);
            }
            Occurrence::Source { state, buffered_frames, starved_frames } => {
                self.source(state, buffered_frames, starved_frames, at)
            }
            Occurrence::Stream { number, change } => {
                let arguments = json!({"frame": event.frame, "number": number});
                self.moment(&change_name(change), at, arguments);
            }
            Occurrence::Waits { written, buffered_frames } => {
                let arguments = json!({"written": written, "buffered": buffered_frames});
                self.open.push((String::from("waits for bytes"), at, arguments));
            }
            Occurrence::GoesOn { .. } => self.close(|_| true, at),
            Occurrence::Done { deadline, .. } | Occurrence::Dropped { deadline, .. } => {
                self.close(|arguments| arguments["deadline"] == deadline, at);
            }
            Occurrence::Turns { beats, jobs, busy_us } => {
                self.moment("alive", at, json!({"beats": beats, "jobs": jobs, "busy ms": milliseconds(busy_us)}));
            }
            Occurrence::Late { busy, .. } => {
                let from = self.clocks.microseconds(span_of(event).from_ms);
                self.slice(if busy { "slow slice" } else { "late" }, from, at, json!({}));
            }
            Occurrence::Claimed { kind, deadline, seen_us } => {
                let arguments = json!({"deadline": deadline, "seen ms": milliseconds(seen_us)});
                self.open.push((String::from(job_name(kind)), at, arguments));
            }
            Occurrence::Seat { seat, change } => self.moment(&format!("seat {seat} {change:?}"), at, json!({})),
            Occurrence::Context { state } => self.moment(&format!("context {state:?}"), at, json!({})),
            Occurrence::Page { state } => self.moment(&format!("page {state:?}"), at, json!({})),
            Occurrence::PageGap { .. } => {
                let from = self.clocks.microseconds(span_of(event).from_ms);
                self.slice("nothing", from, at, json!({}));
            }
            Occurrence::Trap { count } => self.moment("trap", at, json!({"frame": event.frame, "count": count})),
            Occurrence::Device { events, duration_us, .. } => {
                let arguments = json!({"events": events, "duration ms": milliseconds(duration_us)});
                self.moment("device underruns", at, arguments);
            }
        }
    }

    fn source(&mut self, state: u32, buffered: u32, starved: u32, at: f64) {
        let lane = if let Thread::Source(player) = self.thread { player } else { 0 };
        self.counter(&format!("ring of player {lane}"), at, json!({"frames": buffered}));
        let name = format!("{:?}", STATES.get(state as usize).copied().unwrap_or(State::Idle));
        if self.open.last().is_some_and(|(open, ..)| *open == name) {
            return;
        }
        if let Some((before, from, arguments)) = self.open.pop() {
            self.slice(&before, from, at, arguments);
        }
        self.open.push((name, at, json!({"starved frames before": starved})));
    }

    /// Ends what began last of those that are meant; what began before the recording is not drawn.
    fn close(&mut self, meant: impl Fn(&Value) -> bool, at: f64) {
        if let Some(place) = self.open.iter().rposition(|(_, _, arguments)| meant(arguments)) {
            let (name, from, arguments) = self.open.remove(place);
            self.slice(&name, from, at, arguments);
        }
    }

    fn slice(&mut self, name: &str, from: f64, to: f64, arguments: Value) {
        self.written.push(json!({"ph": "X", "name": name, "ts": from, "dur": (to - from).max(0.0), "args": arguments}));
    }

    fn moment(&mut self, name: &str, at: f64, arguments: Value) {
        self.written.push(json!({"ph": "i", "s": "t", "name": name, "ts": at, "args": arguments}));
    }

    fn counter(&mut self, name: &str, at: f64, values: Value) {
        self.written.push(json!({"ph": "C", "name": name, "ts": at, "args": values}));
    }
}

const STATES: [State; 6] = [State::Idle, State::Priming, State::Playing, State::Paused, State::Ended, State::Starved];

fn change_name(change: StreamChange) -> String {
    match change {
        StreamChange::Plays => String::from("plays"),
        StreamChange::Pauses { .. } => String::from("pauses"),
        StreamChange::Drops { .. } => String::from("drops what is there"),
        StreamChange::Jumps { track, track_frame, .. } => format!("jumps to frame {track_frame} of track {track}"),
        StreamChange::Follows { track, track_frame } => format!("follows: frame {track_frame} of track {track}"),
        StreamChange::Repeats { track, track_frame } => {
            format!("has repeated from frame {track_frame} of track {track} on")
        }
        StreamChange::Ahead { offset, track, track_frame } => {
            format!("{offset} frames ahead: frame {track_frame} of track {track}")
        }
        StreamChange::Ends => String::from("ends"),
        StreamChange::Starves { starved_frames } => format!("starves, after {starved_frames} frames in all"),
        StreamChange::Primes => String::from("waits for a jump"),
        StreamChange::Stood { frames } => format!("was not rendered for {frames} frames"),
    }
}

fn job_name(kind: u32) -> &'static str {
    match Job::from_number(kind) {
        Some(Job::Fft) => "FFT",
        Some(Job::AudioBlock) => "audio block",
        Some(Job::ConvolverTail) => "convolver tail",
        Some(Job::Test) => "test",
        Some(Job::ResponseSpectra) => "response spectra",
        Some(Job::SpectralBlock) => "spectral block",
        Some(Job::Spectrum) => "spectrum",
        None => "unknown job",
    }
}

fn told(underrun: &Underrun, clocks: &Clocks) -> Value {
    let Span { from_ms, to_ms } = underrun.span;
    let (from, to) = match underrun.evidence.first() {
        Some((_, event)) if !from_ms.is_finite() => (clocks.of(event), clocks.of(event)),
        _ => (clocks.microseconds(from_ms), clocks.microseconds(to_ms)),
    };
    let name = underrun.cause.map_or_else(|| String::from("Unknown"), |cause| format!("{cause:?}"));
    json!({"ph": "X", "name": name, "ts": from, "dur": (to - from).max(0.0), "args": {"amount": underrun.amount}})
}
