//! A region is lent, sent, taken and given back, in that order and once; until it has come home its samples are nobody
//! else's, and then its memory is free again.

use std::ops::Range;

use rusty_audio_engine::config::{ConfigError, REGIONS};
use rusty_audio_engine::lockfree::regions::{Region, Regions, Registrar, Shape, Span, regions as make_regions};
use rusty_audio_engine::memory::{CACHE_LINE_BYTES, MAX_TRACTS, Tract};
use rusty_audio_engine::{Arena, Memory};

use crate::script::Script;

#[expect(clippy::cast_possible_truncation, reason = "24")]
const TRACT_PLACE: u32 = REGIONS as u32;
/// Places of the table, and some that are none.
#[expect(clippy::cast_possible_truncation, reason = "64")]
const PLACES: u32 = TRACT_PLACE + MAX_TRACTS as u32 + 3;
const TRACT_SAMPLES: usize = 10;
const MAX_SAMPLES: u32 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Filling,
    Lent,
    Taken,
    Home,
}

struct Lent {
    place: u32,
    state: State,
    samples: usize,
    shape: Shape,
    journal: u32,
    /// What all of its samples are.
    value: f32,
}

impl Lent {
    fn fill(&mut self, region: &Region<'_>, value: f32) {
        let all = Span::new(0, self.samples);
        // SAFETY: one thread plays all roles.
        let filled = unsafe { region.reach_unguarded([all], [], |[samples], []| samples.fill(value)) };
        assert_eq!(filled, Some(()), "all of it is there");
        self.value = value;
    }

    /// Parts are to be had as long as they lie in it, and nobody else has what is written.
    fn reach_parts(&self, region: &Region<'_>, script: &mut Script<'_>) {
        let spans = [(); 3].map(|()| Span::new(script.place(self.samples + 1), 1 + script.place(8)));
        let [a, b, c] = spans.map(|span| span.start..span.end());
        let apart = |a: &Range<usize>, b: &Range<usize>| a.clone().all(|sample| !b.contains(&sample));
        let lie_here = [&a, &b, &c].iter().all(|part| part.end <= self.samples);
        let possible = lie_here && apart(&a, &b) && apart(&a, &c) && apart(&b, &c);
        let lengths = |[a, b]: [&mut [f32]; 2], [c]: [&[f32]; 1]| [a.len(), b.len(), c.len()];
        // SAFETY: one thread plays all roles.
        let reached = unsafe { region.reach_unguarded([spans[0], spans[1]], [spans[2]], lengths) };
        assert_eq!(reached, possible.then_some(spans.map(|span| span.samples)));
    }

    fn check(&self, region: &Region<'_>) {
        assert_eq!((region.place(), region.shape(), region.journal()), (self.place, self.shape, self.journal));
        let right = |read: &[f32]| read.len() == self.samples && read.iter().all(|&sample| sample == self.value);
        // SAFETY: one thread plays all roles.
        let reach = |samples| unsafe { region.reach_unguarded([], [Span::new(0, samples)], |[], [read]| right(read)) };
        assert_eq!(reach(self.samples), Some(true), "nobody else writes them");
        assert_eq!(reach(self.samples + 1), None, "and that is all");
    }
}

struct Table<'a> {
    arena: Arena<'a>,
    registrar: Registrar<'a>,
    regions: Regions<'a>,
    tract: Tract<'a>,
    entered: Option<Lent>,
    lent: Vec<Lent>,
    /// Bytes in use while nothing is lent.
    least_bytes: usize,
    /// What no sample was before.
    value: f32,
}

