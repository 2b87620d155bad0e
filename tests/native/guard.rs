//! The audio callback and a worker's turn neither allocate nor free, whatever happens to them.
//!
//! A counting allocator stands in for the system's. What runs within a guarded scope must leave its count at zero. The
//! proof on the shipped module says the same of every path; this one also covers the native build, and says which scene.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{Command, DispatchTelemetry, Join, State};
use rusty_audio_engine::{Controller, Feeder, Loss, Memory, NodeConfig, Processor, Turn, player};
use rusty_audio_tests::{Pool, entries, put_response};

const RATE: f32 = 48_000.0;
const RING_FRAMES: u32 = 32_768;
const QUANTUM: usize = 128;
/// Number of the convolver's first parameter in the rig's chain.
const WET: usize = 0;
const QUANTUM_MS: f64 = 1000.0 * QUANTUM as f64 / RATE as f64;

/// The system's allocator; within a guarded scope it counts.
struct Counting;

thread_local! {
    /// Calls of the allocator in this thread's guarded scope.
    static CALLS: Cell<Option<u32>> = const { Cell::new(None) };
}

fn count() {
    CALLS.set(CALLS.get().map(|calls| calls + 1));
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `scope`, and gives what it returns and how often it called the allocator.
fn counted<R>(scope: impl FnOnce() -> R) -> (R, u32) {
    CALLS.set(Some(0));
    let result = scope();
    (result, CALLS.take().unwrap())
}

#[track_caller]
fn guarded<R>(scope: impl FnOnce() -> R) -> R {
    let (result, calls) = counted(scope);
    assert_eq!(calls, 0, "the allocator was called");
    result
}

/// A player with a convolver, and its pool.
struct Rig<'a> {
    controller: Controller<'a>,
    feeder: Feeder<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    pool: Pool<'a>,
    frame: u64,
    now_ms: f64,
}

impl Rig<'_> {
    fn feed(&mut self, frames: usize) {
        for channel in 0..2 {
            let plane = self.feeder.staging(channel).unwrap();
            plane.iter_mut().enumerate().for_each(|(n, sample)| *sample = ((n * 37 + 11) % 19) as f32 / 38.0 - 0.25);
        }
        for start in (0..frames).step_by(4096) {
            self.feeder.push(u32::try_from((frames - start).min(4096)).unwrap());
        }
    }

    #[track_caller]
    fn render(&mut self, frames: usize) {
        let Self { processor, pool, frame, .. } = self;
        guarded(|| processor.process(&mut pool.dispatcher, *frame, frames));
        self.frame += frames as u64;
        self.now_ms += QUANTUM_MS * frames as f64 / QUANTUM as f64;
    }

    /// Quanta of the usual length, with whatever a worker at `seat` does in its turns between them.
    #[track_caller]
    fn run(&mut self, quanta: usize, seat: Option<u32>) {
        for _ in 0..quanta {
            self.feed(QUANTUM);
            if let Some(seat) = seat {
                let Self { pool, now_ms, .. } = self;
                for _ in 0..20 {
                    let worker = &mut pool.workers[seat as usize];
                    assert_eq!(guarded(|| worker.turn(*now_ms)), Turn::Again);
                }
            }
            self.render(QUANTUM);
        }
    }

    /// Plays from a full ring.
    fn start(&mut self) {
        self.feeder.begin(1, 1, 0, Join::Now).unwrap();
        self.feed(RING_FRAMES as usize);
        self.controller.send(Command::PLAY).unwrap();
    }

    fn state(&mut self) -> u32 {
        self.controller.telemetry().state
    }

    fn dispatched(&self) -> DispatchTelemetry {
        self.pool.controller.dispatch_telemetry()
    }
}

