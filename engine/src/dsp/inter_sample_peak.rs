//! The true peak of each frame: like [`TruePeak`](super::true_peak::TruePeak) by the filter of ITU-R BS.1770-5, four frames at
//! a time.
//!
//! Two of the filter's four phases are the other two from last to first. With the even part `E` and the odd part `O` of a phase
//! they are `E + O` and `E − O`, of which the greater magnitude is `|E| + |O|`.

use super::simd::{F32x4, LANES};
use super::true_peak::{PHASES, TAPS, UNIT};

/// Frames that are taken at once.
const CHUNK: usize = 32;
const HISTORY: usize = TAPS - 1;
const HALF: usize = TAPS / 2;

/// Even and odd parts of the two phases.
const PARTS: [[[f32; 2]; HALF]; 2] = {
    let mut parts = [[[0.0; 2]; HALF]; 2];
    let mut phase = 0;
    while phase < 2 {
        let mut tap = 0;
        while tap < HALF {
            let (new, old) = (PHASES[phase][tap] as f32, PHASES[phase][TAPS - 1 - tap] as f32);
            parts[phase][tap] = [(new + old) / (2.0 * UNIT), (new - old) / (2.0 * UNIT)];
            tap += 1;
        }
        phase += 1;
    }
    parts
};

/// One channel.
#[derive(Clone, Copy, Debug)]
pub struct InterSamplePeak {
    /// The last samples, and behind them those of the present chunk.
    samples: [f32; HISTORY + CHUNK + LANES],
}

impl InterSamplePeak {
    /// Frames by which a sample between two samples is seen late: its peak is that of the frame so many frames later.
    pub const LATENCY: usize = HALF;

    /// Silence came before.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        Self { samples: [0.0; HISTORY + CHUNK + LANES] }
    }

    /// Raises each of `peaks` to the true peak, linear, between the samples [`LATENCY`](Self::LATENCY) and one less before its
    /// frame, and of the former of them.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &[f32], peaks: &mut [f32]) {
        for (samples, peaks) in samples.chunks(CHUNK).zip(peaks.chunks_mut(CHUNK)) {
            for (kept, sample) in self.samples.iter_mut().skip(HISTORY).zip(samples) {
                *kept = *sample;
            }
            let count = samples.len().min(peaks.len());
            let (fours, rest) = peaks.get_mut(..count).unwrap_or_default().as_chunks_mut::<LANES>();
            let mut start = 0;
            for peaks in fours {
                *peaks = self.peaks(start).max(F32x4::read(peaks)).to_array();
                start += LANES;
            }
            for (peak, new) in rest.iter_mut().zip(self.peaks(start).to_array()) {
                *peak = new.max(*peak);
            }
            let end = samples.len();
            if let Some(last) = self.samples.get(end..).and_then(<[f32]>::first_chunk::<HISTORY>).copied()
                && let Some(first) = self.samples.first_chunk_mut::<HISTORY>()
            {
                *first = last;
            }
        }
    }

    #[inline(always)]
    fn peaks(&self, start: usize) -> F32x4 {
        let Some(samples) = self.samples.get(start..).and_then(<[f32]>::first_chunk::<{ HISTORY + LANES }>) else {
            return F32x4::ZERO;
        };
        let at = |back: usize| match samples.get(HISTORY - back..).and_then(<[f32]>::first_chunk::<LANES>) {
            Some(lanes) => F32x4::read(lanes),
            None => F32x4::ZERO,
        };
        let [mut even, mut odd] = [[F32x4::ZERO; 2]; 2];
        for tap in 0..HALF {
            let (new, old) = (at(tap), at(TAPS - 1 - tap));
            let (sum, difference) = (new + old, new - old);
            for ((even, odd), parts) in even.iter_mut().zip(&mut odd).zip(&PARTS) {
                if let Some(&[even_tap, odd_tap]) = parts.get(tap) {
                    *even += sum * even_tap;
                    *odd += difference * odd_tap;
                }
            }
        }
        let [first, second] = [0, 1].map(|phase: usize| {
            even.get(phase).map_or(F32x4::ZERO, |part| part.abs())
                + odd.get(phase).map_or(F32x4::ZERO, |part| part.abs())
        });
        at(Self::LATENCY).abs().max(first).max(second)
    }
}

impl Default for InterSamplePeak {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::true_peak::TruePeak;
    use super::*;
    use std::vec::Vec;

    fn noise(frames: usize) -> Vec<f32> {
        let mut word = 1u32;
        let next = |_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (word >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..frames).map(next).collect()
    }

    #[test]
    fn each_frame_has_the_peak_that_the_meter_reads() {
        let samples = noise(1000);
        let mut peaks = std::vec![0.0; 1000];
        InterSamplePeak::new().process(&samples, &mut peaks);
        let mut meter = TruePeak::new();
        for (n, (sample, peak)) in samples.iter().zip(&peaks).enumerate() {
            meter.process(&[*sample]);
            let own = n.checked_sub(InterSamplePeak::LATENCY).map_or(0.0, |n| samples[n].abs());
            let expected = meter.take().max(own);
            assert!((peak - expected).abs() < 1e-6, "{n}: {peak} {expected}");
        }
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let samples = noise(1000);
        let mut whole = std::vec![0.0; 1000];
        InterSamplePeak::new().process(&samples, &mut whole);
        // More peaks than samples: the others stay as they are.
        let mut long = [0.0; 32];
        InterSamplePeak::new().process(&samples[..17], &mut long);
        assert_eq!((&long[..17], &long[17..]), (&whole[..17], &[0.0; 15][..]));
        for frames in [1, 3, 31, 33, 128] {
            let (mut split, mut detector) = (std::vec![0.0; 1000], InterSamplePeak::new());
            for (samples, peaks) in samples.chunks(frames).zip(split.chunks_mut(frames)) {
                detector.process(samples, peaks);
            }
            assert_eq!(split, whole, "{frames}");
        }
    }
}
