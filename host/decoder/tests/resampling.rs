//! The resampler against the formula of what it should give: a sine, sampled at the other rate.

use proptest::prelude::*;
use rusty_audio_decoder::{Resampler, StereoFrames, converted_frames};

const RATE_PAIRS: [(u32, u32); 10] = [
    (44_100, 48_000),
    (48_000, 44_100),
    (22_050, 48_000),
    (8_000, 48_000),
    (11_025, 44_100),
    (96_000, 44_100),
    (192_000, 48_000),
    (32_000, 44_100),
    (8_000, 192_000),
    (192_000, 8_000),
];

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "test signal")]
fn sine(hertz: f64, rate: u32, frames: usize) -> StereoFrames {
    let sample = |frame: usize, phase: f64| {
        (0.5 * (core::f64::consts::TAU * hertz * frame as f64 / f64::from(rate) + phase).sin()) as f32
    };
    StereoFrames {
        left: (0..frames).map(|frame| sample(frame, 0.0)).collect(),
        right: (0..frames).map(|frame| sample(frame, 1.0)).collect(),
    }
}

fn convert(source: &StereoFrames, rate_in: u32, rate_out: u32) -> StereoFrames {
    let mut output = StereoFrames::default();
    let mut resampler = Resampler::new(rate_in, rate_out).unwrap();
    resampler.push(source, &mut output);
    resampler.finish(&mut output);
    output
}

#[expect(clippy::cast_possible_truncation, reason = "a small length")]
fn index(frame: u64) -> usize {
    frame as usize
}

/// Signal to error ratio in dB, over the frames `range`.
fn ratio_db(given: &[f32], ideal: &[f32]) -> f64 {
    let power = |samples: &mut dyn Iterator<Item = f64>| samples.map(|sample| sample * sample).sum::<f64>();
    let signal = power(&mut ideal.iter().map(|&sample| f64::from(sample)));
    let error = power(&mut given.iter().zip(ideal).map(|(&a, &b)| f64::from(a) - f64::from(b)));
    10.0 * (signal / error.max(1e-30)).log10()
}

#[test]
fn a_sine_keeps_its_place_and_its_level() {
    for (rate_in, rate_out) in RATE_PAIRS {
        let source = sine(997.0, rate_in, rate_in as usize + 7);
        let output = convert(&source, rate_in, rate_out);
        let ideal = sine(997.0, rate_out, output.len());
        // Away from the edges the filter sees nothing but the sine.
        let inner = 2_000..output.len() - 2_000;
        for (given, wanted) in [(&output.left, &ideal.left), (&output.right, &ideal.right)] {
            let quality = ratio_db(&given[inner.clone()], &wanted[inner.clone()]);
            assert!(quality > 100.0, "{rate_in} to {rate_out}: {quality:.1} dB");
        }
    }
}

#[test]
fn the_edges_keep_the_value_of_the_sound() {
    for (rate_in, rate_out) in RATE_PAIRS {
        let source = sine(220.0, rate_in, rate_in as usize / 2);
        let output = convert(&source, rate_in, rate_out);
        let ideal = sine(220.0, rate_out, output.len());
        let worst = output.right.iter().zip(&ideal.right).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // With silence beyond the edges it would be half of the sine's amplitude, 0.25.
        assert!(worst < 0.0125, "{rate_in} to {rate_out}: {worst}");
    }
}

#[test]
fn a_loop_over_whole_periods_has_no_click() {
    // 441 Hz: each 100 frames at 44.1 kHz are a period, and 44100 of them are 48000 frames.
    let source = sine(441.0, 44_100, 44_100);
    let once = convert(&source, 44_100, 48_000);
    let mut looped = once.clone();
    looped.extend(&once.left, &once.right);
    let ideal = sine(441.0, 48_000, looped.len());
    let seam = 47_000..49_000;
    let worst =
        looped.right[seam.clone()].iter().zip(&ideal.right[seam]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 0.005, "{worst}");
}

#[test]
fn the_length_is_exact() {
    for (rate_in, rate_out) in RATE_PAIRS {
        for frames in [0, 1, 2, 100, 255, 256, 1_023, 44_100] {
            let output = convert(&sine(100.0, rate_in, frames), rate_in, rate_out);
            assert_eq!(
                output.len() as u64,
                converted_frames(frames as u64, rate_in, rate_out),
                "{frames} frames, {rate_in} to {rate_out}"
            );
        }
    }
    assert_eq!(converted_frames(2_645_963, 44_100, 48_000), 2_879_960, "ceil(2879959.73)");
}

#[test]
fn rates_out_of_range_are_refused() {
    for (rate_in, rate_out) in [(0, 48_000), (999, 48_000), (48_000, 0), (768_001, 48_000)] {
        let failure = Resampler::new(rate_in, rate_out).err().unwrap();
        assert!(failure.message.contains(&rate_in.to_string()), "{}", failure.message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_seek_gives_bit_by_bit_what_playing_gives(
        (rate_in, rate_out) in prop::sample::select(RATE_PAIRS.to_vec()),
        frames in 1_usize..30_000,
        place in 0.0_f64..1.0,
        piece in 1_usize..5_000,
    ) {
        let source = StereoFrames {
            left: (0..frames).map(|frame| ((frame * 7_919) % 2_003) as f32 / 2_003.0 - 0.5).collect(),
            right: (0..frames).map(|frame| ((frame * 104_729) % 1_009) as f32 / 1_009.0 - 0.5).collect(),
        };
        let linear = convert(&source, rate_in, rate_out);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of the length")]
        let target = (place * linear.len() as f64) as u64;
        let mut resampler = Resampler::new(rate_in, rate_out).unwrap();
        let mut sought = StereoFrames::default();
        resampler.push(&source, &mut sought);
        sought.clear();
        let from = resampler.restart(target);
        prop_assert!(from <= frames as u64);
        for start in (index(from)..frames).step_by(piece) {
            let end = frames.min(start + piece);
            let part = StereoFrames { left: source.left[start..end].to_vec(), right: source.right[start..end].to_vec() };
            resampler.push(&part, &mut sought);
        }
        resampler.finish(&mut sought);
        let bits = |samples: &[f32]| samples.iter().map(|sample| sample.to_bits()).collect::<Vec<u32>>();
        prop_assert_eq!(sought.len(), linear.len() - index(target));
        prop_assert_eq!(bits(&sought.left), bits(&linear.left[index(target)..]));
        prop_assert_eq!(bits(&sought.right), bits(&linear.right[index(target)..]));
    }
}
