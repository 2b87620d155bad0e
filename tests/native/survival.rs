//! Whatever becomes of the workers, the sound is the same: bit for bit what the audio thread alone would have made.
//!
//! Everything runs on one thread, in an order that a seed decides: quanta of the audio thread, turns of the workers, ticks
//! of the clock, deaths.

use proptest::prelude::*;
use rusty_audio_engine::events::Occurrence;
use rusty_audio_engine::job::Fault;
use rusty_audio_engine::lockfree::board::{Class, Stage};
use rusty_audio_engine::protocol::DispatchTelemetry;
use rusty_audio_engine::{Loss, Memory, Tape, Turn, Worker, job};
use rusty_audio_tests::{Alone, FRAMES, Fate, Heard, Pool, RATE, Random, render, render_spectral, response, signal};

/// Frames that a job of the response's last level has.
const SLACK_FRAMES: usize = 2048;

/// How long a dead worker's seat rests; here the dead are certainly dead.
const REST_MS: f64 = 30.0;

#[test]
fn the_convolver_is_the_direct_sum() {
    let heard = render(FRAMES, &[128], &mut Alone);
    for ((heard, signal), response) in heard.planes.iter().zip(&signal()).zip(&response()) {
        let (mut error, mut power) = (0.0, 0.0);
        // All frames of a stretch in which every tap takes part, and the very first ones.
        for n in (0..600).chain(20_000..20_600) {
            let wet: f64 =
                response.iter().take(n + 1).enumerate().map(|(k, h)| f64::from(*h) * f64::from(signal[n - k])).sum();
            let expected = f64::from(signal[n]) + 0.5 * wet;
            error += (f64::from(heard[n]) - expected).powi(2);
            power += expected.powi(2);
        }
        assert!(10.0 * (error / power).log10() < -120.0, "{}", 10.0 * (error / power).log10());
    }
}

/// A clock that ticks, and workers that take turns at random; deaths with a chance of one in `death` a turn, and forty
/// times fewer while nothing is claimed.
struct Chance {
    random: Random,
    now_ms: f64,
    workers: u32,
    /// Turns per quantum, at most.
    turns: u64,
    death: Option<u64>,
    /// Seats whose worker is dead, and when to bury it.
    dead: Vec<(u32, f64)>,
    deaths: u32,
    deaths_with_a_claim: u32,
    started: bool,
}

impl Chance {
    fn new(seed: u64, workers: u32, turns: u64, death: Option<u64>) -> Self {
        let random = Random(seed | 1);
        Self {
            random,
            now_ms: 0.0,
            workers,
            turns,
            death,
            dead: Vec::new(),
            deaths: 0,
            deaths_with_a_claim: 0,
            started: false,
        }
    }

    fn kill(&mut self, pool: &mut Pool<'_>, seat: u32) {
        self.deaths += 1;
        self.deaths_with_a_claim += u32::from(pool.controller.claimed_by(seat) > 0);
        pool.controller.dismiss(seat, Loss::Missed, self.now_ms);
        self.dead.push((seat, self.now_ms + REST_MS));
        let free = (0..16).find(|&seat| {
            pool.controller.taken_seats().all(|taken| taken != seat) && self.dead.iter().all(|&(dead, _)| dead != seat)
        });
        // With all spare seats at rest there is no replacement for now.
        if let Some(free) = free {
            pool.controller.take_seat(free);
        }
    }

    fn bury_the_dead(&mut self, pool: &mut Pool<'_>) {
        let (over, rest): (Vec<_>, Vec<_>) = self.dead.iter().partition(|&&(_, until)| until <= self.now_ms);
        self.dead = rest;
        for (seat, _) in over {
            pool.controller.bury(seat);
            pool.workers[seat as usize] = pool.controller.worker(seat);
            if pool.controller.taken_seats().count() < self.workers as usize {
                pool.controller.take_seat(seat);
            }
        }
    }
}

impl Fate for Chance {
    fn pass(&mut self, pool: &mut Pool<'_>, _: usize) {
        if !core::mem::replace(&mut self.started, true) {
            (0..self.workers).for_each(|seat| pool.controller.take_seat(seat));
        }
        self.now_ms += 128.0 / 48.0;
        self.bury_the_dead(pool);
        for _ in 0..self.random.below(self.turns + 1) {
            let seats: Vec<u32> = pool.controller.taken_seats().collect();
            if seats.is_empty() {
                continue;
            }
            let chosen = self.random.below(seats.len() as u64);
            let seat = *seats.iter().cycle().nth(usize::try_from(chosen).unwrap()).unwrap();
            assert_eq!(pool.workers[seat as usize].turn(self.now_ms), Turn::Again);
            // Whoever has a job at hand dies more often.
            let weight = if pool.controller.claimed_by(seat) > 0 { 1 } else { 40 };
            if let Some(death) = self.death
                && self.random.below(death * weight) == 0
            {
                self.kill(pool, seat);
            }
        }
    }
}

