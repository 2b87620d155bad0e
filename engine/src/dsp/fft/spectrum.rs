//! Arithmetic on unordered spectra.

use super::kernels::vector::BLOCK;
use crate::dsp::simd::F32x4;

/// Samples behind the blocks of an unordered spectrum: two complex numbers, real and imaginary part in turn.
const LEFT_OVER: usize = 4;

/// Adds the products of the bins of `a` and `b` to those of `sum`: three unordered spectra of one size. What a spectrum
/// is multiplied with, its signal is circularly convolved with.
///
/// Returns whether all three are as long as unordered spectra of one size are, and does nothing if not.
///
/// # Real-time
/// Audio thread or worker.
pub fn multiply_accumulate(sum: &mut [f32], a: &[f32], b: &[f32]) -> bool {
    let fits = sum.len() == a.len() && sum.len() == b.len() && sum.len() % BLOCK == LEFT_OVER;
    if fits {
        let (sums, left_sums) = sum.as_chunks_mut::<BLOCK>();
        let ((a_blocks, left_a), (b_blocks, left_b)) = (a.as_chunks::<BLOCK>(), b.as_chunks::<BLOCK>());
        for ((sum, a), b) in sums.iter_mut().zip(a_blocks).zip(b_blocks) {
            let [[a_re, a_im], [b_re, b_im]] = [parts(a), parts(b)];
            let [sum_re, sum_im] = parts(sum);
            let (sum, _) = sum.as_chunks_mut::<4>();
            if let [re, im] = sum {
                (sum_re + a_re * b_re - a_im * b_im).write(re);
                (sum_im + a_re * b_im + a_im * b_re).write(im);
            }
        }
        let (left_sums, _) = left_sums.as_chunks_mut::<2>();
        let ((left_a, _), (left_b, _)) = (left_a.as_chunks::<2>(), left_b.as_chunks::<2>());
        for (([re, im], [a_re, a_im]), [b_re, b_im]) in left_sums.iter_mut().zip(left_a).zip(left_b) {
            (*re, *im) = (*re + a_re * b_re - a_im * b_im, *im + a_re * b_im + a_im * b_re);
        }
    }
    fits
}

/// Real and imaginary parts of a block.
#[inline(always)]
fn parts(&[a, b, c, d, e, f, g, h]: &[f32; BLOCK]) -> [F32x4; 2] {
    [F32x4::read(&[a, b, c, d]), F32x4::read(&[e, f, g, h])]
}
