//! Regions between the main thread, the audio thread and a worker. The engine tells loom of each sample that is reached.

use std::mem::replace;

use loom::thread::spawn;
use rusty_audio_engine::Arena;
use rusty_audio_engine::lockfree::board::{Claimer, Class, Descriptor, Poster, Ticket, board};
use rusty_audio_engine::lockfree::regions::{Region, Regions, Registrar, Shape, Span, regions};

use super::models::{both, saw};

const SAMPLES: usize = 2;
const ALL: Span = Span { start: 0, samples: SAMPLES };
/// What the audio thread writes, and a job reads.
const INPUT: Span = Span { start: 0, samples: 1 };
/// What a job writes.
const OUTPUT: Span = Span { start: 1, samples: 1 };

fn write(region: &Region<'_>, span: Span, value: f32) {
    // SAFETY: loom panics unless every other access of the samples happened before.
    unsafe { region.reach_unguarded([span], [], |[samples], []| samples.fill(value)) }.unwrap();
}

fn holds(region: &Region<'_>, span: Span, value: f32) -> bool {
    // SAFETY: loom panics unless every write of the samples happened before.
    unsafe { region.reach_unguarded([], [span], |[], [samples]| samples.iter().all(|&sample| sample == value)) }
        .unwrap()
}

/// The arena itself, for the role that lends.
fn own(arena: &mut Arena<'static>) -> Arena<'static> {
    replace(arena, Arena::new(&mut []))
}

/// Lends a region full of `number`.
fn lend(registrar: &mut Registrar<'static>, arena: &mut Arena<'static>, number: u8) -> u32 {
    let place = registrar.lend(arena, SAMPLES, [u32::from(number); 3]).unwrap().unwrap();
    let region = registrar.filling(place).unwrap();
    assert!(holds(&region, ALL, 0.0), "nothing is left of the one before");
    write(&region, ALL, f32::from(number));
    registrar.send(place);
    place
}

pub fn there_and_back(arena: &mut Arena<'static>, swapped: bool) {
    let (mut registrar, regions) = regions(arena).unwrap();
    let mut arena = own(arena);
    let main = move || {
        let place = lend(&mut registrar, &mut arena, 1);
        let home = registrar.reclaim(&mut arena) == 0;
        saw(1, home);
        if home {
            assert_eq!(lend(&mut registrar, &mut arena, 2), place, "the same memory again");
        }
        (registrar, arena)
    };
    let audio = move || {
        let mut taken = 0u8;
        for _ in 0..3 {
            let Some(region) = regions.take(0) else {
                saw(0, true);
                continue;
            };
            taken += 1;
            assert_eq!((region.shape(), region.journal()), ([u32::from(taken); 3], 0), "in order, each once");
            assert!(holds(&region, ALL, f32::from(taken)), "whole");
            region.note(7);
            write(&region, ALL, -1.0);
            region.give_back();
        }
        saw(2, taken == 2);
        taken
    };
    let ((mut registrar, mut arena), _) = both(swapped, main, audio);
    if let Some(region) = regions.take(0) {
        region.give_back();
    }
    assert_eq!(registrar.reclaim(&mut arena), 0, "it comes home");
}

/// What the audio thread gives a job.
const VALUE: f32 = 4.0;

/// The audio thread posts a job in a region. Returns its ticket, and whether the result came before the job was taken back.
fn post(poster: &mut Poster<'static, 1>, region: &Region<'static>) -> (Ticket, bool) {
    write(region, INPUT, VALUE);
    let job = Descriptor { kind: 4, slices: 1, arguments: [region.place(); 6] };
    let ticket = poster.reserve(job, |_| ()).unwrap();
    poster.post(ticket, Class::RealTime, 5);
    let done = poster.output(ticket, |_| ()).is_some();
    if done {
        assert!(holds(region, OUTPUT, -VALUE), "the result is there");
    }
    poster.release(ticket);
    (ticket, done)
}

fn work(claimer: &mut Claimer<'static>, regions: Regions<'static>, shape: Shape) {
    let Some(offer) = claimer.offers().next() else { return };
    let Some(claim) = claimer.claim(offer) else { return };
    let region = regions.taken(claim.descriptor().arguments[0]).unwrap();
    assert_eq!(region.shape(), shape);
    assert!(holds(&region, INPUT, VALUE), "what was written before it was posted");
    write(&region, OUTPUT, -VALUE);
    assert!(claimer.complete(claim, 3), "its owner is alive");
}

pub fn job(arena: &mut Arena<'static>, swapped: bool) {
    let (mut registrar, regions) = regions(arena).unwrap();
    let (mut poster, notices) = board::<1>(arena, 0, 0).unwrap();
    let (mut claimer, mut arena) = (notices.claimer(2), own(arena));
    let place = lend(&mut registrar, &mut arena, 1);
    let worker = spawn(move || work(&mut claimer, regions, [1; 3]));
    let main = move || {
        let home = registrar.reclaim(&mut arena) == 0;
        saw(2, home);
        if home {
            assert_eq!(lend(&mut registrar, &mut arena, 2), place, "the same memory again");
        }
    };
    let audio = move || {
        let region = regions.take(place).unwrap();
        let (ticket, done) = post(&mut poster, &region);
        saw(0, done);
        saw(1, !done);
        if poster.has_ended(ticket) {
            region.give_back();
        }
    };
    both(swapped, main, audio);
    worker.join().unwrap();
}

pub fn tract(arena: &mut Arena<'static>, swapped: bool) {
    let (_, regions) = regions(arena).unwrap();
    let (mut poster, notices) = board::<1>(arena, 0, 0).unwrap();
    let (mut claimer, tract) = (notices.claimer(2), arena.tract(SAMPLES).unwrap());
    let audio = move || {
        let region = regions.of_tract(&tract, [5; 3]).unwrap();
        assert!(holds(&region, ALL, 0.0), "nobody had it before");
        let (ticket, done) = post(&mut poster, &region);
        saw(0, done);
        saw(1, !done);
        let again = regions.of_tract(&tract, [6; 3]).unwrap();
        assert_eq!((again.place(), again.shape()), (region.place(), [5; 3]), "it is entered once");
        if poster.has_ended(ticket) {
            write(&again, ALL, 1.0);
        }
    };
    both(swapped, audio, move || work(&mut claimer, regions, [5; 3]));
}

pub fn journal(arena: &mut Arena<'static>, swapped: bool) {
    let (mut registrar, regions) = regions(arena).unwrap();
    let place = lend(&mut registrar, arena, 1);
    regions.take(place).unwrap();
    let parts = [INPUT, OUTPUT];
    let first = move || {
        let region = regions.taken(place).unwrap();
        for (progress, part) in (1..).zip(parts) {
            write(&region, part, VALUE);
            region.note(progress);
        }
    };
    let second = move || {
        let region = regions.taken(place).unwrap();
        for _ in 0..2 {
            let progress = region.journal() as usize;
            saw(progress, true);
            assert!(parts.iter().take(progress).all(|&part| holds(&region, part, VALUE)), "what was noted is there");
        }
    };
    both(swapped, first, second);
}
