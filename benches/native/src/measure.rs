//! One measurement of each kind.

use std::hint::{black_box, spin_loop};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use crate::ends::{BLOCK, Block, CAPACITY, Pop, Push};

/// Blocks that pass before the clock starts: both threads run by then.
const WARM_UP: u32 = 2_000;

/// A millisecond's worth, so that many rounds fall between two interruptions.
const TIMED: u32 = 20_000;

/// Frames per second from one thread to another. The reader looks at each block's number: a lost block ends the bench.
pub fn between_threads(producer: &mut impl Push, consumer: &mut impl Pop) -> f64 {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut block = [0.0; BLOCK];
            start.wait();
            for number in 0..WARM_UP + TIMED {
                block[BLOCK - 1] = mark(number);
                until(|| producer.push(black_box(&block)));
            }
        });
        let mut block = [0.0; BLOCK];
        let mut take = |blocks: core::ops::Range<u32>| {
            for number in blocks {
                until(|| consumer.pop(&mut block));
                assert_eq!(black_box(&block)[BLOCK - 1], mark(number), "a block was lost");
            }
        };
        start.wait();
        take(0..WARM_UP);
        let began = Instant::now();
        take(WARM_UP..WARM_UP + TIMED);
        f64::from(TIMED) * BLOCK as f64 / began.elapsed().as_secs_f64()
    })
}

/// Spins until `done`, and gives way at last: the other thread may be waiting for this core.
fn until(mut done: impl FnMut() -> bool) {
    let mut spins = 0_u32;
    while !done() {
        spins += 1;
        if spins.is_multiple_of(1 << 14) {
            thread::yield_now();
        } else {
            spin_loop();
        }
    }
}

/// What the last sample of a block says of its number.
fn mark(number: u32) -> f32 {
    f32::from((number & 0xffff) as u16)
}

/// Nanoseconds of a push and a pop of one block on one thread.
pub fn on_one_thread(producer: &mut impl Push, consumer: &mut impl Pop) -> f64 {
    each(|block, out| {
        assert!(producer.push(block), "the ring is empty before each push");
        assert!(consumer.pop(out), "the ring holds a block after each push");
    })
}

/// Nanoseconds of the same two copies through as much memory as a ring has, without a ring.
pub fn two_copies() -> f64 {
    let mut memory = vec![0.0_f32; CAPACITY as usize];
    let mut place = 0;
    each(|block, out| {
        let run = &mut memory[place..place + BLOCK];
        run.copy_from_slice(block);
        out.copy_from_slice(black_box(run));
        place = (place + BLOCK) % CAPACITY as usize;
    })
}

fn each(mut step: impl FnMut(&Block, &mut Block)) -> f64 {
    let (block, mut out) = ([1.0; BLOCK], [0.0; BLOCK]);
    let mut run = |times: u32| {
        for _ in 0..times {
            step(black_box(&block), black_box(&mut out));
        }
    };
    run(WARM_UP);
    let began = Instant::now();
    run(TIMED);
    began.elapsed().as_secs_f64() * 1e9 / f64::from(TIMED)
}
