//! Oversampling by 2 or 4 for what makes new frequencies, such as a saturation: half-band filters in polyphase form.
//!
//! A half-band low pass of `4K − 1` taps has every other tap zero, but for the middle one, which is ½. So of each two samples
//! one is a delayed input and the other a sum of `2K` products. Its taps are a sinc under Kaiser's window, made when the
//! oversampler is built.
//!
//! | stage | taps | passes within 0.001 dB | attenuates 90 dB |
//! |---|---|---|---|
//! | 1 ↔ 2 | 127 | up to 0.4535 of the sample rate, 20 kHz at 44.1 kHz | from 0.5465 of it |
//! | 2 ↔ 4 | 27 | the same | from 1.5465 of it |

use super::fir::{LANES, accumulate};
use super::narrow;
use super::window::{Window, kaiser_beta, sinc};

/// What the filters attenuate, in dB; the windowed sinc comes out a little better or worse than its formula says.
const ATTENUATION_DB: f64 = 92.0;

/// `2K` of the longer filter.
const MOST_TAPS: usize = 64;

const OUTER_TAPS: usize = MOST_TAPS;
const INNER_TAPS: usize = 14;

/// How many samples there are for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Two.
    Two,
    /// Four.
    Four,
}

/// One channel, raised to a higher rate, processed there, and lowered again.
#[derive(Clone, Copy, Debug)]
pub struct Oversampler {
    factor: Factor,
    outer: Stage<OUTER_TAPS>,
    inner: Stage<INNER_TAPS>,
    /// Half a frame, so that the latency of factor 4 is whole: the last sample at twice the rate.
    carried: f32,
}

impl Oversampler {
    /// An oversampler that has heard nothing.
    ///
    /// # Real-time
    /// Main thread only: it computes the taps.
    #[must_use]
    pub fn new(factor: Factor) -> Self {
        Self { factor, outer: Stage::new(), inner: Stage::new(), carried: 0.0 }
    }

    /// Frames by which its output is late: 63 with factor 2, 70 with factor 4.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub const fn latency(&self) -> usize {
        match self.factor {
            Factor::Two => OUTER_TAPS - 1,
            Factor::Four => OUTER_TAPS - 1 + INNER_TAPS / 2,
        }
    }

    /// Processes samples in place. `process` gets them in pieces at the higher rate, in order, each with two or four
    /// samples for at most 32 of them.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, samples: &mut [f32], mut process: impl FnMut(&mut [f32])) {
        let (mut double, mut quadruple) = ([0.0; 2 * LANES], [0.0; 4 * LANES]);
        for samples in samples.chunks_mut(LANES) {
            let count = samples.len();
            let (Some(double), Some(quadruple)) = (double.get_mut(..2 * count), quadruple.get_mut(..4 * count)) else {
                continue;
            };
            self.outer.raise(samples, double);
            match self.factor {
                Factor::Two => process(double),
                Factor::Four => {
                    self.inner.raise(double, quadruple);
                    process(quadruple);
                    self.inner.lower(quadruple, double);
                    for sample in double.iter_mut() {
                        core::mem::swap(sample, &mut self.carried);
                    }
                }
            }
            self.outer.lower(double, samples);
        }
    }
}

/// A half-band filter for both directions.
#[derive(Clone, Copy, Debug)]
struct Stage<const TAPS: usize> {
    /// The taps that are not zero, without the middle one; their sum is 1.
    taps: [f32; TAPS],
    raised: History,
    even: History,
    odd: History,
}

impl<const TAPS: usize> Stage<TAPS> {
    fn new() -> Self {
        let window = Window::Kaiser(kaiser_beta(ATTENUATION_DB));
        let middle = (TAPS - 1) as f64;
        let shape = |n: usize| {
            let distance = 2.0 * n as f64 - middle;
            sinc(distance / 2.0) * window.value((distance / (middle + 1.0) + 1.0) / 2.0)
        };
        let sum: f64 = (0..TAPS).map(shape).sum();
        Self {
            taps: core::array::from_fn(|n| narrow(shape(n) / sum)),
            raised: History::new(),
            even: History::new(),
            odd: History::new(),
        }
    }

    /// `double[2n] = Σ taps[i]·samples[n − i]`, `double[2n + 1] = samples[n − K + 1]`.
    fn raise(&mut self, samples: &[f32], double: &mut [f32]) {
        for (samples, double) in samples.chunks(LANES).zip(double.chunks_mut(2 * LANES)) {
            self.raised.append(samples.iter().copied());
            let sums = self.raised.filter(&self.taps);
            let delayed = self.raised.delayed(TAPS / 2 - 1);
            for ((pair, sum), delayed) in double.as_chunks_mut::<2>().0.iter_mut().zip(sums).zip(delayed) {
                *pair = [sum, *delayed];
            }
            self.raised.keep(samples.len());
        }
    }

    /// `samples[n] = ½·(Σ taps[i]·double[2(n − i)] + double[2(n − K) + 1])`.
    fn lower(&mut self, double: &[f32], samples: &mut [f32]) {
        for (samples, double) in samples.chunks_mut(LANES).zip(double.chunks(2 * LANES)) {
            let pairs = double.as_chunks::<2>().0;
            self.even.append(pairs.iter().map(|[even, _]| *even));
            self.odd.append(pairs.iter().map(|[_, odd]| *odd));
            let sums = self.even.filter(&self.taps);
            let delayed = self.odd.delayed(TAPS / 2);
            for ((sample, sum), delayed) in samples.iter_mut().zip(sums).zip(delayed) {
                *sample = 0.5 * (sum + delayed);
            }
            self.even.keep(samples.len());
            self.odd.keep(samples.len());
        }
    }
}

