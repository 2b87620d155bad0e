//! The last pass: bins of the four interleaved signals become bins of the whole, four at a time and in their order.
//!
//! With `L = N/4`, a *group* is the four bins `K` to `K + 3` of the four signals, one block each. It gives the bins `K`,
//! `L + K`, `2L − K` and `L − K` of the whole, the last two conjugated. The group from bin `8k + 4` on comes conjugated, so it
//! is that of the bins `L − K`, and what it gives trades places. What becomes of the bins is up to an [`Output`].

use core::f32::consts::FRAC_1_SQRT_2;

use super::lanes::{BLOCK, Complex, transpose};
use super::level::{Level, rest_spectrum, stride};
use super::twiddle::twiddle;
use crate::dsp::simd::{F32x4, LANES};

/// Samples of the twiddles of a group: three blocks.
const GROUP_TWIDDLES: usize = 3 * BLOCK;

/// Samples of the twiddles of all groups of a transform of `size`.
pub const fn twiddle_samples(size: usize) -> usize {
    size / 32 * GROUP_TWIDDLES
}

/// Computes the twiddles in the order of the groups: for each the three powers of `W(size)^K` for its four bins `K`.
pub fn fill_twiddles(size: usize, twiddles: &mut [f32]) {
    for (group, blocks) in twiddles.as_chunks_mut::<GROUP_TWIDDLES>().0.iter_mut().enumerate() {
        for (power, block) in (1..).zip(blocks.as_chunks_mut::<BLOCK>().0) {
            for lane in 0..LANES {
                let bin = 4 * group + lane;
                let bin = if group % 2 == 0 { bin } else { size / 4 - bin };
                let [re, im] = twiddle(size, power * bin, 1.0);
                block[lane] = re;
                block[LANES + lane] = im;
            }
        }
    }
}

/// Where the bins of a transform go.
pub trait Output {
    /// Takes the bins of the next group, an even one: `K` ascending, `L + K` ascending, `2L − K` and `L − K` descending.
    ///
    /// # Safety
    /// The output points to all that it takes, and it takes no more than the transform's number of groups.
    unsafe fn even(&mut self, bins: [Complex; 4]);

    /// Takes those of the next odd group: `L − K` and `2L − K` descending, `L + K` and `K` ascending.
    ///
    /// # Safety
    /// As for [`Self::even`].
    unsafe fn odd(&mut self, bins: [Complex; 4]);

    /// Takes the two bins that no group has, `L/2` and `3L/2`, after all groups.
    ///
    /// # Safety
    /// As for [`Self::even`].
    unsafe fn left_over(&mut self, bins: [[f32; 2]; 2]);
}

/// Gathers the spectra in the work area of the first level and gives the whole one to `output`.
///
/// # Safety
/// `work` points to the work area of the level, which nobody writes meanwhile, `twiddles` to the table of the size; the
/// output is made for the size.
#[inline(always)]
pub unsafe fn forward(level: &Level<'_>, work: *const f32, twiddles: *const f32, mut output: impl Output) {
    let Level { points, positions, .. } = *level;
    let (stride, last) = (stride(points), (points - 1) * BLOCK);
    // SAFETY: all blocks lie in the level's work area, by the positions of the level's own table, and there are
    // `points` groups.
    unsafe {
        let mut rest = work.add(rest_spectrum(points));
        let mut factors = twiddles;
        for &position in positions.iter().take(points / 2) {
            let low = work.add(position as usize);
            let high = work.add(last - position as usize);
            output.even(group([rest, low, low.add(stride), low.add(2 * stride)], factors));
            output.odd(group(
                [rest.add(BLOCK), high.add(2 * stride), high.add(stride), high],
                factors.add(GROUP_TWIDDLES),
            ));
            rest = rest.add(2 * BLOCK);
            factors = factors.add(2 * GROUP_TWIDDLES);
        }
        if points == 1 {
            output.even(group([rest, work, work.add(stride), work.add(2 * stride)], factors));
            rest = rest.add(BLOCK);
        }
        output.left_over(left_over(F32x4::load(rest).to_array()));
    }
}

