//! The compressor's static curve and its times, against the formulas in `f64`.

use rusty_audio_tests::laws::{Scene, Standard};

use super::{RATE, near, of, play};

fn sharp(ratio: f32) -> Scene {
    of("compressor").with::<Standard>("threshold", -20.0).with::<Standard>("knee", 0.0).with::<Standard>("ratio", ratio)
}

/// A square of a level in dB has it as its peak and as its mean square.
fn square(level_db: f32, frames: usize) -> impl Iterator<Item = f32> {
    let level = 10f32.powf(level_db / 20.0);
    (0..frames).map(move |n| if n / 24 % 2 == 0 { level } else { -level })
}

fn to_db(sample: f32) -> f32 {
    20.0 * sample.abs().log10()
}

#[test]
fn levels_follow_the_static_curve() {
    for (threshold, knee, ratio) in
        [(-24.0f32, 30.0f32, 12.0f32), (-20.0, 0.0, 4.0), (-40.0, 10.0, 1.0), (-10.0, 6.0, 20.0)]
    {
        for level in (-60..=6).step_by(3) {
            let level = level as f32;
            let over = level - threshold;
            let reduction = if over <= -knee / 2.0 {
                0.0
            } else if over >= knee / 2.0 {
                (1.0 - 1.0 / ratio) * over
            } else {
                (1.0 - 1.0 / ratio) * (over + knee / 2.0).powi(2) / (2.0 * knee)
            };
            for rms in [0.0, 0.3, 1.0] {
                let scene = sharp(ratio).with::<Standard>("threshold", threshold).with::<Standard>("knee", knee);
                let scene = scene.with::<Standard>("rms", rms).with::<Standard>("makeup", 5.0);
                let played = play(&scene.with_sound(square(level, 24_000)));
                near(to_db(played.planes[0][23_999]), level - reduction + 5.0, 0.01);
                near(played.readings[0], -reduction, 0.01);
            }
        }
    }
}

#[test]
fn reduction_rises_with_the_attack_and_falls_with_the_release() {
    let scene = sharp(20.0).with::<Standard>("attack", 0.01).with::<Standard>("release", 0.1);
    // 20 dB over the threshold for a second, 6 dB below it after that.
    let played = play(&scene.with_sound(square(0.0, 48_000).chain(square(-26.0, 9_600))));
    let asked = 0.95 * 20.0;
    for frames in [48, 480, 1_920] {
        let expected = asked * (1.0 - (-(frames as f32) / (0.01 * RATE)).exp());
        near(-to_db(played.planes[0][frames - 1]), expected, 0.02);
    }
    for frames in [480, 4_800, 9_600] {
        let expected = asked * (-(frames as f32) / (0.1 * RATE)).exp();
        near(-26.0 - to_db(played.planes[0][48_000 + frames - 1]), expected, 0.02);
    }
}

#[test]
fn the_louder_channel_counts_for_both() {
    let mut scene = sharp(4.0).with_sound(square(0.0, 24_000));
    scene.input[0].iter_mut().for_each(|sample| *sample *= 0.001);
    let [left, right] = play(&scene).planes;
    near(to_db(right[23_999]), -15.0, 0.01);
    near(to_db(left[23_999]), -75.0, 0.01);
}

#[test]
fn rms_is_three_decibels_below_the_peak_of_a_sine() {
    let sine = (0..96_000u32).map(|n| (n as f32 * std::f32::consts::TAU / 48.0).sin());
    let scene =
        sharp(20.0).with::<Standard>("rms", 1.0).with::<Standard>("attack", 0.05).with::<Standard>("release", 0.05);
    near(play(&scene.with_sound(sine)).readings[0], -0.95 * (20.0 - 3.01), 0.05);
}

#[test]
fn what_is_below_the_knee_keeps_every_bit() {
    let scene = sharp(8.0).with_sound(square(-20.1, 5_000));
    assert_eq!(play(&scene).planes, scene.input);
}
