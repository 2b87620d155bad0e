//! The passes as the build script has emitted them: those of [`portable`](super::portable), in an order that a browser keeps.

use super::kernels::order::Runs;
use super::spectra::Spectra;

include!(concat!(env!("OUT_DIR"), "/fft.rs"));

/// `alone!(name(argument: type))`: a pass that has no lengths.
macro_rules! alone {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(
            /// # Safety
            /// As for the portable form.
            #[inline(always)]
            pub unsafe fn $name($($argument: $kind),*) {
                // SAFETY: the caller's promise.
                unsafe { raw::$name($($argument),*) };
            }
        )*
    };
}

alone! {
    leaf2(blocks: *mut f32, count: usize);
    leaf4(blocks: *mut f32, count: usize);
    leaf8(blocks: *mut f32, count: usize);
    forward16(signal: *mut f32, spectrum: *mut f32);
    forward32(signal: *mut f32, spectrum: *mut f32);
    inverse16(signal: *mut f32, spectrum: *mut f32);
    inverse32(signal: *mut f32, spectrum: *mut f32);
}

/// `natural!(name)`: a pass from or to four runs.
macro_rules! natural {
    ($($name:ident),*) => {
        $(
            /// # Safety
            /// As for the portable form.
            pub unsafe fn $name(spectra: &Spectra, runs: Runs<*mut f32>) {
                let Spectra { first, stride, last, rest, positions, pairs, twiddles } = *spectra;
                let Runs { ascending: [low, low2], descending: [high, high2] } = runs;
                if pairs > 0 {
                    // SAFETY: the caller's promise.
                    unsafe {
                        raw::$name(first, last, 4 * stride, rest, positions, twiddles, pairs, low, low2, high, high2);
                    }
                }
            }
        )*
    };
}

/// `unordered!(name)`: a pass from or to blocks one behind the other.
macro_rules! unordered {
    ($($name:ident),*) => {
        $(
            /// # Safety
            /// As for the portable form.
            pub unsafe fn $name(spectra: &Spectra, blocks: *mut f32) {
                let Spectra { first, stride, last, rest, positions, pairs, twiddles } = *spectra;
                if pairs > 0 {
                    // SAFETY: the caller's promise.
                    unsafe { raw::$name(first, last, 4 * stride, rest, positions, twiddles, pairs, blocks) };
                }
            }
        )*
    };
}

natural!(to_natural, to_power, from_natural);
unordered!(to_unordered, from_unordered);
