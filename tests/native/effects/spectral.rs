//! What freezes and what is taken for noise.

use std::f64::consts::TAU;

use rusty_audio_engine::config::{MAX_TASKS, SPECTRAL_HOP, SPECTRAL_HOPS, SPECTRAL_SIZE};
use rusty_audio_engine::{Memory, Quantum};
use rusty_audio_tests::laws::{Scene, Standard};
use rusty_audio_tests::{Pool, Random, chain, put_response, response};

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

#[test]
fn a_block_that_could_not_be_had_is_silence_between_fades() {
    const QUANTUM: usize = 128;
    const BLOCK: usize = SPECTRAL_HOPS * SPECTRAL_HOP;
    /// The tasks of the convolver are two: as many effects find none until it rests.
    const REST: usize = 8 * BLOCK;
    let mut memory = Memory::new(96 << 20);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let place = put_response(&mut arena, &mut pool, &[&response()[0]], true);
    let mut room = chain(&mut arena, &["convolver"]);
    room.receive(0, place, &mut pool.dispatcher);
    room.set(0, 1.0);
    let mut crowd: Vec<_> = (0..MAX_TASKS).map(|_| chain(&mut arena, &["spectral"])).collect();
    let input: Vec<f32> = sine(0.5, 60.0, 16 * BLOCK).collect();
    let mut heard = vec![Vec::new(); MAX_TASKS];
    for frame in (0..input.len()).step_by(QUANTUM) {
        pool.dispatcher.begin_quantum(frame as u64, QUANTUM);
        if frame == REST {
            room.set(0, 0.0);
            room.reset();
        }
        let mut aside = Vec::new();
        let mut nodes: Vec<_> = core::iter::once((&mut room, &mut aside)).collect();
        // The convolver's are there first.
        if frame >= BLOCK {
            nodes.extend(crowd.iter_mut().zip(&mut heard));
        }
        for (chain, heard) in nodes {
            let [mut left, mut right] = [(); 2].map(|()| input[frame..frame + QUANTUM].to_vec());
            chain.process(&mut Quantum::new([&mut left, &mut right], frame as u64), &mut pool.dispatcher);
            heard.extend(left);
        }
    }
    assert!(pool.controller.dispatch_telemetry().refused > 0);
    let [all, last] = [&heard[0], &heard[MAX_TASKS - 1]];
    let rest = REST - BLOCK;
    assert!(last[..rest + BLOCK].iter().all(|&sample| sample == 0.0));
    let settled = rest + 4 * BLOCK;
    assert!(last[settled..] == all[settled..] && all[settled..].iter().any(|&sample| sample > 0.4));
    let slope = |sound: &[f32]| sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(slope(last) <= slope(all) + 0.5 / 64.0, "{} {}", slope(last), slope(all));
    assert!(heard[..MAX_TASKS - 2].iter().all(|heard| heard == all));
}
