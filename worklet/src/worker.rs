//! `worker_*`: what a pool worker calls.

use rusty_audio_engine::{Turn, Worker};

use crate::handle::take;

/// One turn of a worker's loop at `now_ms` of `performance.now()`. Returns 1 to be called again, 0 to stop.
#[unsafe(no_mangle)]
extern "C" fn worker_turn(worker: usize, now_ms: f64) -> i32 {
    take::<Worker<'static>>(worker).map_or(0, |worker| i32::from(worker.turn(now_ms) == Turn::Again))
}
