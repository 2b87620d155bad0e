//! Short real transforms, straight line, which the rest of the last level goes through.
//!
//! Spectra of rests are kept as blocks of the bins 0 to half the length, *odd bins conjugated*: as the last pass reads
//! them. The imaginary parts of the two ends are 0.

use super::butterfly::{radix2, radix4};
use super::lanes::{BLOCK, Complex};
use super::split::{butterfly, inverse_butterfly};
use crate::dsp::simd::{F32x4, LANES};

/// The longest of these transforms.
pub const LEAF_POINTS: usize = 32;

const COS_16: f32 = 0.923_879_5;
const SIN_16: f32 = 0.382_683_43;
const COS_32: f32 = 0.980_785_25;
const SIN_32: f32 = 0.195_090_32;
const COS_3_32: f32 = 0.831_469_6;
const SIN_3_32: f32 = 0.555_570_24;
const HALF: f32 = core::f32::consts::FRAC_1_SQRT_2;

/// `W(16)` to the powers 1, 2 and 3.
const SPLIT_16: [[f32; 2]; 3] = [[COS_16, -SIN_16], [HALF, -HALF], [SIN_16, -COS_16]];

/// For `n` from 1 to 3 `W(32)` to the powers `n`, `2n` and `3n`.
const SPLIT_32: [[[f32; 2]; 3]; 3] = [
    [[COS_32, -SIN_32], [COS_16, -SIN_16], [COS_3_32, -SIN_3_32]],
    [[COS_16, -SIN_16], [HALF, -HALF], [SIN_16, -COS_16]],
    [[COS_3_32, -SIN_3_32], [SIN_16, -COS_16], [-SIN_32, -COS_32]],
];

/// Transforms `points` vectors at `signal` to `points/2 + 1` blocks at `spectrum`; a power of two from 2 to
/// [`LEAF_POINTS`].
///
/// # Safety
/// The two point to that many vectors and blocks; nobody else uses the spectrum meanwhile or writes the signal.
pub unsafe fn forward(points: usize, signal: *const f32, spectrum: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match points {
            2 => write(spectrum, real_2(read(signal))),
            4 => write(spectrum, real_4(read(signal))),
            8 => write(spectrum, real_8(read(signal))),
            16 => write(spectrum, real_16(read(signal))),
            32 => write(spectrum, real_32(read(signal))),
            _ => {}
        }
    }
}

/// The inverse of [`forward`], `points` times as large.
///
/// # Safety
/// As for [`forward`], the other way round.
pub unsafe fn inverse(points: usize, signal: *mut f32, spectrum: *const f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match points {
            2 => write_signal(signal, inverse_2(read_spectrum(spectrum))),
            4 => write_signal(signal, inverse_4(read_spectrum(spectrum))),
            8 => write_signal(signal, inverse_8(read_spectrum(spectrum))),
            16 => write_signal(signal, inverse_16(read_spectrum(spectrum))),
            32 => write_signal(signal, inverse_32(read_spectrum(spectrum))),
            _ => {}
        }
    }
}

/// # Safety
/// `signal` points to `N` vectors.
#[inline(always)]
unsafe fn read<const N: usize>(signal: *const f32) -> [F32x4; N] {
    // SAFETY: the caller's promise.
    core::array::from_fn(|n| unsafe { F32x4::load(signal.add(n * LANES)) })
}

/// # Safety
/// `spectrum` points to `BINS` blocks.
#[inline(always)]
unsafe fn read_spectrum<const BINS: usize>(spectrum: *const f32) -> [Complex; BINS] {
    // SAFETY: the caller's promise.
    core::array::from_fn(|bin| unsafe { Complex::load(spectrum.add(bin * BLOCK)) })
}

/// # Safety
/// `spectrum` points to `BINS` blocks that nobody else uses.
#[inline(always)]
unsafe fn write<const BINS: usize>(spectrum: *mut f32, bins: [Complex; BINS]) {
    for (bin, value) in bins.into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { value.store(spectrum.add(bin * BLOCK)) };
    }
}

/// # Safety
/// `signal` points to `N` vectors that nobody else uses.
#[inline(always)]
unsafe fn write_signal<const N: usize>(signal: *mut f32, samples: [F32x4; N]) {
    for (n, sample) in samples.into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { sample.store(signal.add(n * LANES)) };
    }
}

#[inline(always)]
fn factor([re, im]: [f32; 2]) -> Complex {
    Complex::new(F32x4::splat(re), F32x4::splat(im))
}

#[inline(always)]
fn real(re: F32x4) -> Complex {
    Complex::new(re, F32x4::ZERO)
}

#[inline(always)]
fn real_2([x0, x1]: [F32x4; 2]) -> [Complex; 2] {
    [real(x0 + x1), real(x0 - x1)]
}

#[inline(always)]
fn real_4([x0, x1, x2, x3]: [F32x4; 4]) -> [Complex; 3] {
    let (even, odd) = (x0 + x2, x1 + x3);
    [real(even + odd), Complex::new(x0 - x2, x1 - x3), real(even - odd)]
}

#[inline(always)]
fn real_8(x: [F32x4; 8]) -> [Complex; 5] {
    let ([u, c, v], rest) = butterfly(x);
    let [f0, f4] = real_2(rest);
    [f0, u.conjugate(), c, v.conjugate(), f4]
}

