//! A replay is what was heard: whatever a player did, in whatever quanta, its recording and the same tracks give the same bits
//! and the same missing frames; and a recording that is not whole, or was altered, gives no such thing.

use std::sync::atomic::{AtomicBool, Ordering};

use rusty_audio_engine::events::{Event, Occurrence, StreamChange};
use rusty_audio_engine::protocol::{Command, Join, State};
use rusty_audio_recorder::{Recording, Replay, ReplayError, Thread};

use crate::session::{File, Hash, Session, Stereo, drawn, hash_of, session, starved, word};
use crate::world::{Deed, Fault, START_MS, Stall, run, seeded};

/// What a replay gives: the hash and the frames that were missing, which it also says beforehand.
fn replayed(replay: &Replay, file: &File) -> Result<(Hash, u64), ReplayError> {
    let (mut hash, mut frames) = (Hash::NEW, 0);
    let starved = replay.render(
        |track, from, planes| file.read(track, from, planes),
        |planes| {
            frames += planes[0].len() as u64;
            hash.add(planes);
        },
    )?;
    assert_eq!((frames, starved), (replay.frames(), replay.starved_frames()));
    Ok((hash, starved))
}

fn full(few: u64, many: u64) -> u64 {
    if std::env::var_os("RUSTY_AUDIO_FULL").is_some() { many } else { few }
}

#[test]
fn a_replay_is_what_was_heard() {
    let (mut holes, mut kinds) = (0, [0; 11]);
    for seed in 1..=full(100, 3000) {
        let (file, session) = drawn(seed, seed);
        let replay = Replay::new(&session.recording, 0).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(replay.frames(), session.frames, "seed {seed}");
        assert_eq!(replay.from_frame(), session.events()[0].frame);
        let outcome = replayed(&replay, &file).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(outcome, session.truth(session.frames), "seed {seed}");
        holes += session.holes();
        for event in session.events() {
            if let Some(Occurrence::Stream { change, .. }) = event.occurrence() {
                kinds[kind(change)] += 1;
            }
        }
    }
    assert!(holes > 300, "{holes} holes");
    assert!(kinds.iter().all(|&count| count > 10), "every change is among them: {kinds:?}");
}

fn kind(change: StreamChange) -> usize {
    match change {
        StreamChange::Plays => 0,
        StreamChange::Pauses { .. } => 1,
        StreamChange::Drops { .. } => 2,
        StreamChange::Jumps { .. } => 3,
        StreamChange::Follows { .. } => 4,
        StreamChange::Repeats { .. } => 5,
        StreamChange::Ahead { .. } => 6,
        StreamChange::Ends => 7,
        StreamChange::Starves { .. } => 8,
        StreamChange::Primes => 9,
        StreamChange::Stood { .. } => 10,
    }
}

fn is_change(event: &Event) -> bool {
    matches!(event.occurrence(), Some(Occurrence::Stream { .. }))
}

/// The place of the first one among the events.
fn first_change(session: &Session) -> usize {
    session.events().iter().position(is_change).unwrap()
}

/// What a recording gives: an outcome and the replay's length, or a complaint.
fn told(recording: &Recording, file: &File) -> Result<(Hash, u64, u64), ReplayError> {
    let replay = Replay::new(recording, 0)?;
    replayed(&replay, file).map(|(hash, starved)| (hash, starved, replay.frames()))
}

#[test]
fn in_a_page_whose_server_or_main_thread_stalls_the_same_frames_are_missing() {
    for (seed, fault) in (1..).zip([Fault::DecodeLate, Fault::PageFrozen]) {
        let stall = Stall::draw(fault, START_MS + 2500.0, &mut seeded(seed));
        let deeds =
            [(START_MS + 8000.0, Deed::Seek), (START_MS + 8500.0, Deed::Pause), (START_MS + 9000.0, Deed::Play)];
        let (recording, counts) = run(seed, 9500.0, &[stall], &deeds);
        assert!(counts.starved_frames > 1000);
        let replay = Replay::new(&recording, 0).unwrap();
        // The page's track is silence without an end.
        let silence = |_: u32, _: u64, planes: [&mut [f32]; 2]| {
            planes.into_iter().for_each(|plane| plane.fill(0.0));
            true
        };
        let heard = replay.render(silence, |planes| assert!(planes.into_iter().flatten().all(|&sample| sample == 0.0)));
        assert_eq!(heard, Ok(counts.starved_frames), "{fault:?}");
    }
}

#[test]
fn a_recording_that_ends_anywhere_tells_what_was_heard_until_then() {
    let mut shortest = u64::MAX;
    for seed in 1..=full(20, 300) {
        let (file, session) = drawn(seed, seed);
        let mut random = seeded(seed);
        for _ in 0..4 {
            let end = first_change(&session) + 1 + random.index(session.events().len() - first_change(&session));
            let replay = Replay::new(&session.with(session.events()[..end].to_vec()), 0)
                .unwrap_or_else(|error| panic!("seed {seed}, {end} events: {error}"));
            shortest = shortest.min(replay.frames());
            assert_eq!(replayed(&replay, &file), Ok(session.truth(replay.frames())), "seed {seed}, {end} events");
        }
    }
    assert!(shortest < 10_000);
}

