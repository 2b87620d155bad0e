//! One level of the real transform: how a real signal becomes three complex signals and a real one.
//!
//! A real signal of `8·points` samples in each lane splits into three complex ones of `points`, which give the bins that
//! are 1, 2 and 3 modulo 8 (and, conjugated, 7, 6 and 5), and a real one of `2·points`, the *rest*, which gives the bins
//! that are a multiple of 4. The rest is the signal of the next level, until it is short (see [`leaf`](super::kernels::leaf)).

use super::kernels::split::SPLIT_TWIDDLES;
pub use super::kernels::split::stride;
use super::kernels::vector::BLOCK;
use super::middle;
use super::twiddle::twiddle;
use crate::config::ConfigError;
use crate::memory::Arena;

/// The tables of one level and where it works.
#[derive(Clone, Copy, Default)]
pub struct Level<'a> {
    /// Blocks of each of the three complex signals.
    pub points: usize,
    /// For each point `n`, `W(8·points)` to the powers `n`, `2n` and `3n`.
    pub split: &'a [f32],
    /// The same, doubled: then all scales of the inverse agree.
    pub unsplit: &'a [f32],
    /// Of the complex transforms.
    pub twiddles: &'a [f32],
    /// For each bin of the complex transforms where its block begins, in bytes.
    pub positions: &'a [u32],
    /// Where the level's part of the work area begins, in samples: the three complex signals, [`stride`] samples apart, the
    /// rest behind them, then the [spectrum of the rest](Level::rest_spectrum).
    pub start: usize,
    /// Where in the work area the signal of the level is, if it is the rest of another.
    pub signal: usize,
    /// Where its spectrum goes, behind that rest.
    pub spectrum: usize,
}

impl<'a> Level<'a> {
    /// A level whose signal is the rest of `outer`, or else the input.
    pub fn new(arena: &mut Arena<'a>, points: usize, outer: Option<&Self>) -> Result<Self, ConfigError> {
        let split = arena.slice(points * SPLIT_TWIDDLES)?;
        let unsplit = arena.slice(points * SPLIT_TWIDDLES)?;
        for (table, scale) in [(&mut *split, 1.0), (&mut *unsplit, 2.0)] {
            for (n, factors) in table.as_chunks_mut::<SPLIT_TWIDDLES>().0.iter_mut().enumerate() {
                for (power, pair) in (1..).zip(factors.as_chunks_mut::<2>().0) {
                    *pair = twiddle(8 * points, power * n, scale);
                }
            }
        }
        let twiddles = arena.slice(middle::twiddle_samples(points))?;
        middle::fill_twiddles(points, twiddles);
        let positions = positions(arena, points)?;
        let [start, signal, spectrum] =
            outer.map_or([0; 3], |outer| [outer.end(), outer.rest(), outer.rest_spectrum()]);
        Ok(Self { points, split, unsplit, twiddles, positions, start, signal, spectrum })
    }

    /// Where its rest is in the work area.
    pub fn rest(&self) -> usize {
        self.start + 3 * stride(self.points)
    }

    /// Where the spectrum of its rest goes.
    pub fn rest_spectrum(&self) -> usize {
        self.rest() + self.points * BLOCK
    }

    /// Where its part of the work area ends.
    pub fn end(&self) -> usize {
        self.rest_spectrum() + (self.points + 1) * BLOCK
    }
}

/// For each bin of a transform of `points` where its block begins, in bytes.
pub fn positions<'a>(arena: &mut Arena<'a>, points: usize) -> Result<&'a [u32], ConfigError> {
    let positions = arena.slice(points)?;
    for (bin, place) in positions.iter_mut().enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "there are 2^19 bytes at most")]
        let bytes = (middle::position(points, bin) * BLOCK * size_of::<f32>()) as u32;
        *place = bytes;
    }
    Ok(positions)
}
