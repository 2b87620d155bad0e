//! `fault`: misfortunes on request, for those who want to see them survived.

use core::arch::asm;
use core::hint::black_box;

/// Rounds of one turn of a delay: about 10 ms.
const DELAY_ROUNDS: u32 = 6_000_000;

/// Does what `kind` says to the thread that calls it: 0 spins for ever, 1 reaches `unreachable`, 2 reads behind the end of
/// the memory, 3 overflows the call stack, 4 divides by zero, 5 takes about 10 ms and returns; any other number is
/// a 1.
#[unsafe(no_mangle)]
extern "C" fn fault(kind: u32) -> u32 {
    match kind {
        0 => loop {
            core::hint::spin_loop();
        },
        2 => read_outside(),
        3 => descend(kind),
        4 => divide(kind - 4),
        5 => dawdle(kind),
        _ => core::arch::wasm32::unreachable(),
    }
}

fn read_outside() -> u32 {
    let value;
    // SAFETY: WebAssembly defines this load as a trap: no memory of the engine reaches to 4 GiB.
    unsafe { asm!("i32.const -16", "i32.load 0", "local.set {}", out(local) value) };
    value
}

/// Ends at a depth that no call stack has. Its frames take nothing of the stack in memory, whose overflow would write over
/// what other threads use: that this cannot happen is for a proof to show, not for a test.
#[inline(never)]
fn descend(depth: u32) -> u32 {
    if depth == 0 { 1 } else { descend(depth.wrapping_add(1)).rotate_left(5) ^ depth }
}

fn divide(by: u32) -> u32 {
    let quotient;
    // SAFETY: WebAssembly defines the division by zero as a trap; in Rust it would be a panic, which is another fault.
    unsafe { asm!("i32.const 1", "local.get {}", "i32.div_u", "local.set {}", in(local) by, lateout(local) quotient) };
    quotient
}

/// There is no clock here, so rounds are counted.
fn dawdle(seed: u32) -> u32 {
    let mut state = black_box(seed);
    for _ in 0..DELAY_ROUNDS {
        // xorshift32 (Marsaglia 2003), which no optimiser can shorten.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
    }
    black_box(state)
}
