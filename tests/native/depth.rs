//! How far ahead of the sound the queue is written: the conductor, the engine's feeder and its processor, on one thread and
//! in virtual time.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use rusty_audio_decoder::{
    Codec, CodecDescription, Conductor, IndexState, Interruption, Join, Media, SeekAbility, Segment, Sink, Step,
};
use rusty_audio_engine::buffering::Limits;
use rusty_audio_engine::config::{FADE_FRAMES, PRIME_FRAMES};
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{self, Command, State, Telemetry};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, Processor, player, pool};

const RATE: u32 = 48_000;
const RING_FRAMES: u32 = 1 << 18;
const QUANTUM: u32 = 128;
/// From one look of the decode worker at its ring to the next: 21 ms.
const REST_FRAMES: u32 = 8 * QUANTUM;

const LIMITS: Limits = Limits { least: 36_000, most: 200_000, first: 48_000 };

/// Sample of frame `frame`: exact, and another for each.
fn sample(frame: u64) -> f32 {
    frame as f32 / (1 << 24) as f32
}

/// A track whose samples tell their frame.
#[derive(Clone)]
struct Ramp {
    frames: u64,
    /// Whether the bytes are there.
    arrives: Rc<Cell<bool>>,
}

impl Media for Ramp {
    type Codec = RampCodec;

    fn codec(&self) -> RampCodec {
        RampCodec { ramp: self.clone(), packet: 0..0 }
    }

    fn is_local(&self) -> bool {
        true
    }

    fn release(&self) {}
}

struct RampCodec {
    ramp: Ramp,
    packet: Range<u64>,
}

impl Codec for RampCodec {
    fn open(&mut self) -> Result<CodecDescription, Interruption> {
        self.packet = 0..0;
        self.description()
    }

    fn description(&mut self) -> Result<CodecDescription, Interruption> {
        Ok(CodecDescription {
            container: "Ramp".into(),
            codec: "Numbers".into(),
            channels: 2,
            sample_rate: RATE,
            frames: Some(self.ramp.frames),
            frames_exact: true,
            gapless: true,
            seek: SeekAbility::Exact,
            notes: Vec::new(),
            channel_positions: Vec::new(),
        })
    }

    fn next(&mut self) -> Result<usize, Interruption> {
        if !self.ramp.arrives.get() {
            return Err(Interruption::Waiting);
        }
        let start = self.packet.end;
        if start == self.ramp.frames {
            return Err(Interruption::End);
        }
        self.packet = start..(start + 1152).min(self.ramp.frames);
        Ok(self.packet.clone().count())
    }

    fn read_plane(&mut self, _: usize, samples: &mut Vec<f32>) -> Result<(), Interruption> {
        samples.clear();
        samples.extend(self.packet.clone().map(sample));
        Ok(())
    }

    fn position(&mut self) -> Result<u64, Interruption> {
        Ok(self.packet.start)
    }

    fn seek(&mut self, frame: u64) -> Result<(), Interruption> {
        self.packet = frame..frame;
        Ok(())
    }

    fn seek_is_exact(&mut self) -> Result<bool, Interruption> {
        Ok(true)
    }

    fn landing_offset(&mut self) -> Result<Option<i64>, Interruption> {
        Ok(Some(0))
    }

    fn extend_index(&mut self) -> Result<IndexState, Interruption> {
        Ok(IndexState::Complete)
    }
}

/// The engine's feeder as the decoder's sink.
struct Ring<'a>(RefCell<Feeder<'a>>);

impl Sink for Ring<'_> {
    fn capacity(&self) -> u32 {
        self.0.borrow().capacity()
    }

    fn written(&self) -> u32 {
        self.0.borrow().written()
    }

    fn read(&self) -> u32 {
        self.0.borrow_mut().read()
    }

    fn target(&self) -> u32 {
        self.0.borrow().target()
    }

    fn begin(&mut self, segment: Segment) -> bool {
        let join = match segment.join {
            Join::Follow => protocol::Join::Follow,
            Join::Jump => protocol::Join::Now,
            Join::At(index) => protocol::Join::At(index),
        };
        self.0.get_mut().begin(segment.epoch, segment.track, segment.frame, join).is_ok()
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        let feeder = self.0.get_mut();
        for (channel, samples) in [left, right].into_iter().enumerate() {
            feeder.staging(channel).unwrap()[..samples.len()].copy_from_slice(samples);
        }
        feeder.push(u32::try_from(left.len()).unwrap()) as usize
    }

    fn end(&mut self) -> bool {
        self.0.get_mut().end().is_ok()
    }
}

