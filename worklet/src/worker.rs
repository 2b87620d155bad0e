//! `worker_*`: what a pool worker calls.

use rusty_audio_engine::{Turn, Worker};

use crate::handle::take;

/// One turn of a worker's loop at `now_ms` of `performance.timeOrigin + performance.now()`. Returns 0 to stop, 1 to be
/// called again, or 2 and the number of a fault that the caller lets befall this thread.
#[unsafe(no_mangle)]
extern "C" fn worker_turn(worker: usize, now_ms: f64) -> i32 {
    take::<Worker<'static>>(worker).map_or(0, |worker| match worker.turn(now_ms) {
        Turn::Stop => 0,
        Turn::Again => 1,
        Turn::Suffer(fault) => 2 + fault as i32,
    })
}
