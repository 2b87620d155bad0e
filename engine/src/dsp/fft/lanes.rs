//! Four complex numbers side by side, one per lane.
//!
//! In memory they are a *block* of eight samples: four real parts, then four imaginary parts.

use core::ops::{Add, Sub};

use crate::dsp::simd::F32x4;

/// Samples of a block.
pub const BLOCK: usize = 8;

/// Four complex numbers.
#[derive(Clone, Copy, Default)]
pub struct Complex {
    pub re: F32x4,
    pub im: F32x4,
}

impl Complex {
    #[inline(always)]
    pub fn new(re: F32x4, im: F32x4) -> Self {
        Self { re, im }
    }

    /// The block at `from`.
    ///
    /// # Safety
    /// `from` points to a block that nobody writes meanwhile.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller says that the eight samples are there.
        unsafe { Self { re: F32x4::load(from), im: F32x4::load(from.add(4)) } }
    }

    /// Writes the block at `to`.
    ///
    /// # Safety
    /// `to` points to a block that nobody else uses meanwhile.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller says that the eight samples are there.
        unsafe {
            self.re.store(to);
            self.im.store(to.add(4));
        }
    }

    /// The complex number at `from`, in each lane.
    ///
    /// # Safety
    /// `from` points to two samples that nobody writes meanwhile.
    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller says that the two samples are there.
        unsafe { Self { re: F32x4::load_splat(from), im: F32x4::load_splat(from.add(1)) } }
    }

    /// The product of each two lanes.
    #[inline(always)]
    pub fn times(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }

    /// The product of each lane with the conjugate of `other`'s.
    #[inline(always)]
    pub fn times_conjugate(self, other: Self) -> Self {
        Self::new(self.re * other.re + self.im * other.im, self.im * other.re - self.re * other.im)
    }

    /// `self − i · other`.
    #[inline(always)]
    pub fn minus_i(self, other: Self) -> Self {
        Self::new(self.re + other.im, self.im - other.re)
    }

    /// `self + i · other`.
    #[inline(always)]
    pub fn plus_i(self, other: Self) -> Self {
        Self::new(self.re - other.im, self.im + other.re)
    }

    /// Real and imaginary parts exchanged. A forward transform between two of these is an inverse transform.
    #[inline(always)]
    pub fn swap(self) -> Self {
        Self::new(self.im, self.re)
    }

    #[inline(always)]
    pub fn conjugate(self) -> Self {
        Self::new(self.re, -self.im)
    }
}

impl Add for Complex {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

/// Four vectors as the rows of a matrix become its columns.
#[inline(always)]
pub fn transpose([a, b, c, d]: [Complex; 4]) -> [Complex; 4] {
    let [re0, re1, re2, re3] = transpose_vectors([a.re, b.re, c.re, d.re]);
    let [im0, im1, im2, im3] = transpose_vectors([a.im, b.im, c.im, d.im]);
    [Complex::new(re0, im0), Complex::new(re1, im1), Complex::new(re2, im2), Complex::new(re3, im3)]
}

#[inline(always)]
fn transpose_vectors([a, b, c, d]: [F32x4; 4]) -> [F32x4; 4] {
    let (ab_low, ab_high) = (a.interleave_low(b), a.interleave_high(b));
    let (cd_low, cd_high) = (c.interleave_low(d), c.interleave_high(d));
    [ab_low.low_halves(cd_low), ab_low.high_halves(cd_low), ab_high.low_halves(cd_high), ab_high.high_halves(cd_high)]
}
