//! The module's exports for the pool, on the main thread; `worklet/src/pool.rs` documents them.

use std::rc::Rc;

use js_sys::{Float32Array, Int32Array, Uint32Array};
use rusty_audio_engine::effects::analyser::SPECTRUM_HEAD;
use rusty_audio_engine::job::Kind;
use rusty_audio_engine::lockfree::board::Class;
use rusty_audio_engine::protocol::{DispatchTelemetry, SeatTelemetry};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::instance::Instance;
use crate::script::{now_ms, time_origin_ms};

/// Bytes of a spectrum's output before its bins.
#[expect(clippy::cast_possible_truncation, reason = "64")]
const SPECTRUM_HEAD_BYTES: u32 = 4 * SPECTRUM_HEAD as u32;

#[wasm_bindgen]
extern "C" {
    type PoolExports;

    #[wasm_bindgen(method)]
    fn controller_reserve_job(this: &PoolExports, pool: u32, kind: u32, a: u32, b: u32, c: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_job_input(this: &PoolExports, pool: u32, ticket: u32) -> u32;
    #[wasm_bindgen(method)]
    fn controller_post_job(this: &PoolExports, pool: u32, ticket: u32, class: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_submit_job(this: &PoolExports, pool: u32, ticket: u32, class: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_job_stage(this: &PoolExports, pool: u32, ticket: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_job_execution_us(this: &PoolExports, pool: u32, ticket: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_job_output(this: &PoolExports, pool: u32, ticket: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_release_job(this: &PoolExports, pool: u32, ticket: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_analysed_until(this: &PoolExports, pool: u32, region: u32) -> f64;
    #[wasm_bindgen(method)]
    fn controller_analysed_frames(this: &PoolExports, pool: u32, region: u32, end: u32, plane: u32, frames: u32)
    -> i32;
    #[wasm_bindgen(method)]
    fn controller_finished(this: &PoolExports, pool: u32) -> u32;
    #[wasm_bindgen(method)]
    fn controller_job_samples(this: &PoolExports) -> i32;
    #[wasm_bindgen(method)]
    fn controller_open_response(this: &PoolExports, arena: u32, pool: u32, frames: u32, channels: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_write_response(
        this: &PoolExports,
        pool: u32,
        place: u32,
        channel: u32,
        first: u32,
        ticket: u32,
        count: u32,
    ) -> i32;
    #[wasm_bindgen(method)]
    fn controller_finish_response(this: &PoolExports, pool: u32, place: u32, normalize_at: f32, now: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_response_bytes(this: &PoolExports, pool: u32, frames: u32, channels: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_reclaim_responses(this: &PoolExports, arena: u32, pool: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_take_seat(this: &PoolExports, pool: u32, seat: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_retire_seat(this: &PoolExports, pool: u32, seat: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_dismiss_seat(this: &PoolExports, pool: u32, seat: u32, has_thrown: u32, now_ms: f64) -> i32;
    #[wasm_bindgen(method)]
    fn controller_bury_seat(this: &PoolExports, pool: u32, seat: u32, worker: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_claimed_by(this: &PoolExports, pool: u32, seat: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_seat_figure(this: &PoolExports, pool: u32, seat: u32, index: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_dispatch_figure(this: &PoolExports, pool: u32, index: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_execution_us(this: &PoolExports, pool: u32, seat: u32, kind: u32, per_mille: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_sample_every(this: &PoolExports, pool: u32, period: u32) -> i32;
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has it.
    Unclaimed,
    /// A worker has it, alive or dead.
    Running,
    /// Its output is there.
    Done,
    /// The worker that had it was buried.
    Lost,
}

/// The main thread's handle of a pool.
pub struct Surface {
    exports: PoolExports,
    instance: Rc<Instance>,
    /// All of the memory, which never grows.
    samples: Float32Array,
    words: Uint32Array,
}

impl Surface {
    /// That of the engine of `instance`.
    pub fn new(instance: Rc<Instance>) -> Self {
        let buffer = instance.memory().buffer();
        let (samples, words) = (Float32Array::new(&buffer), Uint32Array::new(&buffer));
        Self { exports: instance.exports(), instance, samples, words }
    }

    /// The engine's memory and module.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    fn pool(&self) -> u32 {
        self.instance.pool
    }

    /// Takes room for a job. `None` when all are on their way.
    pub fn reserve(&self, kind: Kind, [a, b, c]: [u32; 3]) -> Option<u32> {
        let ticket = self.exports.controller_reserve_job(self.pool(), kind as u32, a, b, c);
        u32::try_from(ticket).ok()
    }

    /// The first `samples` of a job's input.
    pub fn input(&self, ticket: u32, samples: u32) -> Float32Array {
        self.floats(self.exports.controller_job_input(self.pool(), ticket), samples)
    }

    /// The first `samples` of the output of a job that is done.
    pub fn output(&self, ticket: u32, samples: u32) -> Float32Array {
        self.floats(self.output_address(ticket), samples)
    }

    /// The spectra of a job that is done, `samples` in all, and the word before them.
    pub fn spectra(&self, ticket: u32, samples: u32) -> (Float32Array, u32) {
        let address = self.output_address(ticket);
        (self.floats(address + SPECTRUM_HEAD_BYTES, samples), self.words.get_index(address / 4))
    }

    fn output_address(&self, ticket: u32) -> u32 {
        self.exports.controller_job_output(self.pool(), ticket).cast_unsigned()
    }

    fn floats(&self, address: u32, samples: u32) -> Float32Array {
        self.samples.subarray(address / 4, address / 4 + samples)
    }

    /// Gives a reserved job to the workers, for whoever has the time to wait until one looks: about 1 ms.
    pub fn post(&self, ticket: u32, class: Class) {
        self.exports.controller_post_job(self.pool(), ticket, class as u32);
    }

    /// Gives a reserved job to the workers, and wakes one.
    pub fn submit(&self, ticket: u32, class: Class) {
        self.exports.controller_submit_job(self.pool(), ticket, class as u32);
    }

    /// How far a job is.
    pub fn stage(&self, ticket: u32) -> Stage {
        match self.exports.controller_job_stage(self.pool(), ticket) {
            0 => Stage::Unclaimed,
            1 => Stage::Running,
            2 => Stage::Done,
            _ => Stage::Lost,
        }
    }

    /// Execution time of a job that is done, in ms.
    pub fn execution_ms(&self, ticket: u32) -> f64 {
        f64::from(self.exports.controller_job_execution_us(self.pool(), ticket)) / 1000.0
    }

    /// Forgets a job, done or not.
    pub fn release(&self, ticket: u32) {
        self.exports.controller_release_job(self.pool(), ticket);
    }

    /// The lower 32 bits of the frame of the context's clock that follows the newest one that an analyser keeps, if it has kept any.
    pub fn analysed_until(&self, region: u32) -> Option<u32> {
        let end = self.exports.controller_analysed_until(self.pool(), region);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of 32 bits")]
        (end >= 0.0).then_some(end as u32)
    }

    /// The `frames` frames of a plane of an analyser before frame `end`, which [`Surface::analysed_until`] has just told; `None`
    /// when it has not so many.
    pub fn analysed_frames(&self, region: u32, end: u32, plane: u32, frames: u32) -> Option<Float32Array> {
        let address = self.exports.controller_analysed_frames(self.pool(), region, end, plane, frames);
        u32::try_from(address).ok().map(|address| self.floats(address, frames))
    }

    /// All words of the memory, and the index of the one that is bumped when a job has ended.
    pub fn finished(&self) -> (Int32Array, u32) {
        let words = Int32Array::new(&self.instance.memory().buffer());
        (words, self.exports.controller_finished(self.pool()) / 4)
    }

    /// Lends an impulse response to the audio thread; its taps go by way of the input of a job that is never submitted. `None`
    /// when there is no room. It is scaled as by a `ConvolverNode` at `normalize_at` Hz, or not if that is 0.
    pub fn put_response(&self, channels: &[Float32Array], normalize_at: f32, now: bool) -> Option<u32> {
        let (exports, pool, arena) = (&self.exports, self.pool(), self.instance.arena());
        exports.controller_reclaim_responses(arena, pool);
        let (frames, count) = (channels.first()?.length(), u32::try_from(channels.len()).ok()?);
        let place = u32::try_from(exports.controller_open_response(arena, pool, frames, count)).ok()?;
        let ticket = self.reserve(Kind::Test, [0; 3])?;
        let samples = exports.controller_job_samples().cast_unsigned();
        for (channel, taps) in (0..).zip(channels) {
            for first in (0..frames).step_by(samples as usize) {
                let part = taps.subarray(first, frames.min(first + samples));
                self.input(ticket, part.length()).set(&part, 0);
                exports.controller_write_response(pool, place, channel, first, ticket, part.length());
            }
        }
        self.release(ticket);
        exports.controller_finish_response(pool, place, normalize_at, u32::from(now));
        Some(place)
    }

    /// Bytes that an impulse response needs in all.
    pub fn response_bytes(&self, frames: u32, channels: usize) -> i32 {
        let channels = u32::try_from(channels).unwrap_or(u32::MAX);
        self.exports.controller_response_bytes(self.pool(), frames, channels)
    }

    /// A worker takes a seat: from now on it is counted on.
    pub fn take_seat(&self, seat: u32) {
        self.exports.controller_take_seat(self.pool(), seat);
    }

    /// One worker too many: the one on a seat ends after the job at hand.
    pub fn retire_seat(&self, seat: u32) {
        self.exports.controller_retire_seat(self.pool(), seat);
    }

    /// The worker on a seat is lost: it has thrown or, else, gave no sign of life. If it lives after all, it ends by itself.
    pub fn dismiss_seat(&self, seat: u32, has_thrown: bool) {
        let clock_ms = time_origin_ms() + now_ms();
        self.exports.controller_dismiss_seat(self.pool(), seat, u32::from(has_thrown), clock_ms);
    }

    /// Gives up what the worker on a seat had claimed, whose thread has certainly ended, and clears the seat for another.
    pub fn bury_seat(&self, seat: u32) {
        let worker = self.instance.seats.get(seat as usize).copied().unwrap_or(0);
        self.exports.controller_bury_seat(self.pool(), seat, worker);
    }

    /// Jobs that the worker on a seat has claimed and not ended.
    pub fn claimed_by(&self, seat: u32) -> i32 {
        self.exports.controller_claimed_by(self.pool(), seat)
    }

    /// What is known of the worker on a seat.
    pub fn seat_telemetry(&self, seat: u32) -> SeatTelemetry {
        let mut words = [0; size_of::<SeatTelemetry>() / 4];
        for (index, word) in (0..).zip(&mut words) {
            *word = self.exports.controller_seat_figure(self.pool(), seat, index).cast_unsigned();
        }
        bytemuck::must_cast(words)
    }

    /// Turns that the worker on a seat has taken.
    pub fn beats(&self, seat: u32) -> u32 {
        self.exports.controller_seat_figure(self.pool(), seat, 0).cast_unsigned()
    }

    /// Where the audio thread's jobs ran.
    pub fn dispatch_telemetry(&self) -> DispatchTelemetry {
        let mut words = [0; size_of::<DispatchTelemetry>() / 4];
        for (index, word) in (0..).zip(&mut words) {
            *word = self.exports.controller_dispatch_figure(self.pool(), index).cast_unsigned();
        }
        bytemuck::must_cast(words)
    }

    /// How many execution times of a kind are known on a seat.
    pub fn execution_count(&self, seat: u32, kind: Kind) -> u32 {
        self.exports.controller_execution_us(self.pool(), seat, kind as u32, 0).max(0).cast_unsigned()
    }

    /// A quantile of them in ms; the maximum at 1000 thousandths.
    pub fn execution_quantile_ms(&self, seat: u32, kind: Kind, per_mille: u32) -> f64 {
        let us = self.exports.controller_execution_us(self.pool(), seat, kind as u32, per_mille);
        f64::from(us.cast_unsigned()) / 1000.0
    }

    /// Lets every so manieth execution time be counted; 0 for none.
    pub fn sample_every(&self, period: u32) {
        self.exports.controller_sample_every(self.pool(), period);
    }
}
