//! Sums of products of unordered spectra. What a spectrum is multiplied with, its signal is circularly convolved with.

use super::form;
use super::kernels::products::PAIRS;
use super::kernels::vector::BLOCK;

/// Adds the products of the bins of `a` and `b` to those of `sum`: three unordered spectra of one size.
///
/// Returns whether all three are equally long and consist of blocks, and does nothing if not.
///
/// # Real-time
/// Audio thread or worker.
pub fn multiply_accumulate(sum: &mut [f32], a: &[f32], b: &[f32]) -> bool {
    let fits = are_alike(sum, a, b);
    if fits {
        // SAFETY: as many blocks as there are, of three slices.
        unsafe {
            form::multiply_accumulate::<1>(sum.as_mut_ptr(), [[a.as_ptr(), b.as_ptr()]].as_ptr(), sum.len() / BLOCK);
        }
    }
    fits
}

fn are_alike(sum: &[f32], a: &[f32], b: &[f32]) -> bool {
    !sum.is_empty() && sum.len().is_multiple_of(BLOCK) && a.len() == sum.len() && b.len() == sum.len()
}

/// Gathers pairs of unordered spectra, or of the same blocks of each, and sums their products, in their order.
pub(crate) struct Products<'s> {
    sum: &'s mut [f32],
    /// Whether the sum has any products; before, it is whatever was there.
    begun: bool,
    waiting: [[&'s [f32]; 2]; PAIRS],
    count: usize,
}

impl<'s> Products<'s> {
    /// A sum that is to be written to `sum`.
    pub fn new(sum: &'s mut [f32]) -> Self {
        Self { sum, begun: false, waiting: [[&[]; 2]; PAIRS], count: 0 }
    }

    /// Adds the products of the bins of `a` and `b`; leaves them out if they are not as long as the sum.
    pub fn add(&mut self, a: &'s [f32], b: &'s [f32]) {
        if !are_alike(self.sum, a, b) {
            return;
        }
        if let Some(place) = self.waiting.get_mut(self.count) {
            *place = [a, b];
            self.count += 1;
        }
        if self.count == PAIRS {
            self.pass::<PAIRS>();
        }
    }

    /// Adds what still waits.
    pub fn finish(mut self) {
        match self.count {
            0 if !self.begun => self.sum.fill(0.0),
            1 => self.pass::<1>(),
            2 => self.pass::<2>(),
            3 => self.pass::<3>(),
            _ => {}
        }
    }

    /// Sums the first `COUNT` pairs that wait.
    fn pass<const COUNT: usize>(&mut self) {
        let pairs = self.waiting.map(|pair| pair.map(<[f32]>::as_ptr));
        let (sum, pairs, blocks) = (self.sum.as_mut_ptr(), pairs.as_ptr(), self.sum.len() / BLOCK);
        // SAFETY: what waits is as long as the sum.
        unsafe {
            if self.begun {
                form::multiply_accumulate::<COUNT>(sum, pairs, blocks);
            } else {
                form::multiply::<COUNT>(sum, pairs, blocks);
            }
        }
        (self.begun, self.count) = (true, 0);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn noise(seed: usize) -> Vec<f32> {
        (0..40).map(|n| ((n * 97 + seed * 31 + 7) % 61) as f32 / 61.0 - 0.5).collect()
    }

    #[test]
    fn pairs_are_summed_in_their_order_however_many_there_are() {
        let spectra: Vec<_> = (0..11).map(|seed| [noise(2 * seed), noise(2 * seed + 1)]).collect();
        for count in 0..spectra.len() {
            let (mut one_by_one, mut sum) = ([0.0; 40], [f32::NAN; 40]);
            let mut products = Products::new(&mut sum);
            for [a, b] in &spectra[..count] {
                assert!(multiply_accumulate(&mut one_by_one, a, b));
                products.add(a, b);
            }
            products.finish();
            assert_eq!(sum, one_by_one, "{count}");
        }
    }

    #[test]
    fn what_is_not_as_long_as_the_sum_is_left_out() {
        let (mut sum, spectrum) = ([1.0; 16], noise(1));
        let mut products = Products::new(&mut sum);
        products.add(&spectrum[..8], &spectrum[..8]);
        products.add(&spectrum[..16], &spectrum[..8]);
        products.finish();
        assert_eq!(sum, [0.0; 16]);
        assert!(!multiply_accumulate(&mut sum[..12], &spectrum[..12], &spectrum[..12]));
        assert!(!multiply_accumulate(&mut [], &[], &[]));
    }
}
