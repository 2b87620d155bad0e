//! What each effect does to sound, against formulas and references in `f64`.

mod analyser;
mod compressor;
mod delay;
mod equalizer;
mod limiter;
mod meter;
mod spectral;
mod stereo_width;

use rusty_audio_tests::laws::{Played, Scene, Standard};

const RATE: f32 = 48_000.0;

fn of(effect: &str) -> Scene {
    Scene::of::<Standard>(effect, RATE)
}

fn play(scene: &Scene) -> Played {
    scene.play::<Standard>(&[128])
}

/// A single 1 after `frame` frames of silence.
fn impulse(frame: usize, frames: usize) -> impl Iterator<Item = f32> {
    (0..frames).map(move |n| if n == frame { 1.0 } else { 0.0 })
}

fn near(heard: f32, expected: f32, tolerance: f32) {
    assert!((heard - expected).abs() <= tolerance, "{heard}, {expected} expected");
}

#[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
fn narrow(value: f64) -> f32 {
    value as f32
}
