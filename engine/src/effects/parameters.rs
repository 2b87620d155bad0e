//! What an effect sees of its AudioParams during a run of frames.

use core::ops::Range;

use crate::dsp::ramp::{CONTROL_FRAMES, Ramp};
use crate::dsp::simd::F32x4;

/// The AudioParams of one effect during a run: each goes in a straight line from one control point to the next, and a run
/// never goes beyond a control point at which one of them changes.
#[derive(Clone, Copy)]
pub struct Parameters<'p> {
    ramps: &'p [Ramp],
    /// Frames since the last control point.
    phase: usize,
    steady: bool,
}

impl<'p> Parameters<'p> {
    pub(crate) fn new(ramps: &'p [Ramp], phase: usize, steady: bool) -> Self {
        Self { ramps, phase, steady }
    }

    /// The value of a parameter at frame `n` of the run; 0 for one that does not exist.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn value(&self, parameter: usize, n: usize) -> f32 {
        self.ramps.get(parameter).map_or(0.0, |ramp| ramp.value(self.phase + n))
    }

    /// The values of a parameter at the four frames from `n` on.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn values(&self, parameter: usize, n: usize) -> F32x4 {
        self.ramps.get(parameter).map_or(F32x4::ZERO, |ramp| ramp.values(self.phase + n))
    }

    /// The value that a parameter reaches at the next control point.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn target(&self, parameter: usize) -> f32 {
        self.ramps.get(parameter).map_or(0.0, Ramp::target)
    }

    /// Whether a parameter is exactly `value` during the run.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn rests_at(&self, parameter: usize, value: f32) -> bool {
        self.ramps.get(parameter).is_some_and(|ramp| ramp.rests_at(value))
    }

    /// Whether no parameter moves during the run.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn are_steady(&self) -> bool {
        self.steady
    }

    /// Frames from the last control point to the run's first. Runs longer than what is left up to the next one are
    /// steady.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn phase(&self) -> usize {
        self.phase
    }

    /// The parts into which control points divide a run of `frames` frames, in order. For what is done at each control point,
    /// also where no parameter changes.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn blocks(&self, frames: usize) -> impl Iterator<Item = Block> + use<> {
        let phase = self.phase;
        let mut start = 0;
        core::iter::from_fn(move || {
            if start >= frames {
                return None;
            }
            let block_phase = (phase + start) % CONTROL_FRAMES;
            let end = (start + CONTROL_FRAMES - block_phase).min(frames);
            let block = Block { frames: start..end, phase: block_phase };
            start = end;
            Some(block)
        })
    }
}

/// Consecutive frames of a run, up to the next control point or to the run's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which of the run.
    pub frames: Range<usize>,
    /// Frames from the last control point to the first of them.
    pub phase: usize,
}

impl Block {
    /// Whether it begins at a control point.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn begins_at_control_point(&self) -> bool {
        self.phase == 0
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn blocks_end_at_control_points() {
        let blocks = |phase, frames| -> Vec<(usize, usize, usize)> {
            let parameters = Parameters::new(&[], phase, true);
            parameters.blocks(frames).map(|block| (block.frames.start, block.frames.end, block.phase)).collect()
        };
        assert_eq!(blocks(0, 32), [(0, 32, 0)]);
        assert_eq!(blocks(30, 40), [(0, 2, 30), (2, 34, 0), (34, 40, 0)]);
        assert_eq!(blocks(5, 1), [(0, 1, 5)]);
        assert_eq!(blocks(0, 0), []);
    }
}
