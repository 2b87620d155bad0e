//! The depth that is found while a source plays: a simulated ring, whose writer wakes up when a trace says, is compared with
//! the smallest fixed depth that would have held over the same trace, found by trying.

use rusty_audio_engine::buffering::{Buffering, Limits, Lull, MARGIN};
use rusty_audio_tests::Random;

const RATE: f32 = 48_000.0;
const QUANTUM: u32 = 128;
const SECOND: u64 = 48_000;
const MILLISECOND: u64 = 48;

/// As long as every trace; in the first half the depth is being found.
const FRAMES: u64 = 3 * 3600 * SECOND;

const LIMITS: Limits = Limits { least: 256, most: 1 << 19, first: 48_000 };

/// Frames that a depth is off for no fault of its own: what is missing of a quantum is counted when it is over.
const GRAIN: u32 = QUANTUM;

/// When a writer wakes up, in frames of the context's clock, and how many frames it can write each time.
struct Trace {
    wakes: Vec<u64>,
    written_at_once: u32,
}

impl Trace {
    /// Wakes after gaps that `gap` gives, from the time of the wake before.
    fn new(mut gap: impl FnMut(u64) -> u64) -> Self {
        let (mut wakes, mut now) = (Vec::new(), 0);
        while now < FRAMES {
            wakes.push(now);
            now += gap(now).max(1);
        }
        Self { wakes, written_at_once: u32::MAX }
    }

    /// As it is from a wake on; the frames before count as read.
    fn after(&self, frame: u64) -> Self {
        let first = self.wakes.partition_point(|wake| *wake < frame);
        let begin = self.wakes[first];
        let wakes = self.wakes[first..].iter().map(|wake| wake - begin).collect();
        Self { wakes, written_at_once: self.written_at_once }
    }
}

/// What a wake-up saw.
struct Seen {
    frame: u64,
    target: u32,
    starved: u32,
}

/// Reads quanta at a steady pace and writes at each wake-up to the depth that `target` says.
fn simulate(trace: &Trace, mut target: impl FnMut(Lull) -> u32, mut refilled: impl FnMut(u32)) -> Vec<Seen> {
    let (mut fill, mut read, mut before) = (0u32, 0u64, 0u64);
    let mut seen = Vec::new();
    for &frame in &trace.wakes {
        let due = frame / u64::from(QUANTUM) * u64::from(QUANTUM);
        let wanted = u32::try_from(due - read).unwrap();
        read = due;
        let starved = wanted.saturating_sub(fill);
        fill = fill.saturating_sub(wanted);
        let elapsed_frames = u32::try_from(frame - before).unwrap();
        before = frame;
        let target = target(Lull { elapsed_frames, left_frames: fill, starved_frames: starved });
        // Nothing sounds before the ring is full for the first time.
        let most = if seen.is_empty() { u32::MAX } else { trace.written_at_once };
        fill += target.saturating_sub(fill).min(most);
        refilled(fill);
        seen.push(Seen { frame, target, starved });
    }
    seen
}

/// With the depth that is found.
fn find(trace: &Trace, limits: Limits) -> Vec<Seen> {
    let buffering = std::cell::RefCell::new(Buffering::new(limits, RATE));
    simulate(trace, |lull| buffering.borrow_mut().target(lull), |fill| buffering.borrow_mut().refilled(fill))
}

/// The smallest fixed depth that nothing starves with, found by halving.
fn smallest_that_holds(trace: &Trace) -> u32 {
    let holds = |depth: u32| simulate(trace, |_| depth, |_| ()).iter().all(|seen| seen.starved == 0);
    let (mut fails, mut holds_at) = (0, LIMITS.most);
    assert!(holds(holds_at), "no depth would have held");
    while holds_at - fails > 1 {
        let middle = fails.midpoint(holds_at);
        if holds(middle) { holds_at = middle } else { fails = middle }
    }
    holds_at
}

