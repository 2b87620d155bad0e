//! `controller_*`: what the main thread calls.

use rusty_audio_engine::config::STACK_BYTES;
use rusty_audio_engine::protocol::{ABI, Command, Telemetry};
use rusty_audio_engine::{Arena, Controller, PlayerTape};

use crate::answer::{INVALID, address, failure};
use crate::handle::{give, open as open_arena, take};
use crate::node::Plan;

/// The number of what the package's files say to each other.
#[unsafe(no_mangle)]
extern "C" fn controller_abi() -> u32 {
    ABI
}

/// Takes possession of the memory. Returns the arena's address. Call once per memory, before any other export.
#[unsafe(no_mangle)]
extern "C" fn controller_open() -> i32 {
    address(open_arena())
}

/// Bytes handed out so far.
#[unsafe(no_mangle)]
extern "C" fn controller_used_bytes(arena: usize) -> i32 {
    take::<Arena<'static>>(arena).map_or(INVALID, |arena| address(arena.used_bytes()))
}

/// A stack for one more thread. Returns its top, 16-byte aligned.
#[unsafe(no_mangle)]
extern "C" fn controller_stack(arena: usize) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    match arena.slice::<u128>(STACK_BYTES / 16) {
        Ok(stack) => address(stack.as_ptr_range().end.addr()),
        Err(error) => failure(error),
    }
}

/// A plan: where the effects of a node are written before it is built. Returns its address.
#[unsafe(no_mangle)]
extern "C" fn controller_plan(arena: usize) -> i32 {
    take::<Arena<'static>>(arena).map_or(INVALID, |arena| give(arena, Plan::new()).map_or_else(failure, address))
}

/// Address of a plan's rows, of seven words each: the number of an effect, and the bits of its settings.
#[unsafe(no_mangle)]
extern "C" fn controller_plan_rows(plan: usize) -> i32 {
    take::<Plan>(plan).map_or(INVALID, |plan| address(plan.address()))
}

/// Lets the source sound. Returns 1, or 0 when the command found no room.
#[unsafe(no_mangle)]
extern "C" fn controller_play(controller: usize) -> i32 {
    send(controller, Command::PLAY)
}

/// Fades out and holds the position. Returns 1, or 0 when the command found no room.
#[unsafe(no_mangle)]
extern "C" fn controller_pause(controller: usize) -> i32 {
    send(controller, Command::PAUSE)
}

/// Drops every frame older than `epoch`. Returns 1, or 0 when the command found no room.
#[unsafe(no_mangle)]
extern "C" fn controller_discard(controller: usize, epoch: u32) -> i32 {
    send(controller, Command::discard(epoch))
}

/// Gives the effect at `place` of a node's list a word. Returns 1, or 0 when the command found no room.
#[unsafe(no_mangle)]
extern "C" fn controller_tell(controller: usize, place: u32, word: u32) -> i32 {
    send(controller, Command::tell(place, word))
}

fn send(controller: usize, command: Command) -> i32 {
    take::<Controller<'static>>(controller).map_or(INVALID, |controller| i32::from(controller.send(command).is_ok()))
}

/// Address of the newest telemetry, laid out as the engine's `Telemetry`; valid until the next call.
#[unsafe(no_mangle)]
extern "C" fn controller_telemetry(controller: usize) -> i32 {
    take::<Controller<'static>>(controller)
        .map_or(INVALID, |controller| address(core::ptr::from_ref(controller.telemetry()).addr()))
}

/// Bytes of the telemetry.
#[unsafe(no_mangle)]
extern "C" fn controller_telemetry_bytes() -> i32 {
    address(size_of::<Telemetry>())
}

/// Address of the next event of one of a player's flight recorders, laid out as the engine's `Event`, valid until the next call; 0
/// when there is no newer one. Tape 0 is the audio thread's, 1 the decode worker's.
#[unsafe(no_mangle)]
extern "C" fn controller_next_player_event(controller: usize, tape: u32) -> i32 {
    take::<Controller<'static>>(controller).map_or(INVALID, |controller| {
        let event = controller.next_event(PlayerTape::from_number(tape));
        event.map_or(0, |event| address(core::ptr::from_ref(event).addr()))
    })
}

/// Events of that recorder that were written over before they were replayed, wrapping.
#[unsafe(no_mangle)]
extern "C" fn controller_lost_player_events(controller: usize, tape: u32) -> i32 {
    take::<Controller<'static>>(controller)
        .map_or(INVALID, |controller| controller.lost_events(PlayerTape::from_number(tape)).cast_signed())
}
