//! Echoes: when, how loud, on which side.

use rusty_audio_tests::laws::{Scene, Standard};

use super::{impulse, near, of, play};

fn wet() -> Scene {
    of("delay").with::<Standard>("mix", 1.0).with::<Standard>("time", 0.01).with::<Standard>("feedback", 0.5)
}

#[test]
fn echoes_return_in_time_and_fade() {
    let [left, right] = play(&wet().with_sound(impulse(10, 3_000))).planes;
    let mut expected = vec![0.0; 3_000];
    for (echo, level) in (0..6).zip([1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125]) {
        expected[10 + 480 * (echo + 1)] = level;
    }
    assert_eq!(left, expected);
    assert_eq!(right, expected);
}

#[test]
fn the_mix_goes_from_dry_to_wet() {
    let scene = wet().with::<Standard>("mix", 0.25).with_sound(impulse(10, 1_000));
    let [left, _] = play(&scene).planes;
    assert_eq!((left[10], left[490]), (0.75, 0.25));
}

#[test]
fn ping_pong_changes_sides() {
    let mut scene = wet().with::<Standard>("pingPong", 1.0).with_sound(impulse(10, 3_000));
    scene.input[0].fill(0.0);
    let [left, right] = play(&scene).planes;
    assert_eq!([490, 970, 1450].map(|frame| (left[frame], right[frame])), [(0.5, 0.0), (0.0, 0.25), (0.125, 0.0)]);
}

#[test]
fn broken_times_are_interpolated() {
    let scene =
        wet().with::<Standard>("time", 100.5 / 48_000.0).with_sound((0..600u16).map(|n| (f32::from(n) * 0.1).sin()));
    let [left, _] = play(&scene.with::<Standard>("feedback", 0.0)).planes;
    for (n, sample) in left.iter().enumerate().skip(110) {
        near(*sample, ((n as f32 - 100.5) * 0.1).sin(), 1e-4);
    }
}

#[test]
fn each_echo_is_darker() {
    // One pole: a step that has gone round once has risen to 1 − e^(−n·angle).
    let angle = std::f32::consts::TAU * 1_000.0 / 48_000.0;
    let scene = wet().with::<Standard>("highCut", 1_000.0).with_sound((0..1_400u16).map(|_| 1.0));
    let [left, _] = play(&scene).planes;
    assert_eq!(left[480], 1.0);
    for n in [0u16, 1, 5, 100] {
        let risen = 1.0 - (-angle * f32::from(n + 1)).exp();
        near(left[960 + usize::from(n)], 1.0 + 0.5 * risen, 1e-5);
    }
}

#[test]
fn times_beyond_the_setting_are_the_longest() {
    let scene = of("delay").set::<Standard>("maximumDelay", 0.05).with::<Standard>("mix", 1.0);
    let [left, _] = play(&scene.with_sound(impulse(0, 4_000))).planes;
    assert_eq!(left.iter().position(|&sample| sample != 0.0), Some(2_400));
}

#[test]
fn a_change_of_time_fades() {
    // 20 ms of fade from one echo of a ramp to the other: in its middle, half of each.
    let ramp = (0..4_000u16).map(|n| f32::from(n) / 4_000.0);
    let scene = wet().with::<Standard>("feedback", 0.0).at::<Standard>(2_016, "time", 0.02).with_sound(ramp);
    let [left, _] = play(&scene).planes;
    for (frame, delay) in [(2_000, 480.0), (2_016 + 480, 720.0), (3_000, 960.0)] {
        near(left[frame], (frame as f32 - delay) / 4_000.0, 1e-4);
    }
}
