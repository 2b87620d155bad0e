//! The equalizer's curve: what is drawn is what is heard.

use std::f64::consts::TAU;

use rusty_audio_engine::effects::{Effects, Equalizer, StandardEffects};
use rusty_audio_tests::Random;
use rusty_audio_tests::laws::{Scene, Standard, list};

use super::{impulse, of, play};

/// Level of an impulse response at a frequency, by the definition of the Fourier transform, in `f64`.
fn measured_db(response: &[f32], angle: f64) -> f64 {
    let (re, im) = response.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, &sample)| {
        let (sin, cos) = (angle * n as f64).sin_cos();
        (re + f64::from(sample) * cos, im - f64::from(sample) * sin)
    });
    10.0 * (re * re + im * im).log10()
}

/// Compares curve and sound at frequencies from 20 Hz to near half the sample rate. Below −60 dB, deep in a notch, the last
/// digits of `f32` show; there both are only that low.
fn is_as_drawn(scene: &Scene) {
    let [left, right] = play(&scene.clone().with_sound(impulse(0, 40_000))).planes;
    assert_eq!(left, right);
    let values = &scene.rows[0][..scene.rows[0].len() - 1];
    let rate = f64::from(scene.rate);
    for step in 0..24 {
        let frequency_hz = 20.0 * (rate * 0.48 / 20.0).powf(f64::from(step) / 23.0);
        let drawn = Equalizer::response_db(values, scene.rate, frequency_hz);
        let heard = measured_db(&left, TAU * frequency_hz / rate);
        let is_near = if drawn > -60.0 { (drawn - heard).abs() < 0.05 } else { heard < -55.0 };
        assert!(is_near, "{frequency_hz} Hz at {rate}: {heard} dB, {drawn} dB drawn, {values:?}");
    }
}

#[test]
fn each_type_sounds_as_it_is_drawn() {
    for rate in [8_000.0, 44_100.0, 96_000.0] {
        for number in 0..=7u8 {
            for (frequency, gain, q) in
                [(60.0, -20.0, 0.5), (1_000.0, 12.0, 2.0), (3_900.0, 24.0, 6.0), (24_000.0, 6.0, 0.7)]
            {
                let scene = Scene::of::<Standard>("equalizer", rate).set::<Standard>("bands", 1.0);
                let scene = scene.with::<Standard>("band1.type", f32::from(number));
                let scene = scene.with::<Standard>("band1.frequency", frequency).with::<Standard>("band1.gain", gain);
                is_as_drawn(&scene.with::<Standard>("band1.q", q));
            }
        }
    }
}

#[test]
fn many_bands_sound_as_they_are_drawn() {
    let mut random = Random(5);
    for bands in [2.0, 3.0, 4.0, 7.0, 10.0, 13.0, 16.0] {
        let mut scene = of("equalizer").set::<Standard>("bands", bands);
        for values in scene.rows[0].chunks_exact_mut(4) {
            values[0] = 30.0 * 2f32.powf(9.0 * random.sample().abs());
            values[1] = 6.0 * random.sample();
            values[2] = 0.4 + 2.0 * random.sample().abs();
            values[3] = 1.0 + random.below(3) as f32;
        }
        is_as_drawn(&scene);
    }
}

#[test]
fn what_is_flat_changes_no_bit() {
    let mut random = Random(3);
    let sound: Vec<f32> = (0..5_000).map(|_| random.sample()).collect();
    for number in [0.0, 1.0, 2.0, 3.0] {
        let mut scene = of("equalizer").with_sound(sound.iter().copied());
        for band in 1..=10 {
            scene = scene.with::<Standard>(&format!("band{band}.type"), number);
        }
        assert_eq!(play(&scene).planes, scene.input);
    }
}

#[test]
fn a_curve_that_was_left_is_left_behind() {
    // Long after all gains went back to 0 dB every bit is as it came in.
    let mut random = Random(3);
    let scene = of("equalizer").with_sound((0..5_000).map(|_| random.sample()));
    let scene = scene.with::<Standard>("band3.gain", 12.0).at::<Standard>(1_024, "band3.gain", 0.0);
    let [left, _] = play(&scene).planes;
    assert!(left[..1_024] != scene.input[0][..1_024]);
    assert_eq!(left[1_056..], scene.input[0][1_056..]);
}

#[test]
fn each_band_has_its_parameters() {
    let number = list::<Standard>().iter().position(|effect| effect.name == "equalizer").unwrap();
    let parameters = list::<Standard>()[number].parameters;
    assert_eq!(parameters.len(), 64);
    for (band, parameters) in parameters.chunks_exact(4).enumerate() {
        let names = ["frequency", "gain", "q", "type"].map(|name| format!("band{}.{name}", band + 1));
        assert_eq!(parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>(), names);
    }
    for bands in [1u8, 10, 16] {
        assert_eq!(StandardEffects::parameter_count(number, &[f32::from(bands)]), 4 * usize::from(bands));
    }
}
