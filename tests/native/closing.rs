//! A node that is given up: its jobs end, what it was lent goes home, and its memory is built upon again.

use rusty_audio_engine::config::RESPONSE_SLACK_FRAMES;
use rusty_audio_engine::effects::{Effects, StandardEffects};
use rusty_audio_engine::memory::MAX_TRACTS;
use rusty_audio_engine::protocol::Command;
use rusty_audio_engine::{Arena, Controller, Entry, Loss, Memory, NodeConfig, Parcel, Processor, node, player};
use rusty_audio_tests::{Pool, RATE, Random, put_response};

const QUANTUM: usize = 128;

/// Quanta within which a node whose jobs nobody holds is closed: a response may just have begun to be prepared.
const CLOSING_QUANTA: usize = 2 * RESPONSE_SLACK_FRAMES / QUANTUM;

struct Node<'a> {
    controller: Controller<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    parcel: Parcel,
}

/// An engine in which nodes come and go.
struct Rig<'a> {
    arena: Arena<'a>,
    pool: Pool<'a>,
    frame: u64,
    now_ms: f64,
    /// Turns that the worker on seat 0 takes before each quantum.
    turns: usize,
}

fn number_of(name: &str) -> usize {
    StandardEffects::LIST.iter().position(|description| description.name == name).unwrap()
}

impl<'a> Rig<'a> {
    fn build(&mut self, numbers: &[usize]) -> Node<'a> {
        let entries: Vec<_> = numbers.iter().map(|&number| Entry::new(number)).collect();
        let ((controller, mut processor), parcel) =
            self.arena.parcel(|arena| node(arena, NodeConfig { sample_rate: RATE, effects: &entries })).unwrap();
        // A convolver computes nothing while it is not heard.
        if numbers.first() == Some(&number_of("convolver")) {
            processor.chain().set(0, 1.0);
        }
        Node { controller, processor, parcel }
    }

    /// Sends the first effect of a node a response of so many frames, whose spectra have to be computed yet.
    fn respond(&mut self, node: &mut Node<'a>, frames: usize) {
        let mut random = Random(7);
        let taps: Vec<_> = (0..frames).map(|_| random.below(1 << 20) as f32 / (1 << 24) as f32).collect();
        let place = put_response(&mut self.arena, &mut self.pool, &[&taps], false);
        assert!(node.controller.send(Command::tell(0, place)).is_ok());
    }

    /// Time passes.
    fn pass(&mut self) {
        self.now_ms += QUANTUM as f64 * 1000.0 / f64::from(RATE);
        (0..self.turns).for_each(|_| _ = self.pool.workers[0].turn(self.now_ms));
        self.frame += QUANTUM as u64;
    }

    fn render(&mut self, node: &mut Node<'a>, quanta: usize) {
        for quantum in 0..quanta {
            self.pass();
            for channel in 0..2 {
                let plane = node.processor.plane(channel).iter_mut().take(QUANTUM);
                plane.enumerate().for_each(|(n, sample)| *sample = ((quantum * QUANTUM + n) as f32 * 0.01).sin());
            }
            node.processor.process(&mut self.pool.dispatcher, self.frame, QUANTUM);
        }
    }

    /// Whether the node is closed, between two quanta.
    fn closes_at_once(&mut self, node: &mut Node<'a>) -> bool {
        node.processor.close(&mut self.pool.dispatcher, self.frame, 0)
    }

    /// Whether it is within so many quanta.
    fn closes_within(&mut self, node: &mut Node<'a>, quanta: usize) -> bool {
        self.closes_at_once(node)
            || (0..quanta).any(|_| {
                self.pass();
                node.processor.close(&mut self.pool.dispatcher, self.frame, QUANTUM)
            })
    }

    /// Takes the memory of a closed node back. Returns the bytes in use then.
    fn take_back(&mut self, Node { parcel, .. }: Node<'a>) -> usize {
        // SAFETY: its handles were dropped, and it was closed.
        unsafe { self.arena.take_back_parcel(parcel) };
        assert_eq!(self.pool.controller.responses().reclaim(&mut self.arena), 0, "all responses are home");
        self.arena.used_bytes()
    }
}

