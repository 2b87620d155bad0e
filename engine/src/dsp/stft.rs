//! Short-time Fourier transform of a stream, but for the transform: frames out of samples, and samples out of frames.
//!
//! Frames of `size` samples begin at absolute multiples of `hop` since the start. What is computed with them lies between the
//! two halves: at once in a closure, or as a job. A frame that is complete after `end` samples belongs at
//! place `end + slack` of the output, so the latency is `size + slack` frames. With the [root of Hann's window](root_hann) before and
//! after, and a hop that divides half of the size, unchanged frames add up to the input, within 1e-6.

use super::narrow;
use super::window::Window;
use crate::config::ConfigError;
use crate::memory::Arena;

/// Fills `analysis` and `synthesis` with the root of Hann's window, the latter scaled so that frames one `hop` apart add up to
/// what they were. `hop` is half of the size or a whole part of that; three quarters overlap, a fourth of the size, is usual.
///
/// # Real-time
/// Main thread, or a worker: a long window takes milliseconds.
pub fn root_hann(analysis: &mut [f32], synthesis: &mut [f32], hop: usize) {
    Window::Hann.fill_root(analysis);
    let scale = narrow(2.0 * hop as f64 / analysis.len() as f64);
    for (synthesis, analysis) in synthesis.iter_mut().zip(analysis) {
        *synthesis = scale * *analysis;
    }
}

/// `output[n] = samples[n]·window[n]`.
///
/// # Real-time
/// Audio thread or worker.
pub fn multiply(output: &mut [f32], samples: &[f32], window: &[f32]) {
    for ((output, sample), weight) in output.iter_mut().zip(samples).zip(window) {
        *output = sample * weight;
    }
}

/// Collects samples, and gives a frame at each hop.
pub struct Framer<'a> {
    /// Each sample lies at two places, one size apart, so that any frame is contiguous.
    history: &'a mut [f32],
    size: usize,
    hop: usize,
    /// Where the next sample goes.
    position: usize,
    until_hop: usize,
    /// Samples since the start.
    end: u64,
}

impl<'a> Framer<'a> {
    /// A framer before whose start there was silence.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, size: usize, hop: usize) -> Result<Self, ConfigError> {
        let (size, hop) = (size.max(1), hop.max(1));
        let history = arena.slice(size.saturating_mul(2))?;
        Ok(Self { history, size, hop, position: 0, until_hop: hop, end: 0 })
    }

    /// Takes in samples. Whenever a hop is complete, `each` gets the frame of the last `size` samples and its end: the number of
    /// samples since the start, a multiple of `hop`.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &[f32], mut each: impl FnMut(u64, &[f32])) {
        let mut rest = samples;
        while !rest.is_empty() {
            let count = rest.len().min(self.until_hop).min(self.size - self.position);
            let (run, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            for place in [self.position, self.position + self.size] {
                for (kept, &sample) in self.history.iter_mut().skip(place).zip(run) {
                    *kept = sample;
                }
            }
            rest = later;
            self.position = if self.position + count < self.size { self.position + count } else { 0 };
            self.end += run.len() as u64;
            self.until_hop -= count;
            if self.until_hop == 0 {
                self.until_hop = self.hop;
                if let Some(frame) = self.history.get(self.position..self.position + self.size) {
                    each(self.end, frame);
                }
            }
        }
    }
}

/// Adds frames up, and hands out the samples in order.
pub struct OverlapAdd<'a> {
    /// A ring; its length is a power of two.
    sums: &'a mut [f32],
    /// The place of the next sample that is handed out.
    position: u64,
}

