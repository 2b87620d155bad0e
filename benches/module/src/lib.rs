//! The engine's lock-free structures and transforms as a raw module, for benches in the browser.
//!
//! Every worker of a bench instantiates it over the same shared memory, as all threads of a page do with the engine
//! module, and it is built with the same flags. Nothing here is shipped.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]
#![deny(unsafe_code)]

mod decibels;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod dispatch;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod fft;
#[allow(unsafe_code, reason = "addresses become references here and nowhere else")]
mod place;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod recorder;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod ring;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