/// The four outputs of a group. The last two are those of the bins themselves, conjugated.
///
/// # Safety
/// The pointers are to blocks, and to the group's twiddles.
#[inline(always)]
unsafe fn group(rows: [*const f32; 4], twiddles: *const f32) -> [Complex; 4] {
    // SAFETY: the caller's promise.
    let [y0, y1, y2, y3] = transpose(rows.map(|row| unsafe { Complex::load(row) }));
    // SAFETY: the caller's promise.
    let [w1, w2, w3] = core::array::from_fn(|power| unsafe { Complex::load(twiddles.add(power * BLOCK)) });
    let (y1, y2, y3) = (y1.times(w1), y2.times(w2), y3.times(w3));
    let (a, b) = (y0 + y2, y0 - y2);
    let (e, d) = (y1 + y3, y3 - y1);
    [a + e, b.plus_i(d), Complex::new(a.re - e.re, e.im - a.im), Complex::new(b.re + d.im, d.re - b.im)]
}

/// Bin `L/2` of the four signals is real; of the whole it gives the bins `L/2` and `3L/2`.
#[inline(always)]
fn left_over([f0, f1, f2, f3]: [f32; 4]) -> [[f32; 2]; 2] {
    let (f, g) = (FRAC_1_SQRT_2 * (f1 - f3), FRAC_1_SQRT_2 * (f1 + f3));
    [[f0 + f, -f2 - g], [f0 - f, f2 - g]]
}

/// Where the bins of an inverse transform come from.
pub trait Input {
    /// The bins of the next group, an even one, as [`Output::even`] took them.
    ///
    /// # Safety
    /// The input points to all that it gives, and is asked for no more than the transform's number of groups.
    unsafe fn even(&mut self) -> [Complex; 4];

    /// Those of the next odd group.
    ///
    /// # Safety
    /// As for [`Self::even`].
    unsafe fn odd(&mut self) -> [Complex; 4];

    /// The bins `L/2` and `3L/2`, after all groups.
    ///
    /// # Safety
    /// As for [`Self::even`].
    unsafe fn left_over(&mut self) -> [[f32; 2]; 2];
}

/// The inverse of [`forward`], four times as large. The complex spectra are written in their order and swapped, as the
/// inverse wants them.
///
/// # Safety
/// As for [`forward`], and nobody else uses the work area.
#[inline(always)]
pub unsafe fn inverse(level: &Level<'_>, mut input: impl Input, work: *mut f32, twiddles: *const f32) {
    let points = level.points;
    let stride = stride(points);
    // SAFETY: all blocks lie in the level's work area, and there are `points` groups.
    unsafe {
        let mut rest = work.add(rest_spectrum(points));
        let mut factors = twiddles;
        for k in 0..points / 2 {
            let low = work.add(k * BLOCK);
            let high = work.add((points - 1 - k) * BLOCK);
            inverse_group(input.even(), factors, [rest, low, low.add(stride), low.add(2 * stride)]);
            inverse_group(
                input.odd(),
                factors.add(GROUP_TWIDDLES),
                [rest.add(BLOCK), high.add(2 * stride), high.add(stride), high],
            );
            rest = rest.add(2 * BLOCK);
            factors = factors.add(2 * GROUP_TWIDDLES);
        }
        if points == 1 {
            inverse_group(input.even(), factors, [rest, work, work.add(stride), work.add(2 * stride)]);
            rest = rest.add(BLOCK);
        }
        Complex::new(F32x4::new(inverse_left_over(input.left_over())), F32x4::ZERO).store(rest);
    }
}

/// # Safety
/// As for [`group`]; the first row is written as it is, the others swapped.
#[inline(always)]
unsafe fn inverse_group([s0, s1, s2, s3]: [Complex; 4], twiddles: *const f32, rows: [*mut f32; 4]) {
    // SAFETY: the caller's promise.
    let [w1, w2, w3] = core::array::from_fn(|power| unsafe { Complex::load(twiddles.add(power * BLOCK)) });
    let a = Complex::new(s0.re + s2.re, s0.im - s2.im);
    let e = Complex::new(s0.re - s2.re, s0.im + s2.im);
    let b = Complex::new(s1.re + s3.re, s1.im - s3.im);
    let d = Complex::new(s1.re - s3.re, s1.im + s3.im);
    let [r0, r1, r2, r3] = transpose([
        a + b,
        e.plus_i(d).times_conjugate(w1),
        (a - b).times_conjugate(w2),
        e.minus_i(d).times_conjugate(w3),
    ]);
    for (row, value) in rows.into_iter().zip([r0, r1.swap(), r2.swap(), r3.swap()]) {
        // SAFETY: the caller's promise.
        unsafe { value.store(row) };
    }
}

#[inline(always)]
fn inverse_left_over([[p, q], [r, t]]: [[f32; 2]; 2]) -> [f32; 4] {
    let root = core::f32::consts::SQRT_2;
    [2.0 * (p + r), root * (p - r - q - t), 2.0 * (t - q), root * (r - p - q - t)]
}
