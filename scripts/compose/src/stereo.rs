//! A stereo signal of the length of the piece.

use crate::{FRAMES, SAMPLE_RATE};

/// Two planes of `FRAMES` samples.
pub struct Stereo {
    /// Left samples.
    pub left: Vec<f64>,
    /// Right samples.
    pub right: Vec<f64>,
}

impl Stereo {
    /// Silence.
    pub fn silent() -> Self {
        Self { left: vec![0.0; FRAMES], right: vec![0.0; FRAMES] }
    }

    /// Adds a mono sound at `start_s`, panned from -1 (left) to 1 (right) at constant power; what
    /// lies behind the end is dropped. `sound` gives the sample at a time in seconds since the start.
    pub fn add(&mut self, start_s: f64, length_s: f64, pan: f64, mut sound: impl FnMut(f64) -> f64) {
        let rate = f64::from(SAMPLE_RATE);
        let angle = (pan + 1.0) * core::f64::consts::FRAC_PI_4;
        let (right_gain, left_gain) = libm::sincos(angle);
        let first = frame_at(start_s);
        let last = frame_at(start_s + length_s).min(FRAMES);
        for frame in first..last {
            let sample = sound((frame - first) as f64 / rate);
            self.left[frame] += left_gain * sample;
            self.right[frame] += right_gain * sample;
        }
    }

    /// Adds `gain` times another signal.
    pub fn add_scaled(&mut self, other: &Self, gain: f64) {
        for (plane, addend) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            for (sample, added) in plane.iter_mut().zip(addend) {
                *sample += gain * added;
            }
        }
    }
}

/// The frame nearest to a time of 0 or more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the piece lasts a minute and no time is negative"
)]
pub fn frame_at(time_s: f64) -> usize {
    (time_s * f64::from(SAMPLE_RATE) + 0.5) as usize
}
