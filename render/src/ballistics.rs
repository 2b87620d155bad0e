//! How values move: attack and release, the hold and the fall of peaks.
//!
//! Powers are smoothed, not decibels. `s += (1 − e^(−t/τ))·(p − s)` is the time weighting of sound level meters
//! (IEC 61672-1: F has τ = 125 ms, S has 1 s). With equal time constants it is linear, so that noise reads its true level (the mean
//! of its decibels would be 2.5 dB lower), and from any level a release is a straight line in dB, 4.34/τ dB per second.
//! The share is the exact one for the time that has passed, so the number of frames per second does not matter.

use crate::layout::Frame;

/// Time constants of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ballistics {
    /// Time constant of rising powers in seconds; 0 follows at once.
    pub attack_s: f64,
    /// Time constant of falling powers in seconds; 0 follows at once.
    pub release_s: f64,
    /// Seconds that a peak stands before it falls.
    pub hold_s: f64,
    /// How fast it falls then, in dB per second.
    pub fall_db_per_s: f64,
}

impl Ballistics {
    /// Writes what a frame needs that comes `elapsed_s` seconds after the last one.
    #[expect(clippy::cast_possible_truncation, reason = "a frame is told in single precision")]
    pub fn write(&self, elapsed_s: f64, frame: &mut Frame) {
        let elapsed_s = elapsed_s.max(0.0);
        frame.attack = share(elapsed_s, self.attack_s);
        frame.release = share(elapsed_s, self.release_s);
        frame.elapsed_s = elapsed_s as f32;
        frame.hold_s = self.hold_s as f32;
        frame.fall_log2_per_s = (self.fall_db_per_s / 10.0 * core::f64::consts::LOG2_10) as f32;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share from 0 to 1")]
fn share(elapsed_s: f64, time_constant_s: f64) -> f32 {
    if time_constant_s > 0.0 { -(-elapsed_s / time_constant_s).exp_m1() as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_for_the_time_that_has_passed() {
        let ballistics = Ballistics { attack_s: 0.02, release_s: 0.3, hold_s: 0.5, fall_db_per_s: 20.0 };
        let mut frame = Frame::default();
        for elapsed_s in [0.0, 1e-4, 1.0 / 144.0, 1.0 / 60.0, 1.0, 3600.0] {
            ballistics.write(elapsed_s, &mut frame);
            assert!((f64::from(frame.attack) - (1.0 - (-elapsed_s / 0.02).exp())).abs() < 1e-7);
            assert!((f64::from(frame.release) - (1.0 - (-elapsed_s / 0.3).exp())).abs() < 1e-7);
        }
        // 20 dB are a factor of 100.
        assert!((2f64.powf(f64::from(frame.fall_log2_per_s)) / 100.0 - 1.0).abs() < 1e-6);
        assert_eq!((frame.hold_s, frame.elapsed_s), (0.5, 3600.0));
    }

    #[test]
    fn no_time_constant_follows_at_once_and_time_never_runs_backwards() {
        let ballistics = Ballistics { attack_s: 0.0, release_s: 1.0, hold_s: 0.0, fall_db_per_s: 0.0 };
        let mut frame = Frame::default();
        ballistics.write(-1.0, &mut frame);
        assert_eq!((frame.attack, frame.release, frame.elapsed_s), (1.0, 0.0, 0.0));
    }
}