fn with_rig(test: impl FnOnce(&mut Rig<'_>)) {
    let mut memory = Memory::new(1 << 24);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let taps: Vec<f32> = (0..20_000).map(|tap| (-(tap as f32) / 1000.0).exp() / 16.0).collect();
    let response = put_response(&mut arena, &mut pool, &[&taps, &taps], true);
    let effects = entries(&["convolver", "gain"]);
    let config = NodeConfig { sample_rate: RATE, effects: &effects };
    let (mut controller, feeder, mut processor) = player(&mut arena, config, RING_FRAMES).unwrap();
    processor.chain().set(WET, 0.5);
    controller.send(Command::tell(0, response)).unwrap();
    test(&mut Rig { controller, feeder, processor, pool, frame: 0, now_ms: 0.0 });
}

#[test]
fn the_guard_notices_every_way_to_the_allocator() {
    assert_eq!(counted(|| black_box(1 + 1)).1, 0);
    assert_eq!(counted(|| black_box(Box::new(1))).1, 1, "allocating");
    let owned = black_box(Box::new(1));
    assert_eq!(counted(move || drop(owned)).1, 1, "freeing");
    let mut list = Vec::with_capacity(1);
    assert_eq!(counted(|| (0..2).for_each(|n| black_box(&mut list).push(n))).1, 1, "growing");
    assert_eq!(counted(|| black_box(vec![0u8; 100]).len()).1, 2, "zeroed, and freed again");
    assert_eq!(black_box(Box::new(7)).as_ref(), &7, "outside of a scope nothing is counted");
    assert_eq!(CALLS.get(), None);
}

#[test]
#[should_panic(expected = "the allocator was called")]
fn a_scope_that_allocates_fails() {
    guarded(|| black_box(String::from("an error as text")).len());
}

#[test]
fn playing_pausing_jumping_and_starving_leave_memory_alone() {
    with_rig(|rig| {
        rig.render(QUANTUM);
        rig.start();
        rig.run(10, None);
        assert_eq!(rig.state(), State::Playing as u32);

        for epoch in 2..6 {
            rig.feeder.begin(epoch, 1, 1000, Join::Now).unwrap();
            rig.run(100, None);
        }
        assert_eq!(rig.controller.telemetry().epoch, 5);

        rig.controller.send(Command::PAUSE).unwrap();
        rig.run(4, None);
        assert_eq!(rig.state(), State::Paused as u32);
        rig.controller.send(Command::PLAY).unwrap();
        rig.run(4, None);

        while rig.state() != State::Starved as u32 {
            rig.render(QUANTUM);
        }
        rig.controller.send(Command::discard(9)).unwrap();
        rig.run(4, None);
        rig.feeder.begin(9, 2, 0, Join::Now).unwrap();
        rig.run(100, None);
        assert_eq!(rig.state(), State::Playing as u32);
    });
}

#[test]
fn parameters_that_change_at_every_control_point_leave_memory_alone() {
    with_rig(|rig| {
        rig.start();
        for quantum in 0..200usize {
            rig.feed(QUANTUM);
            let values = rig.processor.chain().values();
            for (n, value) in values.iter_mut().enumerate() {
                *value = if n == 5 { f32::NAN } else { ((quantum * 37 + n * 11) % 100) as f32 / 100.0 };
            }
            rig.render(QUANTUM);
        }
    });
}

#[test]
fn quanta_of_any_length_leave_memory_alone() {
    with_rig(|rig| {
        rig.start();
        for frames in [1, 3, 127, 128, 192, 441, 1024, 4096, 5000, 0] {
            rig.feed(frames);
            rig.render(frames);
        }
    });
}

#[test]
fn jobs_that_workers_bring_take_or_lose_leave_memory_alone() {
    with_rig(|rig| {
        rig.start();
        rig.run(100, None);
        let alone = rig.dispatched();
        assert!(alone.own > 0 && alone.by_workers == 0, "without a pool the audio thread computes all: {alone:?}");

        // Until the dispatcher has forgotten how long the clock stood.
        rig.pool.controller.take_seat(0);
        rig.run(1000, Some(0));
        let helped = rig.dispatched();
        assert!(helped.by_workers > 0, "{helped:?}");

        // The worker takes turns until it has a job, and is never heard of again.
        while rig.pool.controller.claimed_by(0) == 0 {
            rig.feed(QUANTUM);
            let Rig { pool, now_ms, .. } = &mut *rig;
            assert_eq!(guarded(|| pool.workers[0].turn(*now_ms)), Turn::Again);
            rig.render(QUANTUM);
        }
        rig.pool.controller.dismiss(0, Loss::Missed, rig.now_ms);
        rig.pool.controller.take_seat(1);
        rig.run(200, Some(1));
        let survived = rig.dispatched();
        assert!(survived.taken_silent > helped.taken_silent, "{survived:?}");
        assert!(survived.by_workers > helped.by_workers, "{survived:?}");

        rig.pool.controller.bury(0);
        rig.run(50, Some(1));
        rig.pool.controller.dismiss(1, Loss::Missed, rig.now_ms);
        rig.run(200, None);
        assert!(rig.dispatched().own > survived.own, "the pool is dead");
    });
}
