//! A recording that was written and read again is the same to the bit, and what is no whole recording is refused.

use rusty_audio_engine::events::Event;
use rusty_audio_recorder::{FileError, Recording, Replay, Thread};

use crate::session::starved;
use crate::world::{Deed, Fault, START_MS, Stall, run, seeded};

/// All events, as words: a clock that stands is no number, and so not like itself.
fn words(recording: &Recording) -> Vec<(Thread, Vec<[u32; 8]>)> {
    let words = |events: &[Event]| events.iter().map(|&event| bytemuck::must_cast(event)).collect();
    recording.tracks.iter().map(|track| (track.thread, words(&track.events))).collect()
}

#[test]
fn what_is_read_is_what_was_written() {
    for (seed, fault) in (1..).zip([Fault::DecodeLate, Fault::PageFrozen, Fault::WorkerDead]) {
        let stall = Stall::draw(fault, START_MS + 2500.0, &mut seeded(seed));
        let (mut recording, _) = run(seed, 9500.0, &[stall], &[(START_MS + 8000.0, Deed::Seek)]);
        // While nobody keeps time.
        recording.tracks.iter_mut().filter(|track| track.thread == Thread::Audio).for_each(|track| {
            track.events[0].clock_ms = f64::NAN;
            track.events[1].clock_ms = f64::INFINITY;
        });
        let read = Recording::from_json(&recording.to_json()).unwrap();
        assert!(recording.tracks.len() >= 5, "page, seats, audio, source, decode, workers");
        assert_eq!(words(&read), words(&recording));
        assert_eq!(read.sample_rate.to_bits(), recording.sample_rate.to_bits());
    }
}

#[test]
fn a_replay_of_what_is_read_is_the_same() {
    for seed in 1..=5 {
        let (_, session) = starved(seed);
        let read = Recording::from_json(&session.recording.to_json()).unwrap();
        assert_eq!(Replay::new(&read, 0), Replay::new(&session.recording, 0));
        assert!(Replay::new(&read, 0).unwrap().starved_frames() > 500);
    }
}

#[test]
fn another_format_is_refused_whatever_else_it_has() {
    let found = |text| Recording::from_json(text).unwrap_err();
    for text in [r#"{"format":1}"#, r#"{"format":1,"sampleRate":"high","tracks":7}"#] {
        assert_eq!(found(text), FileError::Format { found: 1 });
        assert!(found(text).to_string().contains("format 1, and this program reads the format 2. Use "));
    }
}

#[test]
fn what_is_no_whole_recording_is_refused() {
    let (_, session) = starved(1);
    let text = session.recording.to_json();
    let cut = |share: usize| text[..text.len() * share / 8].to_owned();
    let first = text.find("[[").unwrap() + 2;
    let longer = format!("{}1,{}", &text[..first], &text[first..]);
    let unknown = text.replacen("\"events\":[", "\"events\":[[0,0,0,0,21,0,0,0],", 1);
    let elsewhere = text.replacen("\"source\"", "\"sauce\"", 1);
    let cases = [cut(1), cut(4), cut(7), longer, unknown, elsewhere, String::new(), r#"{"traceEvents":[]}"#.to_owned()];
    for case in cases {
        let error = Recording::from_json(&case).unwrap_err();
        assert!(matches!(error, FileError::Damaged { .. }), "{error}");
    }
}
