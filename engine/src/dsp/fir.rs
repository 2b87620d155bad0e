//! Convolution in direct form, many output samples at a time.

use super::simd::{self, F32x4};

/// Output samples that one call computes side by side.
pub const LANES: usize = 32;

/// Adds to each of `sums` the products of `taps` with the signal that lies before it:
/// `sums[i] += Σ taps[k] · signal[start + i − k]`. Each sum takes its products in the order of the taps, so it has the
/// same bits whatever is computed beside it. Products whose samples lie outside of `signal` are left out.
///
/// # Real-time
/// Audio thread or worker.
pub fn accumulate(sums: &mut [f32; LANES], signal: &[f32], start: usize, taps: &[f32]) {
    let (vectors, _) = sums.as_chunks_mut::<{ simd::LANES }>();
    let mut local = [F32x4::ZERO; LANES / simd::LANES];
    for (sum, vector) in local.iter_mut().zip(vectors.iter()) {
        *sum = F32x4::read(vector);
    }
    let mut from = start;
    for &tap in taps {
        if let Some(window) = signal.get(from..).and_then(<[f32]>::first_chunk::<LANES>) {
            let tap = F32x4::splat(tap);
            let (window, _) = window.as_chunks::<{ simd::LANES }>();
            for (sum, samples) in local.iter_mut().zip(window) {
                *sum += tap * F32x4::read(samples);
            }
        }
        from = from.wrapping_sub(1);
    }
    for (sum, vector) in local.into_iter().zip(vectors) {
        sum.write(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_direct_sum() {
        let signal: [f32; 64] = core::array::from_fn(|n| ((n * 37 + 11) % 19) as f32 - 9.0);
        let taps = [0.5, -0.25, 2.0, 1.0];
        let mut sums = [1.0; LANES];
        accumulate(&mut sums, &signal, 10, &taps);
        for (i, sum) in sums.into_iter().enumerate() {
            let direct: f32 = taps.iter().enumerate().map(|(k, tap)| tap * signal[10 + i - k]).sum();
            assert_eq!(sum, 1.0 + direct);
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut sums = [0.0; LANES];
        accumulate(&mut sums, &[1.0; 40], 2, &[1.0; 5]);
        assert_eq!(sums, [3.0; LANES]);
        accumulate(&mut sums, &[1.0; 8], 0, &[1.0]);
        assert_eq!(sums, [3.0; LANES]);
    }
}
