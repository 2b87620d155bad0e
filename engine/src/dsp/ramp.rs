//! The way of a parameter from one control point to the next.

use bytemuck::Zeroable;

use super::simd::F32x4;

/// Distance of two control points: AudioParams are read at absolute multiples of this since the node's start, and
/// ramped in between. 0.7 ms at 48 kHz.
pub const CONTROL_FRAMES: usize = 32;

/// A straight line from the last control point's value to the newest one's, over [`CONTROL_FRAMES`] frames.
#[derive(Clone, Copy, Debug, Zeroable)]
pub struct Ramp {
    from: f32,
    to: f32,
    minimum: f32,
    maximum: f32,
    started: bool,
}

impl Ramp {
    /// A ramp that stands at `value`.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(value: f32, minimum: f32, maximum: f32) -> Self {
        Self { from: value, to: value, minimum, maximum, started: false }
    }

    /// Sets the value to be reached by the next control point, clamped; the first one ever applies at once, and one that
    /// is not finite changes nothing.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn control(&mut self, value: f32) {
        let target = if value.is_finite() { value.max(self.minimum).min(self.maximum) } else { self.to };
        self.from = if self.started { self.to } else { target };
        self.to = target;
        self.started = true;
    }

    /// Stands where it is, and takes the next control point's value at once.
    ///
    /// # Real-time
    /// Any thread.
    pub fn reset(&mut self) {
        self.settle();
        self.started = false;
    }

    /// Stays at the newest control point's value.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn settle(&mut self) {
        self.from = self.to;
    }

    /// The newest control point's value.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn target(&self) -> f32 {
        self.to
    }

    /// Whether it stays at its value from this control point to the next.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.from.to_bits() == self.to.to_bits()
    }

    /// The value `phase` frames after the control point, below [`CONTROL_FRAMES`].
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn value(&self, phase: usize) -> f32 {
        let step = (self.to - self.from) / CONTROL_FRAMES as f32;
        self.from + step * phase as f32
    }

    /// The values of four frames, the first of them `phase` frames after the control point.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    #[must_use]
    pub fn values(&self, phase: usize) -> F32x4 {
        let step = (self.to - self.from) / CONTROL_FRAMES as f32;
        F32x4::splat(self.from) + (F32x4::splat(phase as f32) + F32x4::new([0.0, 1.0, 2.0, 3.0])) * step
    }

    /// Whether it is exactly `value` from this control point to the next.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn rests_at(&self, value: f32) -> bool {
        self.from.to_bits() == value.to_bits() && self.to.to_bits() == value.to_bits()
    }
}

/// The value after `frame` of `frames` frames on the straight line between two values.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn line(from: f32, to: f32, frame: usize, frames: usize) -> f32 {
    from + (to - from) * (frame as f32 / frames as f32)
}
