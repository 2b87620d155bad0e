//! `controller_*` for the pool: what the main thread calls for its jobs and the workers' seats.
//!
//! A job goes `reserve_job`, write its input at `job_input`, `submit_job`, look at `job_stage` until it says done, read
//! `job_output`, `release_job`. A release at any time cancels it. A ticket is a number of 28 bits.

use rusty_audio_engine::config::{PAGE_JOB_SAMPLES, SEATS};
use rusty_audio_engine::effects::analyser::spectrum;
use rusty_audio_engine::job::{self, Fault, Kind};
use rusty_audio_engine::lockfree::board::{Class, Stage, Ticket};
use rusty_audio_engine::{Arena, Loss, PoolController, Tape, Worker, pool};

use crate::answer::{INVALID, OUT_OF_MEMORY, address, failure};
use crate::handle::{give, take};

/// All jobs are on their way.
const FULL: i32 = -3;

fn with<R: Into<i32>>(pool: usize, call: impl FnOnce(&mut PoolController<'static>) -> R) -> i32 {
    take::<PoolController<'static>>(pool).map_or(INVALID, |pool| call(pool).into())
}

/// Wrapping counts travel as the same bits.
fn word(count: u32) -> i32 {
    count.cast_signed()
}

/// Builds the pool. Returns the address of a list of words: the main thread's handle, the audio thread's, and one for each
/// seat.
#[unsafe(no_mangle)]
extern "C" fn controller_pool(arena: usize, sample_rate: f32) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    match pool(arena, sample_rate) {
        Ok((controller, dispatcher)) => {
            let mut words = [0; 2 + SEATS];
            let [controller_word, dispatcher_word, seats @ ..] = &mut words;
            for (seat, word) in (0..).zip(seats) {
                *word = give(arena, controller.worker(seat)).map_or_else(failure, address);
            }
            *dispatcher_word = give(arena, dispatcher).map_or_else(failure, address);
            *controller_word = give(arena, controller).map_or_else(failure, address);
            let complete = words.iter().all(|&word| word > 0);
            match arena.place(words) {
                Ok(list) if complete => address(list.as_ptr().addr()),
                _ => OUT_OF_MEMORY,
            }
        }
        Err(error) => failure(error),
    }
}

/// Takes room for a job. By kind, the arguments are: 0 (FFT) size; 1 (audio block) frames, bits of the gain at its start
/// and at its end; 3 (test) seed, slices, number of the fault or any other for none; 6 (spectrum) region of an analyser, or -1
/// for the job's input; size, number of the window. Returns its ticket, or -3 when all are on their way.
#[unsafe(no_mangle)]
extern "C" fn controller_reserve_job(pool: usize, kind: u32, a: u32, b: u32, c: u32) -> i32 {
    let descriptor = match Kind::from_number(kind) {
        Some(Kind::Fft) => job::fft(a),
        Some(Kind::AudioBlock) => job::gain(a, f32::from_bits(b), f32::from_bits(c)),
        Some(Kind::Test) => job::test(a, b, Fault::from_number(c)),
        Some(Kind::Spectrum) => spectrum(a, b, c),
        _ => return INVALID,
    };
    with(pool, |pool| pool.reserve(descriptor, |_| ()).map_or(FULL, |ticket| word(ticket.to_word())))
}

/// Samples of a job's input, and of its output.
#[unsafe(no_mangle)]
extern "C" fn controller_job_samples() -> i32 {
    address(PAGE_JOB_SAMPLES)
}

/// Where a reserved job's input goes.
#[unsafe(no_mangle)]
extern "C" fn controller_job_input(pool: usize, ticket: u32) -> i32 {
    let ticket = Ticket::from_word(ticket);
    with(pool, |pool| pool.input(ticket, |input| address(input.as_ptr().addr())).unwrap_or(INVALID))
}

/// Gives a reserved job to the workers without waking one, which would take longer than to post it. The classes are those of
/// `controller_submit_job`.
#[unsafe(no_mangle)]
extern "C" fn controller_post_job(pool: usize, ticket: u32, class: u32) -> i32 {
    with(pool, |pool| {
        pool.post(Ticket::from_word(ticket), Class::from_number(class));
        1
    })
}

/// Gives a reserved job to the workers and wakes one: class 0 real time, 1 interactive, 2 background.
#[unsafe(no_mangle)]
extern "C" fn controller_submit_job(pool: usize, ticket: u32, class: u32) -> i32 {
    with(pool, |pool| {
        pool.submit(Ticket::from_word(ticket), Class::from_number(class));
        1
    })
}

