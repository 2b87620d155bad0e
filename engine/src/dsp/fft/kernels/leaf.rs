//! Short real transforms, straight line, which the last rest goes through.
//!
//! Spectra of rests are kept as blocks of the bins 0 to half the length, *odd bins conjugated*: as the last pass reads
//! them. The imaginary parts of the two ends are 0.

use super::complex::Complex;
use super::split::{butterfly, conjugate_times, inverse_butterfly};
use super::vector::{BLOCK, LANES, Place, Vector};

/// The longest of these transforms.
pub const LEAF_POINTS: usize = 32;

const COS_16: f32 = 0.923_879_5;
const SIN_16: f32 = 0.382_683_43;
const COS_32: f32 = 0.980_785_25;
const SIN_32: f32 = 0.195_090_32;
const COS_3_32: f32 = 0.831_469_6;
const SIN_3_32: f32 = 0.555_570_24;
const HALF: f32 = core::f32::consts::FRAC_1_SQRT_2;

/// For each point `n` after the first, `W(16)` to the powers `n`, `2n` and `3n`.
const SPLIT_16: [[[f32; 2]; 3]; 1] = [[[COS_16, -SIN_16], [HALF, -HALF], [SIN_16, -COS_16]]];

/// The same of `W(32)`.
const SPLIT_32: [[[f32; 2]; 3]; 3] = [
    [[COS_32, -SIN_32], [COS_16, -SIN_16], [COS_3_32, -SIN_3_32]],
    [[COS_16, -SIN_16], [HALF, -HALF], [SIN_16, -COS_16]],
    [[COS_3_32, -SIN_3_32], [SIN_16, -COS_16], [-SIN_32, -COS_32]],
];

/// `leaf!(name, inverse name, points, half the points, transform, inverse transform)`: from and to memory.
macro_rules! leaf {
    ($name:ident, $inverse_name:ident, $points:literal, $half:literal, $transform:ident, $inverse:ident) => {
        /// Transforms the vectors at `signal` to `points/2 + 1` blocks at `spectrum`.
        ///
        /// # Safety
        /// The two point to that many vectors and blocks; nobody else uses the spectrum meanwhile or writes the signal.
        #[inline(always)]
        pub unsafe fn $name<P: Place>(signal: P, spectrum: P) {
            // SAFETY: the caller's promise.
            unsafe {
                let bins: [Complex<P::Vector>; $half + 1] = $transform(|n| signal.after(n * LANES).load());
                for (bin, value) in bins.into_iter().enumerate() {
                    value.store(spectrum.after(bin * BLOCK));
                }
            }
        }

        /// The inverse, `points` times as large.
        ///
        /// # Safety
        /// The same, the other way round.
        #[inline(always)]
        pub unsafe fn $inverse_name<P: Place>(signal: P, spectrum: P) {
            // SAFETY: the caller's promise.
            unsafe {
                let samples: [P::Vector; $points] = $inverse(|bin| Complex::load(spectrum.after(bin * BLOCK)));
                for (n, sample) in samples.into_iter().enumerate() {
                    signal.after(n * LANES).store(sample);
                }
            }
        }
    };
}

leaf!(forward2, inverse2, 2, 1, real_2, inverse_2);
leaf!(forward4, inverse4, 4, 2, real_4, inverse_4);
leaf!(forward8, inverse8, 8, 4, real_8, inverse_8);
leaf!(forward16, inverse16, 16, 8, real_16, inverse_16);
leaf!(forward32, inverse32, 32, 16, real_32, inverse_32);

#[inline(always)]
fn real<V: Vector>(re: V) -> Complex<V> {
    Complex::new(re, V::splat(0.0))
}

#[inline(always)]
fn real_2<V: Vector>(x: impl Fn(usize) -> V) -> [Complex<V>; 2] {
    let (x0, x1) = (x(0), x(1));
    [real(x0 + x1), real(x0 - x1)]
}

#[inline(always)]
fn real_4<V: Vector>(x: impl Fn(usize) -> V) -> [Complex<V>; 3] {
    let (x0, x2, x1, x3) = (x(0), x(2), x(1), x(3));
    let (even, odd) = (x0 + x2, x1 + x3);
    [real(even + odd), Complex::new(x0 - x2, x1 - x3), real(even - odd)]
}

#[inline(always)]
fn real_8<V: Vector>(x: impl Fn(usize) -> V) -> [Complex<V>; 5] {
    let ([u, c, v], rest) = butterfly(core::array::from_fn(x));
    let [f0, f4] = real_2(|n| rest[n % 2]);
    [f0, u, c, v.conjugate(), f4]
}

#[inline(always)]
fn real_16<V: Vector>(x: impl Fn(usize) -> V) -> [Complex<V>; 9] {
    let points: [_; 2] = split(x, SPLIT_16);
    let [[u0, u1], [c0, c1], [v0, v1]] = [0, 1, 2].map(|part| {
        let (x0, x1) = (points[0].0[part % 3], points[1].0[part % 3]);
        [x0 + x1, x0 - x1]
    });
    let [f0, f4, f8] = real_4(|n| points[n % 2].1[n / 2 % 2]);
    [f0, u0.conjugate(), c0, v0.conjugate(), f4.conjugate(), v1, c1.conjugate(), u1, f8]
}