#[test]
fn what_a_replay_keeps_is_no_sound() {
    let mut others = 0;
    for seed in 1..=20 {
        let ((file, session), (other, of_other)) = (drawn(seed, seed), drawn(seed, seed + 1000));
        let replay = Replay::new(&session.recording, 0).unwrap();
        assert_eq!(Replay::new(&of_other.recording, 0).unwrap(), replay, "seed {seed}: whatever the sound was");
        let text = serde_json::to_string(&replay).unwrap();
        let read: Replay = serde_json::from_str(&text).unwrap();
        assert_eq!(replayed(&read, &file), Ok(session.truth(session.frames)));
        // Another file is heard as such.
        assert_eq!(replayed(&read, &other), Ok(of_other.truth(session.frames)));
        others += u32::from(session.truth(session.frames).0 != of_other.truth(session.frames).0);
    }
    assert!(others > 15, "of the 20 {others} are more than silence");
}

#[test]
fn a_file_without_the_frames_is_refused() {
    let (mut file, session) = drawn(5, 5);
    file.0.iter_mut().flatten().for_each(|plane| plane.truncate(plane.len() / 4));
    let replay = Replay::new(&session.recording, 0).unwrap();
    assert!(matches!(replayed(&replay, &file), Err(ReplayError::NoFrames { .. })));
}

#[test]
fn an_altered_hole_is_not_replayed_as_what_was_heard() {
    let (mut refused, mut others, mut altered_holes) = (0, 0, 0);
    for seed in 1..=full(10, 50) {
        let (file, session) = starved(seed);
        let (hash, starved) = session.truth(session.frames);
        assert_eq!(told(&session.recording, &file), Ok((hash, starved, session.frames)));
        assert!(session.holes() > 10 && starved > 500);
        for (place, event) in session.events().iter().enumerate() {
            let Some(Occurrence::Stream { number, change: StreamChange::Starves { starved_frames } }) =
                event.occurrence()
            else {
                continue;
            };
            altered_holes += 1;
            let stream = |change| Occurrence::Stream { number, change };
            let (frame, clock_ms) = (event.frame, event.clock_ms);
            let starves = |starved_frames| stream(StreamChange::Starves { starved_frames });
            let alterations = [
                (frame + 1, starves(starved_frames)),
                (frame - 1, starves(starved_frames)),
                (frame, starves(starved_frames.wrapping_add(1))),
                (frame, starves(starved_frames.wrapping_sub(1))),
                (frame, stream(StreamChange::Primes)),
                (frame, stream(StreamChange::Ends)),
            ];
            for (frame, occurrence) in alterations {
                let mut events = session.events().to_vec();
                events[place] = Event::new(clock_ms, frame, occurrence);
                match told(&session.with(events), &file) {
                    Err(_) => refused += 1,
                    Ok((other, starved_frames, frames)) => {
                        others += 1;
                        assert!(
                            (other, starved_frames) != (hash, starved) && frames == session.frames,
                            "seed {seed}: {occurrence:?} at {frame} instead of {event:?}"
                        );
                    }
                }
            }
        }
    }
    assert!(altered_holes > 100 && refused > others, "{altered_holes} holes, {refused} refused, {others} others");
}

#[test]
fn altered_counts_of_missing_frames_are_refused() {
    let (file, session) = starved(3);
    for (place, event) in session.events().iter().enumerate() {
        let Some(Occurrence::Source { state, buffered_frames, starved_frames }) = event.occurrence() else { continue };
        let altered = |state, starved_frames| {
            let mut events = session.events().to_vec();
            let occurrence = Occurrence::Source { state, buffered_frames, starved_frames };
            events[place] = Event::new(event.clock_ms, event.frame, occurrence);
            told(&session.with(events), &file)
        };
        if state != State::Starved as u32 {
            assert!(matches!(altered(state, starved_frames + 1), Err(ReplayError::Damaged { .. })), "{event:?}");
        }
        for other in (0..7).filter(|&other| other != state) {
            assert!(altered(other, starved_frames).is_err(), "{event:?} as {other}");
        }
    }
}

#[test]
fn what_solo_mode_does_not_record_is_said_so() {
    let (whole, _) = run(1, 3_000.0, &[], &[]);
    // The page notes down the state of a source, the audio thread nothing.
    let mut solo = whole.clone();
    solo.tracks.retain(|track| matches!(track.thread, Thread::Page | Thread::Source(_)));
    let mut shared = whole;
    for track in solo.tracks.iter_mut().chain(&mut shared.tracks) {
        track.events.retain(|event| !is_change(event));
    }
    let error = Replay::new(&solo, 0).unwrap_err();
    assert_eq!(error, ReplayError::Solo);
    assert!(error.to_string().contains("made in solo mode"));
    assert_eq!(Replay::new(&shared, 0), Err(ReplayError::BeginsLate));
}

