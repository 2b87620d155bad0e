//! The laws of effects, for a table of one's own.

use rusty_audio_own_effect::MyEffects;
use rusty_audio_tests::laws::{self, Scene, Table};

/// The table, whatever lifetime its memory has.
struct Mine;

impl Table for Mine {
    type Effects<'a> = MyEffects<'a>;
}

#[test]
fn all_laws_hold() {
    laws::hold_all::<Mine>(8);
}

#[test]
fn it_crushes() {
    let scene = Scene::of::<Mine>("bitCrusher", 48_000.0).with::<Mine>("bits", 2.0).with::<Mine>("hold", 3.0);
    let [left, _] = scene.with_sound([0.1, 0.3, 0.6, 0.8, 0.2, 0.0, -0.4].into_iter()).play::<Mine>(&[128]).planes;
    assert_eq!(left, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, -0.5]);
}
