//! Volume.

use super::Parameter;
use crate::config::CHANNELS;
use crate::dsp::ramp::{CONTROL_FRAMES, Ramp};

/// Multiplies by a linear factor that ramps from control point to control point.
#[derive(Clone, Copy, Debug)]
pub struct Gain {
    ramp: Ramp,
    /// Frames since the last control point.
    phase: usize,
}

impl Gain {
    /// The one parameter: a linear factor.
    pub const PARAMETER: Parameter = Parameter { name: "gain", default: 1.0, minimum: 0.0, maximum: 8.0 };

    /// A gain of 1.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        let Parameter { default, minimum, maximum, .. } = Self::PARAMETER;
        Self { ramp: Ramp::new(default, minimum, maximum), phase: 0 }
    }

    /// Scales `frames` frames of each plane. `values` is the AudioParam's array for them: one value, or one for
    /// each frame. The first value ever applies at once; each later one is reached after [`CONTROL_FRAMES`]. A
    /// steady 1 leaves every bit as it is.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, planes: &mut [&mut [f32]; CHANNELS], frames: usize, values: &[f32]) {
        let mut start = 0;
        while start < frames {
            if self.phase == 0 {
                self.ramp.control(values.get(start).or(values.first()).copied().unwrap_or(f32::NAN));
            }
            let count = (CONTROL_FRAMES - self.phase).min(frames - start);
            self.scale(planes, start, count);
            self.phase = (self.phase + count) % CONTROL_FRAMES;
            start += count;
        }
    }

    fn scale(&self, planes: &mut [&mut [f32]; CHANNELS], start: usize, count: usize) {
        if self.ramp.rests_at(1.0) {
            return;
        }
        for plane in planes.iter_mut() {
            for (n, sample) in plane.iter_mut().skip(start).take(count).enumerate() {
                *sample *= self.ramp.value(self.phase + n);
            }
        }
    }
}

impl Default for Gain {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn render(split: &[usize], values: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut gain = Gain::new();
        let mut heard = Vec::new();
        for &frames in split.iter().cycle() {
            let (mut left, mut right) = (std::vec![0.7; frames], std::vec![0.7; frames]);
            let curve: Vec<f32> = (0..frames).map(|n| values(heard.len() + n)).collect();
            gain.process(&mut [&mut left, &mut right], frames, &curve);
            heard.extend(left);
            if heard.len() >= 4096 {
                heard.truncate(4096);
                return heard;
            }
        }
        heard
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let curve = |frame: usize| if frame < 1000 { 0.25 } else { 2.0 };
        let whole = render(&[4096], curve);
        for split in [&[1][..], &[128], &[127], &[192], &[441, 3]] {
            assert_eq!(render(split, curve), whole);
        }
    }

    #[test]
    fn a_change_never_steps() {
        let heard = render(&[128], |frame| if frame < 1000 { 0.0 } else { 1.0 });
        for pair in heard.windows(2) {
            assert!((pair[1] - pair[0]).abs() <= 0.7 / 32.0 * 1.01);
        }
    }

    #[test]
    fn unity_is_bit_exact_and_bad_values_change_nothing() {
        assert!(render(&[128], |_| 1.0).iter().all(|sample| sample.to_bits() == 0.7f32.to_bits()));
        assert!(render(&[128], |frame| if frame > 50 { f32::NAN } else { 1.0 }).iter().all(|&sample| sample == 0.7));
    }
}