/// 0 unclaimed, 1 running, 2 done, 3 lost.
#[unsafe(no_mangle)]
extern "C" fn controller_job_stage(pool: usize, ticket: u32) -> i32 {
    with(pool, |pool| match pool.stage(Ticket::from_word(ticket)) {
        Stage::Unclaimed => 0,
        Stage::Running { .. } => 1,
        Stage::Done { .. } => 2,
        Stage::Lost => 3,
    })
}

/// Execution time of a job that is done, in microseconds.
#[unsafe(no_mangle)]
extern "C" fn controller_job_execution_us(pool: usize, ticket: u32) -> i32 {
    with(pool, |pool| match pool.stage(Ticket::from_word(ticket)) {
        Stage::Done { execution_us } => word(execution_us),
        _ => INVALID,
    })
}

/// Where the output of a job that is done lies until its release.
#[unsafe(no_mangle)]
extern "C" fn controller_job_output(pool: usize, ticket: u32) -> i32 {
    let ticket = Ticket::from_word(ticket);
    with(pool, |pool| pool.output(ticket, |output| address(output.as_ptr().addr())).unwrap_or(INVALID))
}

/// The lower 32 bits of the frame of the context's clock that follows the newest one that the analyser whose region is `region`
/// keeps, or -2 when there is none.
#[unsafe(no_mangle)]
extern "C" fn controller_analysed_until(pool: usize, region: u32) -> f64 {
    let until = take::<PoolController<'static>>(pool).and_then(|pool| pool.analysed_until(region));
    until.map_or(INVALID.into(), f64::from)
}

/// Where the `frames` frames of a plane of that analyser lie that come before frame `end`, of which the lower 32 bits suffice and
/// `controller_analysed_until` has just told; or -2 when it has not so many.
#[unsafe(no_mangle)]
extern "C" fn controller_analysed_frames(pool: usize, region: u32, end: u32, plane: u32, frames: u32) -> i32 {
    let place = |samples: &[f32]| address(samples.as_ptr().addr());
    with(pool, |pool| pool.analysed_frames(region, end, plane as usize, frames as usize, place).unwrap_or(INVALID))
}

/// Forgets a job, done or not.
#[unsafe(no_mangle)]
extern "C" fn controller_release_job(pool: usize, ticket: u32) -> i32 {
    with(pool, |pool| {
        pool.release(Ticket::from_word(ticket));
        1
    })
}

/// Address of the word that is bumped, with a wake-up, whenever a job of the main thread has ended.
#[unsafe(no_mangle)]
extern "C" fn controller_finished(pool: usize) -> i32 {
    with(pool, |pool| address(core::ptr::from_ref(pool.finished()).addr()))
}

/// Bytes that an impulse response of so many frames and channels needs in all, or a failure's number.
#[unsafe(no_mangle)]
extern "C" fn controller_response_bytes(pool: usize, frames: u32, channels: u32) -> i32 {
    with(pool, |pool| pool.responses().needed_bytes(frames as usize, channels as usize).map_or_else(failure, address))
}

/// Finds room for an impulse response. Returns its place, or a failure's number.
#[unsafe(no_mangle)]
extern "C" fn controller_open_response(arena: usize, pool: usize, frames: u32, channels: u32) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    with(pool, |pool| pool.responses().open(arena, frames as usize, channels as usize).map_or_else(failure, word))
}

/// Writes `count` taps of a channel of a response, from tap `first` on; they lie in the input of a reserved job.
#[unsafe(no_mangle)]
extern "C" fn controller_write_response(
    pool: usize,
    place: u32,
    channel: u32,
    first: u32,
    ticket: u32,
    count: u32,
) -> i32 {
    with(pool, |pool| {
        pool.write_response(place, channel as usize, first as usize, Ticket::from_word(ticket), count as usize)
    })
}

/// All taps of a response are written: a convolver may be told its place, once. `normalize_at` is the sample rate if it is to be
/// scaled as by a `ConvolverNode`, else 0; with `now` its spectra are computed at once.
#[unsafe(no_mangle)]
extern "C" fn controller_finish_response(pool: usize, place: u32, normalize_at: f32, now: u32) -> i32 {
    let normalize = (normalize_at > 0.0).then_some(normalize_at);
    with(pool, |pool| {
        pool.responses().finish(place, normalize, now != 0);
        1
    })
}

/// Forgets a response that no convolver was told of.
#[unsafe(no_mangle)]
extern "C" fn controller_discard_response(arena: usize, pool: usize, place: u32) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    with(pool, |pool| {
        pool.responses().discard(arena, place);
        1
    })
}

/// Takes back the memory of responses that have been replaced and do not sound any more. Returns how many are left.
#[unsafe(no_mangle)]
extern "C" fn controller_reclaim_responses(arena: usize, pool: usize) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    with(pool, |pool| address(pool.responses().reclaim(arena)))
}

