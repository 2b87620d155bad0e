//! The limiter's ceiling, by the meter of BS.1770 and by a reference sixteen times oversampled in `f64`.

use std::f64::consts::{PI, TAU};

use rusty_audio_engine::dsp::true_peak::TruePeak;
use rusty_audio_tests::Random;
use rusty_audio_tests::laws::Standard;

use super::{RATE, impulse, narrow, near, of, play};

const LOOKAHEAD: usize = 240;
const LATENCY: usize = LOOKAHEAD - 1 + 11;

/// True peak in dBTP, by the meter.
fn metered_db(plane: &[f32]) -> f64 {
    let mut meter = TruePeak::new();
    meter.process(plane);
    20.0 * f64::from(meter.peak()).log10()
}

/// True peak in dBTP by a sinc of 96 samples under Kaiser's window (β = 8, 80 dB), at sixteen places between two samples.
fn reference_db(plane: &[f32]) -> f64 {
    const REACH: usize = 48;
    let bessel = |x: f64| {
        (1..40)
            .scan(1.0, |term, n| {
                *term *= (x / 2.0 / f64::from(n)).powi(2);
                Some(*term)
            })
            .sum::<f64>()
            + 1.0
    };
    let window = |t: f64| bessel(8.0 * (1.0 - (t / REACH as f64).powi(2)).max(0.0).sqrt()) / bessel(8.0);
    let sinc = |t: f64| if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) };
    let mut peak = 0.0f64;
    for step in 0..16 {
        let fraction = f64::from(step) / 16.0;
        let taps: Vec<f64> =
            (0..2 * REACH).map(|tap| tap as f64 - (REACH - 1) as f64 - fraction).map(|t| sinc(t) * window(t)).collect();
        for samples in plane.windows(2 * REACH) {
            let sum: f64 = samples.iter().zip(&taps).map(|(&sample, tap)| f64::from(sample) * tap).sum();
            peak = peak.max(sum.abs());
        }
    }
    20.0 * peak.log10()
}

