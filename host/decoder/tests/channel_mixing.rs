//! Down-mixing against the formulas of the Web Audio specification.

use proptest::prelude::*;
use rusty_audio_decoder::{ChannelMixer, StereoFrames};

const SQRT_HALF: f32 = core::f32::consts::FRAC_1_SQRT_2;

/// Mixes one frame.
fn mix(frame: &[f32], positions: &[&str]) -> (f32, f32) {
    let positions: Vec<String> = positions.iter().map(ToString::to_string).collect();
    let planes: Vec<Vec<f32>> = frame.iter().map(|&sample| vec![sample]).collect();
    let mut stereo = StereoFrames::default();
    ChannelMixer::new(frame.len(), &positions).mix(&planes, &mut stereo);
    assert_eq!(stereo.len(), 1);
    (stereo.left[0], stereo.right[0])
}

proptest! {
    #[test]
    fn the_layouts_of_the_specification_follow_its_formulas(
        [l, r, c, lfe, sl, sr] in prop::array::uniform6(-1.0_f32..1.0),
    ) {
        prop_assert_eq!(mix(&[c], &[]), (c, c));
        prop_assert_eq!(mix(&[l, r], &["FL", "FR"]), (l, r));
        let quad = (0.5 * (l + sl), 0.5 * (r + sr));
        prop_assert_eq!(mix(&[l, r, sl, sr], &[]), quad);
        prop_assert_eq!(mix(&[l, r, sl, sr], &["FL", "FR", "BL", "BR"]), quad);
        prop_assert_eq!(mix(&[l, r, sl, sr], &["FL", "FR", "SL", "SR"]), quad);
        let surround = (l + SQRT_HALF * (c + sl), r + SQRT_HALF * (c + sr));
        prop_assert_eq!(mix(&[l, r, c, lfe, sl, sr], &[]), surround);
        prop_assert_eq!(mix(&[l, r, c, lfe, sl, sr], &["FL", "FR", "FC", "LFE", "SL", "SR"]), surround);
        prop_assert_eq!(mix(&[c, l, r, sl, sr, lfe], &["FC", "FL", "FR", "SL", "SR", "LFE"]), surround);
    }

    #[test]
    fn other_layouts_are_mixed_by_position(samples in prop::array::uniform8(-1.0_f32..1.0)) {
        let [l, r, c, lfe, bl, br, sl, sr] = samples;
        let (left, right) = mix(&samples, &["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]);
        prop_assert!((left - (l + SQRT_HALF * (c + bl + sl))).abs() < 1e-6);
        prop_assert!((right - (r + SQRT_HALF * (c + br + sr))).abs() < 1e-6);
        prop_assert_eq!(mix(&[l, r, lfe], &["FL", "FR", "LFE"]), (l, r));
        let (left, right) = mix(&[l, r, c, bl], &["FL", "FR", "FC", "BC"]);
        prop_assert!((left - (l + SQRT_HALF * c + 0.5 * bl)).abs() < 1e-6);
        prop_assert!((right - (r + SQRT_HALF * c + 0.5 * bl)).abs() < 1e-6);
    }
}

#[test]
fn stereo_passes_bit_by_bit() {
    let planes = vec![vec![f32::MIN_POSITIVE, -0.0, 0.1], vec![1.0, f32::from_bits(1), -0.3]];
    let mut stereo = StereoFrames::default();
    ChannelMixer::new(2, &[]).mix(&planes, &mut stereo);
    let bits = |plane: &[f32]| plane.iter().map(|sample| sample.to_bits()).collect::<Vec<u32>>();
    assert_eq!(bits(&stereo.left), bits(&planes[0]));
    assert_eq!(bits(&stereo.right), bits(&planes[1]));
}
