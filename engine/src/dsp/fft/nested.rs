//! The spectrum of a level from those of its parts, and back: the levels between the first and the leaf.

use super::kernels::complex::Complex;
use super::kernels::vector::BLOCK;
use super::level::{Level, stride};

/// Puts the spectrum of a level together at `spectrum`, as [`leaf`](super::kernels::leaf) describes it: from the three complex spectra
/// in the work area and the spectrum of the rest behind them.
///
/// # Safety
/// `work` points to the level's work area and `spectrum` to `4·points + 1` blocks elsewhere, which nobody else uses
/// meanwhile.
pub unsafe fn gather(level: &Level<'_>, work: *mut f32, spectrum: *mut f32) {
    let Level { points, positions, .. } = *level;
    let (stride, last) = (stride(points), (points - 1) * BLOCK);
    // SAFETY: all blocks lie in the level's work area, by the positions of the level's own table, and in `spectrum`.
    unsafe {
        let mut rest = work.add(level.rest_spectrum() - level.start);
        let mut to = spectrum;
        for &position in positions.iter().take(points / 2) {
            let low = work.byte_add(position as usize);
            let high = work.add(last).byte_sub(position as usize);
            Complex::load(rest).store(to);
            Complex::load(low).conjugate().store(to.add(BLOCK));
            Complex::load(low.add(stride)).store(to.add(2 * BLOCK));
            Complex::load(low.add(2 * stride)).conjugate().store(to.add(3 * BLOCK));
            Complex::load(rest.add(BLOCK)).conjugate().store(to.add(4 * BLOCK));
            Complex::load(high.add(2 * stride)).store(to.add(5 * BLOCK));
            Complex::load(high.add(stride)).conjugate().store(to.add(6 * BLOCK));
            Complex::load(high).store(to.add(7 * BLOCK));
            rest = rest.add(2 * BLOCK);
            to = to.add(8 * BLOCK);
        }
        Complex::load(rest).store(to);
    }
}

/// The inverse of [`gather`]. The complex spectra are written in their order and swapped, as the inverse wants them.
///
/// # Safety
/// As for [`gather`], the other way round.
pub unsafe fn scatter(level: &Level<'_>, spectrum: *mut f32, work: *mut f32) {
    let points = level.points;
    let stride = stride(points);
    // SAFETY: all blocks lie in the level's work area and in `spectrum`.
    unsafe {
        let mut rest = work.add(level.rest_spectrum() - level.start);
        let mut from = spectrum;
        for k in 0..points / 2 {
            let low = work.add(k * BLOCK);
            let high = work.add((points - 1 - k) * BLOCK);
            Complex::load(from).store(rest);
            Complex::load(from.add(BLOCK)).conjugate().swap().store(low);
            Complex::load(from.add(2 * BLOCK)).swap().store(low.add(stride));
            Complex::load(from.add(3 * BLOCK)).conjugate().swap().store(low.add(2 * stride));
            Complex::load(from.add(4 * BLOCK)).conjugate().store(rest.add(BLOCK));
            Complex::load(from.add(5 * BLOCK)).swap().store(high.add(2 * stride));
            Complex::load(from.add(6 * BLOCK)).conjugate().swap().store(high.add(stride));
            Complex::load(from.add(7 * BLOCK)).swap().store(high);
            rest = rest.add(2 * BLOCK);
            from = from.add(8 * BLOCK);
        }
        Complex::load(from).store(rest);
    }
}
