//! What the steps are written for.

use core::ops::{Add, Mul, Neg, Sub};

/// Samples of a vector.
pub const LANES: usize = 4;

/// Samples of a block of four complex numbers: their real parts, then their imaginary parts.
pub const BLOCK: usize = 8;

/// Four lanes of `f32`.
pub trait Vector: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self> {
    /// `value` in each lane.
    fn splat(value: f32) -> Self;

    /// Four of the eight lanes of two vectors.
    fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self;
}

/// The address of a sample.
pub trait Place: Copy {
    /// What lies there.
    type Vector: Vector;

    /// So many samples further.
    fn after(self, samples: usize) -> Self;

    /// The four samples here.
    ///
    /// # Safety
    /// They are there, and nobody writes them meanwhile.
    unsafe fn load(self) -> Self::Vector;

    /// The sample here, in each lane.
    ///
    /// # Safety
    /// As for [`Self::load`].
    unsafe fn load_splat(self) -> Self::Vector;

    /// Writes four samples.
    ///
    /// # Safety
    /// They are there, and nobody else uses them meanwhile.
    unsafe fn store(self, vector: Self::Vector);
}
