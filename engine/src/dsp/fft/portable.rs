//! The passes as loops over their steps, for a compiler to make the best of.

use core::array::from_fn;

use super::kernels::complex::Complex;
use super::kernels::last::{self, Bins, Source};
use super::kernels::order::{Natural, Power, Runs, Unordered};
use super::kernels::split::{SPLIT_TWIDDLES, Step, split as split_step, unsplit as unsplit_step};
use super::kernels::vector::{BLOCK, LANES, Place, Vector};
use super::kernels::{leaf, passes, products};
use super::level::stride;
use super::spectra::Spectra;
use crate::dsp::simd::F32x4;

impl Vector for F32x4 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self::splat(value)
    }

    #[inline(always)]
    fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self {
        self.shuffle::<A, B, C, D>(other)
    }
}

impl Place for *mut f32 {
    type Vector = F32x4;

    #[inline(always)]
    fn after(self, samples: usize) -> Self {
        self.wrapping_add(samples)
    }

    #[inline(always)]
    unsafe fn load(self) -> F32x4 {
        // SAFETY: the caller's promise.
        unsafe { F32x4::load(self) }
    }

    #[inline(always)]
    unsafe fn load_splat(self) -> F32x4 {
        // SAFETY: the caller's promise.
        unsafe { F32x4::load_splat(self) }
    }

    #[inline(always)]
    unsafe fn store(self, vector: F32x4) {
        // SAFETY: the caller's promise.
        unsafe { vector.store(self) };
    }
}

/// `pass!(name, radix)`: `count` passes, one behind the other, over `STRIDE` times the radix blocks each, and their
/// twiddles.
macro_rules! pass {
    ($name:ident, $radix:literal) => {
        /// # Safety
        /// `blocks` points to the blocks, which nobody else uses meanwhile, and `twiddles` to the twiddles.
        pub unsafe fn $name<const STRIDE: usize>(blocks: *mut f32, twiddles: *const f32, count: usize) {
            for transform in 0..count {
                let first = blocks.wrapping_add(transform * STRIDE * $radix * BLOCK);
                for step in 0..STRIDE {
                    let factors = twiddles.wrapping_add(step * 2 * ($radix - 1)).cast_mut();
                    // SAFETY: the steps run over the first of the sub-blocks, which are `STRIDE` blocks apart.
                    unsafe { passes::$name(first.wrapping_add(step * BLOCK), STRIDE * BLOCK, factors) };
                }
            }
        }
    };
}

pass!(pass4, 4);
pass!(pass8, 8);

/// `leaf!(name, points)`: `count` transforms without twiddles, one behind the other.
macro_rules! leaf {
    ($name:ident, $points:literal) => {
        /// # Safety
        /// `blocks` points to the blocks, which nobody else uses meanwhile.
        pub unsafe fn $name(blocks: *mut f32, count: usize) {
            for transform in 0..count {
                // SAFETY: this is one of them.
                unsafe { passes::$name(blocks.wrapping_add(transform * $points * BLOCK)) };
            }
        }
    };
}

leaf!(leaf2, 2);
leaf!(leaf4, 4);
leaf!(leaf8, 8);

#[inline(always)]
fn split_places<const POINTS: usize>(
    n: usize,
    signal: *const f32,
    signals: *mut f32,
    work: *mut f32,
    twiddles: *const f32,
) -> Step<*mut f32> {
    Step {
        signal: signal.wrapping_add(n * LANES).cast_mut(),
        eighth: POINTS * LANES,
        signals,
        stride: const { stride(POINTS) },
        rest: work.wrapping_add(const { 3 * stride(POINTS) }).wrapping_add(n * LANES),
        factors: twiddles.wrapping_add(n * SPLIT_TWIDDLES).cast_mut(),
    }
}

/// Splits the signal of `8·POINTS` vectors at `signal` into the work area of its level.
///
/// # Safety
/// `signal` points to as many vectors, `work` to the work area of a level of `POINTS`, which nobody else uses meanwhile,
/// `twiddles` to the level's `split`.
pub unsafe fn split<const POINTS: usize>(signal: *const f32, work: *mut f32, twiddles: *const f32) {
    for n in 0..POINTS {
        let step = split_places::<POINTS>(n, signal, work.wrapping_add(n * BLOCK), work, twiddles);
        // SAFETY: the eight vectors lie in each eighth of the signal, the results in the four parts of the work area.
        unsafe { split_step(step, None) };
    }
}