#[test]
fn any_split_into_quanta_gives_the_same_bits() {
    let alone = render(FRAMES, &[128], &mut Alone).bits();
    for split in [&[1][..], &[127], &[192], &[441], &[4096], &[1, 4096, 37]] {
        assert!(render(FRAMES, split, &mut Alone).bits() == alone, "{split:?}");
    }
}

#[test]
fn workers_that_live_do_all_of_the_work() {
    let alone = render(FRAMES, &[128], &mut Alone);
    assert_eq!(alone.dispatched.by_workers, 0);
    let mut fate = Chance::new(1, 4, 64, None);
    let heard = render(FRAMES, &[128], &mut fate);
    assert!(heard.bits() == alone.bits());
    let DispatchTelemetry { by_workers, own, taken_unclaimed, taken_silent, refused } = heard.dispatched;
    assert_eq!((taken_unclaimed, taken_silent, refused), (0, 0, 0));
    // The clock is watched for a tenth of a second before anything is left to the pool.
    assert!(by_workers > own, "{:?}", heard.dispatched);
}

/// Renders over and over until so many workers have died; each time the sound must be that of the audio thread alone.
fn survives(least_deaths: u32, turns: u64, alone: &[u32], render: impl Fn(&[usize], &mut Chance) -> Heard) {
    let (mut deaths, mut with_a_claim, mut by_workers, mut taken) = (0, 0, 0, 0);
    for seed in 1.. {
        let workers = 1 + seed % 8;
        let mut fate = Chance::new(u64::from(seed), workers, turns, Some(16));
        let heard = render(&[[128, 441, 64, 1024][seed as usize % 4]], &mut fate);
        assert!(heard.bits() == alone, "seed {seed}");
        deaths += fate.deaths;
        with_a_claim += fate.deaths_with_a_claim;
        by_workers += heard.dispatched.by_workers;
        taken += heard.dispatched.taken_silent + heard.dispatched.taken_unclaimed;
        if deaths >= least_deaths {
            break;
        }
    }
    assert!(with_a_claim * 3 >= deaths, "{with_a_claim} of {deaths} while a job was claimed");
    assert!(by_workers > 0 && taken > 0, "both ways were taken: {by_workers} {taken}");
}

#[test]
fn a_thousand_deaths_change_no_bit() {
    let alone = render(FRAMES, &[128], &mut Alone).bits();
    survives(1000, 24, &alone, |quanta, fate| render(FRAMES, quanta, fate));
}

#[test]
fn nor_do_deaths_over_spectra() {
    let alone = render_spectral(FRAMES, &[128], &mut Alone).bits();
    for split in [&[1][..], &[441], &[4096], &[1, 4096, 37]] {
        assert!(render_spectral(FRAMES, split, &mut Alone).bits() == alone, "{split:?}");
    }
    survives(300, 3, &alone, |quanta, fate| render_spectral(FRAMES, quanta, fate));
    let heard = render_spectral(FRAMES, &[128], &mut Chance::new(1, 4, 64, None));
    assert!(heard.bits() == alone);
    let DispatchTelemetry { by_workers, own, taken_unclaimed, taken_silent, refused } = heard.dispatched;
    assert!(by_workers > own, "{:?}", heard.dispatched);
    assert_eq!((taken_unclaimed, taken_silent, refused), (0, 0, 0));
}

#[test]
fn a_worker_ten_deadlines_late_changes_no_spectrum() {
    let mut fate = Absent { now_ms: 0.0, back_at_frame: 0, absences: 0 };
    let heard = render_spectral(FRAMES, &[128], &mut fate);
    assert!(heard.bits() == render_spectral(FRAMES, &[128], &mut Alone).bits());
    assert!(fate.absences >= 1 && heard.dispatched.taken_silent >= 1, "{:?}", heard.dispatched);
}

/// One worker claims a job, computes some of it and then is away for ten deadlines, again and again; another one works.
struct Absent {
    now_ms: f64,
    back_at_frame: usize,
    absences: u32,
}

impl Fate for Absent {
    fn pass(&mut self, pool: &mut Pool<'_>, frame: usize) {
        if frame == 0 {
            (0..2).for_each(|seat| pool.controller.take_seat(seat));
        }
        self.now_ms += 128.0 / 48.0;
        // The clock ticks on.
        pool.workers[1].turn(self.now_ms);
        if frame >= self.back_at_frame {
            for _ in 0..20 {
                pool.workers[0].turn(self.now_ms);
                if pool.controller.claimed_by(0) > 0 {
                    (0..4).for_each(|_| _ = pool.workers[0].turn(self.now_ms));
                    self.back_at_frame = frame + 10 * SLACK_FRAMES;
                    self.absences += 1;
                    return;
                }
            }
        }
        (0..20).for_each(|_| _ = pool.workers[1].turn(self.now_ms));
    }
}