/// A worker takes a seat.
#[unsafe(no_mangle)]
extern "C" fn controller_take_seat(pool: usize, seat: u32) -> i32 {
    with(pool, |pool| {
        pool.take_seat(seat);
        1
    })
}

/// Lets the worker on a seat end after the job at hand.
#[unsafe(no_mangle)]
extern "C" fn controller_retire_seat(pool: usize, seat: u32) -> i32 {
    with(pool, |pool| {
        pool.retire(seat);
        1
    })
}

/// Counts no more on the worker on a seat, which has thrown or, else, gave no sign of life. If it lives after all, it ends after the
/// job at hand. `now_ms` is the clock of `worker_turn`.
#[unsafe(no_mangle)]
extern "C" fn controller_dismiss_seat(pool: usize, seat: u32, has_thrown: u32, now_ms: f64) -> i32 {
    let loss = if has_thrown != 0 { Loss::Trapped } else { Loss::Missed };
    with(pool, |pool| {
        pool.dismiss(seat, loss, now_ms);
        1
    })
}

/// Gives up what the dead worker on a seat had claimed, and makes its handle ready for another. Only when its thread has
/// certainly ended.
#[unsafe(no_mangle)]
extern "C" fn controller_bury_seat(pool: usize, seat: u32, worker: usize) -> i32 {
    let Some(worker) = take::<Worker<'static>>(worker) else { return INVALID };
    with(pool, |pool| {
        pool.bury(seat);
        *worker = pool.worker(seat);
        1
    })
}

/// Jobs that the worker on a seat has claimed and not ended.
#[unsafe(no_mangle)]
extern "C" fn controller_claimed_by(pool: usize, seat: u32) -> i32 {
    with(pool, |pool| address(pool.claimed_by(seat)))
}

/// Word `index` of the engine's `SeatTelemetry`.
#[unsafe(no_mangle)]
extern "C" fn controller_seat_figure(pool: usize, seat: u32, index: u32) -> i32 {
    with(pool, |pool| figure(&pool.seat_telemetry(seat), index))
}

/// Word `index` of the engine's `DispatchTelemetry`.
#[unsafe(no_mangle)]
extern "C" fn controller_dispatch_figure(pool: usize, index: u32) -> i32 {
    with(pool, |pool| figure(&pool.dispatch_telemetry(), index))
}

fn figure<T: bytemuck::NoUninit>(telemetry: &T, index: u32) -> i32 {
    let words: &[u32] = bytemuck::must_cast_slice(core::slice::from_ref(telemetry));
    words.get(index as usize).map_or(0, |&figure| word(figure))
}

/// A quantile of the execution times of a kind of jobs on a seat, in microseconds: 500 thousandths are the median, 1000 the
/// maximum, 0 stand for the number of jobs.
#[unsafe(no_mangle)]
extern "C" fn controller_execution_us(pool: usize, seat: u32, kind: u32, per_mille: u32) -> i32 {
    let Some(kind) = Kind::from_number(kind) else { return INVALID };
    with(pool, |pool| {
        let times = pool.execution_times(seat, kind);
        times.map_or(0, |times| match per_mille {
            0 => i32::try_from(times.count()).unwrap_or(i32::MAX),
            1000 => word(times.max_us()),
            _ => word(times.quantile_us(per_mille)),
        })
    })
}

/// Lets the execution time of every so many jobs go into the histograms; 0 for none.
#[unsafe(no_mangle)]
extern "C" fn controller_sample_every(pool: usize, period: u32) -> i32 {
    with(pool, |pool| {
        pool.sample_every(period);
        1
    })
}

/// The timekeeper's last stamp in ms; negative infinity before the first.
#[unsafe(no_mangle)]
extern "C" fn controller_clock_ms(pool: usize) -> f64 {
    take::<PoolController<'static>>(pool).map_or(f64::NAN, |pool| pool.clock_ms())
}

/// Address of the next event of one of the pool's flight recorders, eight words laid out as the engine's `Event`, valid until the next
/// call; 0 when there is no newer one. Tape 0 is the audio thread's, 1 that of the seats, 2 and more are the workers'.
#[unsafe(no_mangle)]
extern "C" fn controller_next_event(pool: usize, tape: u32) -> i32 {
    with(pool, |pool| {
        pool.next_event(Tape::from_number(tape)).map_or(0, |event| address(core::ptr::from_ref(event).addr()))
    })
}

/// Events of that recorder that were written over before they were replayed, wrapping.
#[unsafe(no_mangle)]
extern "C" fn controller_lost_events(pool: usize, tape: u32) -> i32 {
    with(pool, |pool| word(pool.lost_events(Tape::from_number(tape))))
}