/// The same, times a window in the order of the steps, eight vectors each: in its own order it and the signal would fight
/// for the same lines of the cache.
///
/// # Safety
/// As for [`split`], and `window` points to as many vectors as `signal`.
pub unsafe fn split_windowed<const POINTS: usize>(
    signal: *const f32,
    window: *const f32,
    work: *mut f32,
    twiddles: *const f32,
) {
    for n in 0..POINTS {
        let step = split_places::<POINTS>(n, signal, work.wrapping_add(n * BLOCK), work, twiddles);
        // SAFETY: as in `split`.
        unsafe { split_step(step, Some(window.wrapping_add(8 * n * LANES).cast_mut())) };
    }
}

/// The inverse of [`split`]: the three complex signals come from transforms of swapped numbers, so they are swapped and in
/// the order of `positions`.
///
/// # Safety
/// As for [`split`], with the level's `unsplit` and `positions`, and nobody else uses `signal`.
pub unsafe fn unsplit<const POINTS: usize>(
    signal: *mut f32,
    work: *const f32,
    twiddles: *const f32,
    positions: *const u32,
) {
    let work = work.cast_mut();
    for n in 0..POINTS {
        // SAFETY: as in `split`; there are as many positions, each that of one of the `POINTS` blocks of a complex signal.
        unsafe {
            let place = work.wrapping_byte_add(positions.add(n).read() as usize);
            unsplit_step(split_places::<POINTS>(n, signal, place, work, twiddles));
        }
    }
}

/// `short!(name)`: a transform of one of the lengths of [`leaf`].
macro_rules! short {
    ($($name:ident),*) => {
        $(
            /// # Safety
            /// As for the one in [`leaf`].
            pub unsafe fn $name(signal: *mut f32, spectrum: *mut f32) {
                // SAFETY: the caller's promise.
                unsafe { leaf::$name(signal, spectrum) };
            }
        )*
    };
}

short!(forward16, forward32, inverse16, inverse32);

/// The steps of the last pass, each to the output that `output` gives for its number.
///
/// # Safety
/// The spectra are there, and the outputs are made for them.
#[inline(always)]
unsafe fn forward<B: Bins<*mut f32>>(spectra: &Spectra, output: impl Fn(usize) -> B) {
    for pair in 0..spectra.pairs {
        // SAFETY: there are as many positions as pairs, each that of a block of the complex spectra.
        unsafe {
            let position = spectra.positions.add(pair).read() as usize;
            last::forward(step(spectra, pair, position), output(pair));
        }
    }
}

/// The same for the inverse, whose complex spectra are in their order.
///
/// # Safety
/// As for [`forward`].
#[inline(always)]
unsafe fn inverse<S: Source<*mut f32>>(spectra: &Spectra, input: impl Fn(usize) -> S) {
    for pair in 0..spectra.pairs {
        // SAFETY: the pairs are blocks of the complex spectra.
        unsafe { last::inverse(step(spectra, pair, pair * BLOCK * size_of::<f32>()), input(pair)) };
    }
}

#[inline(always)]
fn step(spectra: &Spectra, pair: usize, position: usize) -> last::Step<*mut f32> {
    let low = spectra.first.wrapping_byte_add(position);
    let high = spectra.last.wrapping_byte_sub(position);
    last::Step {
        rest: spectra.rest.wrapping_add(pair * 2 * BLOCK),
        low: from_fn(|part| low.wrapping_add(part * spectra.stride)),
        high: from_fn(|part| high.wrapping_add(part * spectra.stride)),
        factors: spectra.twiddles.wrapping_add(pair * 2 * last::GROUP_TWIDDLES).cast_mut(),
    }
}

