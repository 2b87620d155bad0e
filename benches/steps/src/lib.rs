//! What surrounds a transform in an analyser, over the memory of another module: the window before it, and power,
//! smoothing and decibels after it. Nothing here is shipped.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]

#[path = "../../module/src/decibels.rs"]
#[allow(dead_code, reason = "its other user has powers already")]
mod decibels;

use decibels::{smooth_four, smooth_one};
use rusty_audio_engine::dsp::simd::F32x4;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

fn samples(address: usize, count: usize) -> &'static mut [f32] {
    // SAFETY: the page passes addresses and sizes of what it allocated, each to one argument.
    unsafe { core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(address), count) }
}

/// Multiplies `size` samples with the window.
#[unsafe(no_mangle)]
extern "C" fn window(input: usize, window: usize, windowed: usize, size: usize) {
    let (input, window, windowed) = (samples(input, size), samples(window, size), samples(windowed, size));
    let signals = input.as_chunks().0.iter().zip(window.as_chunks().0).zip(windowed.as_chunks_mut().0);
    for ((input, window), windowed) in signals {
        (F32x4::read(input) * F32x4::read(window)).write(windowed);
    }
}

/// Power of the bins, smoothed, in decibels. The bins are packed: the real parts of the first and the last, then both
/// parts of those between.
#[unsafe(no_mangle)]
extern "C" fn decibels(bins: usize, smoothed: usize, decibels: usize, size: usize) {
    let bins = samples(bins, size);
    let (smoothed, decibels) = (samples(smoothed, size / 2 + 1), samples(decibels, size / 2 + 1));
    let before = smoothed.first().copied().unwrap_or_default();
    let blocks = bins.as_chunks::<8>().0.iter().zip(smoothed.as_chunks_mut().0).zip(decibels.as_chunks_mut().0);
    for ((&[a, b, c, d, e, f, g, h], smoothed), decibels) in blocks {
        let (low, high) = (F32x4::read(&[a, b, c, d]), F32x4::read(&[e, f, g, h]));
        let (re, im) = (low.shuffle::<0, 2, 4, 6>(high), low.shuffle::<1, 3, 5, 7>(high));
        smooth_four(re * re + im * im, smoothed, decibels);
    }
    if let ([zero, last, ..], [first_smoothed, .., last_smoothed], [first, .., last_decibels]) =
        (bins, smoothed, decibels)
    {
        *first_smoothed = before;
        smooth_one(*zero * *zero, first_smoothed, first);
        smooth_one(*last * *last, last_smoothed, last_decibels);
    }
}
