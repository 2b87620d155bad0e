//! A step of the last pass, and of the first of the inverse: bins of the four interleaved signals become bins of the whole.
//!
//! With `L = N/4`, a *group* is the four bins `K` to `K + 3` of the four signals, one block each. It gives the bins `K`,
//! `L + K`, `2L − K` and `L − K` of the whole, the last two conjugated. The group from bin `8k + 4` on comes conjugated, so it
//! is that of the bins `L − K`, and what it gives trades places. A step takes two groups, one of each kind.

use super::complex::{Complex, transpose};
use super::vector::{BLOCK, Place, Vector};

/// Samples of the twiddles of a group: three blocks.
pub const GROUP_TWIDDLES: usize = 3 * BLOCK;

/// Where the bins of a step go, or come from.
pub trait Bins<P: Place>: Copy {
    /// Takes the bins of the even group: `K` ascending, `L + K` ascending, `2L − K` and `L − K` descending.
    ///
    /// # Safety
    /// All that it takes has a place that nobody else uses meanwhile.
    unsafe fn take_even(self, bins: [Complex<P::Vector>; 4]);

    /// Takes those of the odd group: `L − K` and `2L − K` descending, `L + K` and `K` ascending.
    ///
    /// # Safety
    /// As for [`Self::take_even`].
    unsafe fn take_odd(self, bins: [Complex<P::Vector>; 4]);
}

/// The same, the other way round.
pub trait Source<P: Place>: Copy {
    /// The bins of the even group.
    ///
    /// # Safety
    /// All that it gives is there, and nobody writes it meanwhile.
    unsafe fn give_even(self) -> [Complex<P::Vector>; 4];

    /// Those of the odd group.
    ///
    /// # Safety
    /// As for [`Self::give_even`].
    unsafe fn give_odd(self) -> [Complex<P::Vector>; 4];
}

/// Where the bins of the four signals are.
#[derive(Clone, Copy)]
pub struct Step<P> {
    /// Two blocks of the spectrum of the rest.
    pub rest: P,
    /// A block of each of the complex spectra: that of the step, ...
    pub low: [P; 3],
    /// ... and as far from the end.
    pub high: [P; 3],
    /// Twiddles of both groups.
    pub factors: P,
}

/// # Safety
/// Everything is there, and nobody else uses what is written meanwhile.
#[inline(always)]
pub unsafe fn forward<P: Place>(step: Step<P>, output: impl Bins<P>) {
    let Step { rest, low: [u, c, v], high: [u_high, c_high, v_high], factors } = step;
    // SAFETY: the caller's promise.
    unsafe {
        output.take_even(group([rest, u, c, v], factors));
        output.take_odd(group([rest.after(BLOCK), v_high, c_high, u_high], factors.after(GROUP_TWIDDLES)));
    }
}

/// The four outputs of a group, whose blocks are `rows`.
///
/// # Safety
/// As for [`forward`].
#[inline(always)]
pub unsafe fn group<P: Place>(rows: [P; 4], factors: P) -> [Complex<P::Vector>; 4] {
    // SAFETY: the caller's promise.
    let (re, im) = unsafe {
        let re = transpose(rows.map(|row| row.load()));
        (re, transpose(rows.map(|row| row.after(BLOCK / 2).load())))
    };
    let number = |index: usize| Complex::new(re[index], im[index]);
    // SAFETY: the caller's promise.
    let twiddled = |index: usize| number(index).times(unsafe { Complex::load(factors.after((index - 1) * BLOCK)) });
    let y0 = number(0);
    let y2 = twiddled(2);
    let (a, b) = (y0 + y2, y0 - y2);
    let (y1, y3) = (twiddled(1), twiddled(3));
    let (e, d) = (y1 + y3, y3 - y1);
    [a + e, b.plus_i(d), Complex::new(a.re - e.re, e.im - a.im), Complex::new(b.re + d.im, d.re - b.im)]
}

/// The inverse of [`forward`], four times as large. What goes to the complex spectra is swapped, as the inverse wants it.
///
/// # Safety
/// As for [`forward`].
#[inline(always)]
pub unsafe fn inverse<P: Place>(step: Step<P>, input: impl Source<P>) {
    let Step { rest, low: [u, c, v], high: [u_high, c_high, v_high], factors } = step;
    // SAFETY: the caller's promise.
    unsafe {
        inverse_group(input.give_even(), factors, [rest, u, c, v]);
        inverse_group(input.give_odd(), factors.after(GROUP_TWIDDLES), [rest.after(BLOCK), v_high, c_high, u_high]);
    }
}

/// The inverse of [`group`]; all rows but the first are written swapped.
///
/// # Safety
/// As for [`inverse`].
#[inline(always)]
pub unsafe fn inverse_group<P: Place>([s0, s1, s2, s3]: [Complex<P::Vector>; 4], factors: P, rows: [P; 4]) {
    // SAFETY: the caller's promise.
    let factor = |index: usize| unsafe { Complex::load(factors.after((index - 1) * BLOCK)) };
    let (a, e) = with_conjugate(s0, s2);
    let (b, d) = with_conjugate(s1, s3);
    let (y0, y2) = (a + b, (a - b).times_conjugate(factor(2)));
    let (y1, y3) = (e.plus_i(d).times_conjugate(factor(1)), e.minus_i(d).times_conjugate(factor(3)));
    let re = transpose([y0.re, y1.re, y2.re, y3.re]);
    let im = transpose([y0.im, y1.im, y2.im, y3.im]);
    for (index, row) in rows.into_iter().enumerate() {
        let number = Complex::new(re[index], im[index]);
        // SAFETY: the caller's promise.
        unsafe { if index == 0 { number } else { number.swap() }.store(row) };
    }
}

/// Sum and difference with the conjugate of `b`.
#[inline(always)]
fn with_conjugate<V: Vector>(a: Complex<V>, b: Complex<V>) -> (Complex<V>, Complex<V>) {
    (Complex::new(a.re + b.re, a.im - b.im), Complex::new(a.re - b.re, a.im + b.im))
}