#[test]
fn lost_events_are_noticed() {
    let whole = (1..).map(|seed| drawn(seed, seed)).find(|(_, session)| session.events().len() > 100).unwrap();
    let (_, session) = whole;
    let events = session.events();
    let first = first_change(&session);
    for lost in first + 1..events.len() {
        let left = session.with(events[lost..].to_vec());
        let expected = [Err(ReplayError::BeginsLate), Err(ReplayError::NothingPlayed)];
        let late = events[lost..].iter().any(is_change);
        assert_eq!(Replay::new(&left, 0), expected[usize::from(!late)], "the first {lost} are lost");
    }
    for from in first..events.len() - 1 {
        for count in [1, 2, 5, 30] {
            let behind = from + count;
            let change_is_lost = events[from..behind.min(events.len())].iter().any(is_change);
            if behind >= events.len() || !change_is_lost || !events[behind..].iter().any(is_change) {
                continue;
            }
            let left = session.with([&events[..from], &events[behind..]].concat());
            assert!(Replay::new(&left, 0).is_err(), "{count} from {from} on are lost");
        }
    }
    let nobody = Recording { sample_rate: 48_000.0, tracks: Vec::new() };
    assert_eq!(Replay::new(&nobody, 0), Err(ReplayError::NothingPlayed));
    assert_eq!(Replay::new(&session.recording, 1), Err(ReplayError::NothingPlayed));
}

#[test]
fn pulses_that_are_missing_are_noticed_though_no_change_is() {
    let mut random = seeded(9);
    let file = File::new(9, &mut random);
    let session = session(48_000.0, 0, &file, |listener, _| (0..2000).for_each(|_| listener.render(128)));
    let events = session.events();
    assert!(Replay::new(&session.recording, 0).is_ok());
    let left = session.with([&events[..10], &events[13..]].concat());
    assert!(matches!(Replay::new(&left, 0), Err(ReplayError::EventsLost { .. })));
}

#[test]
fn a_player_that_idled_for_long_is_replayed_from_where_its_recording_begins() {
    let (file, session) = starved(4);
    let idle = |frame| {
        let occurrence = Occurrence::Source { state: State::Idle as u32, buffered_frames: 0, starved_frames: 0 };
        Event::new(0.0, frame, occurrence)
    };
    let later = |event: &Event| Event::new(event.clock_ms, event.frame + 9600, event.occurrence().unwrap());
    let shifted = session.events().iter().map(later);
    let events: Vec<_> = [idle(0), idle(4800)].into_iter().chain(shifted).collect();
    let replay = Replay::new(&session.with(events), 0).unwrap();
    let silence = Stereo::from([vec![0.0; 9600], vec![0.0; 9600]]);
    let heard = [0, 1].map(|channel| [&silence[channel][..], &session.heard[channel]].concat());
    assert_eq!((replay.from_frame(), replay.frames()), (0, session.frames + 9600));
    assert_eq!(replayed(&replay, &file).unwrap().0, hash_of(&heard, replay.frames()));
}

/// With a decode worker that really is another thread nothing is the same twice, and frames arrive in the midst of a quantum;
/// but what is recorded is what was heard.
#[test]
fn threads_that_race_are_replayed() {
    let mut holes = 0;
    for seed in 1..=full(40, 1000) {
        let mut random = seeded(seed);
        let file = File::new(seed, &mut random);
        let session = session(48_000.0, 0, &file, |listener, writer| {
            let over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let (over, mut its) = (&over, seeded(seed + 1_000_000));
                scope.spawn(move || {
                    let random = &mut its;
                    writer.jump(random);
                    let (mut fill, mut ahead) = (9000, 0);
                    while !over.load(Ordering::Relaxed) {
                        let before = writer.epoch;
                        match random.below(400) {
                            0 => drop(writer.jump(random)),
                            1 => writer.repeat(random),
                            2 => writer.repeats = None,
                            3 => writer.correct(random),
                            4 => drop(writer.ended && writer.begin(0, 0, Join::Follow)),
                            5 => ahead = random.pick(&[1, 60, 200, 1000]),
                            _ if writer.feeder.written().wrapping_sub(writer.feeder.read()) >= fill.max(ahead) => {
                                fill = 0;
                                std::thread::yield_now();
                            }
                            _ => writer.write(word(random.index(200))),
                        }
                        // A jump needs many frames to sound.
                        fill = if writer.epoch == before { fill } else { 9000 };
                    }
                });
                listener.send(Command::PLAY);
                for _ in 0..2000 {
                    match random.below(200) {
                        0 => listener.send(Command::PAUSE),
                        1..5 => listener.send(Command::PLAY),
                        _ => {}
                    }
                    listener.render(128);
                }
                over.store(true, Ordering::Relaxed);
            });
        });
        holes += session.holes();
        let outcome = told(&session.recording, &file);
        let (hash, starved) = session.truth(session.frames);
        assert_eq!(outcome, Ok((hash, starved, session.frames)), "seed {seed}");
    }
    assert!(holes > 100, "{holes} holes");
}
