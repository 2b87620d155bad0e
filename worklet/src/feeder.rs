//! `feeder_*`: what the decode worker calls, or in solo mode the worklet's message handler.

use rusty_audio_engine::Feeder;
use rusty_audio_engine::buffering::Limits;
use rusty_audio_engine::config::STAGING_FRAMES;
use rusty_audio_engine::protocol::Join;

use crate::handle::take;

fn with(feeder: usize, call: impl FnOnce(&mut Feeder<'static>) -> u32) -> i32 {
    take::<Feeder<'static>>(feeder).map_or(0, |feeder| call(feeder).cast_signed())
}

/// Frames that the source ring holds.
#[unsafe(no_mangle)]
extern "C" fn feeder_capacity(feeder: usize) -> i32 {
    with(feeder, |feeder| feeder.capacity())
}

/// Index of the next frame to be written, free-running.
#[unsafe(no_mangle)]
extern "C" fn feeder_written(feeder: usize) -> i32 {
    with(feeder, |feeder| feeder.written())
}

/// Index of the next frame to be read, free-running.
#[unsafe(no_mangle)]
extern "C" fn feeder_read(feeder: usize) -> i32 {
    with(feeder, Feeder::read)
}

/// Has the depth looked for between `least` and `most` frames, beginning with `first`, or kept at `fixed` unless that is 0;
/// `needed` frames are known to have been needed.
#[unsafe(no_mangle)]
extern "C" fn feeder_limit(feeder: usize, least: u32, most: u32, first: u32, fixed: u32, needed: u32) {
    if let Some(feeder) = take::<Feeder<'static>>(feeder) {
        feeder.limit(Limits { least, most, first }, (fixed > 0).then_some(fixed), needed);
    }
}

/// How many frames are to be ahead of the sound now.
#[unsafe(no_mangle)]
extern "C" fn feeder_target(feeder: usize) -> i32 {
    with(feeder, |feeder| feeder.target())
}

/// A segment begins at the present write index. `join` is 0 (follow), 1 (now) or 2 (at index `at`). Returns 1, or 0
/// when there is no room for the mark.
#[unsafe(no_mangle)]
extern "C" fn feeder_begin(feeder: usize, epoch: u32, track: u32, frame: f64, join: u32, at: u32) -> i32 {
    let join = match join {
        1 => Join::Now,
        2 => Join::At(at),
        _ => Join::Follow,
    };
    with(feeder, |feeder| u32::from(feeder.begin(epoch, track, whole_frame(frame), join).is_ok()))
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, so no number of JavaScript traps here")]
fn whole_frame(frame: f64) -> u64 {
    frame as u64
}

/// Address of a channel's staging plane, 0 for a channel that does not exist.
#[unsafe(no_mangle)]
extern "C" fn feeder_staging(feeder: usize, channel: u32) -> i32 {
    with(feeder, |feeder| {
        feeder.staging(channel as usize).map_or(0, |plane| u32::try_from(plane.as_ptr().addr()).unwrap_or(0))
    })
}

/// Frames of a staging plane.
#[unsafe(no_mangle)]
extern "C" fn feeder_staging_frames() -> i32 {
    i32::try_from(STAGING_FRAMES).unwrap_or(0)
}

/// Publishes the first `frames` of the staging planes. Returns how many found room.
#[unsafe(no_mangle)]
extern "C" fn feeder_push(feeder: usize, frames: u32) -> i32 {
    with(feeder, |feeder| feeder.push(frames))
}

/// Nothing follows for now. Returns 1, or 0 when there is no room for the mark.
#[unsafe(no_mangle)]
extern "C" fn feeder_end(feeder: usize) -> i32 {
    with(feeder, |feeder| u32::from(feeder.end().is_ok()))
}

/// Notes down at `now_ms` of `performance.timeOrigin + performance.now()` that nothing can be written before bytes arrive
/// (`waits` is not 0), or that they have.
#[unsafe(no_mangle)]
extern "C" fn feeder_note(feeder: usize, now_ms: f64, waits: u32) {
    if let Some(feeder) = take::<Feeder<'static>>(feeder) {
        if waits == 0 { feeder.go_on(now_ms) } else { feeder.wait(now_ms) }
    }
}