/// Fails unless from `converged` on nothing starves and the depth is, all the time, within a tenth of the smallest that holds.
fn assert_found(name: &str, trace: &Trace, converged: u64) -> Vec<Seen> {
    let oracle = smallest_that_holds(&trace.after(converged));
    let seen = find(trace, LIMITS);
    let later = || seen.iter().filter(|seen| seen.frame >= converged);
    let most = later().map(|seen| seen.target).max().unwrap();
    let starved = later().find(|seen| seen.starved > 0).map(|seen| seen.frame / SECOND);
    assert_eq!(starved, None, "{name}: starved after so many seconds");
    assert!(
        f64::from(most) <= f64::from(oracle) * 1.1 + f64::from(GRAIN),
        "{name}: {most} where {oracle} would have held"
    );
    seen
}

fn gaussian(random: &mut Random) -> f64 {
    (0..12).map(|_| f64::from(random.sample())).sum::<f64>() / 2.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time")]
fn frames(milliseconds: f64) -> u64 {
    (milliseconds.max(0.0) * MILLISECOND as f64) as u64
}

#[test]
fn even_wakes_need_what_one_of_them_takes() {
    for milliseconds in [10, 43, 171, 900] {
        let seen = assert_found("even", &Trace::new(|_| milliseconds * MILLISECOND), FRAMES / 2);
        assert_eq!(seen.iter().filter(|seen| seen.starved > 0).count(), 0, "the first depth was enough");
    }
}

#[test]
fn gaussian_jitter() {
    // A gap that is longer by more than the margin than any in memory is always heard once; the more wakes there are in
    // memory, the rarer that is. These are so many that it happens in none of these traces.
    for (seed, milliseconds) in (1..).zip([20.0, 20.0, 40.0, 100.0]) {
        let mut random = Random(seed);
        let trace = Trace::new(|_| frames(milliseconds * (1.0 + gaussian(&mut random) / 4.0)));
        assert_found("Gaussian", &trace, FRAMES / 2);
    }
}

#[test]
fn bursts_of_any_length() {
    // Pareto's distribution with an exponent of 1.2, as far as a browser goes before it kills the page.
    for seed in 1..4 {
        let mut random = Random(seed);
        let mut pareto = || (f64::from(random.sample()) * 0.5 + 0.500_001).powf(-1.0 / 1.2);
        assert_found("bursts", &Trace::new(|_| frames((10.0 * pareto()).min(700.0))), FRAMES / 2);
    }
}

#[test]
fn stalls_that_come_again() {
    for (period, stall) in [(1, 120), (20, 250), (100, 400), (290, 800), (2500, 300)] {
        let trace = Trace::new(|now| {
            let next = (now / (period * SECOND) + 1) * period * SECOND;
            if now + 20 * MILLISECOND >= next { next + stall * MILLISECOND - now } else { 20 * MILLISECOND }
        });
        let seen = assert_found("stalls", &trace, FRAMES / 2);
        assert!(seen.iter().filter(|seen| seen.starved > 0).count() <= 3, "every {period} s");
    }
}

#[test]
fn a_page_that_is_blocked_half_of_the_time() {
    // The pieces of the browser suite: as long at work as at rest; at rest a wake every 16 ms.
    let pieces = [5, 50, 900, 200, 20, 400];
    let (mut piece, mut rest) = (0, 0);
    let trace = Trace::new(|_| {
        if rest > 0 {
            rest -= 1;
            return 16 * MILLISECOND;
        }
        piece += 1;
        let milliseconds = pieces[piece % pieces.len()];
        rest = milliseconds / 16;
        milliseconds * MILLISECOND
    });
    assert_found("blocked", &trace, FRAMES / 2);
}

#[test]
fn a_source_that_is_hardly_fast_enough() {
    // It catches up after a stall only slowly, so that the next one meets it behind.
    let mut trace = Trace::new(|now| if now % (30 * SECOND) < SECOND { 90 * MILLISECOND } else { 10 * MILLISECOND });
    trace.written_at_once = 600;
    assert_found("slow", &trace, FRAMES / 2);
}

#[test]
fn jitter_that_changes_is_followed_up_at_once_and_down_slowly() {
    let change = FRAMES / 4;
    for (before, after) in [(10, 1500), (1500, 10), (100, 110)] {
        let mut random = Random(3);
        let trace = Trace::new(|now| {
            let scale = if now < change { before } else { after };
            scale * MILLISECOND - random.below(scale * MILLISECOND / 4)
        });
        let seen = assert_found("changed", &trace, FRAMES / 4 * 3);
        let starved: Vec<&Seen> = seen.iter().filter(|seen| seen.starved > 0 && seen.frame >= change).collect();
        // All that is heard of more: the first long gap, and those longer by more than the margin. Of less, nothing.
        assert!(starved.len() <= if before < after { 3 } else { 0 }, "{} starvations", starved.len());
        assert!(
            starved.iter().all(|seen| u64::from(seen.target) >= (after - after / 4) * MILLISECOND),
            "widened at once"
        );
        for pair in seen.windows(2) {
            let seconds = (pair[1].frame - pair[0].frame) as f64 / SECOND as f64;
            let least = f64::from(pair[0].target) * (1.0 - seconds / 256.0) - 1.0;
            assert!(f64::from(pair[1].target) >= least, "narrowed from {} to {}", pair[0].target, pair[1].target);
        }
    }
}

#[test]
fn a_wider_beginning_is_given_up_as_well() {
    let trace = Trace::new(|_| 20 * MILLISECOND);
    let [usual, phone] = [48_000, 144_000].map(|first| find(&trace, Limits { first, ..LIMITS }));
    let first = |seen: &[Seen]| f64::from(seen[0].target);
    assert!(first(&phone) > 2.9 * first(&usual));
    assert_eq!(phone.last().unwrap().target, usual.last().unwrap().target);
}

#[test]
fn the_limits_and_a_fixed_depth_are_kept() {
    let lull = Lull { elapsed_frames: 480, left_frames: 0, starved_frames: 1 << 20 };
    let mut buffering = Buffering::new(LIMITS, RATE);
    assert_eq!(buffering.target(lull), LIMITS.most);
    buffering.fix(Some(10_000));
    assert_eq!(buffering.target(lull), 10_000);
    buffering.fix(Some(1));
    assert_eq!(buffering.target_frames(), LIMITS.least);
    buffering.fix(Some(u32::MAX));
    assert_eq!(buffering.target_frames(), LIMITS.most);
    buffering.fix(None);
    assert_eq!(buffering.target_frames(), LIMITS.most);

    let mut quiet = Buffering::new(Limits { first: 0, ..LIMITS }, RATE);
    for _ in 0..100_000 {
        assert_eq!(
            quiet.target(Lull { elapsed_frames: 480, left_frames: LIMITS.least, ..Lull::default() }),
            LIMITS.least
        );
        quiet.refilled(LIMITS.least);
    }
}

#[test]
fn what_a_jump_drops_is_no_need() {
    let mut buffering = Buffering::new(Limits { first: 0, ..LIMITS }, RATE);
    buffering.refilled(200_000);
    buffering.restart();
    buffering.target(Lull { elapsed_frames: 480, left_frames: 0, starved_frames: 0 });
    assert_eq!(buffering.needed_frames(), 0);
}

#[test]
fn the_margin_leaves_room_below_a_tenth() {
    const { assert!(MARGIN < 0.1) };
}

#[test]
fn the_comparison_refuses_a_depth_that_is_too_small_or_too_large() {
    let trace = Trace::new(|_| 50 * MILLISECOND);
    let oracle = smallest_that_holds(&trace);
    assert!(simulate(&trace, |_| oracle - 1, |_| ()).iter().any(|seen| seen.starved > 0));
    assert!(simulate(&trace, |_| oracle, |_| ()).iter().all(|seen| seen.starved == 0));
    assert!((50 * MILLISECOND..=50 * MILLISECOND + u64::from(QUANTUM)).contains(&u64::from(oracle)));
}