#[inline(always)]
fn real_16(x: [F32x4; 16]) -> [Complex; 9] {
    let (signals, rest) = split(x, [[[1.0, 0.0]; 3], SPLIT_16]);
    let [[u0, u1], [c0, c1], [v0, v1]] = signals.map(radix2);
    let [f0, f4, f8] = real_4([rest[0][0], rest[1][0], rest[0][1], rest[1][1]]);
    [f0, u0.conjugate(), c0, v0.conjugate(), f4.conjugate(), v1, c1.conjugate(), u1, f8]
}

#[inline(always)]
fn real_32(x: [F32x4; 32]) -> [Complex; 17] {
    let (signals, [r0, r1, r2, r3]) = split(x, [[[1.0, 0.0]; 3], SPLIT_32[0], SPLIT_32[1], SPLIT_32[2]]);
    let [u, c, v] = signals.map(radix4);
    let f = real_8([r0[0], r1[0], r2[0], r3[0], r0[1], r1[1], r2[1], r3[1]]);
    [
        f[0],
        u[0].conjugate(),
        c[0],
        v[0].conjugate(),
        f[1].conjugate(),
        v[3],
        c[3].conjugate(),
        u[3],
        f[2],
        u[1].conjugate(),
        c[1],
        v[1].conjugate(),
        f[3].conjugate(),
        v[2],
        c[2].conjugate(),
        u[2],
        f[4],
    ]
}

/// The three complex signals of `x`, twiddled, and for each point the two samples of the rest.
#[inline(always)]
fn split<const N: usize, const POINTS: usize>(
    x: [F32x4; N],
    factors: [[[f32; 2]; 3]; POINTS],
) -> ([[Complex; POINTS]; 3], [[F32x4; 2]; POINTS]) {
    let mut signals = [[Complex::default(); POINTS]; 3];
    let mut rest = [[F32x4::ZERO; 2]; POINTS];
    for n in 0..POINTS {
        let (parts, pair) = butterfly(core::array::from_fn(|j| x[n + j * POINTS]));
        rest[n] = pair;
        for (part, value) in parts.into_iter().enumerate() {
            signals[part][n] = if n == 0 { value } else { value.times(factor(factors[n][part])) };
        }
    }
    (signals, rest)
}

#[inline(always)]
fn inverse_2([f0, f1]: [Complex; 2]) -> [F32x4; 2] {
    [f0.re + f1.re, f0.re - f1.re]
}

#[inline(always)]
fn inverse_4([f0, f1, f2]: [Complex; 3]) -> [F32x4; 4] {
    let (even, odd) = (f0.re + f2.re, f0.re - f2.re);
    let (re, im) = (f1.re + f1.re, f1.im + f1.im);
    [even + re, odd + im, even - re, odd - im]
}

#[inline(always)]
fn inverse_8([f0, f1, f2, f3, f4]: [Complex; 5]) -> [F32x4; 8] {
    let twice = |z: Complex| z + z;
    inverse_butterfly([twice(f1.conjugate()), twice(f2), twice(f3.conjugate())], inverse_2([f0, f4]))
}

#[inline(always)]
fn inverse_16(f: [Complex; 9]) -> [F32x4; 16] {
    let signals = [[f[1].conjugate(), f[7]], [f[2], f[6].conjugate()], [f[3].conjugate(), f[5]]];
    let r = inverse_4([f[0], f[4].conjugate(), f[8]]);
    unsplit(
        signals.map(|signal| radix2(signal.map(Complex::swap))),
        [[r[0], r[2]], [r[1], r[3]]],
        [[[1.0, 0.0]; 3], SPLIT_16],
    )
}

#[inline(always)]
fn inverse_32(f: [Complex; 17]) -> [F32x4; 32] {
    let signals = [
        [f[1].conjugate(), f[9].conjugate(), f[15], f[7]],
        [f[2], f[10], f[14].conjugate(), f[6].conjugate()],
        [f[3].conjugate(), f[11].conjugate(), f[13], f[5]],
    ];
    let r = inverse_8([f[0], f[4].conjugate(), f[8], f[12].conjugate(), f[16]]);
    unsplit(
        signals.map(|signal| radix4(signal.map(Complex::swap))),
        [[r[0], r[4]], [r[1], r[5]], [r[2], r[6]], [r[3], r[7]]],
        [[[1.0, 0.0]; 3], SPLIT_32[0], SPLIT_32[1], SPLIT_32[2]],
    )
}

/// The inverse of [`split`], from swapped signals.
#[inline(always)]
fn unsplit<const N: usize, const POINTS: usize>(
    signals: [[Complex; POINTS]; 3],
    rest: [[F32x4; 2]; POINTS],
    factors: [[[f32; 2]; 3]; POINTS],
) -> [F32x4; N] {
    let mut x = [F32x4::ZERO; N];
    for n in 0..POINTS {
        let parts = core::array::from_fn(|part| {
            let value = signals[part][n].swap();
            let value = value + value;
            if n == 0 { value } else { value.times_conjugate(factor(factors[n][part])) }
        });
        for (j, sample) in inverse_butterfly(parts, rest[n]).into_iter().enumerate() {
            x[n + j * POINTS] = sample;
        }
    }
    x
}
