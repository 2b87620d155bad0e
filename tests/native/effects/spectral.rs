//! What freezes and what is taken for noise.

use std::f64::consts::TAU;

use rusty_audio_engine::config::{SPECTRAL_HOP, SPECTRAL_HOPS, SPECTRAL_SIZE};
use rusty_audio_tests::Random;
use rusty_audio_tests::laws::{Scene, Standard};

use super::{RATE, narrow, of, play};

/// Two blocks of frames, and what a frame of a spectrum shares with the next one.
const LATENCY: usize = 2 * SPECTRAL_HOPS * SPECTRAL_HOP + SPECTRAL_SIZE - SPECTRAL_HOP;

fn spectral() -> Scene {
    of("spectral")
}

fn noise(seed: u64, level: f32, frames: usize) -> impl Iterator<Item = f32> {
    let mut random = Random(seed);
    (0..frames).map(move |_| level * random.sample())
}

fn sine(amplitude: f64, frequency_hz: f64, frames: usize) -> impl Iterator<Item = f32> {
    let angle = TAU * frequency_hz / f64::from(RATE);
    (0..frames).map(move |n| narrow(amplitude * (angle * n as f64).sin()))
}

/// Amplitude of a frequency in `sound`, seen through Hann's window.
fn amplitude(sound: &[f32], frequency_hz: f64) -> f64 {
    let angle = TAU * frequency_hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in sound.iter().enumerate() {
        let window = 1.0 - (TAU * n as f64 / sound.len() as f64).cos();
        let (sin, cos) = (angle * n as f64).sin_cos();
        re += window * f64::from(sample) * cos;
        im += window * f64::from(sample) * sin;
    }
    2.0 * re.hypot(im) / sound.len() as f64
}

fn rms_db(sound: &[f32]) -> f64 {
    let power = sound.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / sound.len() as f64;
    10.0 * power.log10()
}

fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

#[test]
fn what_is_not_changed_is_what_came_in() {
    let scene = spectral().with_sound(noise(3, 1.0, 40_000));
    let [left, right] = play(&scene).planes;
    // Frames that begin before the sound do round.
    assert!(left[..LATENCY].iter().all(|sample| sample.abs() <= 1e-6));
    for (came, heard) in scene.input[0].iter().zip(&left[LATENCY..]) {
        assert!((came - heard).abs() <= 1e-6, "{came} {heard}");
    }
    assert!(left == right);
}

#[test]
fn channels_are_apart() {
    let mut scene = spectral().with_sound(noise(3, 1.0, 40_000));
    scene.input[1].fill(0.0);
    let [_, right] = play(&scene).planes;
    assert!(right.iter().all(|&sample| sample == 0.0));
}

#[test]
fn a_tone_that_is_frozen_goes_on() {
    // Neither at a bin nor between two of them.
    for frequency_hz in [440.0, 1_000.0, 5_003.3] {
        let mut scene = spectral().with_sound(sine(0.5, frequency_hz, 30_000)).with_silence(200_000);
        scene = scene.at::<Standard>(24_000, "freeze", 1.0);
        let [left, _] = play(&scene).planes;
        for start in [40_000, 100_000, 200_000] {
            let heard = &left[start..start + 24_000];
            let level = db(amplitude(heard, frequency_hz) / 0.5);
            assert!(level.abs() < 0.1, "{frequency_hz} Hz: {level} dB at {start}");
            let others = rms_db(heard) - (db(0.5) - 3.01);
            assert!(others.abs() < 0.1, "{frequency_hz} Hz: {others} dB in all at {start}");
        }
        let phase_of = |start: usize| {
            let angle = TAU * frequency_hz / f64::from(RATE);
            let (re, im) = left[start..start + 24_000].iter().enumerate().fold((0.0, 0.0), |(re, im), (n, &sample)| {
                let (sin, cos) = (angle * (start + n) as f64).sin_cos();
                (re + f64::from(sample) * cos, im + f64::from(sample) * sin)
            });
            im.atan2(re)
        };
        // It turns as the tone would have: the frequency is right within a thousandth of a hertz.
        for start in [44_000, 70_000, 200_000] {
            let drift = (phase_of(start) - phase_of(40_000)).rem_euclid(TAU);
            let drift = drift.min(TAU - drift);
            assert!(drift < 0.02, "{frequency_hz} Hz: {drift} rad from frame 40000 to {start}");
        }
    }
}

