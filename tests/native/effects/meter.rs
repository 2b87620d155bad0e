//! What the meter reads, against the standards' own test signals; more of them are tried on the kernels.

use rusty_audio_tests::Random;
use rusty_audio_tests::laws::{Scene, Standard};

use super::{near, of, play};

/// Readings by name.
struct Read {
    true_peak: f32,
    rms: f32,
    momentary: f32,
    short_term: f32,
    integrated: f32,
    range: f32,
}

fn read(scene: &Scene) -> Read {
    let [true_peak, rms, momentary, short_term, integrated, range, ..] = play(scene).readings;
    Read { true_peak, rms, momentary, short_term, integrated, range }
}

/// A sine of 1 kHz, as EBU Tech 3341 has it.
fn tone(level_db: f32, seconds: u32) -> impl Iterator<Item = f32> {
    let amplitude = 10f32.powf(level_db / 20.0);
    (0..seconds * 48_000).map(move |n| amplitude * (n as f32 % 48.0 / 48.0 * std::f32::consts::TAU).sin())
}

#[test]
fn a_tone_reads_its_loudness_everywhere() {
    // Tech 3341, case 1: a stereo sine at −23 dBFS is −23 LUFS.
    let read = read(&of("meter").with_sound(tone(-23.0, 20)));
    for loudness in [read.momentary, read.short_term, read.integrated] {
        near(loudness, -23.0, 0.1);
    }
    near(read.true_peak, -23.0, 0.2);
    near(read.rms, -26.01, 0.02);
    near(read.range, 0.0, 0.1);
}

#[test]
fn the_range_is_between_soft_and_loud() {
    // Tech 3342, case 1.
    near(read(&of("meter").with_sound(tone(-20.0, 20).chain(tone(-30.0, 20)))).range, 10.0, 1.0);
}

#[test]
fn the_true_peak_lies_between_the_samples() {
    // Tech 3341, case 16: the samples reach 3 dB less.
    let sine = (0..4_800u16).map(|n| {
        let fade = f32::from(n.min(4_799 - n)) / 480.0;
        0.5 * fade.min(1.0) * (std::f32::consts::TAU / 4.0 * f32::from(n) + std::f32::consts::FRAC_PI_4).sin()
    });
    near(read(&of("meter").with_sound(sine)).true_peak, -6.1, 0.3);
}

#[test]
fn a_reset_forgets_what_was_before() {
    let scene = of("meter").with_sound(tone(-6.0, 4).chain(tone(-30.0, 4)));
    near(read(&scene).true_peak, -6.0, 0.2);
    let read = read(&scene.at::<Standard>(216_000, "reset", 1.0));
    near(read.true_peak, -30.0, 0.2);
    near(read.integrated, -30.0, 0.1);
}

#[test]
fn silence_is_no_number_that_could_be_taken_for_a_level() {
    let read = read(&of("meter").with_sound((0..200_000).map(|_| 0.0)));
    for level in [read.true_peak, read.rms, read.momentary, read.short_term, read.integrated] {
        assert_eq!(level, f32::NEG_INFINITY);
    }
    assert_eq!(read.range, 0.0);
}

#[test]
fn what_is_measured_keeps_every_bit() {
    let mut random = Random(8);
    let scene = of("meter").with_sound((0..3_000).map(|_| random.sample()));
    assert_eq!(play(&scene).planes, scene.input);
}
