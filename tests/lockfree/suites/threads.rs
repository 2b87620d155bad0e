//! The structures between real threads. ThreadSanitizer and Miri run this too.
#![cfg(not(any(loom, target_arch = "wasm32")))]

use std::sync::atomic::AtomicU32;
use std::thread::{scope, yield_now};

use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::board::board;
use rusty_audio_engine::lockfree::latest::latest;
use rusty_audio_engine::lockfree::recorder::recorder_from;
use rusty_audio_engine::lockfree::regions::regions;
use rusty_audio_engine::lockfree::ring::ring_from;
use rusty_audio_lockfree_tests::roles;

const BEFORE_WRAP: u32 = 0u32.wrapping_sub(100);

/// How often something is passed on; Miri is some thousand times slower.
fn count(unscaled: u32) -> u32 {
    if cfg!(miri) { unscaled / 5_000 } else { unscaled }
}

#[test]
fn ring() {
    for (planes, capacity) in [(2, 64), (1, 1), (1, 128)] {
        let mut memory = Memory::new(1 << 14);
        let (producer, consumer) = ring_from(&mut memory.arena(), planes, capacity, BEFORE_WRAP).unwrap();
        let count = count(500_000).min(2_000 * capacity);
        scope(|scope| {
            scope.spawn(move || roles::produce(producer, count, yield_now).unwrap());
            roles::consume(consumer, count, yield_now).unwrap();
        });
    }
}

#[test]
fn triple_buffer() {
    let mut memory = Memory::new(1 << 14);
    let (publisher, reader) = latest(&mut memory.arena()).unwrap();
    let count = count(500_000);
    scope(|scope| {
        scope.spawn(move || roles::publish(publisher, count, yield_now).unwrap());
        roles::read(reader, count, yield_now).unwrap();
    });
}

#[test]
fn flight_recorder() {
    let mut memory = Memory::new(1 << 14);
    let (recorder, replay) = recorder_from(&mut memory.arena(), 8, BEFORE_WRAP).unwrap();
    let other = replay.clone();
    let count = count(500_000);
    scope(|scope| {
        scope.spawn(move || roles::record(recorder, count, yield_now).unwrap());
        scope.spawn(move || roles::replay(other, count, yield_now).unwrap());
        roles::replay(replay, count, yield_now).unwrap();
    });
}

#[test]
fn job_board() {
    let mut memory = Memory::new(1 << 14);
    let (poster, notices) = board(&mut memory.arena(), roles::SAMPLES, roles::SAMPLES).unwrap();
    let stop = &AtomicU32::new(0);
    scope(|scope| {
        for owner in 0..3 {
            let claimer = notices.claimer(owner);
            scope.spawn(move || roles::work(claimer, stop, yield_now).unwrap());
        }
        roles::post(poster, count(200_000), stop, yield_now).unwrap();
    });
}

#[test]
fn lent_regions() {
    // Room for a few: the others are lent in the same memory.
    let mut memory = Memory::new(1 << 12);
    let mut arena = memory.arena();
    let (poster, notices) = board(&mut arena, 0, 0).unwrap();
    let (registrar, regions) = regions(&mut arena).unwrap();
    let (stop, count) = (&AtomicU32::new(0), count(25_000));
    scope(|scope| {
        for owner in 0..2 {
            let claimer = notices.claimer(owner);
            scope.spawn(move || roles::regions::work(claimer, regions, stop, yield_now).unwrap());
        }
        scope.spawn(move || roles::regions::lend(registrar, arena, count, yield_now).unwrap());
        roles::regions::borrow(poster, regions, count, stop, yield_now).unwrap();
    });
}
