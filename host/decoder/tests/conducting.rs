//! The conductor against an ideal player: whatever is done to the queue, the frames that are heard are exactly
//! those that a player without a ring, a network or a decoder would give.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use rusty_audio_decoder::{Conductor, Sink, Step};
use rusty_audio_protocol::{DecoderEvent, SeekPrecision};
use support::{Chance, Model, ModelRing};

/// The ideal player: a queue, a place in it, and the rules.
struct Ideal {
    queue: Vec<Model>,
    looped: bool,
    /// The next frame: track and number.
    cursor: Option<(u32, u64)>,
    /// The place after the track that was heard last: what is appended after the end follows there.
    after: usize,
}

impl Ideal {
    fn place(&self, track: u32) -> Option<usize> {
        self.queue.iter().position(|model| model.track == track)
    }

    fn start_from(&self, place: usize) -> Option<(u32, u64)> {
        self.queue[place..].iter().find(|model| model.playable() > 0).map(|model| (model.track, 0))
    }

    /// What comes when `frame` of the track at `place` has been asked for.
    fn resolve(&self, place: usize, frame: u64) -> Option<(u32, u64)> {
        let model = &self.queue[place];
        if frame < model.playable() {
            return Some((model.track, frame));
        }
        let broken = frame < model.frames || model.fault == Some(0);
        if self.looped && !broken && model.playable() > 0 {
            return Some((model.track, 0));
        }
        self.start_from(place + 1)
    }

    fn advance(&mut self) {
        if let Some((track, frame)) = self.cursor
            && let Some(place) = self.place(track)
        {
            self.after = place + 1;
            self.cursor = self.resolve(place, frame + 1);
        }
    }
}

#[derive(Clone, Debug)]
enum Action {
    Open(u64, Option<u64>),
    Enqueue(u64, Option<u64>),
    Remove(usize),
    Seek(usize, u64),
    Loop(bool),
    Hear(usize),
    /// The engine is replaced: an empty ring, in which the sound goes on where it stopped.
    Move,
}

fn length() -> impl Strategy<Value = (u64, Option<u64>)> {
    let frames = prop_oneof![8 => 40..30_000_u64, 1 => Just(0_u64), 2 => 40..400_u64];
    (frames, prop::option::weighted(0.2, prop_oneof![Just(0_u64), 40..20_000_u64]))
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => length().prop_map(|(frames, fault)| Action::Open(frames, fault)),
        3 => length().prop_map(|(frames, fault)| Action::Enqueue(frames, fault)),
        2 => (0..8_usize).prop_map(Action::Remove),
        3 => (0..8_usize, 0..35_000_u64).prop_map(|(place, frame)| Action::Seek(place, frame)),
        3 => any::<bool>().prop_map(Action::Loop),
        8 => (1..25_000_usize).prop_map(Action::Hear),
        1 => Just(Action::Move),
    ]
}

struct Rig {
    conductor: Conductor<Model>,
    ring: ModelRing,
    ideal: Ideal,
    chance: Rc<RefCell<Chance>>,
    waiting: u64,
    next_track: u32,
    epoch: u32,
    /// The audio thread does not run.
    suspended: bool,
    events: Vec<DecoderEvent>,
}

impl Rig {
    fn new(seed: u64, waiting: u64, capacity: u32) -> Self {
        Self::with_target(seed, waiting, capacity, capacity)
    }

    fn with_target(seed: u64, waiting: u64, capacity: u32, target: u32) -> Self {
        Self {
            conductor: Conductor::new(48_000),
            ring: ModelRing::new(capacity, target),
            ideal: Ideal { queue: Vec::new(), looped: false, cursor: None, after: 0 },
            chance: Rc::new(RefCell::new(Chance::new(seed))),
            waiting,
            next_track: 1,
            epoch: 0,
            suspended: false,
            events: Vec::new(),
        }
    }

    fn model(&mut self, frames: u64, fault: Option<u64>) -> Model {
        let track = self.next_track;
        self.next_track += 1;
        Model {
            track,
            frames,
            fault,
            seek_error: None,
            local: track.is_multiple_of(2),
            waiting: self.waiting,
            chance: Rc::clone(&self.chance),
        }
    }

    /// Lets the conductor work until it can do no more.
    fn settle(&mut self) {
        let mut waits = 0;
        for _ in 0..100_000 {
            if !self.suspended {
                self.ring.take_jumps();
            }
            let step = self.conductor.step(&mut self.ring);
            self.events.extend(self.conductor.take_events());
            match step {
                Step::Worked => waits = 0,
                Step::Full | Step::Idle if waits > 40 => return,
                _ => waits += 1,
            }
            assert!(waits < 2_000, "waits for nothing");
        }
        panic!("works without an end");
    }

