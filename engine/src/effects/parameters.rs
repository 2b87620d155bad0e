//! What an effect sees of its AudioParams during a run of frames.

use crate::dsp::ramp::Ramp;

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
}
