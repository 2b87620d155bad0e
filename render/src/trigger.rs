//! Where an oscilloscope's picture begins, so that a steady tone stands still.

/// How far below zero a signal must have been before it may trigger, as a part of its greatest magnitude: noise about zero
/// does not.
const HYSTERESIS: f32 = 0.1;

/// The position in frames, with its fraction, at which `samples` rise through zero for the last time before `shown` frames
/// that follow; without such a place the last `shown` frames are shown as they are.
///
/// # Panics
/// If there are fewer samples than are to be shown, or none.
#[must_use]
pub fn trigger(samples: &[f32], shown: usize) -> f32 {
    assert!(shown > 0 && shown <= samples.len(), "{shown} of {} samples", samples.len());
    let latest = samples.len() - shown;
    let loudest = samples.iter().fold(0.0, |loudest: f32, sample| loudest.max(sample.abs()));
    let mut is_armed = false;
    let mut found = None;
    for (frame, pair) in samples[..=latest].windows(2).enumerate() {
        is_armed |= pair[0] < -HYSTERESIS * loudest;
        if is_armed && pair[0] < 0.0 && pair[1] >= 0.0 {
            found = Some(frame as f32 + pair[0] / (pair[0] - pair[1]));
            is_armed = false;
        }
    }
    found.unwrap_or(latest as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::TAU;

    fn sine(period: f32, phase: f32) -> Vec<f32> {
        (0..2048u16).map(|n| (TAU * (f32::from(n) / period + phase)).sin()).collect()
    }

    #[test]
    fn a_sine_begins_at_the_same_place_whatever_its_phase() {
        for period in [10.7, 100.0, 700.0] {
            for step in 0..20 {
                let phase = step as f32 / 20.0;
                let start = trigger(&sine(period, phase), 1024);
                // Whole periods since the first rise through zero; the last one that leaves 1024 frames.
                let periods = start / period + phase;
                assert!((periods - periods.round()).abs() < 2e-3, "period {period}, phase {phase}: {start}");
                assert!(start <= 1024.0 && start > 1024.0 - period - 1.0, "period {period}, phase {phase}: {start}");
            }
        }
    }

    #[test]
    fn noise_about_zero_does_not_trigger() {
        let noisy: Vec<f32> =
            sine(512.0, 0.0).iter().zip(0u16..).map(|(s, n)| s + if n % 2 == 0 { 0.05 } else { -0.05 }).collect();
        let start = trigger(&noisy, 1024);
        assert!((start - 1024.0).abs() < 6.0 || (start - 512.0).abs() < 6.0, "{start}");
    }

    #[test]
    fn what_never_rises_through_zero_is_shown_as_it_is() {
        assert_eq!(trigger(&[0.0; 100], 60), 40.0);
        assert_eq!(trigger(&[0.5; 100], 100), 0.0);
        assert_eq!(trigger(&[f32::NAN; 100], 60), 40.0);
        let falling: Vec<f32> = (0..100u8).map(|n| 50.0 - f32::from(n)).collect();
        assert_eq!(trigger(&falling, 60), 40.0);
    }
}
