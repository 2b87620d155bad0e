//! The first pass of a level, and the last of its inverse.

use core::f32::consts::FRAC_1_SQRT_2;

use super::lanes::{BLOCK, Complex};
use super::level::{SPLIT_TWIDDLES, stride};
use crate::dsp::simd::{F32x4, LANES};

/// What eight real samples an eighth of the signal apart become: a sample of each of the three complex signals, without
/// its twiddle, and two of the rest.
#[inline(always)]
pub fn butterfly([x0, x1, x2, x3, x4, x5, x6, x7]: [F32x4; 8]) -> ([Complex; 3], [F32x4; 2]) {
    let s = F32x4::splat(FRAC_1_SQRT_2);
    let (a0, b0) = (x0 + x4, x0 - x4);
    let (a2, b2) = (x2 + x6, x2 - x6);
    let (a1, b1) = (x1 + x5, x1 - x5);
    let (a3, b3) = (x3 + x7, x3 - x7);
    let (f, g) = ((b1 - b3) * s, (b1 + b3) * s);
    let first = Complex::new(b0 + f, b2 + g).conjugate();
    let second = Complex::new(a0 - a2, a3 - a1);
    let third = Complex::new(b0 - f, b2 - g);
    ([first, second, third], [a0 + a2, a1 + a3])
}

/// The inverse of [`butterfly`], eight times as large, from twice the complex samples.
#[inline(always)]
pub fn inverse_butterfly([u, c, v]: [Complex; 3], [d, e]: [F32x4; 2]) -> [F32x4; 8] {
    let s = F32x4::splat(FRAC_1_SQRT_2);
    let (a0, a2) = (d + c.re, d - c.re);
    let (a1, a3) = (e - c.im, e + c.im);
    let (b0, b2) = (u.re + v.re, v.im - u.im);
    let (f, g) = (u.re - v.re, u.im + v.im);
    let (b1, minus_b3) = ((f - g) * s, (f + g) * s);
    [a0 + b0, a1 + b1, a2 + b2, a3 - minus_b3, a0 - b0, a1 - b1, a2 - b2, a3 + minus_b3]
}

/// Splits the signal of `8·POINTS` vectors at `signal`, times those at `window` if there are any, into the work area of
/// its level.
///
/// # Safety
/// `signal` and `window` point to as many vectors, `work` to the work area of a level of `POINTS`, which nobody else uses
/// meanwhile, `twiddles` to the level's `split`.
#[inline(always)]
unsafe fn split<const POINTS: usize, const WINDOWED: bool>(
    signal: *const f32,
    window: *const f32,
    work: *mut f32,
    twiddles: *const f32,
) {
    let (stride, points) = (const { stride(POINTS) }, POINTS * LANES);
    for n in 0..POINTS {
        // SAFETY: the eight vectors lie in each eighth of the signal, the results in the four parts of the work area.
        unsafe {
            let (signal, window) = (signal.wrapping_add(n * LANES), window.wrapping_add(n * LANES));
            let x = core::array::from_fn(|j| {
                let sample = F32x4::load(signal.add(j * points));
                if WINDOWED { sample * F32x4::load(window.add(j * points)) } else { sample }
            });
            let ([u, c, v], [even, odd]) = butterfly(x);
            let factors = twiddles.add(n * SPLIT_TWIDDLES);
            let (rest, place) = (work.add(3 * stride + n * LANES), work.add(n * BLOCK));
            even.store(rest);
            odd.store(rest.add(points));
            c.times(Complex::load_splat(factors.add(2))).store(place.add(stride));
            u.times(Complex::load_splat(factors)).store(place);
            v.times(Complex::load_splat(factors.add(4))).store(place.add(2 * stride));
        }
    }
}

/// The inverse of [`split`]: the three complex signals come from transforms of swapped numbers, so they are swapped
/// and in the order of `positions`.
///
/// # Safety
/// As for [`split`], with the level's `unsplit`, and nobody else uses `signal`.
#[inline(always)]
unsafe fn unsplit<const POINTS: usize>(
    signal: *mut f32,
    work: *const f32,
    twiddles: *const f32,
    positions: *const u32,
) {
    let (stride, points) = (const { stride(POINTS) }, POINTS * LANES);
    for n in 0..POINTS {
        // SAFETY: as in `split`; a position is one of the `POINTS` blocks of a complex signal.
        unsafe {
            let place = work.add(positions.add(n).read() as usize);
            let rest = work.add(3 * stride + n * LANES);
            let factors = twiddles.add(n * SPLIT_TWIDDLES);
            let signals = core::array::from_fn(|part| {
                Complex::load(place.add(part * stride))
                    .swap()
                    .times_conjugate(Complex::load_splat(factors.add(2 * part)))
            });
            let x = inverse_butterfly(signals, [F32x4::load(rest), F32x4::load(rest.add(points))]);
            for (j, sample) in x.into_iter().enumerate() {
                sample.store(signal.add(n * LANES + j * points));
            }
        }
    }
}

/// Calls the function with the points of the level as its constant.
macro_rules! for_points {
    ($points:expr, $function:ident $(, $constant:literal)?; $($argument:expr),*) => {
        match $points {
            1 => $function::<1 $(, $constant)?>($($argument),*),
            2 => $function::<2 $(, $constant)?>($($argument),*),
            4 => $function::<4 $(, $constant)?>($($argument),*),
            8 => $function::<8 $(, $constant)?>($($argument),*),
            16 => $function::<16 $(, $constant)?>($($argument),*),
            32 => $function::<32 $(, $constant)?>($($argument),*),
            64 => $function::<64 $(, $constant)?>($($argument),*),
            128 => $function::<128 $(, $constant)?>($($argument),*),
            256 => $function::<256 $(, $constant)?>($($argument),*),
            512 => $function::<512 $(, $constant)?>($($argument),*),
            1024 => $function::<1024 $(, $constant)?>($($argument),*),
            2048 => $function::<2048 $(, $constant)?>($($argument),*),
            _ => {}
        }
    };
}

/// Splits `signal` into the work area of its level.
///
/// # Safety
/// As for [`split`], without a window.
pub unsafe fn forward(points: usize, signal: *const f32, work: *mut f32, twiddles: *const f32) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, split, false; signal, signal, work, twiddles) }
}

/// Splits `signal`, times `window`, into the work area of its level.
///
/// # Safety
/// As for [`split`].
pub unsafe fn windowed(points: usize, signal: *const f32, window: *const f32, work: *mut f32, twiddles: *const f32) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, split, true; signal, window, work, twiddles) }
}

/// Puts the signals of a level together again.
///
/// # Safety
/// As for [`unsplit`].
pub unsafe fn inverse(points: usize, signal: *mut f32, work: *const f32, twiddles: *const f32, positions: *const u32) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, unsplit; signal, work, twiddles, positions) }
}
