//! Linear cross-fade out of frames that were kept into frames that are read.

use crate::config::{CHANNELS, FADE_FRAMES};

/// After `n` of [`FADE_FRAMES`] frames the new signal weighs `n / FADE_FRAMES` and the old one the rest. Where nothing
/// was kept the old signal is silence.
pub struct Fade {
    old: [[f32; FADE_FRAMES]; CHANNELS],
    position: usize,
    /// Where the fade before was when this one began; `FADE_FRAMES` when it was over.
    interrupted_at: usize,
}

impl Fade {
    /// A fade that is over.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        Self { old: [[0.0; FADE_FRAMES]; CHANNELS], position: FADE_FRAMES, interrupted_at: FADE_FRAMES }
    }

    /// Begins again, out of what the fade under way was fading out; a fade that is over leaves silence.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn restart(&mut self) {
        let from = self.position;
        for plane in &mut self.old {
            for n in 0..FADE_FRAMES {
                let rest = plane.get(from + n).map_or(0.0, |sample| sample * (1.0 - weight(from + n)));
                if let Some(sample) = plane.get_mut(n) {
                    *sample = rest;
                }
            }
        }
        self.interrupted_at = from;
        self.position = 0;
    }

    /// Adds frames that would have been heard next to the old signal, `offset` frames after its start.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn keep(&mut self, channel: usize, offset: usize, run: &[f32]) {
        let Some(plane) = self.old.get_mut(channel) else { return };
        for (n, (old, new)) in plane.iter_mut().skip(offset).zip(run).enumerate() {
            *old += new * weight(self.interrupted_at + offset + n);
        }
    }

    /// Cross-fades the frames `start..end` of `output`, which hold the new signal.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn mix(&mut self, output: &mut [&mut [f32]; CHANNELS], start: usize, end: usize) {
        self.advance(output, start, end, |old, new, weight| old * (1.0 - weight) + new * weight);
    }

    /// Writes the old signal's fade-out to the frames `start..end` of `output`, silence when it is over.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn ring_out(&mut self, output: &mut [&mut [f32]; CHANNELS], start: usize, end: usize) {
        for plane in output.iter_mut() {
            if let Some(frames) = plane.get_mut(start..end) {
                frames.fill(0.0);
            }
        }
        self.advance(output, start, end, |old, _, weight| old * (1.0 - weight));
    }

    fn advance(
        &mut self,
        output: &mut [&mut [f32]; CHANNELS],
        start: usize,
        end: usize,
        combine: impl Fn(f32, f32, f32) -> f32,
    ) {
        let frames = end.saturating_sub(start).min(FADE_FRAMES - self.position);
        for (plane, old) in output.iter_mut().zip(&self.old) {
            let old = old.iter().skip(self.position);
            for (n, (new, old)) in plane.iter_mut().skip(start).take(frames).zip(old).enumerate() {
                *new = combine(*old, *new, weight(self.position + n));
            }
        }
        self.position += frames;
    }
}

impl Default for Fade {
    fn default() -> Self {
        Self::new()
    }
}

fn weight(position: usize) -> f32 {
    position.min(FADE_FRAMES) as f32 / FADE_FRAMES as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fade: &mut Fade, new: f32, frames: usize) -> [f32; 256] {
        let mut left = [new; 256];
        let mut right = [new; 256];
        fade.mix(&mut [&mut left, &mut right], 0, frames);
        left
    }

    #[test]
    fn a_fade_that_is_over_changes_no_bit() {
        assert_eq!(run(&mut Fade::new(), 0.3, 256), [0.3; 256]);
    }

    #[test]
    fn equal_signals_stay_equal() {
        let mut fade = Fade::new();
        fade.restart();
        fade.keep(0, 0, &[0.5; FADE_FRAMES]);
        for sample in run(&mut fade, 0.5, 256) {
            assert!((sample - 0.5).abs() < 1e-6);
        }
    }

    #[test]
    fn an_interrupted_fade_does_not_step() {
        // Fading 1 -> 0, interrupted half-way by a fade to -1: no neighbouring samples differ by more than
        // the steepest of the two slopes together.
        let mut fade = Fade::new();
        fade.restart();
        fade.keep(0, 0, &[1.0; FADE_FRAMES]);
        let first = run(&mut fade, 0.0, 64);
        fade.restart();
        fade.keep(0, 0, &[0.0; FADE_FRAMES]);
        let second = run(&mut fade, -1.0, 256);
        let mut last = first[63];
        for sample in second {
            assert!((sample - last).abs() < 3.0 / FADE_FRAMES as f32, "{last} {sample}");
            last = sample;
        }
        assert_eq!(last, -1.0);
    }
}
