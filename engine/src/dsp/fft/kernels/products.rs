//! A step of a sum of products of spectra.

use super::complex::Complex;
use super::vector::Place;

/// Pairs of spectra whose products one pass sums, at most: their addresses find room in the registers of every processor.
pub const PAIRS: usize = 4;

/// The products of the lanes of each pair of blocks, summed in their order: written to `sum`, or with `adds` added to what is
/// there.
///
/// # Safety
/// All are blocks; nobody writes the pairs nor uses the sum meanwhile.
#[inline(always)]
pub unsafe fn products<P: Place>(sum: P, pairs: impl IntoIterator<Item = [P; 2]>, adds: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut total = adds.then(|| Complex::load(sum));
        for [a, b] in pairs {
            let product = Complex::load(a).times(Complex::load(b));
            total = Some(total.map_or(product, |total| total + product));
        }
        if let Some(total) = total {
            total.store(sum);
        }
    }
}
