//! Width and balance.

use rusty_audio_tests::laws::Standard;

use super::{near, of, play};

fn heard(width: f32, balance: f32) -> [f32; 2] {
    let mut scene = of("stereoWidth").with::<Standard>("width", width).with::<Standard>("balance", balance);
    scene.input = [vec![0.5; 40], vec![-0.1; 40]];
    play(&scene).planes.map(|plane| plane[20])
}

#[test]
fn width_scales_the_side_signal() {
    for (width, left, right) in [(0.0, 0.2, 0.2), (1.0, 0.5, -0.1), (2.0, 0.8, -0.4), (0.5, 0.35, 0.05)] {
        let [heard_left, heard_right] = heard(width, 0.0);
        near(heard_left, left, 1e-6);
        near(heard_right, right, 1e-6);
    }
}

#[test]
fn balance_takes_from_the_other_side() {
    for (balance, left, right) in [(-1.0, 0.5, 0.0), (-0.25, 0.5, -0.075), (1.0, 0.0, -0.1), (0.5, 0.25, -0.1)] {
        let [heard_left, heard_right] = heard(1.0, balance);
        near(heard_left, left, 1e-6);
        near(heard_right, right, 1e-6);
    }
}