#[test]
fn the_sound_comes_back_when_it_is_not_frozen_any_more() {
    let scene = spectral().with_sound(noise(5, 0.5, 80_000));
    let scene = scene.at::<Standard>(16_384, "freeze", 1.0).at::<Standard>(32_768, "freeze", 0.0);
    let [left, _] = play(&scene).planes;
    let late = |frame: usize| scene.input[0][frame - LATENCY];
    let differs = |frame: usize| (left[frame] - late(frame)).abs() > 1e-5;
    // A hop's AudioParams are those at its end; its frame begins so much earlier.
    let first = (LATENCY..80_000).find(|&frame| differs(frame)).unwrap();
    assert!((16_384 + LATENCY - SPECTRAL_SIZE..16_384 + LATENCY).contains(&first), "{first}");
    assert!((32_768 + LATENCY..80_000).all(|frame| !differs(frame)));
}

#[test]
fn frozen_noise_keeps_its_level() {
    let scene = spectral().with_sound(noise(9, 0.5, 30_000)).with_silence(100_000);
    let [left, _] = play(&scene.at::<Standard>(24_000, "freeze", 1.0)).planes;
    let before = rms_db(&left[10_000..26_000]);
    for start in [40_000, 80_000] {
        let after = rms_db(&left[start..start + 40_000]);
        assert!((after - before).abs() < 4.0, "{before} dB before, {after} dB after");
    }
}

#[test]
fn noise_below_the_threshold_is_reduced_and_a_tone_above_it_is_not() {
    for (reduction, tolerance) in [(-12.0, 0.5), (-24.0, 0.5), (-48.0, 1.5)] {
        // A sine at -20 dBFS and noise whose bins lie at -75 dBFS.
        let tone: Vec<f32> = sine(0.1, 1_003.0, 96_000).collect();
        let scene = spectral().with::<Standard>("threshold", -50.0).with::<Standard>("reduction", reduction);
        let only_noise = scene.clone().with_sound(noise(7, 0.01, 96_000));
        let came = rms_db(&only_noise.input[0][48_000..]);
        let [left, _] = play(&only_noise).planes;
        let reduced = rms_db(&left[48_000..]) - came;
        assert!((reduced - f64::from(reduction)).abs() < tolerance, "{reduced} dB instead of {reduction}");
        let both = scene.with_sound(noise(7, 0.01, 96_000).zip(tone).map(|(noise, tone)| noise + tone));
        let [left, _] = play(&both).planes;
        let level = db(amplitude(&left[48_000..], 1_003.0) / 0.1);
        assert!(level.abs() < 0.5, "the tone is at {level} dB");
    }
}

#[test]
fn the_threshold_is_that_of_a_sine() {
    // In the middle of a bin; its neighbours are below the threshold.
    let frequency_hz = 40.0 * f64::from(RATE) / SPECTRAL_SIZE as f64;
    for (level_db, expected_db) in [(-40.0, 0.0), (-70.0, -60.0)] {
        let scene = spectral().with::<Standard>("threshold", -50.0).with::<Standard>("reduction", -60.0);
        let amplitude_in = 10f64.powf(level_db / 20.0);
        let [left, _] = play(&scene.with_sound(sine(amplitude_in, frequency_hz, 60_000))).planes;
        let heard_db = db(amplitude(&left[30_000..], frequency_hz) / amplitude_in);
        assert!((heard_db - expected_db).abs() < 1.0, "{level_db} dBFS: {heard_db} dB");
    }
}

#[test]
fn the_gate_shuts_as_slowly_as_it_is_told() {
    // A loud tone at the same bins, then one 40 dB below: it falls by the time constant to the floor.
    let frequency_hz = 40.0 * f64::from(RATE) / SPECTRAL_SIZE as f64;
    let level = |release: f32| {
        let sound = sine(0.5, frequency_hz, 120_000).enumerate();
        let sound = sound.map(|(n, sample)| if n < 48_000 { sample } else { sample * 0.001 });
        let scene = spectral().with::<Standard>("threshold", -40.0).with::<Standard>("reduction", -60.0);
        let [left, _] = play(&scene.with::<Standard>("release", release).with_sound(sound)).planes;
        // A tenth of a second after the frames that have both.
        let start = 48_000 + LATENCY + 4_800;
        db(amplitude(&left[start..start + 1_024], frequency_hz) / 0.0005)
    };
    let (fast, slow) = (level(0.01), level(1.0));
    assert!(fast < -50.0 && slow > -3.0, "{fast} dB, {slow} dB");
}

#[test]
fn pauses_between_hops_change_nothing() {
    // The AudioParams are read at a hop's end, not between.
    let quiet = spectral().with_sound(noise(11, 0.5, 30_000));
    let between = quiet.clone().at::<Standard>(8_192 + 64, "freeze", 1.0).at::<Standard>(8_192 + 256, "freeze", 0.0);
    assert!(play(&quiet).planes == play(&between).planes);
}
