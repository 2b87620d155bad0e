//! A browser tells old frames now and then: nothing that is heard, kept or posted hangs on them.

use rusty_audio_engine::effects::{Effects, StandardEffects};
use rusty_audio_engine::protocol::Command;
use rusty_audio_engine::{Arena, Controller, Entry, Memory, NodeConfig, Processor, Tape, node};
use rusty_audio_tests::{Pool, RATE, Random, put_response};

const QUANTUM: usize = 128;
const QUANTA: usize = 400;
/// An old frame is told for fewer quanta in a row. Chromium has done so for 23.
const STALE_QUANTA: u64 = 32;

fn number_of(name: &str) -> usize {
    StandardEffects::LIST.iter().position(|description| description.name == name).unwrap()
}

fn build<'a>(arena: &mut Arena<'a>, number: usize) -> (Controller<'a>, Processor<'a, StandardEffects<'a>>) {
    node(arena, NodeConfig { sample_rate: RATE, effects: &[Entry::new(number)] }).unwrap()
}

/// What comes of a node and of a second one that begins later: all that is heard, what an analyser keeps, and where the
/// jobs ran. `told` says what the browser tells of a frame.
fn outcome(number: usize, mut told: impl FnMut(u64) -> u64) -> Vec<u32> {
    let mut memory = Memory::new(1 << 25);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    pool.controller.take_seat(0);
    let (mut controller, processor) = build(&mut arena, number);
    let mut nodes = vec![processor];
    if number == number_of("convolver") {
        let mut random = Random(7);
        let taps: Vec<_> = (0..20_000).map(|_| random.below(1 << 20) as f32 / (1 << 24) as f32).collect();
        let place = put_response(&mut arena, &mut pool, &[&taps], true);
        assert!(controller.send(Command::tell(0, place)).is_ok());
        nodes[0].chain().set(0, 1.0);
    }
    let mut random = Random(3);
    let mut seen = Vec::new();
    let mut now_ms = 0.0;
    for quantum in 0..QUANTA {
        now_ms += QUANTUM as f64 * 1000.0 / f64::from(RATE);
        pool.workers[0].turn(now_ms);
        if quantum == QUANTA / 2 {
            nodes.push(build(&mut arena, number).1);
        }
        let frame = told((quantum * QUANTUM) as u64);
        for processor in &mut nodes {
            for channel in 0..2 {
                let plane = processor.plane(channel).iter_mut().take(QUANTUM);
                plane.for_each(|sample| *sample = random.below(1 << 20) as f32 / (1 << 20) as f32 - 0.5);
            }
            processor.process(&mut pool.dispatcher, frame, QUANTUM);
            for channel in 0..2 {
                seen.extend(processor.plane(channel).iter().take(QUANTUM).map(|sample| sample.to_bits()));
            }
        }
    }
    if let Some(region) = nodes[0].chain().region(0) {
        let controller = &pool.controller;
        if let Some(end) = controller.analysed_until(region) {
            seen.push(end);
            for plane in 0..2 {
                let bits = |frames: &[f32]| frames.iter().map(|sample| sample.to_bits()).collect::<Vec<_>>();
                seen.extend(controller.analysed_frames(region, end, plane, 16_384, bits).unwrap());
            }
        }
    }
    let jobs = pool.controller.dispatch_telemetry();
    seen.extend([jobs.by_workers, jobs.own, jobs.taken_unclaimed, jobs.taken_silent, jobs.refused]);
    seen
}

#[test]
fn an_old_frame_changes_nothing_of_any_effect() {
    for (number, description) in StandardEffects::LIST.iter().enumerate() {
        let right = outcome(number, |frame| frame);
        for seed in 1..=3 {
            let mut random = Random(seed);
            let (mut held, mut left) = (0, 0);
            let seen = outcome(number, |frame| {
                // Who begins with an old frame cannot know better.
                if left > 0 && frame != (QUANTA / 2 * QUANTUM) as u64 {
                    left -= 1;
                } else {
                    (held, left) = (frame, if random.below(3) == 0 { random.below(STALE_QUANTA) } else { 0 });
                }
                held
            });
            assert!(seen == right, "{}, seed {seed}", description.name);
        }
    }
}

/// A node that begins cannot know that it is told an old frame; it does not turn back the clock that all nodes' jobs go by.
#[test]
fn who_begins_with_an_old_frame_turns_nothing_back() {
    let mut memory = Memory::new(1 << 25);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let number = number_of("spectral");
    let (_first, mut first) = build(&mut arena, number);
    let (_second, mut second) = build(&mut arena, number);
    let frame = |quantum: usize| (quantum * QUANTUM) as u64;
    // In these quanta the second one is told of a frame before all of them.
    let old = QUANTA / 2..QUANTA / 2 + 40;
    for quantum in 0..QUANTA {
        first.process(&mut pool.dispatcher, frame(quantum), QUANTUM);
        if quantum >= old.start {
            let told = if old.contains(&quantum) { old.start - 60 } else { quantum };
            second.process(&mut pool.dispatcher, frame(told), QUANTUM);
        }
    }
    let events = core::iter::from_fn(|| pool.controller.next_event(Tape::Audio).map(|event| event.frame));
    let frames: Vec<_> = events.collect();
    assert!(frames.iter().any(|&at| (frame(old.start)..frame(old.end)).contains(&at)), "{frames:?}");
    assert!(frames.is_sorted(), "{frames:?}");
}

/// A frame that is too new is taken over: between two quanta the node was not called.
#[test]
fn a_new_frame_is_a_gap() {
    let number = number_of("analyser");
    let right = outcome(number, |frame| frame);
    let late = outcome(number, |frame| if frame < 20_000 { frame } else { frame + 4096 });
    assert!(late != right);
}
