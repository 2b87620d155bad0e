//! Fast Fourier transforms, of four interleaved signals at once: one in each lane.
//!
//! A real signal of N samples, taken as it lies in memory, four samples a vector, is four signals of N/4: lane `l` has
//! `x[4m + l]`. Their transforms need neither shuffles nor more than one set of twiddles, and only the last pass, which
//! makes bins of the whole of them, moves anything across lanes. The four are real, so each is split further into three
//! complex signals, whose transforms give its odd bins and half of its even ones, and a real signal of a quarter
//! (Sorensen, Jones, Heideman, Burrus 1987, with radix 8 for the odd part).
//!
//! | file | what |
//! |---|---|
//! | `real` | [`RealFft`]: the order of the passes, and what is checked before them |
//! | `level` | the tables of one splitting and its part of the work area |
//! | `parts` | a signal to three complex signals and a rest, and the transform of the last rest, by their lengths |
//! | `middle` | complex transforms in place, bins in digit-reversed places |
//! | `nested` | the spectrum of a rest from those of its parts |
//! | `spectra` | the last pass: the spectrum of the whole |
//! | `products` | sums of products of spectra, [`multiply_accumulate`] |
//! | `complex` | [`ComplexFft`] |
//! | `kernels` | the steps of all passes, for any vector |
//! | `portable` | the passes as loops over the steps |
//! | `emitted` | the same passes as the build script has emitted them |
//! | `sizes` | a real transform of each size |
//! | `packed` | microfft, which judges the others in tests |
//!
//! Forward and inverse are the same passes, in the reverse order. A complex inverse is a forward transform of numbers
//! with real and imaginary part swapped, so the complex transforms exist once.
//!
//! ```
//! use rusty_audio_engine::Memory;
//! use rusty_audio_engine::dsp::fft::{RealFft, multiply_accumulate};
//!
//! let mut memory = Memory::new(1 << 16);
//! let mut arena = memory.arena();
//! let fft = RealFft::new(&mut arena, 256)?;
//! let work = arena.slice(fft.work_samples())?;
//! let (mut bins, mut signal) = ([0.0; 258], [0.0; 256]);
//! signal[0] = 1.0;
//! assert!(fft.forward(&signal, &mut bins, work));
//! assert_eq!(bins[..4], [1.0, 0.0, 1.0, 0.0]);
//!
//! // Circular convolution: the product of unordered spectra.
//! let (mut a, mut sum) = ([0.0; 264], [0.0; 264]);
//! assert_eq!(fft.spectrum_samples(), a.len());
//! assert!(fft.forward_unordered(&signal, &mut a, work));
//! assert!(multiply_accumulate(&mut sum, &a, &a));
//! assert!(fft.inverse_unordered(&sum, &mut signal, work));
//! assert_eq!(signal[0], 256.0);
//! # Ok::<(), rusty_audio_engine::ConfigError>(())
//! ```

mod complex;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod emitted;
#[cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128"),
    allow(dead_code, reason = "the build script has run most of it")
)]
mod kernels;
mod level;
mod middle;
mod nested;
#[cfg(test)]
mod packed;
mod parts;
#[cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128"),
    allow(dead_code, reason = "the emitted passes replace most of it")
)]
mod portable;
mod products;
mod real;
mod sizes;
mod spectra;
#[cfg(test)]
mod tests;
mod twiddle;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use emitted as form;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use portable as form;

pub use complex::ComplexFft;
pub(crate) use products::Products;
pub use products::multiply_accumulate;
pub use real::RealFft;
pub use sizes::{LONGEST, RealFfts};

use crate::config::ConfigError;

/// The shortest transform.
pub const MIN_SIZE: usize = 32;
/// The longest transform.
pub const MAX_SIZE: usize = 65_536;

fn check_size(size: usize) -> Result<(), ConfigError> {
    #[expect(clippy::cast_possible_truncation, reason = "sizes are refused below 2^17, and there only named")]
    let (actual, least, most) = (size as u32, MIN_SIZE as u32, MAX_SIZE as u32);
    if !(MIN_SIZE..=MAX_SIZE).contains(&size) {
        return Err(ConfigError::Count { actual, least, most });
    }
    if size.is_power_of_two() { Ok(()) } else { Err(ConfigError::NotPowerOfTwo { actual }) }
}
