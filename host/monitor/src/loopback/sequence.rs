//! Maximum-length sequences, and the correlation with one by the fast Hadamard transform.

use super::NoRoundTrip;

/// Taps of the shift registers with 12 to 20 stages: stage i holds the bit of i steps ago, and the next bit is the sum of the
/// tapped ones. Each makes its polynomial primitive (Golomb, Shift Register Sequences, 1967). The table is that of Xilinx
/// XAPP052; a test counts the periods.
const TAPS: [&[u32]; 9] = [
    &[12, 6, 4, 1],
    &[13, 4, 3, 1],
    &[14, 5, 3, 1],
    &[15, 14],
    &[16, 15, 13, 4],
    &[17, 14],
    &[18, 11],
    &[19, 6, 2, 1],
    &[20, 17],
];

/// Order of the first of [`TAPS`].
const FIRST_ORDER: u32 = 12;

/// Below this mean power nothing came in: −100 dBFS, under the noise of any microphone and above a converter's dither.
const SILENCE: f64 = 1e-10;

/// At this magnitude a sample is at full scale, in 16 bits as well.
const FULL_SCALE: f32 = 0.999;

/// So large a share of samples at full scale is no accident.
const CLIPPED_SHARE: f64 = 1e-3;

/// Parts of a period that are correlated each by itself.
pub const PARTS: usize = 4;

/// Maximum-length sequence of ones and minus ones. A period of order n has 2ⁿ − 1 of them; its circular autocorrelation is 2ⁿ − 1
/// at no shift and −1 at every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaximumLengthSequence {
    order: u32,
}

impl MaximumLengthSequence {
    /// The sequence of an order, 12 to 20; `None` for others.
    #[must_use]
    pub fn new(order: u32) -> Option<Self> {
        (FIRST_ORDER..).zip(TAPS).any(|(known, _)| known == order).then_some(Self { order })
    }

    /// The shortest one of at least `frames`; `None` when that is more than 2²⁰ − 1.
    #[must_use]
    pub fn of_at_least(frames: usize) -> Option<Self> {
        (FIRST_ORDER..).map_while(Self::new).find(|sequence| sequence.period() >= frames)
    }

    /// Frames of a period.
    #[must_use]
    pub fn period(self) -> usize {
        (1 << self.order) - 1
    }

    /// One period.
    pub fn samples(self) -> impl Iterator<Item = f32> + Clone {
        self.states().map(|state| if state & 1 == 0 { 1.0 } else { -1.0 })
    }

    /// The whole periods of a recording; what is left over is dropped.
    ///
    /// # Errors
    ///
    /// [`NoRoundTrip::TooShort`] below one period, [`NoRoundTrip::TooQuiet`] below −100 dBFS, [`NoRoundTrip::Clipped`] when more
    /// than a thousandth of the samples is at full scale.
    pub fn periods(self, recording: &[f32]) -> Result<Vec<&[f32]>, NoRoundTrip> {
        let periods: Vec<_> = recording.chunks_exact(self.period()).collect();
        if periods.is_empty() {
            return Err(NoRoundTrip::TooShort { frames: recording.len(), needed: self.period() });
        }
        let power: f64 =
            recording.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / recording.len() as f64;
        if power < SILENCE {
            return Err(NoRoundTrip::TooQuiet);
        }
        let full = recording.iter().filter(|sample| sample.abs() >= FULL_SCALE).count();
        let share = full as f64 / recording.len() as f64;
        if share > CLIPPED_SHARE {
            return Err(NoRoundTrip::Clipped { share });
        }
        Ok(periods)
    }

    /// Circular cross-correlation of a part of one period of a recording with the sequence, over 2ⁿ; element d is the delay of d frames.
    /// Where the recording is the sequence sent through a filter, the sum of the [`PARTS`] is its impulse response, and each of
    /// them that response over [`PARTS`], in a noise of its own.
    ///
    /// A sample of the sequence d frames ago is a sum of bits of the register as it is now. So with the recording in the order of
    /// the register's states each delay is a row of the Hadamard matrix (Borish and Angell, An Efficient Algorithm for Measuring
    /// the Impulse Response Using Pseudorandom Noise, 1983), and n · 2ⁿ additions make all of them.
    ///
    /// # Panics
    ///
    /// If `period` is not of the length of [`MaximumLengthSequence::period`], or `part` is not below [`PARTS`].
    #[must_use]
    pub fn correlate(self, period: &[f32], part: usize) -> Vec<f32> {
        assert_eq!(period.len(), self.period(), "one period is correlated");
        assert!(part < PARTS, "there are {PARTS} parts");
        let ends = [part, part + 1].map(|part| part * self.period() / PARTS);
        let mut by_state = vec![0.0; 1 << self.order];
        for (state, sample) in self.states().zip(period).take(ends[1]).skip(ends[0]) {
            by_state[state as usize] = *sample;
        }
        hadamard(&mut by_state);
        let scale = 1.0 / by_state.len() as f32;
        self.rows().map(|row| by_state[row as usize] * scale).collect()
    }

