//! Fast Fourier transform of real signals in packed order, computed by microfft (radix 2, in place).

use microfft::real;

/// The longest packed transform.
pub const PACKED_MAX_SIZE: usize = 32_768;

/// Transforms `samples` in place: `X[k] = Σ x[n] · e^(−2πi·k·n/N)`, not scaled. The result is packed: the real parts of bin
/// 0 and bin N/2, then real and imaginary part of bins 1 to N/2 − 1. Returns whether the length is a size it knows: a
/// power of two from [`MIN_SIZE`](super::MIN_SIZE) to [`PACKED_MAX_SIZE`].
///
/// # Real-time
/// Worker, or main thread: a long transform takes a large part of a render quantum.
pub fn real_forward(samples: &mut [f32]) -> bool {
    macro_rules! transform {
        ($($size:literal => $function:ident),*) => {
            match samples.len() {
                $($size => samples.first_chunk_mut::<$size>().map(|samples| _ = real::$function(samples)).is_some(),)*
                _ => false,
            }
        };
    }
    transform! {
        32 => rfft_32, 64 => rfft_64, 128 => rfft_128, 256 => rfft_256, 512 => rfft_512, 1024 => rfft_1024,
        2048 => rfft_2048, 4096 => rfft_4096, 8192 => rfft_8192, 16384 => rfft_16384, 32768 => rfft_32768
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use core::f64::consts::TAU;

    #[test]
    fn it_is_the_transform_of_the_definition() {
        let samples: std::vec::Vec<f32> = (0..256).map(|n| ((n * 97 + 31) % 61) as f32 / 61.0 - 0.5).collect();
        let mut packed = samples.clone();
        assert!(real_forward(&mut packed));
        for bin in 0..=128 {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, &sample) in samples.iter().enumerate() {
                let angle = -TAU * (bin * n) as f64 / 256.0;
                re += f64::from(sample) * angle.cos();
                im += f64::from(sample) * angle.sin();
            }
            let (our_re, our_im) = match bin {
                0 => (packed[0], 0.0),
                128 => (packed[1], 0.0),
                _ => (packed[2 * bin], packed[2 * bin + 1]),
            };
            assert!((f64::from(our_re) - re).abs() < 1e-4, "bin {bin}");
            assert!((f64::from(our_im) - im).abs() < 1e-4, "bin {bin}");
        }
    }

    #[test]
    fn other_sizes_are_refused() {
        for size in [0, 1, 16, 33, 65_536] {
            assert!(!real_forward(&mut std::vec![0.0; size]));
        }
    }
}
