//! Four complex numbers side by side, one per lane.

use core::ops::{Add, Sub};

use super::vector::{LANES, Place, Vector};

/// Four complex numbers.
#[derive(Clone, Copy)]
pub struct Complex<V> {
    pub re: V,
    pub im: V,
}

impl<V: Vector> Complex<V> {
    #[inline(always)]
    pub fn new(re: V, im: V) -> Self {
        Self { re, im }
    }

    /// One number in each lane.
    #[inline(always)]
    pub fn splat([re, im]: [f32; 2]) -> Self {
        Self { re: V::splat(re), im: V::splat(im) }
    }

    /// The block at `from`.
    ///
    /// # Safety
    /// `from` points to a block that nobody writes meanwhile.
    #[inline(always)]
    pub unsafe fn load(from: impl Place<Vector = V>) -> Self {
        // SAFETY: the caller says that the eight samples are there.
        unsafe { Self { re: from.load(), im: from.after(LANES).load() } }
    }

    /// Writes the block at `to`.
    ///
    /// # Safety
    /// `to` points to a block that nobody else uses meanwhile.
    #[inline(always)]
    pub unsafe fn store(self, to: impl Place<Vector = V>) {
        // SAFETY: the caller says that the eight samples are there.
        unsafe {
            to.store(self.re);
            to.after(LANES).store(self.im);
        }
    }

    /// The complex number at `from`, in each lane.
    ///
    /// # Safety
    /// `from` points to two samples that nobody writes meanwhile.
    #[inline(always)]
    pub unsafe fn load_splat(from: impl Place<Vector = V>) -> Self {
        // SAFETY: the caller says that the two samples are there.
        unsafe { Self { re: from.load_splat(), im: from.after(1).load_splat() } }
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

impl<V: Vector> Add for Complex<V> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl<V: Vector> Sub for Complex<V> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

/// The rows of a matrix of four by four become its columns.
#[inline(always)]
pub fn transpose<V: Vector>([a, b, c, d]: [V; 4]) -> [V; 4] {
    let (ab_low, ab_high) = (interleave_low(a, b), interleave_high(a, b));
    let (cd_low, cd_high) = (interleave_low(c, d), interleave_high(c, d));
    [
        ab_low.shuffle::<0, 1, 4, 5>(cd_low),
        ab_low.shuffle::<2, 3, 6, 7>(cd_low),
        ab_high.shuffle::<0, 1, 4, 5>(cd_high),
        ab_high.shuffle::<2, 3, 6, 7>(cd_high),
    ]
}

/// `[a0, b0, a1, b1]`.
#[inline(always)]
pub fn interleave_low<V: Vector>(a: V, b: V) -> V {
    a.shuffle::<0, 4, 1, 5>(b)
}

/// `[a2, b2, a3, b3]`.
#[inline(always)]
pub fn interleave_high<V: Vector>(a: V, b: V) -> V {
    a.shuffle::<2, 6, 3, 7>(b)
}
