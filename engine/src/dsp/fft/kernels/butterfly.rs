//! Transforms of two, four and eight complex numbers in each lane. Whatever loads a number is called when the number is
//! needed, and whatever stores a bin as soon as there is one; all loads come before the first store.

use core::f32::consts::FRAC_1_SQRT_2;

use super::complex::Complex;
use super::vector::Vector;

#[inline(always)]
pub fn radix2<V: Vector>(mut load: impl FnMut(usize) -> Complex<V>, mut store: impl FnMut(usize, Complex<V>)) {
    let (x0, x1) = (load(0), load(1));
    store(0, x0 + x1);
    store(1, x0 - x1);
}

#[inline(always)]
pub fn radix4<V: Vector>(mut load: impl FnMut(usize) -> Complex<V>, mut store: impl FnMut(usize, Complex<V>)) {
    let (a, b) = both(load(0), load(2));
    let (c, d) = both(load(1), load(3));
    store(0, a + c);
    store(2, a - c);
    store(1, b.minus_i(d));
    store(3, b.plus_i(d));
}

#[inline(always)]
pub fn radix8<V: Vector>(mut load: impl FnMut(usize) -> Complex<V>, mut store: impl FnMut(usize, Complex<V>)) {
    let s = V::splat(FRAC_1_SQRT_2);
    let (a0, d0) = both(load(0), load(4));
    let (a2, d2) = both(load(2), load(6));
    let (e0, e2) = both(a0, a2);
    let (p, m) = (d0.minus_i(d2), d0.plus_i(d2));
    let (a1, d1) = both(load(1), load(5));
    let (a3, d3) = both(load(3), load(7));
    let (e1, e3) = both(a1, a3);
    store(0, e0 + e1);
    store(4, e0 - e1);
    store(2, e2.minus_i(e3));
    store(6, e2.plus_i(e3));
    let (g, f) = (d1 + d3, d1 - d3);
    // W(8) · d1 + W(8)^3 · d3.
    let odd1 = Complex::new((f.re + g.im) * s, (f.im - g.re) * s);
    store(1, p + odd1);
    store(5, p - odd1);
    // The conjugate of W(8)^3 · d1 + W(8) · d3.
    let odd3 = Complex::new((g.im - f.re) * s, (f.im + g.re) * s);
    store(3, Complex::new(m.re + odd3.re, m.im - odd3.im));
    store(7, Complex::new(m.re - odd3.re, m.im + odd3.im));
}

/// Sum and difference.
#[inline(always)]
fn both<V: Vector>(a: Complex<V>, b: Complex<V>) -> (Complex<V>, Complex<V>) {
    (a + b, a - b)
}