/// The samples before a piece, and those of the piece behind them.
#[derive(Clone, Copy, Debug)]
struct History {
    samples: [f32; MOST_TAPS + LANES],
}

impl History {
    fn new() -> Self {
        Self { samples: [0.0; MOST_TAPS + LANES] }
    }

    fn append(&mut self, piece: impl Iterator<Item = f32>) {
        for (kept, sample) in self.samples.iter_mut().skip(MOST_TAPS).zip(piece) {
            *kept = sample;
        }
    }

    fn filter(&self, taps: &[f32]) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        accumulate(&mut sums, &self.samples, MOST_TAPS, taps);
        sums
    }

    fn delayed(&self, frames: usize) -> impl Iterator<Item = &f32> {
        self.samples.iter().skip(MOST_TAPS - frames)
    }

    /// Moves the piece, of which there were `frames`, before the next one.
    fn keep(&mut self, frames: usize) {
        if let Some(last) = self.samples.get(frames..).and_then(<[f32]>::first_chunk::<MOST_TAPS>).copied()
            && let Some(first) = self.samples.first_chunk_mut::<MOST_TAPS>()
        {
            *first = last;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use core::f64::consts::TAU;
    use std::vec::Vec;

    const FACTORS: [Factor; 2] = [Factor::Two, Factor::Four];

    fn sine(cycles_per_frame: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| narrow((TAU * cycles_per_frame * n as f64).sin())).collect()
    }

    /// Amplitude at a frequency, in dB, of samples past the filters' start, under a window that hides what is 4 bins away.
    fn level_db(samples: &[f32], cycles_per_sample: f64) -> f64 {
        let (mut re, mut im, mut total) = (0.0, 0.0, 0.0);
        for (n, &sample) in samples.iter().enumerate() {
            let weight = Window::Kaiser(18.0).value(n as f64 / samples.len() as f64);
            let angle = TAU * cycles_per_sample * n as f64;
            re += weight * f64::from(sample) * angle.cos();
            im += weight * f64::from(sample) * angle.sin();
            total += weight;
        }
        20.0 * (2.0 * re.hypot(im) / total).log10()
    }

    /// The signal at the higher rate and the one that comes back.
    fn through(factor: Factor, input: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (mut raised, mut output) = (Vec::new(), input.to_vec());
        Oversampler::new(factor).process(&mut output, |samples| raised.extend_from_slice(samples));
        (raised, output)
    }

    #[test]
    fn what_it_passes_comes_back_late_by_its_latency() {
        for factor in FACTORS {
            let latency = Oversampler::new(factor).latency();
            for frequency in [0.001, 0.1, 0.25, 0.4, 0.4535] {
                let input = sine(frequency, 2000);
                let (_, output) = through(factor, &input);
                for (n, pair) in output[latency..].iter().zip(&input).enumerate().skip(200) {
                    assert!((pair.0 - pair.1).abs() < 1e-4, "{factor:?} {frequency} {n}: {pair:?}");
                }
            }
        }
    }

    #[test]
    fn images_are_90_db_down_and_the_signal_is_within_a_thousandth_db() {
        for (factor, ratio) in [(Factor::Two, 2.0), (Factor::Four, 4.0)] {
            for frequency in [0.03, 0.2, 0.35, 0.45, 0.4535] {
                let (raised, _) = through(factor, &sine(frequency, 2000));
                let level = |cycles_per_frame: f64| level_db(&raised[800..], cycles_per_frame / ratio);
                assert!(level(frequency).abs() < 1e-3, "{factor:?} {frequency}: {}", level(frequency));
                assert!(level(1.0 - frequency) < -90.0, "{factor:?} {frequency}: {}", level(1.0 - frequency));
                if factor == Factor::Four {
                    for image in [1.0 + frequency, 2.0 - frequency] {
                        assert!(level(image) < -90.0, "{image}: {}", level(image));
                    }
                }
            }
        }
    }

    #[test]
    fn what_would_fold_is_90_db_down() {
        for (factor, ratio) in [(Factor::Two, 2.0), (Factor::Four, 4.0)] {
            for frequency in [0.5465, 0.7, 0.98] {
                let (mut n, mut output) = (0.0, std::vec![0.0; 2000]);
                Oversampler::new(factor).process(&mut output, |samples| {
                    for sample in samples {
                        *sample = narrow((TAU * frequency / ratio * n).sin());
                        n += 1.0;
                    }
                });
                let level = level_db(&output[400..], 1.0 - frequency);
                assert!(level < -90.0, "{factor:?} {frequency}: {level}");
            }
        }
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let input = sine(0.123, 3000);
        let saturate = |samples: &mut [f32]| samples.iter_mut().for_each(|sample| *sample *= 1.5 - *sample * *sample);
        for factor in FACTORS {
            let mut whole = input.clone();
            Oversampler::new(factor).process(&mut whole, saturate);
            for frames in [1, 7, 31, 32, 33, 128, 441] {
                let (mut split, mut oversampler) = (input.clone(), Oversampler::new(factor));
                split.chunks_mut(frames).for_each(|piece| oversampler.process(piece, saturate));
                assert!(split == whole, "{factor:?} {frames}");
            }
        }
    }
}
