//! Whatever the decode worker writes arrives between any two atomic steps of the audio thread: what is heard is what the player
//! says that it played, and nothing of it is lost.

use std::sync::mpsc::channel;

use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::lockfree::atomics::step::hold_after;
use rusty_audio_engine::protocol::{Command, Join};
use rusty_audio_engine::{Feeder, Memory, NodeConfig, PlayerTape, Processor, player, pool};
use rusty_audio_recorder::{Recording, Replay, Thread, Track};

const RATE: f32 = 48_000.0;
const PRIMED: u32 = 8192;

/// No two frames of two tracks are alike.
fn value(track: u32, frame: u64, channel: usize) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "chosen so that it is exact")]
    let exact = (f64::from(track) * 1_048_576.0 + frame as f64 + 1.0) as f32;
    if channel == 0 { exact / 8_388_608.0 } else { -exact / 8_388_608.0 }
}

fn feed(feeder: &mut Feeder<'_>, track: u32, from: u64, mut frames: u32) {
    let mut frame = from;
    while frames > 0 {
        let count = frames.min(4096);
        for channel in 0..2 {
            let plane = feeder.staging(channel).unwrap();
            for (sample, frame) in plane.iter_mut().take(count as usize).zip(frame..) {
                *sample = value(track, frame, channel);
            }
        }
        assert_eq!(feeder.push(count), count);
        frame += u64::from(count);
        frames -= count;
    }
}

/// What is written at that moment, when `from` is the next frame of track 1.
#[derive(Clone, Copy, Debug)]
enum Written {
    Frames,
    Track,
    End,
    Seek,
    /// After the page had everything older dropped.
    AwaitedSeek,
    /// Instead of what follows 50 frames on.
    Correction,
}

impl Written {
    fn write(self, feeder: &mut Feeder<'_>, from: u64) {
        match self {
            Self::Frames => feed(feeder, 1, from, 1000),
            Self::Track => {
                feed(feeder, 1, from, 30);
                feeder.begin(1, 2, 0, Join::Follow).unwrap();
                feed(feeder, 2, 0, 1000);
            }
            Self::End => {
                feed(feeder, 1, from, 30);
                feeder.end().unwrap();
            }
            Self::Seek | Self::AwaitedSeek => {
                feed(feeder, 1, from, 30);
                feeder.begin(2, 2, 5000, Join::Now).unwrap();
                feed(feeder, 2, 5000, PRIMED);
            }
            Self::Correction => {
                let seam = feeder.written().wrapping_add(50);
                feed(feeder, 1, from, 200);
                feeder.begin(1, 2, 0, Join::At(seam)).unwrap();
                feed(feeder, 2, 0, 1000);
            }
        }
    }
}

fn note<'a>(heard: &mut [Vec<f32>; 2], processor: &mut Processor<'a, StandardEffects<'a>>, frames: usize) {
    for (channel, heard) in heard.iter_mut().enumerate() {
        heard.extend_from_slice(&processor.plane(channel)[..frames]);
    }
}

/// Plays until `left` frames are left, renders a quantum after whose first `steps` atomic steps it is written, and more. Returns
/// whether the quantum has so many steps.
fn holds(written: Written, pause: bool, left: u32, steps: u32) -> bool {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let config = NodeConfig { sample_rate: RATE, effects: &[] };
    let (mut controller, mut feeder, mut processor) = player(&mut arena, config, 16_384).unwrap();
    let mut dispatcher = pool(&mut arena, RATE).unwrap().1;
    let (mut heard, mut frame) = ([const { Vec::new() }; 2], 0);

    feeder.begin(1, 1, 0, Join::Now).unwrap();
    feed(&mut feeder, 1, 0, PRIMED);
    controller.send(Command::PLAY).unwrap();
    for frames in [4096, (PRIMED - left - 4096) as usize] {
        processor.process(&mut dispatcher, frame, frames);
        note(&mut heard, &mut processor, frames);
        frame += frames as u64;
    }
    if matches!(written, Written::AwaitedSeek) {
        controller.send(Command::discard(2)).unwrap();
    }
    if pause {
        controller.send(Command::PAUSE).unwrap();
    }
    let held = std::thread::scope(|scope| {
        let ((now, told), (done, over)) = (channel::<()>(), channel::<()>());
        let feeder = &mut feeder;
        scope.spawn(move || {
            if told.recv().is_ok() {
                written.write(feeder, u64::from(PRIMED));
                done.send(()).unwrap();
            }
        });
        let meanwhile = move || {
            now.send(()).unwrap();
            over.recv().unwrap();
        };
        hold_after(steps, || processor.process(&mut dispatcher, frame, 128), meanwhile).1
    });
    note(&mut heard, &mut processor, 128);
    frame += 128;
    controller.send(Command::PLAY).unwrap();
    for _ in 0..4 {
        processor.process(&mut dispatcher, frame, 128);
        note(&mut heard, &mut processor, 128);
        frame += 128;
    }
    if !held {
        return false;
    }
    let telemetry = *controller.telemetry();
    // Ends with a pause, whose event says what all before it was.
    controller.send(Command::PAUSE).unwrap();
    processor.process(&mut dispatcher, frame, 128);

    let events = core::iter::from_fn(|| controller.next_event(PlayerTape::Source).copied()).collect();
    let track = Track { thread: Thread::Source(0), events };
    let recording = Recording { sample_rate: f64::from(RATE), tracks: vec![track] };
    let scene = format!("{written:?}, pause {pause}, {left} frames left, {steps} steps");
    let replay = Replay::new(&recording, 0).unwrap_or_else(|error| panic!("{scene}: {error}"));
    let mut replayed = [const { Vec::new() }; 2];
    let read = |track: u32, from: u64, planes: [&mut [f32]; 2]| {
        for (channel, plane) in planes.into_iter().enumerate() {
            plane.iter_mut().zip(from..).for_each(|(sample, frame)| *sample = value(track, frame, channel));
        }
        true
    };
    let hear =
        |planes: [&[f32]; 2]| replayed.iter_mut().zip(planes).for_each(|(all, plane)| all.extend_from_slice(plane));
    replay.render(read, hear).unwrap_or_else(|error| panic!("{scene}: {error}"));
    for (heard, replayed) in heard.iter().zip(&replayed) {
        assert_eq!(heard, replayed, "{scene}");
    }
    let last = heard[0].last().copied().unwrap_or_default();
    if last != 0.0 {
        assert_eq!(
            last,
            value(telemetry.track, telemetry.track_frame - 1, 0),
            "{scene}: the last frame is the position's"
        );
    }
    if matches!(written, Written::Seek | Written::AwaitedSeek | Written::Track | Written::Correction) {
        assert!(telemetry.track == 2 && last != 0.0, "{scene}: what was written is heard");
    }
    true
}

#[test]
fn what_is_written_at_any_moment_is_heard_as_it_is_told() {
    use Written::{AwaitedSeek, Correction, End, Frames, Seek, Track};
    let mut moments = 0;
    for written in [Frames, Track, End, Seek, AwaitedSeek, Correction] {
        for pause in [false, true] {
            for left in [0, 1, 100, 300] {
                moments += (1..).take_while(|&steps| holds(written, pause, left, steps)).count();
            }
        }
    }
    assert!(moments > 1000, "{moments} moments");
}