    fn act(&mut self, action: &Action) {
        match *action {
            Action::Open(frames, fault) => {
                let model = self.model(frames, fault);
                self.epoch += 1;
                self.ideal.queue = vec![model.clone()];
                self.ideal.after = 1;
                self.ideal.cursor = self.ideal.resolve(0, 0);
                self.await_epoch();
                self.conductor.open(model.track, model, self.epoch);
            }
            Action::Enqueue(frames, fault) => {
                let model = self.model(frames, fault);
                self.ideal.queue.push(model.clone());
                if self.ideal.cursor.is_none() {
                    self.ideal.cursor = self.ideal.start_from(self.ideal.after);
                }
                self.conductor.enqueue(model.track, model, &self.ring);
            }
            Action::Remove(place) => {
                let Some(track) = self.ideal.queue.get(place).map(|model| model.track) else {
                    return;
                };
                self.ideal.queue.remove(place);
                if self.ideal.cursor.is_some_and(|(sounding, _)| sounding == track) {
                    self.ideal.cursor = self.ideal.start_from(place);
                    self.ideal.after = place;
                } else if place < self.ideal.after {
                    self.ideal.after -= 1;
                }
                self.conductor.remove(track, &self.ring);
            }
            Action::Seek(place, frame) => {
                let Some(track) = self.ideal.queue.get(place).map(|model| model.track) else {
                    return;
                };
                self.epoch += 1;
                self.ideal.after = place + 1;
                self.ideal.cursor = self.ideal.resolve(place, frame);
                self.await_epoch();
                self.conductor.seek(track, frame, self.epoch);
            }
            Action::Loop(enabled) => {
                self.ideal.looped = enabled;
                self.conductor.set_loop(enabled, &self.ring);
            }
            Action::Hear(frames) => return self.hear(frames),
            Action::Move => {
                self.ring = ModelRing::new(self.ring.capacity(), self.ring.target());
                self.conductor.change_sink();
                if let Some((track, frame)) = self.ideal.cursor {
                    self.epoch += 1;
                    self.conductor.seek(track, frame, self.epoch);
                }
            }
        }
        self.settle();
    }

    fn await_epoch(&mut self) {
        if !self.suspended {
            self.ring.await_epoch();
        }
    }

