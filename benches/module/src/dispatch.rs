//! The pool and its job board, with jobs that compute nothing.

use core::hint::black_box;

use rusty_audio_engine::config::PAGE_JOBS;
use rusty_audio_engine::job;
use rusty_audio_engine::lockfree::atomics::{AtomicU32, Ordering};
use rusty_audio_engine::lockfree::board::{Claimer, Class, Descriptor, Poster, Stage, board};
use rusty_audio_engine::lockfree::park;
use rusty_audio_engine::{Arena, ConfigError, Dispatcher, Otherwise, PoolController, Task, Turn, Worker, pool};

use crate::place::{arena, give, stack_top, take};

const QUANTUM: usize = 128;

/// Jobs that are posted in a row.
const BATCH: usize = 16;

/// Frames from a post to its deadline; the convolver's tails have as many.
const SLACK: usize = 2048;

/// Threads that run this module, the main thread apart.
const STACKS: usize = 4;

/// An FFT of no samples.
const EMPTY: Descriptor = Descriptor { kind: job::Kind::Fft as u32, slices: 1, arguments: [0; 6] };

/// What a page needs to know: addresses.
#[repr(C)]
struct Places {
    audio: usize,
    controller: usize,
    /// The worker of seat 0.
    worker: usize,
    poster: usize,
    claimer: usize,
    /// Two words on lines of their own.
    words: usize,
    stack_tops: [usize; STACKS],
}

/// The audio thread's end, and what it has posted.
struct Audio {
    dispatcher: Dispatcher<'static>,
    posted: [Option<(Task, u64)>; BATCH],
    frame: u64,
}

impl Audio {
    fn begin_quantum(&mut self) {
        self.frame += QUANTUM as u64;
        self.dispatcher.begin_quantum(self.frame, QUANTUM);
    }

    fn post(&mut self) {
        if let Some(place) = self.posted.iter_mut().find(|place| place.is_none()) {
            let task = self.dispatcher.post(EMPTY, Otherwise::Instead(EMPTY), self.frame, SLACK);
            *place = task.map(|task| (task, self.frame + SLACK as u64));
        }
    }

    fn collect(&mut self, until: u64) {
        for place in &mut self.posted {
            if let Some((task, _)) = place.take_if(|(_, deadline)| *deadline <= until) {
                black_box(self.dispatcher.collect(task));
            }
        }
    }
}

/// One word on a line of its own.
#[repr(C, align(128))]
struct Word(AtomicU32);

/// Makes a pool over all memory, and a board beside it; gives the address of their [`Places`], 0 when there is no room.
#[unsafe(no_mangle)]
extern "C" fn dispatch_open(sample_rate: f32) -> usize {
    open(&mut arena(), sample_rate).map_or(0, give)
}