impl Table<'_> {
    fn lend(&mut self, samples: usize, shape: Shape) {
        self.value += 1.0;
        let lent = self.registrar.lend(&mut self.arena, samples, shape);
        self.lent.retain(|each| each.state != State::Home);
        match lent {
            Ok(Some(place)) => {
                assert!(self.lent.iter().all(|each| each.place != place), "a place is given once");
                let region = self.registrar.filling(place).expect("it is to be filled");
                let mut new = Lent { place, state: State::Filling, samples, shape, journal: 0, value: 0.0 };
                new.check(&region);
                new.fill(&region, self.value);
                self.lent.push(new);
            }
            Ok(None) => assert_eq!(self.lent.len(), REGIONS, "there is a place as long as one is free"),
            Err(ConfigError::OutOfMemory { needed_bytes, available_bytes }) => {
                assert_eq!(needed_bytes, samples * size_of::<f32>());
                assert!(needed_bytes + CACHE_LINE_BYTES > available_bytes, "what has room is lent");
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    fn operate(&mut self, script: &mut Script<'_>) {
        let place = if self.lent.is_empty() || script.below(8) == 0 {
            script.below(PLACES)
        } else {
            self.lent[script.place(self.lent.len())].place
        };
        let Self { arena, registrar, regions, tract, .. } = self;
        let lent = self.lent.iter_mut().find(|each| each.place == place);
        // What is due, or anything.
        let operation = match (script.below(2), lent.as_ref().map(|each| each.state)) {
            (0, Some(State::Filling)) => 0,
            (0, Some(State::Lent)) => 1,
            (0, Some(State::Taken)) => 2,
            _ => script.below(8),
        };
        let in_state = |state| lent.filter(|each| each.state == state);
        match operation {
            0 => {
                registrar.send(place);
                if let Some(lent) = in_state(State::Filling) {
                    lent.state = State::Lent;
                }
            }
            1 => {
                let (region, lent) = (regions.take(place), in_state(State::Lent));
                assert_eq!(region.is_some(), lent.is_some(), "what is sent can be taken, once");
                if let (Some(region), Some(lent)) = (region, lent) {
                    lent.state = State::Taken;
                    lent.check(&region);
                }
            }
            2 => {
                if let (Some(region), Some(lent)) = (regions.taken(place), in_state(State::Taken)) {
                    region.give_back();
                    lent.state = State::Home;
                }
            }
            3 => {
                if let (Some(region), Some(lent)) = (regions.taken(place), in_state(State::Taken)) {
                    lent.journal = script.word();
                    region.note(lent.journal);
                    self.value += 1.0;
                    lent.fill(&region, self.value);
                }
            }
            4 => {
                let shape = [script.word(); 3];
                registrar.reshape(place, shape);
                if let Some(lent) = in_state(State::Filling) {
                    lent.shape = shape;
                }
            }
            5 => {
                registrar.discard(arena, place);
                self.lent
                    .retain(|each| each.state != State::Home && (each.place != place || each.state == State::Taken));
            }
            6 => {
                if let (Some(region), Some(lent)) = (regions.taken(place), in_state(State::Taken)) {
                    lent.reach_parts(&region, script);
                }
            }
            _ => {
                let shape = [script.word(); 3];
                let region = regions.of_tract(tract, shape).expect("it lies in this arena");
                let samples = TRACT_SAMPLES;
                let new = Lent { place: TRACT_PLACE, state: State::Taken, samples, shape, journal: 0, value: 0.0 };
                let entered = self.entered.get_or_insert(new);
                entered.check(&region);
                self.value += 1.0;
                entered.fill(&region, self.value);
            }
        }
    }

    fn check(&mut self) {
        for each in self.lent.iter().chain(&self.entered) {
            let (filling, taken) = (self.registrar.filling(each.place), self.regions.taken(each.place));
            assert_eq!(
                (filling.is_some(), taken.is_some()),
                (each.state == State::Filling, each.state == State::Taken)
            );
            if let Some(region) = filling.or(taken) {
                each.check(&region);
            }
        }
        let out: usize = self.lent.iter().map(|each| each.samples * size_of::<f32>()).sum();
        let used = self.arena.used_bytes();
        assert!(used >= self.least_bytes + out && (used == self.least_bytes || !self.lent.is_empty()));
    }
}

/// See the module.
pub fn regions(words: &[u32]) {
    let mut script = Script::new(words);
    let mut memory = Memory::new(8192);
    let mut arena = memory.arena();
    let tract = arena.tract(TRACT_SAMPLES).unwrap();
    let (registrar, regions) = make_regions(&mut arena).unwrap();
    let least_bytes = arena.used_bytes();
    let mut table =
        Table { arena, registrar, regions, tract, entered: None, lent: Vec::new(), least_bytes, value: 0.0 };
    while !script.is_over() {
        match script.below(8) {
            0 | 1 => table.lend(script.below(MAX_SAMPLES) as usize, [script.word(); 3]),
            2 => {
                let out = table.registrar.reclaim(&mut table.arena);
                table.lent.retain(|each| each.state != State::Home);
                assert_eq!(out, table.lent.len());
            }
            _ => table.operate(&mut script),
        }
        table.check();
    }
}
