//! Steps of the complex transforms in place.

use super::butterfly::{radix2, radix4, radix8};
use super::complex::Complex;
use super::vector::{BLOCK, Place};

/// `pass!(name, radix)`: a step with twiddles, over blocks `stride` samples apart from `blocks` on. `factors` are the
/// twiddles of the bins from 1 on.
macro_rules! pass {
    ($name:ident, $radix:ident) => {
        /// # Safety
        /// The blocks are there and nobody else uses them meanwhile, and for each but the first there is a twiddle.
        #[inline(always)]
        pub unsafe fn $name<P: Place>(blocks: P, stride: usize, factors: P) {
            $radix(
                // SAFETY: the caller's promise.
                |j| unsafe { Complex::load(blocks.after(j * stride)) },
                // SAFETY: the caller's promise.
                |j, bin| unsafe {
                    let bin = if j == 0 { bin } else { bin.times(Complex::load_splat(factors.after(2 * (j - 1)))) };
                    bin.store(blocks.after(j * stride));
                },
            );
        }
    };
}

pass!(pass4, radix4);
pass!(pass8, radix8);

/// `leaf!(name, radix)`: a step without twiddles, over blocks one behind the other.
macro_rules! leaf {
    ($name:ident, $radix:ident) => {
        /// # Safety
        /// The blocks are there and nobody else uses them meanwhile.
        #[inline(always)]
        pub unsafe fn $name<P: Place>(blocks: P) {
            $radix(
                // SAFETY: the caller's promise.
                |j| unsafe { Complex::load(blocks.after(j * BLOCK)) },
                // SAFETY: the caller's promise.
                |j, bin| unsafe { bin.store(blocks.after(j * BLOCK)) },
            );
        }
    };
}

leaf!(leaf2, radix2);
leaf!(leaf4, radix4);
leaf!(leaf8, radix8);
