//! A number that is computed from an AudioParam, and moves as it does.

use crate::dsp::ramp::Ramp;
use crate::dsp::simd::F32x4;

/// Computed at the control points at which its AudioParam has changed, and ramped in between. For what costs too much to be
/// computed for each frame, such as the share of a one-pole filter.
#[derive(Clone, Copy)]
pub(super) struct Coefficient {
    ramp: Ramp,
    /// The AudioParam that it was computed from; not a number at first.
    asked: f32,
}

impl Coefficient {
    pub(super) fn new() -> Self {
        Self { ramp: Ramp::new(0.0, f32::MIN, f32::MAX), asked: f32::NAN }
    }

    /// A control point: moves to `compute(asked)`, at the first one at once. To be called at each of them.
    pub(super) fn control(&mut self, asked: f32, compute: impl FnOnce(f32) -> f32) {
        if asked.to_bits() == self.asked.to_bits() {
            self.ramp.settle();
        } else {
            self.asked = asked;
            self.ramp.control(compute(asked));
        }
    }

    /// The AudioParam that it is, or is soon, computed from.
    pub(super) fn asked(&self) -> f32 {
        self.asked
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// Whether it stays as it is up to the next control point.
    pub(super) fn rests(&self) -> bool {
        self.ramp.rests()
    }

    #[inline]
    pub(super) fn value(&self, phase: usize) -> f32 {
        self.ramp.value(phase)
    }

    #[inline]
    pub(super) fn values(&self, phase: usize) -> F32x4 {
        self.ramp.values(phase)
    }
}
