//! Transforms of two, four and eight complex numbers in each lane.

use core::f32::consts::FRAC_1_SQRT_2;

use super::lanes::Complex;
use crate::dsp::simd::F32x4;

#[inline(always)]
pub fn radix2([x0, x1]: [Complex; 2]) -> [Complex; 2] {
    [x0 + x1, x0 - x1]
}

#[inline(always)]
pub fn radix4([x0, x1, x2, x3]: [Complex; 4]) -> [Complex; 4] {
    let (a, b) = (x0 + x2, x0 - x2);
    let (c, d) = (x1 + x3, x1 - x3);
    [a + c, b.minus_i(d), a - c, b.plus_i(d)]
}

#[inline(always)]
pub fn radix8([x0, x1, x2, x3, x4, x5, x6, x7]: [Complex; 8]) -> [Complex; 8] {
    let s = F32x4::splat(FRAC_1_SQRT_2);
    let (a0, d0) = (x0 + x4, x0 - x4);
    let (a2, d2) = (x2 + x6, x2 - x6);
    let (e0, e2) = (a0 + a2, a0 - a2);
    let (p, m) = (d0.minus_i(d2), d0.plus_i(d2));
    let (a1, d1) = (x1 + x5, x1 - x5);
    let (a3, d3) = (x3 + x7, x3 - x7);
    let (e1, e3) = (a1 + a3, a1 - a3);
    let (f, g) = (d1 - d3, d1 + d3);
    // W(8) · d1 + W(8)^3 · d3, and W(8)^3 · d1 + W(8) · d3.
    let odd1 = Complex::new((f.re + g.im) * s, (f.im - g.re) * s);
    let odd3 = Complex::new((g.im - f.re) * s, (f.im + g.re) * s).conjugate();
    [e0 + e1, p + odd1, e2.minus_i(e3), m + odd3, e0 - e1, p - odd1, e2.plus_i(e3), m - odd3]
}