fn with_rig<R>(mebibytes: usize, turns: usize, test: impl FnOnce(&mut Rig<'_>) -> R) -> R {
    let mut memory = Memory::new(mebibytes << 20);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    if turns > 0 {
        pool.controller.take_seat(0);
    }
    test(&mut Rig { arena, pool, frame: 0, now_ms: 0.0, turns })
}

#[test]
fn every_effect_gives_all_back_alone_and_with_a_worker() {
    for turns in [0, 1, 40] {
        for (number, description) in StandardEffects::LIST.iter().enumerate() {
            with_rig(32, turns, |rig| {
                let before = rig.arena.used_bytes();
                for round in 0..MAX_TRACTS + 6 {
                    let mut node = rig.build(&[number, number]);
                    if number == number_of("convolver") {
                        rig.respond(&mut node, 20_000);
                        rig.respond(&mut node, 30_000);
                    }
                    // Every stage of a job's life is met.
                    rig.render(&mut node, round * 3);
                    assert!(rig.closes_within(&mut node, CLOSING_QUANTA), "{}, round {round}", description.name);
                    assert_eq!(rig.take_back(node), before, "{}, round {round}", description.name);
                }
            });
        }
    }
}

#[test]
fn a_player_gives_all_back() {
    with_rig(16, 0, |rig| {
        let before = rig.arena.used_bytes();
        for _ in 0..20 {
            let config = || NodeConfig { sample_rate: RATE, effects: &[] };
            let ((mut controller, mut feeder, mut processor), parcel) =
                rig.arena.parcel(|arena| player::<StandardEffects<'_>>(arena, config(), 1 << 19)).unwrap();
            assert!(controller.send(Command::PLAY).is_ok());
            feeder.push(64);
            processor.process(&mut rig.pool.dispatcher, rig.frame, QUANTUM);
            assert!(processor.close(&mut rig.pool.dispatcher, rig.frame, 0));
            // SAFETY: its handles are not used any more, and it was closed.
            unsafe { rig.arena.take_back_parcel(parcel) };
            assert_eq!(rig.arena.used_bytes(), before);
        }
    });
}

#[test]
fn memory_stays_while_a_worker_holds_a_job_of_it() {
    for name in ["spectral", "convolver"] {
        let held = with_rig(32, 1, |rig| {
            let mut held = 0;
            for quanta in 0..200 {
                let mut node = rig.build(&[number_of(name)]);
                if name == "convolver" {
                    rig.respond(&mut node, 60_000);
                }
                rig.render(&mut node, 200 + quanta);
                // From now on the worker is silent.
                rig.turns = 0;
                if rig.closes_at_once(&mut node) {
                    assert_eq!(rig.pool.controller.claimed_by(0), 0, "nobody holds a job");
                } else if rig.pool.controller.claimed_by(0) > 0 {
                    held += 1;
                    assert!(!rig.closes_within(&mut node, 3 * CLOSING_QUANTA), "it is not waited for any longer");
                }
                // It goes on.
                rig.turns = 40;
                assert!(rig.closes_within(&mut node, CLOSING_QUANTA), "{name}: {quanta}");
                rig.turns = 1;
                rig.take_back(node);
            }
            held
        });
        assert!(held > 5, "{name}: {held} jobs were held");
    }
}

#[test]
fn a_response_stays_while_a_worker_that_was_taken_for_dead_may_write_it() {
    with_rig(32, 1, |rig| {
        let mut node = rig.build(&[number_of("convolver")]);
        rig.respond(&mut node, 60_000);
        for _ in 0..1000 {
            rig.render(&mut node, 1);
            if rig.pool.controller.claimed_by(0) > 0 {
                break;
            }
        }
        assert!(rig.pool.controller.claimed_by(0) > 0, "it prepares the response");
        rig.turns = 0;
        rig.pool.controller.dismiss(0, Loss::Missed, rig.now_ms);
        assert!(!rig.closes_within(&mut node, 3 * CLOSING_QUANTA), "its thread may go on");
        rig.pool.controller.bury(0);
        assert!(rig.closes_within(&mut node, CLOSING_QUANTA));
        rig.take_back(node);
    });
}