impl<'a> OverlapAdd<'a> {
    /// Silence, to which frames of `size` samples are added up to `ahead` samples before their place is due.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, size: usize, ahead: usize) -> Result<Self, ConfigError> {
        let length = size.saturating_add(ahead).checked_next_power_of_two().unwrap_or(usize::MAX);
        Ok(Self { sums: arena.slice(length)?, position: 0 })
    }

    /// The place of the next sample that is handed out: how many there were since the start.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Adds a frame, times `window`, whose first sample belongs at `place`. The same frames in another order may give other
    /// bits. Gives the number of samples that were left out, because their place had passed or lies too far ahead.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn add(&mut self, place: u64, frame: &[f32], window: &[f32]) -> usize {
        let passed = usize::try_from(self.position.saturating_sub(place)).unwrap_or(usize::MAX);
        let ahead = usize::try_from(place.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let room = self.sums.len().saturating_sub(ahead);
        let (start, sums) = (self.index(self.position.max(place)), &mut *self.sums);
        let mut samples = frame.iter().zip(window).skip(passed).take(room);
        let kept = samples.len();
        let (before, behind) = match sums.split_at_mut_checked(start) {
            Some((before, behind)) => (before, behind),
            None => return frame.len(),
        };
        for part in [behind, before] {
            for (sum, (sample, weight)) in part.iter_mut().zip(samples.by_ref()) {
                *sum += sample * weight;
            }
        }
        frame.len() - kept.min(frame.len())
    }

    /// Writes the next samples to `output`.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, output: &mut [f32]) {
        for sample in output {
            let index = self.index(self.position);
            *sample = self.sums.get_mut(index).map_or(0.0, core::mem::take);
            self.position += 1;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked to the ring")]
    fn index(&self, place: u64) -> usize {
        place as usize & self.sums.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    const SIZE: usize = 512;

    fn noise(frames: usize) -> Vec<f32> {
        (0..frames).map(|n| ((n * 7_919 + 13) % 1_009) as f32 / 504.5 - 1.0).collect()
    }

    /// Frames that are not changed, taken in calls of these lengths.
    fn render(input: &[f32], hop: usize, slack: usize, split: &[usize]) -> Vec<f32> {
        let (mut analysis, mut synthesis) = (std::vec![0.0; SIZE], std::vec![0.0; SIZE]);
        root_hann(&mut analysis, &mut synthesis, hop);
        let mut memory = Memory::new(65_536);
        let mut arena = memory.arena();
        let mut framer = Framer::new(&mut arena, SIZE, hop).unwrap();
        let mut overlap_add = OverlapAdd::new(&mut arena, SIZE, slack + 4_096).unwrap();
        let mut output = input.to_vec();
        let mut rest = &mut output[..];
        for &frames in split.iter().cycle() {
            let (call, later) = rest.split_at_mut(frames.min(rest.len()));
            framer.process(call, |end, frame| {
                let mut spectrum = [0.0; SIZE];
                multiply(&mut spectrum, frame, &analysis);
                assert_eq!(end % hop as u64, 0);
                assert_eq!(overlap_add.add(end + slack as u64, &spectrum, &synthesis), 0);
            });
            overlap_add.process(call);
            if later.is_empty() {
                break;
            }
            rest = later;
        }
        output
    }

    #[test]
    fn unchanged_frames_are_the_input_late_by_size_and_slack() {
        let input = noise(6_000);
        for hop in [SIZE / 2, SIZE / 4, SIZE / 8] {
            for slack in [0, 1, 700] {
                let output = render(&input, hop, slack, &[128]);
                let latency = SIZE + slack;
                assert!(output[..latency].iter().all(|&sample| sample == 0.0));
                for (n, (heard, expected)) in output[latency..].iter().zip(&input).enumerate() {
                    assert!((heard - expected).abs() < 1e-6, "{hop} {slack} {n}: {heard} {expected}");
                }
            }
        }
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let input = noise(6_000);
        let whole = render(&input, SIZE / 4, 64, &[4_096]);
        for split in [&[1][..], &[127], &[128], &[192], &[441, 3], &[SIZE]] {
            assert!(render(&input, SIZE / 4, 64, split) == whole, "{split:?}");
        }
    }

    #[test]
    fn frames_are_the_last_samples_in_order() {
        let mut memory = Memory::new(65_536);
        let mut framer = Framer::new(&mut memory.arena(), 6, 4).unwrap();
        let mut frames = Vec::new();
        let samples: Vec<f32> = (1..=13u16).map(f32::from).collect();
        framer.process(&samples, |end, frame| frames.push((end, frame.to_vec())));
        assert_eq!(frames[0], (4, std::vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0]));
        assert_eq!(frames[1], (8, std::vec![3.0, 4.0, 5.0, 6.0, 7.0, 8.0]));
        assert_eq!(frames[2], (12, std::vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0]));
        assert_eq!(frames.len(), 3);
    }

    #[test]
    fn what_comes_too_late_or_too_early_is_left_out_and_counted() {
        let mut memory = Memory::new(65_536);
        let mut overlap_add = OverlapAdd::new(&mut memory.arena(), 4, 4).unwrap();
        let mut output = [9.0; 6];
        overlap_add.process(&mut output);
        assert_eq!((output, overlap_add.position()), ([0.0; 6], 6));
        let (frame, window) = ([1.0, 2.0, 3.0, 4.0], [1.0; 4]);
        assert_eq!(overlap_add.add(4, &frame, &window), 2);
        assert_eq!(overlap_add.add(1, &frame, &window), 4);
        assert_eq!(overlap_add.add(12, &frame, &window), 2);
        assert_eq!(overlap_add.add(1_000, &frame, &window), 4);
        let mut output = [9.0; 10];
        overlap_add.process(&mut output);
        assert_eq!(output, [3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0]);
    }
}
