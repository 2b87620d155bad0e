//! Attack and release of powers.

use crate::layout::Frame;

/// Moves each smoothed power towards the band's by the frame's share of the way: another one upwards than downwards.
pub fn smooth(frame: &Frame, band_powers: &[f32], smoothed: &mut [f32]) {
    for (&power, smoothed) in band_powers.iter().zip(smoothed) {
        let share = if power > *smoothed { frame.attack } else { frame.release };
        *smoothed += share * (power - *smoothed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballistics::Ballistics;

    const BALLISTICS: Ballistics = Ballistics { attack_s: 0.1, release_s: 0.25, hold_s: 0.0, fall_db_per_s: 0.0 };

    /// One second of frames.
    fn after_a_second(frames_per_s: u32, power: f32, from: f32) -> f64 {
        let mut frame = Frame::default();
        BALLISTICS.write(1.0 / f64::from(frames_per_s), &mut frame);
        let mut smoothed = [from];
        for _ in 0..frames_per_s {
            smooth(&frame, &[power], &mut smoothed);
        }
        f64::from(smoothed[0])
    }

    #[test]
    fn time_constants_hold_at_any_number_of_frames_per_second() {
        for frames_per_s in [1, 24, 30, 60, 75, 144, 240] {
            let fallen = after_a_second(frames_per_s, 0.0, 1.0);
            assert!((fallen / (-1.0f64 / 0.25).exp() - 1.0).abs() < 1e-5, "{frames_per_s} frames/s: {fallen}");
            let missing = 1.0 - after_a_second(frames_per_s, 1.0, 0.0);
            assert!((missing - (-1.0f64 / 0.1).exp()).abs() < 1e-6, "{frames_per_s} frames/s: {missing} missing");
        }
    }

    #[test]
    fn with_equal_time_constants_noise_reads_its_true_power() {
        // Powers of a bin of white noise are distributed exponentially. Their mean is read; that of their decibels is 2.5 dB lower.
        let mut frame = Frame::default();
        Ballistics { attack_s: 2.0, release_s: 2.0, ..BALLISTICS }.write(1.0 / 60.0, &mut frame);
        let (mut smoothed, mut state, mut total) = ([1.0], 1u32, 0.0);
        for step in 0..60_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let uniform = ((state >> 8) as f32 + 0.5) / 16_777_216.0;
            smooth(&frame, &[-uniform.ln()], &mut smoothed);
            total += if step >= 600 { f64::from(smoothed[0]) } else { 0.0 };
        }
        let level = 10.0 * (total / 59_400.0).log10();
        assert!(level.abs() < 0.05, "{level} dB");
    }
}