#[inline(always)]
fn runs<const SAMPLES: usize>(runs: Runs<*mut f32>, pair: usize) -> Runs<*mut f32> {
    Runs {
        ascending: runs.ascending.map(|run| run.wrapping_add(pair * 8 * SAMPLES)),
        descending: runs.descending.map(|run| run.wrapping_sub(pair * 8 * SAMPLES)),
    }
}

/// The last pass to natural order.
///
/// # Safety
/// The spectra are there, and the runs are those of the bins of a transform of their size.
pub unsafe fn to_natural(spectra: &Spectra, first: Runs<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe { forward(spectra, |pair| Natural(runs::<2>(first, pair))) };
}

/// The last pass to powers.
///
/// # Safety
/// As for [`to_natural`], with the runs of the powers.
pub unsafe fn to_power(spectra: &Spectra, first: Runs<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe { forward(spectra, |pair| Power(runs::<1>(first, pair))) };
}

/// The last pass to blocks one behind the other.
///
/// # Safety
/// As for [`to_natural`], with room for the blocks.
pub unsafe fn to_unordered(spectra: &Spectra, first: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { forward(spectra, |pair| Unordered(first.wrapping_add(pair * 8 * BLOCK))) };
}

/// The first pass of the inverse, from natural order.
///
/// # Safety
/// As for [`to_natural`]; it writes the spectra and only reads the bins.
pub unsafe fn from_natural(spectra: &Spectra, first: Runs<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe { inverse(spectra, |pair| Natural(runs::<2>(first, pair))) };
}

/// The first pass of the inverse, from blocks one behind the other.
///
/// # Safety
/// As for [`to_unordered`]; it writes the spectra and only reads the blocks.
pub unsafe fn from_unordered(spectra: &Spectra, first: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { inverse(spectra, |pair| Unordered(first.wrapping_add(pair * 8 * BLOCK))) };
}

/// A group that has no other: the only one of the shortest transform.
///
/// # Safety
/// As for [`last::group`] and the output.
pub unsafe fn single(rows: [*mut f32; 4], twiddles: *const f32, output: impl Bins<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe { output.take_even(last::group(rows, twiddles.cast_mut())) };
}

/// The inverse of [`single`].
///
/// # Safety
/// As for [`last::inverse_group`] and the input.
pub unsafe fn inverse_single(rows: [*mut f32; 4], twiddles: *const f32, input: impl Source<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe { last::inverse_group(input.give_even(), twiddles.cast_mut(), rows) };
}

/// `products!(name, adds)`: the products of `PAIRS` pairs of spectra of `blocks` blocks, summed in their order.
macro_rules! products {
    ($name:ident, $adds:literal) => {
        /// # Safety
        /// `sum` and each address of the pairs point to as many blocks; nobody writes the pairs nor uses the sum meanwhile.
        pub unsafe fn $name<const PAIRS: usize>(sum: *mut f32, pairs: *const [*const f32; 2], blocks: usize) {
            for block in 0..blocks {
                // SAFETY: one of the blocks of each.
                unsafe {
                    let place = |address: *const f32| address.wrapping_add(block * BLOCK).cast_mut();
                    let pairs: [_; PAIRS] = from_fn(|pair| pairs.wrapping_add(pair).read().map(place));
                    products::products(place(sum), pairs, $adds);
                }
            }
        }
    };
}

products!(multiply, false);
products!(multiply_accumulate, true);

/// Four interleaved complex numbers to a block, or, with `SWAP`, swapped; `count` times.
///
/// # Safety
/// `from` and `to` point to as many; nobody else uses `to` meanwhile.
pub unsafe fn deinterleave<const SWAP: bool>(from: *const f32, to: *mut f32, count: usize) {
    for block in 0..count {
        let from = from.wrapping_add(block * BLOCK).cast_mut();
        // SAFETY: the caller's promise.
        unsafe {
            let (low, high) = (Place::load(from), Place::load(from.after(LANES)));
            let numbers = Complex::new(low.shuffle::<0, 2, 4, 6>(high), low.shuffle::<1, 3, 5, 7>(high));
            if SWAP { numbers.swap() } else { numbers }.store(to.wrapping_add(block * BLOCK));
        }
    }
}