fn open(arena: &mut Arena<'static>, sample_rate: f32) -> Result<&'static mut Places, ConfigError> {
    let (controller, dispatcher) = pool(arena, sample_rate)?;
    let audio = give(arena.place(Audio { dispatcher, posted: [const { None }; BATCH], frame: 0 })?);
    let worker = give(arena.place(controller.worker(0))?);
    let controller = give(arena.place(controller)?);
    let (poster, noticeboard) = board::<PAGE_JOBS>(arena, 0, 0)?;
    let poster = give(arena.place(poster)?);
    let claimer = give(arena.place(noticeboard.claimer(0))?);
    let words = give(arena.place([const { Word(AtomicU32::new(0)) }; 2])?);
    let mut stack_tops = [0; STACKS];
    for top in &mut stack_tops {
        *top = stack_top(arena)?;
    }
    arena.place(Places { audio, controller, worker, poster, claimer, words, stack_tops })
}

/// Begins the next quantum.
#[unsafe(no_mangle)]
extern "C" fn rt_begin_quantum(audio: usize) {
    take::<Audio>(audio).begin_quantum();
}

/// Posts `jobs` jobs.
#[unsafe(no_mangle)]
extern "C" fn rt_post(audio: usize, jobs: u32) {
    let audio = take::<Audio>(audio);
    for _ in 0..jobs {
        audio.post();
    }
}

/// Collects every job, as if all deadlines had come.
#[unsafe(no_mangle)]
extern "C" fn rt_collect(audio: usize) {
    take::<Audio>(audio).collect(u64::MAX);
}

/// Collects the jobs whose deadlines have come.
#[unsafe(no_mangle)]
extern "C" fn rt_collect_due(audio: usize) {
    let audio = take::<Audio>(audio);
    audio.collect(audio.frame);
}

/// Stores to one word `times` times.
#[unsafe(no_mangle)]
extern "C" fn rt_store(words: usize, times: u32) {
    let [Word(word), _] = take::<[Word; 2]>(words);
    for value in 0..times {
        word.store(value, Ordering::Release);
    }
}

/// One turn of a worker; 0 when it is to stop.
#[unsafe(no_mangle)]
extern "C" fn worker_turn(worker: usize, now_ms: f64) -> u32 {
    u32::from(take::<Worker<'static>>(worker).turn(now_ms) != Turn::Stop)
}

/// Counts on the worker from now on.
#[unsafe(no_mangle)]
extern "C" fn page_take_seat(controller: usize) {
    take::<PoolController<'static>>(controller).take_seat(0);
}

/// Lets the execution time of every `period`-th job go into the histograms.
#[unsafe(no_mangle)]
extern "C" fn page_sample_every(controller: usize, period: u32) {
    take::<PoolController<'static>>(controller).sample_every(period);
}

/// Jobs that the worker has begun.
#[unsafe(no_mangle)]
extern "C" fn page_begun(controller: usize) -> u32 {
    let seat = take::<PoolController<'static>>(controller).seat_telemetry(0);
    seat.jobs.wrapping_add(seat.unwanted_jobs).wrapping_add(seat.busy)
}

/// Jobs of the audio thread that workers have computed.
#[unsafe(no_mangle)]
extern "C" fn page_by_workers(controller: usize) -> u32 {
    take::<PoolController<'static>>(controller).dispatch_telemetry().by_workers
}

/// Jobs that the audio thread has not posted but kept.
#[unsafe(no_mangle)]
extern "C" fn page_kept(controller: usize) -> u32 {
    take::<PoolController<'static>>(controller).dispatch_telemetry().own
}

/// Jobs that the audio thread has taken back before a worker had begun them.
#[unsafe(no_mangle)]
extern "C" fn page_taken_unclaimed(controller: usize) -> u32 {
    take::<PoolController<'static>>(controller).dispatch_telemetry().taken_unclaimed
}

/// Submits a job, which wakes a worker, and waits until it is done. For a thread that may wait.
#[unsafe(no_mangle)]
extern "C" fn page_there_and_back(controller: usize) -> u32 {
    let controller = take::<PoolController<'static>>(controller);
    let Some(ticket) = controller.reserve(EMPTY, |_| ()) else { return 0 };
    controller.submit(ticket, Class::Interactive);
    loop {
        let finished = controller.finished().load(Ordering::Acquire);
        if let Stage::Done { .. } = controller.stage(ticket) {
            break;
        }
        park::wait(controller.finished(), finished, 10_000);
    }
    controller.release(ticket);
    1
}

/// Posts `times` jobs one by one and spins until each is done.
#[unsafe(no_mangle)]
extern "C" fn board_ping(poster: usize, times: u32) -> u32 {
    let poster = take::<Poster<'static, PAGE_JOBS>>(poster);
    let mut done = 0;
    for _ in 0..times {
        let Some(ticket) = poster.reserve(EMPTY, |_| ()) else { break };
        poster.post(ticket, Class::RealTime, 0);
        while !matches!(poster.stage(ticket), Stage::Done { .. }) {}
        poster.release(ticket);
        done += 1;
    }
    done
}

/// Spins for `times` jobs and completes each.
#[unsafe(no_mangle)]
extern "C" fn board_pong(claimer: usize, times: u32) {
    let claimer = take::<Claimer<'static>>(claimer);
    for _ in 0..times {
        let claim = loop {
            let offer = claimer.offers().next();
            if let Some(claim) = offer.and_then(|offer| claimer.claim(offer)) {
                break claim;
            }
        };
        claimer.complete(claim, 0);
    }
}

/// Sends a number to another thread and spins until it comes back, `times` times.
#[unsafe(no_mangle)]
extern "C" fn bare_ping(words: usize, times: u32) {
    let [Word(there), Word(back)] = take::<[Word; 2]>(words);
    for number in 0..times {
        there.store(number + 1, Ordering::Release);
        while back.load(Ordering::Acquire) != number + 1 {}
    }
    there.store(0, Ordering::Release);
    while back.load(Ordering::Acquire) != 0 {}
}

/// The other thread's part.
#[unsafe(no_mangle)]
extern "C" fn bare_pong(words: usize, times: u32) {
    let [Word(there), Word(back)] = take::<[Word; 2]>(words);
    for number in 0..times {
        while there.load(Ordering::Acquire) != number + 1 {}
        back.store(number + 1, Ordering::Release);
    }
    while there.load(Ordering::Acquire) != 0 {}
    back.store(0, Ordering::Release);
}
