//! Complex transforms in place, four at a time, one in each lane: decimation in frequency, radix 8 and 4.
//!
//! A pass of radix `r` over `n` blocks leaves `r` transforms of `n/r` blocks, and the bins that are `j` modulo `r` come
//! out of the `j`th. So the bins end up in digit-reversed places; whoever reads them finds them by [`position`]. No pass
//! moves anything across lanes, and all lanes share their twiddles.

use super::form::{leaf2, leaf4, leaf8, pass4, pass8};
use super::kernels::vector::BLOCK;
use super::twiddle::twiddle;

/// The radix of the first pass over `points` blocks. Whatever is 8 at most is one butterfly, without twiddles.
const fn radix(points: usize) -> usize {
    match points {
        0..=8 => points,
        16 | 32 => 4,
        _ => 8,
    }
}

/// Samples of the twiddles of a transform of `points`.
pub const fn twiddle_samples(points: usize) -> usize {
    let (mut points, mut samples) = (points, 0);
    while points > 8 {
        samples += pass_samples(points);
        points /= radix(points);
    }
    samples
}

const fn pass_samples(points: usize) -> usize {
    points / radix(points) * (radix(points) - 1) * 2
}

/// Computes the twiddles of a transform of `points`: of the first pass, then of the next. A pass over `n` blocks has
/// `W(n)^(jk)` for each `k`, and for it each `j` from 1.
pub fn fill_twiddles(points: usize, twiddles: &mut [f32]) {
    let mut pairs = twiddles.as_chunks_mut::<2>().0.iter_mut();
    let mut points = points;
    while points > 8 {
        let radix = radix(points);
        for k in 0..points / radix {
            for (j, pair) in (1..radix).zip(&mut pairs) {
                *pair = twiddle(points, j * k, 1.0);
            }
        }
        points /= radix;
    }
}

/// The block in which a transform of `points` leaves `bin`.
pub fn position(points: usize, bin: usize) -> usize {
    let (mut points, mut bin, mut position) = (points, bin, 0);
    while points > 8 {
        let radix = radix(points);
        points /= radix;
        position += bin % radix * points;
        bin /= radix;
    }
    position + bin
}

/// Transforms `count` times `points` blocks in place, one behind the other; `points` is a power of two up to 16384.
///
/// # Safety
/// `blocks` points to as many blocks, which nobody else uses meanwhile, and `twiddles` to what [`fill_twiddles`] wrote.
#[inline(always)]
pub unsafe fn transform(points: usize, blocks: *mut f32, count: usize, twiddles: *const f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match points {
            2 => points_2(blocks, count, twiddles),
            4 => points_4(blocks, count, twiddles),
            8 => points_8(blocks, count, twiddles),
            16 => points_16(blocks, count, twiddles),
            32 => points_32(blocks, count, twiddles),
            64 => points_64(blocks, count, twiddles),
            128 => points_128(blocks, count, twiddles),
            256 => points_256(blocks, count, twiddles),
            512 => points_512(blocks, count, twiddles),
            1024 => points_1024(blocks, count, twiddles),
            2048 => points_2048(blocks, count, twiddles),
            4096 => points_4096(blocks, count, twiddles),
            8192 => points_8192(blocks, count, twiddles),
            16384 => points_16384(blocks, count, twiddles),
            _ => {}
        }
    }
}

/// `short!(name, leaf)`: `count` transforms of one butterfly.
macro_rules! short {
    ($name:ident, $leaf:ident) => {
        /// # Safety
        /// As for [`transform`].
        unsafe fn $name(blocks: *mut f32, count: usize, _: *const f32) {
            // SAFETY: the caller's promise.
            unsafe { $leaf(blocks, count) };
        }
    };
}

short!(points_2, leaf2);
short!(points_4, leaf4);
short!(points_8, leaf8);

/// `longer!(name, points, pass, radix, shorter)`: `count` transforms, each a pass and then the shorter transforms, so that
/// these find their numbers in the cache.
macro_rules! longer {
    ($name:ident, $points:literal, $pass:ident, $radix:literal, $shorter:ident) => {
        /// # Safety
        /// As for [`transform`].
        unsafe fn $name(blocks: *mut f32, count: usize, twiddles: *const f32) {
            const { assert!(radix($points) == $radix) };
            // Short ones stay in the cache all together.
            let (together, times) = if $points <= 32 { (count, 1) } else { (1, count) };
            for time in 0..times {
                let place = blocks.wrapping_add(time * $points * BLOCK);
                // SAFETY: these are the transforms; the twiddles of the shorter ones lie behind those of the pass.
                unsafe {
                    $pass::<{ $points / $radix }>(place, twiddles, together);
                    $shorter(place, together * $radix, twiddles.add(pass_samples($points)));
                }
            }
        }
    };
}

longer!(points_16, 16, pass4, 4, points_4);
longer!(points_32, 32, pass4, 4, points_8);
longer!(points_64, 64, pass8, 8, points_8);
longer!(points_128, 128, pass8, 8, points_16);
longer!(points_256, 256, pass8, 8, points_32);
longer!(points_512, 512, pass8, 8, points_64);
longer!(points_1024, 1024, pass8, 8, points_128);
longer!(points_2048, 2048, pass8, 8, points_256);
longer!(points_4096, 4096, pass8, 8, points_512);
longer!(points_8192, 8192, pass8, 8, points_1024);
longer!(points_16384, 16384, pass8, 8, points_2048);
