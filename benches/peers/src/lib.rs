//! Other crates' transforms of real signals, realfft with `wasm_simd` and microfft, and a convolver. Nothing here is shipped.
#![cfg(target_arch = "wasm32")]

mod convolver;

use std::sync::Arc;

use microfft::real;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// One size: what a page needs to know of it, addresses, and what the transforms work with.
#[repr(C)]
struct Transform {
    input: usize,
    bins: usize,
    packed: usize,
    fft: Arc<dyn RealToComplex<f32>>,
    signal: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    in_place: Vec<f32>,
}

fn take(place: usize) -> &'static mut Transform {
    // SAFETY: the page passes what `peer_open` gave, and nothing else refers to it meanwhile.
    unsafe { &mut *std::ptr::with_exposed_provenance_mut(place) }
}

/// Makes transforms of `size` and gives the address of their places.
#[unsafe(no_mangle)]
extern "C" fn peer_open(size: usize) -> usize {
    let fft = RealFftPlanner::new().plan_fft_forward(size);
    let signal = vec![0.0; size];
    let (spectrum, scratch) = (fft.make_output_vec(), fft.make_scratch_vec());
    let in_place = vec![0.0; size];
    let (input, bins) = (signal.as_ptr().expose_provenance(), spectrum.as_ptr().expose_provenance());
    let packed = in_place.as_ptr().expose_provenance();
    let transform = Transform { input, bins, packed, fft, signal, spectrum, scratch, in_place };
    Box::into_raw(Box::new(transform)).expose_provenance()
}

/// Input, which it destroys, to bins in natural order.
#[unsafe(no_mangle)]
extern "C" fn realfft_forward(place: usize) {
    let Transform { fft, signal, spectrum, scratch, .. } = take(place);
    if fft.process_with_scratch(signal, spectrum, scratch).is_err() {
        std::process::abort();
    }
}

/// Copies the input and transforms it in place, packed.
#[unsafe(no_mangle)]
extern "C" fn microfft_forward(place: usize) {
    let Transform { signal, in_place, .. } = take(place);
    in_place.copy_from_slice(signal);
    macro_rules! transform {
        ($($size:literal => $function:ident),*) => {
            match in_place.len() {
                $($size => {
                    if let Some(samples) = in_place.first_chunk_mut::<$size>() {
                        _ = real::$function(samples);
                    }
                })*
                _ => {}
            }
        };
    }
    transform! {
        256 => rfft_256, 512 => rfft_512, 1024 => rfft_1024, 2048 => rfft_2048, 4096 => rfft_4096, 8192 => rfft_8192,
        16384 => rfft_16384, 32768 => rfft_32768
    }
}
