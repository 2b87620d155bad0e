//! The trace that a recording becomes is one that chrome://tracing and Perfetto can draw: the rules of Chrome's Trace Event Format
//! for the phases that are used.

use std::collections::{BTreeMap, BTreeSet};

use rusty_audio_engine::events::{Event, Occurrence};
use rusty_audio_recorder::{Recording, Thread, Track, trace, underruns};
use serde_json::Value;

use crate::world::{Deed, FAULTS, START_MS, Stall, run, seeded};

/// The events of a file; panics where a rule is broken.
fn checked(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    assert!(["ms", "ns"].contains(&file["displayTimeUnit"].as_str().unwrap()));
    let events = file["traceEvents"].as_array().expect("a list of events").clone();
    let (mut named, mut used) = (BTreeSet::new(), BTreeSet::new());
    let mut slices: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for event in &events {
        let text = |key: &str| event[key].as_str().unwrap_or_else(|| panic!("{key} is text: {event}"));
        let number = |key: &str| event[key].as_f64().unwrap_or_else(|| panic!("{key} is a number: {event}"));
        assert!(!text("name").is_empty());
        assert!(event["pid"].is_u64() && event["tid"].is_u64(), "{event}");
        let tid = event["tid"].as_u64().unwrap();
        if text("ph") == "M" {
            match text("name") {
                "process_name" => assert!(event["args"]["name"].is_string()),
                "thread_name" => assert!(event["args"]["name"].is_string() && named.insert(tid), "{event}"),
                "thread_sort_index" => assert!(event["args"]["sort_index"].is_u64()),
                other => panic!("{other} is no name of metadata"),
            }
            continue;
        }
        used.insert(tid);
        assert!(number("ts") >= 0.0 && event["args"].is_object(), "{event}");
        match text("ph") {
            "X" => {
                assert!(number("dur") >= 0.0, "{event}");
                slices.entry(tid).or_default().push((number("ts"), number("ts") + number("dur")));
            }
            "i" => assert_eq!(text("s"), "t"),
            "C" => assert!(event["args"].as_object().unwrap().values().all(Value::is_number), "{event}"),
            other => panic!("{other} is no phase that is used"),
        }
    }
    assert!(used.is_subset(&named), "every thread has a name");
    slices.into_values().for_each(assert_nested);
    events
}

/// Slices of one thread lie within each other or apart.
fn assert_nested(mut slices: Vec<(f64, f64)>) {
    slices.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut open: Vec<(f64, f64)> = Vec::new();
    for slice in slices {
        // A time in µs since the epoch of the page leaves a quarter of one.
        while open.last().is_some_and(|outer| outer.1 <= slice.0 + 1.0) {
            open.pop();
        }
        if let Some(outer) = open.last() {
            assert!(slice.1 <= outer.1 + 1.0, "{slice:?} reaches out of {outer:?}");
        }
        open.push(slice);
    }
}

fn of_phase<'e>(events: &'e [Value], phase: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["ph"] == phase).collect()
}

#[test]
fn whatever_happened_the_trace_keeps_the_rules() {
    for (seed, fault) in (0..).zip(FAULTS) {
        let stall = Stall::draw(fault, START_MS + 2500.0, &mut seeded(seed));
        let deeds =
            [(START_MS + 7000.0, Deed::Seek), (START_MS + 7500.0, Deed::Hide), (START_MS + 8000.0, Deed::Suspend)];
        let (recording, _) = run(seed, 9000.0, &[stall], &deeds);
        let found = underruns(&recording);
        let events = checked(&trace(&recording, &found));
        let kept: usize = recording.tracks.iter().map(|track| track.events.len()).sum();
        assert!(events.len() > kept / 2, "{} of {kept}", events.len());
        for phase in ["M", "X", "i", "C"] {
            assert!(!of_phase(&events, phase).is_empty(), "{phase}");
        }
        let causes = of_phase(&events, "X").into_iter().filter(|event| event["args"]["amount"].is_u64());
        assert_eq!(causes.count(), found.len(), "every underrun is drawn");
    }
}

#[test]
fn a_job_is_as_long_as_its_worker_had_it() {
    let claimed = |deadline| Occurrence::Claimed { kind: 2, deadline, seen_us: 0 };
    let done = |deadline| Occurrence::Done { kind: 2, deadline, execution_us: 700 };
    let events =
        [(10.0, claimed(1)), (11.0, claimed(2)), (12.5, done(2)), (14.0, done(1)), (15.0, done(9)), (16.0, claimed(3))];
    let events = events.map(|(ms, occurrence)| Event::new(START_MS + ms, 0, occurrence)).to_vec();
    let recording = Recording { sample_rate: 48_000.0, tracks: vec![Track { thread: Thread::Worker(3), events }] };
    let events = checked(&trace(&recording, &[]));
    let slices = of_phase(&events, "X");
    let drawn: Vec<_> = slices
        .iter()
        .map(|slice| (slice["args"]["deadline"].as_u64().unwrap(), slice["dur"].as_f64().unwrap().round()))
        .collect();
    assert_eq!(drawn, [(2, 1500.0), (1, 4000.0), (3, 0.0)]);
    assert!(slices.iter().all(|slice| slice["name"] == "convolver tail"));
}

#[test]
fn without_a_clock_the_time_of_the_context_is_drawn() {
    let source = |frame, state| {
        let occurrence = Occurrence::Source { state, buffered_frames: 4096, starved_frames: 0 };
        Event::new(f64::NEG_INFINITY, frame, occurrence)
    };
    let events = vec![source(48_000, 2), source(52_800, 5), source(57_600, 2)];
    let recording = Recording { sample_rate: 48_000.0, tracks: vec![Track { thread: Thread::Source(0), events }] };
    let found = underruns(&recording);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].cause, None, "nobody knows");
    let events = checked(&trace(&recording, &found));
    let lengths: Vec<_> = of_phase(&events, "C").iter().map(|event| event["ts"].as_f64().unwrap().round()).collect();
    assert_eq!(lengths, [0.0, 100_000.0, 200_000.0]);
}

#[test]
#[should_panic(expected = "reaches out of")]
fn slices_that_cross_are_refused() {
    assert_nested(vec![(0.0, 100.0), (50.0, 150.0)]);
}

#[test]
#[should_panic(expected = "is no phase")]
fn unknown_phases_are_refused() {
    checked(r#"{"displayTimeUnit":"ms","traceEvents":[{"ph":"Q","name":"a","pid":1,"tid":1,"ts":0,"args":{}}]}"#);
}