#[inline(always)]
fn real_32<V: Vector>(x: impl Fn(usize) -> V) -> [Complex<V>; 17] {
    let points: [_; 4] = split(x, SPLIT_32);
    let [u, c, v] = [0, 1, 2].map(|part| four(points.map(|(parts, _)| parts[part % 3])));
    let f = real_8(|n| points[n % 4].1[n / 4 % 2]);
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

/// A complex transform of four.
#[inline(always)]
fn four<V: Vector>([x0, x1, x2, x3]: [Complex<V>; 4]) -> [Complex<V>; 4] {
    let (a, b) = (x0 + x2, x0 - x2);
    let (c, d) = (x1 + x3, x1 - x3);
    [a + c, b.minus_i(d), a - c, b.plus_i(d)]
}

/// For each point the numbers of the three complex signals, twiddled, and two of the rest. The factors are those of the
/// points after the first.
#[inline(always)]
fn split<V: Vector, const FACTORS: usize, const POINTS: usize>(
    x: impl Fn(usize) -> V,
    factors: [[[f32; 2]; 3]; FACTORS],
) -> [([Complex<V>; 3], [V; 2]); POINTS] {
    core::array::from_fn(|n| {
        let ([first, second, third], rest) = butterfly(core::array::from_fn(|j| x(n + j * POINTS)));
        let parts = if n == 0 {
            [first.conjugate(), second, third]
        } else {
            let [w1, w2, w3] = factors[n - 1].map(Complex::splat);
            [conjugate_times(first, w1), second.times(w2), third.times(w3)]
        };
        (parts, rest)
    })
}

#[inline(always)]
fn inverse_2<V: Vector>(f: impl Fn(usize) -> Complex<V>) -> [V; 2] {
    let (f0, f1) = (f(0).re, f(1).re);
    [f0 + f1, f0 - f1]
}

#[inline(always)]
fn inverse_4<V: Vector>(f: impl Fn(usize) -> Complex<V>) -> [V; 4] {
    let (f0, f2, f1) = (f(0).re, f(2).re, f(1));
    let (even, odd) = (f0 + f2, f0 - f2);
    let (re, im) = (f1.re + f1.re, f1.im + f1.im);
    [even + re, odd + im, even - re, odd - im]
}

#[inline(always)]
fn inverse_8<V: Vector>(f: impl Fn(usize) -> Complex<V>) -> [V; 8] {
    let rest = inverse_2(|bin| f(4 * bin));
    inverse_butterfly([f(1).conjugate(), f(2), f(3).conjugate()].map(twice), rest)
}

#[inline(always)]
fn inverse_16<V: Vector>(f: impl Fn(usize) -> Complex<V>) -> [V; 16] {
    let signals = [[f(1).conjugate(), f(7)], [f(2), f(6).conjugate()], [f(3).conjugate(), f(5)]]
        .map(|[x0, x1]| [x0 + x1, x0 - x1]);
    let rest = inverse_4(|bin| if bin == 1 { f(4).conjugate() } else { f(4 * bin) });
    unsplit(signals, rest, SPLIT_16)
}

#[inline(always)]
fn inverse_32<V: Vector>(f: impl Fn(usize) -> Complex<V>) -> [V; 32] {
    let signals = [
        [f(1).conjugate(), f(9).conjugate(), f(15), f(7)],
        [f(2), f(10), f(14).conjugate(), f(6).conjugate()],
        [f(3).conjugate(), f(11).conjugate(), f(13), f(5)],
    ];
    let rest = inverse_8(|bin| if bin % 2 == 1 { f(4 * bin).conjugate() } else { f(4 * bin) });
    unsplit(signals.map(|signal| four(signal.map(Complex::swap)).map(Complex::swap)), rest, SPLIT_32)
}

/// The inverse of [`split`].
#[inline(always)]
fn unsplit<V: Vector, const FACTORS: usize, const POINTS: usize, const REST: usize, const N: usize>(
    signals: [[Complex<V>; POINTS]; 3],
    rest: [V; REST],
    factors: [[[f32; 2]; 3]; FACTORS],
) -> [V; N] {
    let points: [[V; 8]; POINTS] = core::array::from_fn(|n| {
        let parts = core::array::from_fn(|part| {
            let number = twice(signals[part][n]);
            if n == 0 { number } else { number.times_conjugate(Complex::splat(factors[n - 1][part])) }
        });
        inverse_butterfly(parts, [rest[n], rest[n + POINTS]])
    });
    core::array::from_fn(|n| points[n % POINTS][n / POINTS])
}

#[inline(always)]
fn twice<V: Vector>(number: Complex<V>) -> Complex<V> {
    number + number
}