/// Signals that are hard to limit, in [-1, 1], to be played far too loud.
fn hard_signals() -> Vec<(&'static str, Vec<f32>)> {
    let frames = 6_000usize;
    let mut random = Random(9);
    let sine = |cycles: f64, phase: f64| move |n: usize| narrow((TAU * cycles * n as f64 + phase).sin());
    let mut signals: Vec<(&'static str, Vec<f32>)> = Vec::new();
    signals.push(("white noise", (0..frames).map(|_| random.sample()).collect()));
    signals.push((
        "sparse impulses",
        (0..frames).map(|_| if random.below(40) == 0 { random.sample() } else { 0.0 }).collect(),
    ));
    signals.push((
        "alternating impulses",
        (0..frames).map(|n| if n % 97 < 2 { [1.0, -1.0][n % 2] } else { 0.01 }).collect(),
    ));
    signals
        .push(("bursts", (0..frames).map(|n| random.sample() * if n / 300 % 3 == 0 { 1.0 } else { 0.05 }).collect()));
    signals.push(("square", (0..frames).map(|n| if n / 37 % 2 == 0 { 1.0 } else { -1.0 }).collect()));
    signals.push(("a quarter of the rate", (0..frames).map(sine(0.25, PI / 4.0)).collect()));
    signals.push(("near a third", (0..frames).map(sine(0.3301, 0.3)).collect()));
    signals.push(("low", (0..frames).map(sine(0.002, 0.0)).collect()));
    signals.push(("sweep", (0..frames).map(|n| sine(n as f64 / frames as f64 * 0.18, 0.1)(n)).collect()));
    let beat = |n: usize| 0.5 * (sine(0.2, 0.0)(n) + sine(0.2037, 1.0)(n));
    signals.push(("beat", (0..frames).map(beat).collect()));
    let mut held = 0.0;
    let steps = |n: usize| {
        if n.is_multiple_of(60) {
            held = random.sample();
        }
        held
    };
    signals.push(("steps", (0..frames).map(steps).collect()));
    let mut last = 0.0;
    let brown = |_| {
        last = (last + 0.1 * random.sample()) * 0.995;
        last
    };
    signals.push(("brown noise", (0..frames).map(brown).collect()));
    signals
}

/// Ceiling, release and lookahead.
const SETTINGS: [(f32, f32, f32); 4] =
    [(-1.0, 0.1, 0.005), (-6.0, 0.001, 0.001), (0.0, 0.01, 0.01), (-3.0, 0.001, 0.005)];

fn limited(signal: &[f32], gain_db: f32, ceiling: f32, release: f32, lookahead: f32) -> [Vec<f32>; 2] {
    let gain = 10f32.powf(gain_db / 20.0);
    let scene = of("limiter").set::<Standard>("lookahead", lookahead).with::<Standard>("ceiling", ceiling);
    let scene = scene.with::<Standard>("release", release).with_sound(signal.iter().map(|sample| sample * gain));
    play(&scene).planes
}

#[test]
fn the_metered_true_peak_never_exceeds_the_ceiling() {
    for (name, signal) in hard_signals() {
        for gain_db in [0.0, 6.0, 20.0, 40.0] {
            for (ceiling, release, lookahead) in SETTINGS {
                let [left, right] = limited(&signal, gain_db, ceiling, release, lookahead);
                let metered = metered_db(&left);
                assert!(metered <= f64::from(ceiling), "{name} at {gain_db} dB: {metered} of {ceiling} dBTP");
                assert_eq!(left, right);
            }
        }
    }
}

#[test]
fn no_random_signal_exceeds_the_ceiling() {
    for seed in 1..150usize {
        let mut random = Random(seed as u64);
        let mut share = || random.sample().abs();
        let (period, smoothing) = (1 + 37 * seed % 300, 0.02 + 0.98 * share());
        let (cycles, depth_db, gain_db) = (0.5 * share(), 60.0 * share(), 60.0 * share());
        let (mut level, mut last) = (1.0, 0.0);
        let signal = |n: usize| {
            if n.is_multiple_of(period) {
                level = 10f32.powf(-depth_db * random.sample().abs() / 20.0);
            }
            last += smoothing * (random.sample() - last);
            let sine = (std::f32::consts::TAU * cycles * n as f32).sin();
            level * [last, sine, sine.signum(), sine * last][seed % 4]
        };
        let signal: Vec<f32> = (0..3_000).map(signal).collect();
        let [left, _] = limited(&signal, gain_db, -1.0, 0.001, 0.001);
        let metered = metered_db(&left);
        assert!(metered <= -1.0, "seed {seed}: {metered} dBTP");
    }
}

#[test]
fn the_true_peak_of_a_long_reference_stays_near_the_ceiling() {
    // Within 0.2 dB where the standard's filter is flat; what reaches up to half the sample rate is what it cannot see.
    let (mut worst, mut worst_wide) = (f64::MIN, f64::MIN);
    for (name, signal) in hard_signals() {
        for (ceiling, release, lookahead) in SETTINGS {
            let [left, _] = limited(&signal, 20.0, ceiling, release, lookahead);
            let over = reference_db(&left) - f64::from(ceiling);
            let is_wide = ["white noise", "bursts", "impulses"].iter().any(|wide| name.contains(wide));
            let worst = if is_wide { &mut worst_wide } else { &mut worst };
            *worst = worst.max(over);
        }
    }
    assert!(worst < 0.2 && worst_wide < 2.0, "{worst} {worst_wide}");
}

#[test]
fn a_sine_is_limited_to_the_ceiling_and_no_further() {
    let sine: Vec<f32> = (0..20_000).map(|n| narrow((TAU * 0.01 * f64::from(n)).sin())).collect();
    let scene = of("limiter").with::<Standard>("ceiling", -6.0).with_sound(sine.iter().map(|sample| sample * 2.0));
    let played = play(&scene);
    near(narrow(metered_db(&played.planes[0][15_000..])), -6.05, 0.02);
    near(played.readings[0], -12.07, 0.02);
}

#[test]
fn what_stays_below_keeps_every_bit_and_is_late_by_the_latency() {
    let mut random = Random(4);
    let scene = of("limiter").with_sound((0..5_000).map(|_| 0.4 * random.sample()));
    let [left, _] = play(&scene).planes;
    assert_eq!(left[LATENCY..], scene.input[0][..5_000 - LATENCY]);
    assert_eq!(left[..LATENCY], [0.0; LATENCY]);
}

#[test]
fn the_gain_is_down_before_a_peak_and_comes_back_after_it() {
    // On a steady level the gain itself is heard.
    let scene = of("limiter").with::<Standard>("ceiling", 0.0).with::<Standard>("release", 0.05);
    let scene = scene.with_sound(impulse(2_000, 20_000).map(|sample| 0.01 + 10.0 * sample));
    let [left, _] = play(&scene).planes;
    let peak = 2_000 + LATENCY;
    near(left[peak], 1.0, 0.01);
    near(left[peak - LOOKAHEAD - 12] / 0.01, 1.0, 1e-5);
    near(left[peak - LOOKAHEAD / 2 - 6] / 0.01, 0.55, 0.03);
    near(left[peak + 6] / 0.01, 0.1, 0.02);
    let frames = 2_400;
    near(left[peak + LOOKAHEAD / 2 + 6 + frames] / 0.01, 1.0 - 0.9 * (-(frames as f32) / (0.05 * RATE)).exp(), 0.01);
    // No corner: the gain never changes faster than two means of half the lookahead allow.
    let steepest = left[LATENCY..peak - 8].windows(2).map(|pair| (pair[1] - pair[0]).abs() / 0.01).fold(0.0, f32::max);
    assert!(steepest < 0.9 / (LOOKAHEAD / 2) as f32 * 1.05, "{steepest}");
}
