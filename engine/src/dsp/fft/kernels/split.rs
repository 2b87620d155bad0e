//! A step of the first pass of a level, and of the last of its inverse.

use core::f32::consts::FRAC_1_SQRT_2;

use super::complex::Complex;
use super::vector::{BLOCK, LANES, Place, Vector};

/// Samples of the three twiddles of a step.
pub const SPLIT_TWIDDLES: usize = 6;

/// Samples from one signal of a level to the next. The long ones are 192 bytes further apart than they need be: at powers
/// of two they would fight for the same lines of the cache.
pub const fn stride(points: usize) -> usize {
    points * BLOCK + if points >= 64 { 48 } else { 0 }
}

/// Where a step finds and leaves its numbers.
#[derive(Clone, Copy)]
pub struct Step<P> {
    /// Eight samples, an eighth of the signal apart.
    pub signal: P,
    /// How many samples that is.
    pub eighth: usize,
    /// A block of each of the three complex signals.
    pub signals: P,
    /// Samples from one of those to the next.
    pub stride: usize,
    /// Two samples of the rest, also `eighth` apart.
    pub rest: P,
    /// Powers 1, 2 and 3 of the step's twiddle.
    pub factors: P,
}

/// What eight real samples an eighth of the signal apart become: a sample of each of the three complex signals, without
/// its twiddle and the first one conjugated, and two of the rest.
#[inline(always)]
pub fn butterfly<V: Vector>([x0, x1, x2, x3, x4, x5, x6, x7]: [V; 8]) -> ([Complex<V>; 3], [V; 2]) {
    let s = V::splat(FRAC_1_SQRT_2);
    let (a0, b0) = (x0 + x4, x0 - x4);
    let (a2, b2) = (x2 + x6, x2 - x6);
    let (a1, b1) = (x1 + x5, x1 - x5);
    let (a3, b3) = (x3 + x7, x3 - x7);
    let (f, g) = ((b1 - b3) * s, (b1 + b3) * s);
    let first = Complex::new(b0 + f, b2 + g);
    let second = Complex::new(a0 - a2, a3 - a1);
    let third = Complex::new(b0 - f, b2 - g);
    ([first, second, third], [a0 + a2, a1 + a3])
}

/// # Safety
/// Everything is there, and nobody else uses what is written meanwhile. The eight factors of a window lie one
/// behind the other.
#[inline(always)]
pub unsafe fn split<P: Place>(step: Step<P>, window: Option<P>) {
    let Step { signal, eighth, signals, stride, rest, factors } = step;
    // SAFETY: the caller's promise.
    unsafe {
        let load = |j: usize| {
            let sample = signal.after(j * eighth).load();
            match window {
                Some(window) => sample * window.after(j * LANES).load(),
                None => sample,
            }
        };
        // In the order in which the butterfly wants them.
        let (x0, x4, x2, x6) = (load(0), load(4), load(2), load(6));
        let (x1, x5, x3, x7) = (load(1), load(5), load(3), load(7));
        let ([first, second, third], [even, odd]) = butterfly([x0, x1, x2, x3, x4, x5, x6, x7]);
        rest.store(even);
        rest.after(eighth).store(odd);
        let factor = |part: usize| Complex::load_splat(factors.after(2 * part));
        second.times(factor(1)).store(signals.after(stride));
        conjugate_times(first, factor(0)).store(signals);
        third.times(factor(2)).store(signals.after(2 * stride));
    }
}

/// The product of the conjugate of `number` with `factor`.
#[inline(always)]
pub fn conjugate_times<V: Vector>(number: Complex<V>, factor: Complex<V>) -> Complex<V> {
    Complex::new(number.re * factor.re + number.im * factor.im, number.re * factor.im - number.im * factor.re)
}

/// The inverse of [`butterfly`], eight times as large, from twice the complex samples, none of them conjugated.
#[inline(always)]
pub fn inverse_butterfly<V: Vector>([u, c, v]: [Complex<V>; 3], [d, e]: [V; 2]) -> [V; 8] {
    let s = V::splat(FRAC_1_SQRT_2);
    let (a0, a2) = (d + c.re, d - c.re);
    let (a1, a3) = (e - c.im, e + c.im);
    let (b0, f) = (u.re + v.re, u.re - v.re);
    let (b2, g) = (v.im - u.im, u.im + v.im);
    let (b1, minus_b3) = ((f - g) * s, (f + g) * s);
    [a0 + b0, a1 + b1, a2 + b2, a3 - minus_b3, a0 - b0, a1 - b1, a2 - b2, a3 + minus_b3]
}

/// The inverse of [`split`]: the numbers of the three signals come swapped, from transforms of swapped numbers.
///
/// # Safety
/// As for [`split`].
#[inline(always)]
pub unsafe fn unsplit<P: Place>(step: Step<P>) {
    let Step { signal, eighth, signals, stride, rest, factors } = step;
    // SAFETY: the caller's promise.
    unsafe {
        let number = |part: usize| {
            let number = Complex::load(signals.after(part * stride)).swap();
            number.times_conjugate(Complex::load_splat(factors.after(2 * part)))
        };
        let samples = inverse_butterfly([number(0), number(1), number(2)], [rest.load(), rest.after(eighth).load()]);
        for (j, sample) in samples.into_iter().enumerate() {
            signal.after(j * eighth).store(sample);
        }
    }
}