#[test]
fn a_worker_ten_deadlines_late_changes_no_bit() {
    let mut fate = Absent { now_ms: 0.0, back_at_frame: 0, absences: 0 };
    let heard = render(FRAMES, &[128], &mut fate);
    assert!(heard.bits() == render(FRAMES, &[128], &mut Alone).bits());
    assert!(fate.absences >= 2, "it came back, and its late result was not taken: {} absences", fate.absences);
    assert!(heard.dispatched.taken_silent >= 2 && heard.dispatched.by_workers > 0, "{:?}", heard.dispatched);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_turns_and_deaths_gives_the_same_bits(seed: u64, workers in 1u32..=8, turns in 0u64..40, death in 2u64..400) {
        let alone = render(FRAMES, &[128], &mut Alone).bits();
        let mut fate = Chance::new(seed, workers, turns, Some(death));
        prop_assert!(render(FRAMES, &[128], &mut fate).bits() == alone);
    }
}

/// Lets every worker take turns until the board is empty.
fn work_off(pool: &mut Pool<'_>, workers: usize, now_ms: &mut f64) -> Vec<(usize, Turn)> {
    let mut turns = Vec::new();
    for _ in 0..10_000 {
        let mut busy = false;
        for seat in 0..workers {
            *now_ms += 0.01;
            turns.push((seat, pool.workers[seat].turn(*now_ms)));
            busy |= pool.controller.seat_telemetry(u32::try_from(seat).unwrap()).busy != 0;
        }
        if !busy {
            return turns;
        }
    }
    panic!("the workers never came to rest");
}

