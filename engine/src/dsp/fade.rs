//! Linear cross-fade out of frames that were kept into frames that are read.

use super::cleaner::MAGNITUDE_LIMIT;
use crate::config::{CHANNELS, FADE_FRAMES};

/// After `n` of [`FADE_FRAMES`] frames the new signal weighs `n / FADE_FRAMES` and the old one the rest. Where nothing
/// was kept the old signal is silence.
pub struct Fade {
    old: [[f32; FADE_FRAMES]; CHANNELS],
    position: usize,
    /// Where the fade before was when this one began; `FADE_FRAMES` when it was over.
    interrupted_at: usize,
}

/// How an old signal ends that nothing is known of any more.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Frames until it is silent.
    pub frames: usize,
    /// The largest magnitude of what was known.
    pub peak: f32,
    /// The largest step from sample to sample of what was known.
    pub step: f32,
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

    /// Replaces a channel's old signal from its frame `offset` on by one that ends as it should: it goes the same way, but
    /// follows the sample before without a gap (`heard`, if there is none), falls to silence within the ending's frames, and
    /// makes no step above the greater of the ending's own and that of an even fall from the peak.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn end(&mut self, channel: usize, offset: usize, heard: f32, ending: Ending) {
        let Some(old) = self.old.get_mut(channel) else { return };
        let before = old.get(offset.wrapping_sub(1)).map_or(heard, |sample| *sample);
        let before = if before.abs() < MAGNITUDE_LIMIT { before } else { 0.0 };
        let share = 1.0 / ending.frames.max(1) as f32;
        let peak = ending.peak.max(before.abs());
        let step = ending.step.max(peak * share);
        let mut last = before;
        let end = FADE_FRAMES.min(offset.saturating_add(ending.frames));
        let (audible, silent) = old.split_at_mut(end);
        silent.fill(0.0);
        for (n, sample) in audible.iter_mut().skip(offset).enumerate() {
            let left = ending.frames.saturating_sub(n + 1) as f32 * share;
            // Both bounds can be kept: what is allowed never shrinks by more than a step.
            last = within(within(*sample * left, last - step, last + step), -peak * left, peak * left);
            *sample = last;
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

/// The nearest number between two bounds; the lower one for what is not a number. Of `max` and `min` nobody says which zero
/// they give, and processors differ.
fn within(value: f32, low: f32, high: f32) -> f32 {
    if value >= low { if value <= high { value } else { high } } else { low }
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
    fn what_ends_is_silent_in_time_and_steps_no_more_than_it_may() {
        let ending = Ending { frames: 40, peak: 0.5, step: 0.1 };
        let no_sound = [(f32::NAN, 0.5), (f32::INFINITY, 0.5), (-f32::MAX, 0.5)];
        for (before, target) in [(0.5, 0.5), (0.5, -0.5), (-0.1, 9.0), (0.7, f32::NAN)].into_iter().chain(no_sound) {
            let mut fade = Fade::new();
            fade.restart();
            fade.keep(0, 0, &[target; FADE_FRAMES]);
            fade.end(0, 0, before, ending);
            let mut last = if before.abs() < 1.0 { before } else { 0.0 };
            for (n, sample) in fade.old[0].into_iter().enumerate() {
                assert!((sample - last).abs() <= 0.1 + 1e-6, "{before} {target}: {last} {sample}");
                assert!(sample.abs() <= 0.7 * 39usize.saturating_sub(n) as f32 / 40.0 + 1e-6);
                last = sample;
            }
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