    fn hear(&mut self, frames: usize) {
        let mut starved = 0;
        let mut heard = 0;
        while heard < frames {
            match self.ring.hear() {
                Some((frame, track)) => {
                    assert_eq!(Some((track, frame)), self.ideal.cursor, "track and frame, after {heard} frames");
                    self.ideal.advance();
                    heard += 1;
                    starved = 0;
                    // The decode worker keeps pace with the sound.
                    if heard % 512 == 0 {
                        self.settle();
                    }
                }
                None if self.ideal.cursor.is_none() => {
                    assert!(self.ring.has_ended(), "the end is not told");
                    return;
                }
                None => {
                    starved += 1;
                    assert!(starved < 3, "nothing comes, expected {:?}", self.ideal.cursor);
                    self.settle();
                }
            }
        }
        self.settle();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_frames_heard_are_those_of_an_ideal_player(
        seed in any::<u64>(),
        waiting in 0..5_u64,
        capacity in prop_oneof![Just(24_000_u32), Just(32_768), Just(65_536)],
        target in prop_oneof![2_048..12_000_u32, Just(65_536)],
        first in length(),
        actions in prop::collection::vec(action(), 1..40),
    ) {
        let mut rig = Rig::with_target(seed, waiting, capacity, target);
        rig.act(&Action::Open(first.0, first.1));
        for action in &actions {
            rig.act(action);
        }
    }
}

fn landed(events: &[DecoderEvent], wanted: u32) -> Option<(u32, u64, bool)> {
    events.iter().find_map(|event| match *event {
        DecoderEvent::Landed { epoch, track, frame, exact } if epoch == wanted => Some((track, frame, exact)),
        _ => None,
    })
}

#[test]
fn what_is_appended_follows_in_a_new_ring_after_the_end() {
    let mut rig = Rig::new(5, 0, 32_768);
    rig.act(&Action::Open(20_000, None));
    rig.act(&Action::Hear(20_001));
    assert!(rig.ring.has_ended());
    rig.act(&Action::Move);
    assert!(rig.ring.has_ended());
    rig.act(&Action::Enqueue(5_000, None));
    rig.act(&Action::Hear(5_001));
    assert_eq!(rig.ideal.cursor, None);
}

#[test]
fn every_jump_is_answered_once_with_where_it_landed() {
    let mut rig = Rig::new(1, 3, 32_768);
    rig.act(&Action::Open(20_000, None));
    rig.act(&Action::Enqueue(10_000, None));
    rig.act(&Action::Seek(1, 7_777));
    rig.act(&Action::Seek(0, 50_000));
    assert_eq!(landed(&rig.events, 1), Some((1, 0, true)));
    assert_eq!(landed(&rig.events, 2), Some((2, 7_777, true)));
    assert_eq!(landed(&rig.events, 3), Some((2, 0, true)), "beyond the end comes the next track");
    let count = rig.events.iter().filter(|event| matches!(event, DecoderEvent::Landed { .. })).count();
    assert_eq!(count, 3);
}

#[test]
fn a_fault_is_told_with_the_frames_before_it_and_the_next_track_follows() {
    let mut rig = Rig::new(2, 3, 32_768);
    rig.act(&Action::Open(20_000, Some(12_345)));
    rig.act(&Action::Enqueue(100, Some(0)));
    rig.act(&Action::Enqueue(5_000, None));
    rig.act(&Action::Hear(30_000));
    let failures: Vec<(u32, u64)> = rig
        .events
        .iter()
        .filter_map(|event| match event {
            DecoderEvent::Failed { track, frames, .. } => Some((*track, *frames)),
            _ => None,
        })
        .collect();
    assert_eq!(failures, [(1, 12_345), (2, 0)]);
    assert_eq!(rig.events.last(), Some(&DecoderEvent::Drained));
    assert_eq!(rig.ideal.cursor, None);
}

#[test]
fn a_failed_opening_ends_what_sounded_before() {
    let mut rig = Rig::new(3, 0, 32_768);
    rig.act(&Action::Open(20_000, None));
    rig.act(&Action::Hear(5_000));
    rig.act(&Action::Open(20_000, Some(0)));
    rig.act(&Action::Hear(1));
    assert!(rig.ring.has_ended());
    assert_eq!(landed(&rig.events, 2), None, "what failed did not land");
    assert!(rig.events.contains(&DecoderEvent::Drained));
}

#[test]
fn many_seeks_fit_while_the_context_is_suspended() {
    let mut rig = Rig::new(4, 0, 65_536);
    rig.act(&Action::Open(2_000_000, None));
    rig.suspended = true;
    for (epoch, frame) in [(2, 1_000_000), (3, 5), (4, 1_999_999)] {
        rig.act(&Action::Seek(0, frame));
        assert_eq!(landed(&rig.events, epoch), Some((1, frame, true)), "the ring was full");
    }
    rig.act(&Action::Hear(10));
}

#[test]
fn local_files_of_the_queue_are_described_before_their_turn() {
    let mut rig = Rig::new(6, 2, 32_768);
    rig.act(&Action::Open(2_000_000, None));
    rig.act(&Action::Enqueue(10_000, None));
    rig.act(&Action::Enqueue(10_000, None));
    rig.act(&Action::Enqueue(10_000, Some(0)));
    let described = |wanted: u32| {
        let mut tracks = rig.events.iter().filter_map(|event| match event {
            DecoderEvent::Described { track, .. } => Some(*track),
            _ => None,
        });
        tracks.any(|track| track == wanted)
    };
    assert!(described(1) && described(2), "track 2 is local");
    assert!(!described(3), "track 3 is remote");
    let is_failure = |event: &DecoderEvent| matches!(event, DecoderEvent::Failed { track: 4, frames: 0, .. });
    assert!(rig.events.iter().any(is_failure), "track 4 is local and broken");
}

#[test]
fn a_seek_in_a_local_file_waits_for_its_index_and_is_exact() {
    let mut rig = Rig::new(7, 2, 32_768);
    let mut model = rig.model(1_000_000, None);
    (model.seek_error, model.local) = (Some(321), true);
    rig.conductor.open(model.track, model, 1);
    rig.conductor.seek(1, 500_000, 2);
    rig.settle();
    assert_eq!(landed(&rig.events, 2), Some((1, 500_000, true)));
    assert_eq!(rig.ring.hear(), Some((500_000, 1)));
}

#[test]
fn an_inexact_seek_is_relocated_when_the_index_is_complete() {
    let mut rig = Rig::new(5, 2, 32_768);
    let mut model = rig.model(1_000_000, None);
    (model.seek_error, model.local) = (Some(321), false);
    rig.conductor.open(model.track, model, 1);
    rig.settle();
    let is_relocated = |event: &DecoderEvent| matches!(event, DecoderEvent::Relocated { .. });
    assert!(!rig.events.iter().any(is_relocated), "nobody has sought, so nothing was indexed");
    rig.conductor.seek(1, 500_000, 2);
    rig.settle();
    assert_eq!(landed(&rig.events, 2), Some((1, 500_000, false)));
    assert!(rig.events.contains(&DecoderEvent::Relocated { epoch: 2, offset: -321 }));
    assert_eq!(rig.ring.hear(), Some((499_679, 1)));
    let shown: Vec<f32> = rig
        .events
        .iter()
        .filter_map(|event| match event {
            DecoderEvent::Described { description, .. } => match description.seek {
                SeekPrecision::Indexing { progress } => Some(progress),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert!(shown.is_sorted() && shown.last() == Some(&1.0), "{shown:?}");
}
