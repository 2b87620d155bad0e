//! The ring of frames, driven from Rust, as the engine drives it.

use core::hint::black_box;

use rusty_audio_engine::ConfigError;
use rusty_audio_engine::lockfree::ring::{Consumer, Producer, ring};

use crate::place::{arena, give, stack_top, take};

const BLOCK: usize = 128;
const CAPACITY: u32 = 4096;

/// An end of the ring and the block that it is fed from or feeds.
#[repr(C, align(128))]
struct End<T> {
    block: [f32; BLOCK],
    end: T,
}

/// What a page needs to know of an open ring: addresses.
#[repr(C)]
struct Places {
    producer: usize,
    consumer: usize,
    /// As much memory as the ring has, for copies without a ring.
    memory: usize,
    /// One stack for the instance of each end.
    stack_tops: [usize; 2],
}

/// Makes a ring of 4096 frames over all memory and gives the address of its [`Places`], 0 when there is no room.
/// Each end begins with its block of 128 samples.
#[unsafe(no_mangle)]
extern "C" fn ring_open() -> usize {
    open().map_or(0, give)
}

fn open() -> Result<&'static mut Places, ConfigError> {
    let mut arena = arena();
    let (producer, consumer) = ring::<f32>(&mut arena, 1, CAPACITY)?;
    let producer = give(arena.place(End { block: [0.0; BLOCK], end: producer })?);
    let consumer = give(arena.place(End { block: [0.0; BLOCK], end: consumer })?);
    let memory = give(arena.place([0.0_f32; CAPACITY as usize])?);
    let stack_tops = [stack_top(&mut arena)?, stack_top(&mut arena)?];
    arena.place(Places { producer, consumer, memory, stack_tops })
}

/// Writes the blocks `from..to`, each with its number in its last sample, one publication per block.
#[unsafe(no_mangle)]
extern "C" fn ring_write(producer: usize, from: u32, to: u32) {
    let producer = take::<End<Producer<'static, f32>>>(producer);
    for number in from..to {
        producer.block[BLOCK - 1] = mark(number);
        while push(producer) == 0 {}
    }
}

/// Reads the blocks `from..to` and gives how many of them came in their turn.
#[unsafe(no_mangle)]
extern "C" fn ring_read(consumer: usize, from: u32, to: u32) -> u32 {
    let consumer = take::<End<Consumer<'static, f32>>>(consumer);
    let mut in_turn = 0;
    for number in from..to {
        while pop(consumer) == 0 {}
        in_turn += u32::from(consumer.block[BLOCK - 1] == mark(number));
    }
    in_turn
}

/// Pushes and pops a block `times` times on one thread.
#[unsafe(no_mangle)]
extern "C" fn ring_push_and_pop(producer: usize, consumer: usize, times: u32) -> u32 {
    let (producer, consumer) = (take(producer), take(consumer));
    (0..times).map(|_| black_box(push(producer)).min(pop(consumer))).sum()
}

/// Makes the same two copies `times` times without a ring.
#[unsafe(no_mangle)]
extern "C" fn two_copies(input: usize, memory: usize, output: usize, times: u32) {
    let (input, output) = (take::<[f32; BLOCK]>(input), take::<[f32; BLOCK]>(output));
    let memory = take::<[f32; CAPACITY as usize]>(memory);
    for place in (0..memory.len()).step_by(BLOCK).cycle().take(times as usize) {
        let run = &mut memory[place..place + BLOCK];
        run.copy_from_slice(black_box(input));
        output.copy_from_slice(black_box(run));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "sixteen bits tell neighbours apart")]
fn mark(number: u32) -> f32 {
    f32::from(number as u16)
}

fn push(producer: &mut End<Producer<'static, f32>>) -> u32 {
    let End { block, end } = producer;
    end.write(128, |_, offset, run| run.copy_from_slice(&block[offset..offset + run.len()]))
}

fn pop(consumer: &mut End<Consumer<'static, f32>>) -> u32 {
    let End { block, end } = consumer;
    let shown = end.peek(0, 128, |_, offset, run| block[offset..offset + run.len()].copy_from_slice(run));
    if shown > 0 {
        end.skip(shown);
    }
    shown
}