fn with_pool<R>(workers: u32, test: impl FnOnce(&mut Pool<'_>) -> R) -> R {
    let mut memory = Memory::new(1 << 23);
    let mut pool = Pool::new(&mut memory.arena(), RATE);
    (0..workers).for_each(|seat| pool.controller.take_seat(seat));
    test(&mut pool)
}

#[test]
fn work_is_spread_evenly() {
    for workers in 1..=8 {
        with_pool(workers, |pool| {
            let mut now_ms = 0.0;
            let jobs = 40;
            for seed in 0..jobs {
                let ticket = pool.controller.reserve(job::test(seed, 1, None), |_| ()).unwrap();
                pool.controller.submit(ticket, Class::Interactive);
                work_off(pool, workers as usize, &mut now_ms);
                assert!(matches!(pool.controller.stage(ticket), Stage::Done { .. }));
                pool.controller.release(ticket);
            }
            let done: Vec<u32> = (0..workers).map(|seat| pool.controller.seat_telemetry(seat).jobs).collect();
            assert_eq!(done.iter().sum::<u32>(), jobs);
            assert!(done.iter().max().unwrap() - done.iter().min().unwrap() <= 1, "{done:?}");
        });
    }
}

#[test]
fn an_urgent_job_goes_between_two_slices_of_another() {
    with_pool(1, |pool| {
        let [background, interactive] = [100, 2].map(|slices| {
            let ticket = pool.controller.reserve(job::test(1, slices, None), |_| ()).unwrap();
            pool.controller.submit(ticket, if slices == 100 { Class::Background } else { Class::Interactive });
            (0..5).for_each(|turn| _ = pool.workers[0].turn(f64::from(turn)));
            ticket
        });
        assert!(matches!(pool.controller.stage(interactive), Stage::Done { .. }));
        assert!(matches!(pool.controller.stage(background), Stage::Running { slices: 1..100 }));
    });
}

#[test]
fn a_cancelled_job_ends_at_its_next_slice() {
    with_pool(1, |pool| {
        let ticket = pool.controller.reserve(job::test(1, 1000, None), |_| ()).unwrap();
        pool.controller.submit(ticket, Class::Background);
        (0..5).for_each(|turn| _ = pool.workers[0].turn(f64::from(turn)));
        assert_eq!(pool.controller.claimed_by(0), 1);
        pool.controller.release(ticket);
        (5..7).for_each(|turn| _ = pool.workers[0].turn(f64::from(turn)));
        assert_eq!((pool.controller.claimed_by(0), pool.controller.seat_telemetry(0).busy), (0, 0));
    });
}

#[test]
fn a_retired_worker_ends_after_the_job_at_hand() {
    with_pool(2, |pool| {
        let ticket = pool.controller.reserve(job::test(1, 3, None), |_| ()).unwrap();
        pool.controller.submit(ticket, Class::Background);
        assert_eq!(pool.workers[0].turn(0.0), Turn::Again);
        pool.controller.retire(0);
        let turns: Vec<Turn> = (1..6).map(|turn| pool.workers[0].turn(f64::from(turn))).collect();
        assert_eq!(turns.last(), Some(&Turn::Stop), "{turns:?}");
        assert!(matches!(pool.controller.stage(ticket), Stage::Done { .. }));
        // It kept time; now the other one does, at once.
        pool.workers[1].turn(7.0);
        assert_eq!(pool.controller.clock_ms(), 7.0);
        assert!(pool.controller.taken_seats().eq([1]));
    });
}

#[test]
fn a_stale_timekeeper_is_replaced() {
    with_pool(2, |pool| {
        pool.workers[0].turn(10.0);
        pool.workers[1].turn(25.0);
        assert_eq!(pool.controller.clock_ms(), 10.0, "the stamp was fresh");
        pool.workers[1].turn(31.0);
        assert_eq!(pool.controller.clock_ms(), 31.0);
        pool.workers[0].turn(32.0);
        assert_eq!(pool.controller.clock_ms(), 31.0, "there is one timekeeper");
    });
}

#[test]
fn a_fault_befalls_a_worker_in_the_middle_of_its_job() {
    for fault in Fault::ALL {
        with_pool(1, |pool| {
            let ticket = pool.controller.reserve(job::test(1, 4, Some(fault)), |_| ()).unwrap();
            pool.controller.submit(ticket, Class::Interactive);
            let worker: &mut Worker<'_> = &mut pool.workers[0];
            let turns: Vec<Turn> = (0..3).map(|turn| worker.turn(f64::from(turn))).collect();
            assert_eq!(turns, [Turn::Again, Turn::Again, Turn::Suffer(fault)]);
            assert_eq!(pool.controller.claimed_by(0), 1, "its claim is held");
        });
    }
}

#[test]
fn a_delayed_worker_brings_the_same_late() {
    let value = |fault, given_up_after: usize| {
        with_pool(1, |pool| {
            let ticket = pool.controller.reserve(job::test(7, 4, fault), |_| ()).unwrap();
            pool.controller.submit(ticket, Class::Interactive);
            let (mut now_ms, mut delays) = (1.0, 0);
            while !matches!(pool.controller.stage(ticket), Stage::Done { .. }) {
                let delayed = pool.workers[0].turn(now_ms) == Turn::Suffer(Fault::Delay);
                delays += u32::from(delayed);
                now_ms += if delayed { 20.0 } else { 0.1 };
                if delays as usize == given_up_after {
                    pool.controller.dismiss(0, Loss::Missed, now_ms);
                }
            }
            let result = pool.controller.output(ticket, |output| output[0]);
            let told = core::iter::from_fn(|| pool.controller.next_event(Tape::Worker(0))?.occurrence());
            let late = told.filter(|told| matches!(told, Occurrence::Late { .. })).collect::<Vec<_>>();
            (result, late, delays)
        })
    };
    let late = |delays: u32| vec![Occurrence::Late { late_us: delays * 20_000, busy: true }];
    let (punctual, none, _) = value(None, usize::MAX);
    assert_eq!(none, []);
    assert_eq!(value(Some(Fault::Delay), usize::MAX), (punctual, late(6), 6));
    assert_eq!(value(Some(Fault::Delay), 2), (punctual, late(2), 2), "it is not waited for any more");
}

#[test]
fn an_fft_and_an_audio_block_are_what_they_say() {
    with_pool(2, |pool| {
        let mut now_ms = 0.0;
        let tone = |n: usize| (core::f32::consts::TAU * 5.0 * n as f32 / 1024.0).cos();
        let fft = pool.controller.reserve(job::fft(1024), |input| (0..1024).for_each(|n| input[n] = tone(n))).unwrap();
        let block = pool.controller.reserve(job::gain(6000, 0.0, 1.0), |input| input[..12_000].fill(1.0)).unwrap();
        pool.controller.submit(fft, Class::Interactive);
        pool.controller.submit(block, Class::Background);
        work_off(pool, 2, &mut now_ms);
        let bin = pool.controller.output(fft, |output| (output[10], output[11])).unwrap();
        assert!((bin.0 - 512.0).abs() < 1e-2 && bin.1.abs() < 1e-2, "{bin:?}");
        let (middle, last) = pool.controller.output(block, |output| (output[3000], output[11_999])).unwrap();
        assert_eq!((middle, last), (0.5, 5999.0 / 6000.0));
    });
}
