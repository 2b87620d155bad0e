//! Gated statistics of loudness: what is too quiet does not count.
//!
//! The powers of blocks are kept in bins of 0.1 LU, from −70 LUFS, the absolute gate, to 20 LUFS: bounded memory for any
//! length. Each bin knows how many there were and the sum of their powers, so a mean is exact but for the blocks of the
//! one bin through which the relative gate goes; they pass it, or not, together.

use crate::config::ConfigError;
use crate::memory::Arena;

/// The absolute gate in LUFS, and the lower end of the first bin.
const GATE_LUFS: f64 = -70.0;
const BINS_PER_LU: f64 = 10.0;
const BINS: usize = 900;

/// Loudness in LUFS of a K-weighted power, summed over the channels; −∞ of 0.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn power_to_lufs(power: f64) -> f64 {
    -0.691 + 10.0 * libm::log10(power)
}

#[derive(Clone, Copy, Debug, bytemuck::Zeroable)]
struct Bin {
    power: f64,
    count: u32,
}

/// Blocks' powers that passed the absolute gate.
pub struct Gating<'a> {
    bins: &'a mut [Bin],
    /// All bins in one.
    total: Bin,
}

impl<'a> Gating<'a> {
    /// No blocks yet.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>) -> Result<Self, ConfigError> {
        Ok(Self { bins: arena.slice(BINS)?, total: Bin { power: 0.0, count: 0 } })
    }

    /// Forgets all blocks.
    ///
    /// # Real-time
    /// Audio thread; about a microsecond.
    pub fn reset(&mut self) {
        self.total = Bin { power: 0.0, count: 0 };
        self.bins.fill(self.total);
    }

    /// Takes in a block; one that is not finite does not count.
    ///
    /// # Real-time
    /// Audio thread.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bins; saturating")]
    pub fn add(&mut self, power: f64) {
        let above_gate_lu = power_to_lufs(power) - GATE_LUFS;
        // What is not a number passes no comparison.
        if above_gate_lu >= 0.0
            && power.is_finite()
            && let Some(bin) = self.bins.get_mut(((above_gate_lu * BINS_PER_LU) as usize).min(BINS - 1))
        {
            for bin in [bin, &mut self.total] {
                bin.power += power;
                bin.count = bin.count.saturating_add(1);
            }
        }
    }

    /// Mean power of the blocks that lie at most `gate_lu` under the mean power of all; 0 of none.
    ///
    /// # Real-time
    /// Audio thread; about a microsecond.
    #[must_use]
    pub fn mean_power(&self, gate_lu: f64) -> f64 {
        let (mut power, mut count) = (0.0, 0.0);
        for bin in self.passing(gate_lu) {
            power += bin.power;
            count += f64::from(bin.count);
        }
        if count > 0.0 { power / count } else { 0.0 }
    }

    /// Distance in LU between two percentiles of those blocks, given as parts of 1: within 0.1 LU; 0 of none.
    ///
    /// # Real-time
    /// Audio thread; about two microseconds.
    #[must_use]
    pub fn range_lu(&self, gate_lu: f64, low: f64, high: f64) -> f64 {
        let last: f64 = self.passing(gate_lu).map(|bin| f64::from(bin.count)).sum::<f64>() - 1.0;
        let percentile = |part: f64| {
            let rank = libm::round(last * part);
            let mut below = 0.0;
            self.passing(gate_lu)
                .find(|bin| {
                    below += f64::from(bin.count);
                    below > rank
                })
                .map(|bin| power_to_lufs(bin.power / f64::from(bin.count)))
        };
        match (percentile(low), percentile(high)) {
            (Some(low), Some(high)) => high - low,
            _ => 0.0,
        }
    }

    /// Bins with blocks, whose mean passes the relative gate.
    fn passing(&self, gate_lu: f64) -> impl Iterator<Item = &Bin> {
        let mean = self.total.power / f64::from(self.total.count);
        let least = mean * libm::exp10(-gate_lu / 10.0);
        self.bins.iter().filter(move |bin| bin.count > 0 && bin.power >= least * f64::from(bin.count))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    fn power(lufs: f64) -> f64 {
        10f64.powf((lufs + 0.691) / 10.0)
    }

    fn with_blocks(blocks: &[f64], test: impl Fn(&Gating<'_>)) {
        let mut memory = Memory::new(32_768);
        let mut gating = Gating::new(&mut memory.arena()).unwrap();
        blocks.iter().for_each(|&lufs| gating.add(power(lufs)));
        test(&gating);
    }

    /// The standard's formula over the list itself.
    fn listed(blocks: &[f64], gate_lu: f64) -> Vec<f64> {
        let mean = |list: &[f64]| list.iter().map(|&lufs| power(lufs)).sum::<f64>() / list.len() as f64;
        let audible: Vec<f64> = blocks.iter().copied().filter(|&lufs| lufs >= GATE_LUFS).collect();
        let gate = power_to_lufs(mean(&audible)) - gate_lu;
        let mut passing: Vec<f64> = audible.into_iter().filter(|&lufs| lufs > gate).collect();
        passing.sort_by(f64::total_cmp);
        passing
    }

    #[test]
    fn means_and_percentiles_are_those_of_the_whole_list() {
        // Two speeds through the range, so that no bin has the gate in a crowd.
        let blocks: Vec<f64> =
            (0..5_000).map(|n| -52.0 + 40.0 * (f64::from(n) * 0.618_034).fract() - f64::from(n % 7)).collect();
        with_blocks(&blocks, |gating| {
            for gate_lu in [10.0, 20.0] {
                let passing = listed(&blocks, gate_lu);
                let mean = power_to_lufs(passing.iter().map(|&lufs| power(lufs)).sum::<f64>() / passing.len() as f64);
                assert!((power_to_lufs(gating.mean_power(gate_lu)) - mean).abs() < 0.02);
                let last = (passing.len() - 1) as f64;
                let at = |part: f64| passing.iter().zip(0..).find(|&(_, n)| f64::from(n) >= (last * part).round());
                let range = at(0.95).unwrap().0 - at(0.1).unwrap().0;
                assert!((gating.range_lu(gate_lu, 0.1, 0.95) - range).abs() < 0.1);
            }
        });
    }

    #[test]
    fn silence_does_not_count_and_nothing_is_silence() {
        with_blocks(&[-70.1, f64::NEG_INFINITY, f64::NAN, -100.0], |gating| {
            assert_eq!((gating.mean_power(10.0), gating.range_lu(20.0, 0.1, 0.95)), (0.0, 0.0));
        });
        with_blocks(&[-80.0, f64::NAN, -23.0, f64::INFINITY], |gating| {
            assert!((power_to_lufs(gating.mean_power(10.0)) + 23.0).abs() < 1e-9);
        });
        with_blocks(&[1e3], |gating| assert!(gating.mean_power(10.0) > 1e100));
    }
}
