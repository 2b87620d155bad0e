//! Peaks that are held, and then fall.

use crate::layout::{Frame, Peak};

/// Takes a smoothed power that has reached its peak as the new one; holds the others, and lets those fall that were held
/// long enough, on a straight line in dB.
pub fn peak(frame: &Frame, smoothed: &[f32], peaks: &mut [Peak]) {
    for (&power, peak) in smoothed.iter().zip(peaks) {
        let age_s = peak.age_s + frame.elapsed_s;
        // Of this frame's time only what lies behind the end of the hold.
        let falling_s = (age_s - frame.hold_s).min(frame.elapsed_s).max(0.0);
        let fallen = peak.power * (-frame.fall_log2_per_s * falling_s).exp2();
        *peak = if power >= fallen { Peak { power, age_s: 0.0 } } else { Peak { power: fallen, age_s } };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballistics::Ballistics;

    /// Level in dB of a peak of 0 dB, so many seconds after it, above silence.
    fn level_after(seconds: u32, frames_per_s: u32, hold_s: f64) -> f64 {
        let mut frame = Frame::default();
        Ballistics { attack_s: 0.0, release_s: 0.0, hold_s, fall_db_per_s: 12.0 }
            .write(1.0 / f64::from(frames_per_s), &mut frame);
        let mut peaks = [Peak::default()];
        peak(&frame, &[1.0], &mut peaks);
        for _ in 0..seconds * frames_per_s {
            peak(&frame, &[0.0], &mut peaks);
        }
        10.0 * f64::from(peaks[0].power).log10()
    }

    #[test]
    fn it_holds_and_falls_alike_at_any_number_of_frames_per_second() {
        for frames_per_s in [1, 24, 30, 60, 144, 240] {
            // 1.017 s is no whole number of frames.
            assert!(level_after(1, frames_per_s, 1.017).abs() < 1e-9, "{frames_per_s} frames/s");
            let level = level_after(3, frames_per_s, 1.017);
            assert!((level + 12.0 * (3.0 - 1.017)).abs() < 1e-3, "{frames_per_s} frames/s: {level} dB");
        }
    }

    #[test]
    fn what_reaches_a_falling_peak_becomes_the_peak() {
        let frame = Frame { elapsed_s: 0.1, hold_s: 0.15, fall_log2_per_s: 10.0, ..Frame::default() };
        let mut peaks = [Peak { power: 1.0, age_s: 0.0 }];
        let mut after = |power: f32| {
            peak(&frame, &[power], &mut peaks);
            (peaks[0].power, peaks[0].age_s > 0.0)
        };
        assert_eq!(after(0.3), (1.0, true));
        let (fallen, _) = after(0.3);
        assert!((fallen - 0.5f32.sqrt()).abs() < 1e-6, "0.05 s of the fall: {fallen}");
        assert_eq!(after(0.6), (0.6, false));
        assert_eq!(after(0.3), (0.6, true));
        assert_eq!(after(2.0), (2.0, false));
    }
}