    fn taps(self) -> &'static [u32] {
        TAPS[(self.order - FIRST_ORDER) as usize]
    }

    /// The register at each frame of a period: bit i is the sequence's bit of i frames later, 1 for a sample of −1.
    fn states(self) -> impl Iterator<Item = u32> + Clone {
        let Self { order } = self;
        let tapped: u32 = self.taps().iter().map(|tap| 1 << (order - tap)).sum();
        let mut state = 1;
        (0..self.period()).map(move |_| {
            let now = state;
            state = (now >> 1) | ((now & tapped).count_ones() & 1) << (order - 1);
            now
        })
    }

    /// For each delay the bits of the register whose sum is the sequence's bit of so many frames ago. For a delay of one more,
    /// each bit is that of one frame later, and the lowest one, which has left the register, is what the recurrence says of it.
    fn rows(self) -> impl Iterator<Item = u32> {
        let Self { order } = self;
        let recurrence =
            self.taps().iter().map(|&tap| if tap == order { 1 << (order - 1) } else { 1 << (order - 1 - tap) });
        let left: u32 = recurrence.sum();
        let mut row = 1;
        (0..self.period()).map(move |_| {
            let now = row;
            row = (now >> 1) ^ (left * (now & 1));
            now
        })
    }
}

/// Fast Walsh–Hadamard transform in place, not scaled; the length is a power of two.
fn hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> impl Iterator<Item = MaximumLengthSequence> {
        (0..32).filter_map(MaximumLengthSequence::new)
    }

    #[test]
    fn every_period_passes_through_each_state_but_zero() {
        assert_eq!(every().count(), TAPS.len());
        for sequence in every() {
            let mut seen = vec![false; sequence.period() + 1];
            sequence.states().for_each(|state| seen[state as usize] = true);
            assert!(!seen[0], "order {}", sequence.order);
            assert_eq!(seen.iter().filter(|&&seen| seen).count(), sequence.period(), "order {}", sequence.order);
        }
    }

    #[test]
    fn the_shortest_sequence_that_is_long_enough_is_taken() {
        assert_eq!(MaximumLengthSequence::of_at_least(4095).map(|sequence| sequence.period()), Some(4095));
        assert_eq!(MaximumLengthSequence::of_at_least(4096).map(|sequence| sequence.period()), Some(8191));
        assert_eq!(
            MaximumLengthSequence::of_at_least((1 << 20) - 1).map(|sequence| sequence.period()),
            Some((1 << 20) - 1)
        );
        assert_eq!(MaximumLengthSequence::of_at_least(1 << 20), None);
    }

    #[test]
    fn the_autocorrelation_has_two_values() {
        for sequence in every().filter(|sequence| sequence.order <= 16) {
            let period = sequence.period();
            // Two periods as bits, so that 64 products are one exclusive or.
            let mut words = vec![0_u64; 2 * period / 64 + 2];
            for (place, state) in sequence.states().chain(sequence.states()).enumerate() {
                words[place / 64] |= u64::from(state & 1) << (place % 64);
            }
            let at = |place: usize| {
                let (this, next) = (words[place / 64], words[place / 64 + 1]);
                let bit = place % 64;
                if bit == 0 { this } else { this >> bit | next << (64 - bit) }
            };
            let differing = |shift: usize| {
                let whole: u32 =
                    (0..period / 64).map(|word| (at(64 * word) ^ at(64 * word + shift)).count_ones()).sum();
                let start = 64 * (period / 64);
                let rest = (at(start) ^ at(start + shift)) & ((1 << (period - start)) - 1);
                (whole + rest.count_ones()) as usize
            };
            assert_eq!(differing(0), 0);
            for shift in 1..period {
                // As many products are −1 as are 1, and one more.
                assert_eq!(differing(shift), period.div_ceil(2), "order {}, shift {shift}", sequence.order);
            }
        }
    }

    #[test]
    fn the_fast_correlation_is_the_sum_of_products() {
        for sequence in every().filter(|sequence| sequence.order <= 13) {
            let period = sequence.period();
            let samples: Vec<f64> = sequence.samples().map(f64::from).collect();
            let mut seed = 1_u32;
            let recording: Vec<f32> = (0..period)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
                })
                .collect();
            let parts: Vec<_> = (0..PARTS).map(|part| sequence.correlate(&recording, part)).collect();
            for delay in (0..period).step_by(97).chain([1, 2, period - 1]) {
                let sum: f64 =
                    (0..period).map(|k| f64::from(recording[(k + delay) % period]) * samples[k]).sum::<f64>();
                let expected = sum / (period + 1) as f64;
                let fast: f64 = parts.iter().map(|part| f64::from(part[delay])).sum();
                assert!((fast - expected).abs() < 1e-6, "order {}, delay {delay}", sequence.order);
            }
        }
    }
}