struct Rig<'a> {
    conductor: Conductor<Ramp>,
    ring: Ring<'a>,
    controller: Controller<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    dispatcher: Dispatcher<'a>,
    arrives: Rc<Cell<bool>>,
    epoch: u32,
    clock: u64,
    /// The left channel.
    heard: Vec<f32>,
}

impl Rig<'_> {
    /// Builds one with a track of `frames`, written as far ahead as it is to be, and lets it play.
    fn run(limits: Limits, fixed: Option<u32>, frames: u64, act: impl FnOnce(&mut Rig<'_>)) {
        Self::go_on(limits, fixed, 0, frames, act);
    }

    /// The same where `needed` frames are known to have been needed.
    fn go_on(limits: Limits, fixed: Option<u32>, needed: u32, frames: u64, act: impl FnOnce(&mut Rig<'_>)) {
        let mut memory = Memory::new(1 << 24);
        let mut arena = memory.arena();
        let config = NodeConfig { sample_rate: RATE as f32, effects: &[] };
        let (controller, mut feeder, processor) = player(&mut arena, config, RING_FRAMES).unwrap();
        feeder.limit(limits, fixed, needed);
        let mut rig = Rig {
            conductor: Conductor::new(RATE),
            ring: Ring(RefCell::new(feeder)),
            controller,
            processor,
            dispatcher: pool(&mut arena, RATE as f32).unwrap().1,
            arrives: Rc::new(Cell::new(true)),
            epoch: 1,
            clock: 0,
            heard: Vec::new(),
        };
        rig.conductor.open(1, rig.ramp(frames), 1);
        rig.settle();
        rig.controller.send(Command::PLAY).unwrap();
        act(&mut rig);
    }

    fn ramp(&self, frames: u64) -> Ramp {
        Ramp { frames, arrives: Rc::clone(&self.arrives) }
    }

    /// The decode worker works until it can do no more.
    fn settle(&mut self) {
        while self.conductor.step(&mut self.ring) == Step::Worked {}
    }

    /// The audio thread renders `frames`, and nobody writes.
    fn render(&mut self, frames: u32) {
        for _ in 0..frames / QUANTUM {
            self.processor.process(&mut self.dispatcher, self.clock, QUANTUM as usize);
            self.clock += u64::from(QUANTUM);
            self.heard.extend_from_slice(&self.processor.plane(0)[..QUANTUM as usize]);
        }
    }

    /// Both work as usual.
    fn play(&mut self, frames: u32) {
        for _ in 0..frames / REST_FRAMES {
            self.render(REST_FRAMES);
            self.settle();
        }
    }

    fn seek(&mut self, frame: u64) {
        self.epoch += 1;
        self.conductor.seek(1, frame, self.epoch);
    }

    fn telemetry(&mut self) -> Telemetry {
        *self.controller.telemetry()
    }

    fn ahead(&self) -> u32 {
        self.ring.written().wrapping_sub(self.ring.read())
    }

    /// No frame is heard but the one that follows the one before, or the first of the track.
    fn assert_unbroken(&self, length: u64) {
        let mut next = 0;
        for (place, &heard) in self.heard.iter().enumerate() {
            assert_eq!(heard.to_bits(), sample(next).to_bits(), "at {place}, after {next} frames of the track");
            next = (next + 1) % length;
        }
    }
}

#[test]
fn it_is_written_to_the_target_and_no_further() {
    Rig::run(LIMITS, None, 1 << 24, |rig| {
        assert_eq!((rig.ahead(), rig.ring.target()), (LIMITS.first, LIMITS.first));
        for _ in 0..200 {
            rig.play(REST_FRAMES);
            let target = rig.ring.target();
            // Found anew when the refill had begun: it is narrower by what 21 ms make, a twelve-thousandth.
            assert!((target..=target + LIMITS.first / 10_000).contains(&rig.ahead()), "{} of {target}", rig.ahead());
            rig.render(QUANTUM);
            assert_eq!(rig.telemetry().target_frames, target, "telemetry tells it");
        }
        rig.assert_unbroken(1 << 24);
    });
}

#[test]
fn a_source_that_goes_on_in_another_engine_keeps_what_it_has_needed() {
    let mut learnt = None;
    Rig::run(LIMITS, None, 1 << 24, |rig| {
        rig.play(RATE);
        // Nobody writes for longer than there are frames.
        rig.render(2 * LIMITS.first);
        rig.settle();
        rig.play(RATE);
        learnt = Some(rig.telemetry());
    });
    let Telemetry { target_frames, needed_frames, .. } = learnt.unwrap();
    assert!(needed_frames > LIMITS.first && target_frames > needed_frames, "{needed_frames} {target_frames}");
    let limits = Limits { first: target_frames, ..LIMITS };
    let after_a_minute = |needed| {
        let mut target = 0;
        Rig::go_on(limits, None, needed, 1 << 24, |rig| {
            assert_eq!(rig.ring.target(), target_frames, "from the beginning");
            rig.play(60 * RATE);
            target = rig.ring.target();
        });
        target
    };
    assert!(after_a_minute(0) < needed_frames, "it is found anew");
    assert!(after_a_minute(needed_frames) > needed_frames);
}

#[test]
fn without_limits_the_ring_is_full_but_for_the_reserve() {
    let all = Limits { least: RING_FRAMES, most: RING_FRAMES, first: RING_FRAMES };
    Rig::run(all, None, 1 << 24, |rig| {
        assert_eq!(rig.ahead(), RING_FRAMES - rusty_audio_protocol::RESERVE_FRAMES);
    });
}

#[test]
fn it_narrows_slowly_to_what_is_needed() {
    Rig::run(LIMITS, None, 1 << 24, |rig| {
        let mut before = rig.ring.target();
        while before > LIMITS.least {
            rig.play(REST_FRAMES);
            let target = rig.ring.target();
            let least = f64::from(before) * (1.0 - f64::from(REST_FRAMES) / f64::from(RATE) / 256.0) - 1.0;
            assert!(f64::from(target) >= least && target <= before, "from {before} to {target}");
            before = target;
        }
        // A quarter is lost in 256 s · ln(4/3).
        let seconds = rig.clock as f64 / f64::from(RATE);
        assert!((70.0..80.0).contains(&seconds), "after {seconds} s");
        rig.play(20 * REST_FRAMES);
        assert_eq!(rig.ring.target(), LIMITS.least);
        assert_eq!(rig.telemetry().starved_frames, 0);
        rig.assert_unbroken(1 << 24);
    });
}

#[test]
fn it_is_wider_at_once_after_something_starved_and_by_as_much_as_was_missing() {
    Rig::run(LIMITS, None, 1 << 24, |rig| {
        rig.play(RATE);
        rig.arrives.set(false);
        let mut ahead = rig.ahead();
        // What was decoded before is written still.
        for _ in 0..100 {
            rig.play(REST_FRAMES);
            ahead = ahead.max(rig.ahead());
        }
        let starved = rig.telemetry().starved_frames;
        assert!(starved > 40_000, "{starved}");
        rig.arrives.set(true);
        rig.settle();
        let needed = ahead + starved;
        let target = rig.ring.target();
        assert!(target > needed && f64::from(target) < 1.1 * f64::from(needed), "{target} where {needed} would do");
        assert_eq!(rig.ahead(), target);
        // The same stall again is not heard.
        rig.play(4 * RATE);
        rig.arrives.set(false);
        rig.play(100 * REST_FRAMES);
        assert_eq!(rig.telemetry().starved_frames, starved);
        rig.arrives.set(true);
        rig.play(4 * RATE);
        assert!(f64::from(rig.ring.target()) > 0.98 * f64::from(target), "it is remembered");
    });
}

#[test]
fn a_fixed_depth_is_kept_whatever_happens() {
    for fixed in [PRIME_FRAMES, 24_000, 150_000] {
        Rig::run(Limits { least: PRIME_FRAMES, ..LIMITS }, Some(fixed), 1 << 24, |rig| {
            rig.play(2 * RATE);
            assert_eq!((rig.ahead(), rig.ring.target()), (fixed, fixed));
            rig.assert_unbroken(1 << 24);
            rig.arrives.set(false);
            rig.play(fixed + 2 * RATE);
            assert!(rig.telemetry().starved_frames > 0);
            rig.arrives.set(true);
            rig.play(RATE);
            assert_eq!((rig.ahead(), rig.ring.target()), (fixed, fixed));
        });
    }
}

#[test]
fn a_jump_is_primed_with_any_depth() {
    for fixed in [PRIME_FRAMES, 24_000, 150_000] {
        Rig::run(Limits { least: PRIME_FRAMES, ..LIMITS }, Some(fixed), 1 << 24, |rig| {
            rig.play(RATE);
            for target in [5_000_000, 17, 9_999_999, 1_000_001] {
                let before = rig.heard.len();
                rig.seek(target);
                rig.settle();
                rig.play(RATE);
                let faded = sample(target + FADE_FRAMES as u64);
                let place = rig.heard[before..].iter().position(|&heard| heard == faded);
                assert_eq!(place, Some(FADE_FRAMES), "it sounds at once, with {fixed} frames");
                assert_eq!(rig.ahead(), fixed);
            }
            assert_eq!(rig.telemetry().starved_frames, 0);
        });
    }
}

#[test]
fn what_jumps_drop_is_not_needed() {
    Rig::run(Limits { first: 150_000, ..LIMITS }, None, 1 << 24, |rig| {
        rig.play(RATE);
        for round in 0..20 {
            let before = rig.ring.target();
            rig.controller.send(if round % 2 == 0 { Command::PAUSE } else { Command::PLAY }).unwrap();
            if round % 3 == 0 {
                // The ring is emptied, and the decode worker looks at it before it hears of the jump.
                rig.controller.send(Command::discard(rig.epoch + 1)).unwrap();
                rig.play(2 * REST_FRAMES);
            }
            let start = rig.ring.written();
            rig.seek(500_000 * (round + 1));
            if round % 4 == 0 {
                // Its bytes take a while.
                rig.arrives.set(false);
                rig.play(20 * REST_FRAMES);
                rig.arrives.set(true);
            }
            if round % 5 == 0 {
                // The old sound goes on nearly to its end, because the jump is only half there.
                while rig.ring.0.borrow().written().wrapping_sub(start) < PRIME_FRAMES / 2 {
                    rig.conductor.step(&mut rig.ring);
                }
                rig.arrives.set(false);
                rig.play(before - before / 50);
                rig.arrives.set(true);
            }
            rig.settle();
            rig.play(RATE / 2);
            assert!(rig.ring.target() <= before, "round {round}: from {before} to {}", rig.ring.target());
        }
    });
}

#[test]
fn the_end_of_the_queue_is_no_need() {
    Rig::run(LIMITS, None, 200_000, |rig| {
        let before = rig.ring.target();
        rig.play(300_000);
        assert_eq!(rig.telemetry().state, State::Ended as u32);
        rig.conductor.enqueue(2, rig.ramp(400_000), &rig.ring);
        rig.settle();
        rig.play(100_000);
        assert_eq!(rig.telemetry().track, 2);
        assert!(rig.ring.target() <= before, "from {before} to {}", rig.ring.target());
    });
}

#[test]
fn loops_and_their_switching_are_gapless_with_any_depth() {
    const LENGTH: u64 = 30_000;
    for fixed in [PRIME_FRAMES, 24_000, 150_000] {
        Rig::run(Limits { least: PRIME_FRAMES, ..LIMITS }, Some(fixed), LENGTH, |rig| {
            for track in 2..20 {
                rig.conductor.enqueue(track, rig.ramp(LENGTH), &rig.ring);
            }
            rig.settle();
            // Each is corrected at the next boundary, where frames that had been written are passed over.
            for round in 0..150 {
                rig.conductor.set_loop(round % 2 == 0, &rig.ring);
                rig.settle();
                rig.play(3 * REST_FRAMES);
            }
            rig.conductor.set_loop(true, &rig.ring);
            rig.play(RATE);
            assert_eq!(rig.telemetry().starved_frames, 0, "with {fixed} frames");
            rig.assert_unbroken(LENGTH);
        });
    }
}

#[test]
fn frames_that_a_correction_passes_over_are_not_ahead() {
    const LENGTH: u64 = 30_000;
    const FIXED: u32 = 24_000;
    Rig::run(Limits { least: PRIME_FRAMES, ..LIMITS }, Some(FIXED), LENGTH, |rig| {
        rig.conductor.enqueue(2, rig.ramp(LENGTH), &rig.ring);
        rig.play(20 * REST_FRAMES);
        // 14 480 frames of the next track are in the ring.
        rig.conductor.set_loop(true, &rig.ring);
        rig.settle();
        rig.play(9 * REST_FRAMES);
        assert!(rig.heard.len() < 30_000);
        rig.render(REST_FRAMES);
        assert!(rig.heard.len() > 30_000, "the boundary is passed");
        assert_eq!(rig.ahead(), FIXED - REST_FRAMES);
        rig.assert_unbroken(LENGTH);
    });
}
