//! The job of an analyser: the power spectra of its newest frames.

use super::layout::Layout;
use crate::config::CHANNELS;
use crate::dsp::fft::RealFft;
use crate::dsp::window::{Window, coherent_gain};
use crate::job::{Commons, Kind};
use crate::lockfree::board::Descriptor;
use crate::lockfree::regions::{Region, Span};

/// The windows of an analyser, by number.
pub const WINDOWS: [Window; 4] = [Window::Hann, Window::Hamming, Window::BlackmanHarris, Window::FlatTop];

/// Samples of the output before the first spectrum. The first has the lower 32 bits of the frame of the context's clock that
/// follows the newest one in the spectra.
pub const SPECTRUM_HEAD: usize = 16;

/// Slices in which a window is computed, if it is another than before: 0.2 ms for the longest.
const WINDOW_SLICES: u32 = 16;

/// Where in the head it is noted that the window has to be computed.
const NEEDS_WINDOW: usize = 1;

/// Power spectra of the newest `size` frames of the analyser whose region is `region`: 512 to its longest, with the window of
/// that number in [`WINDOWS`]. Output: [`SPECTRUM_HEAD`], then `size / 2 + 1` bins of each plane, of which what lies behind is the
/// work area. A sine of amplitude 1 whose frequency is that of a bin has power 1 in that bin. At most one at a time for each
/// analyser.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn spectrum(region: u32, size: u32, window: u32) -> Descriptor {
    #[expect(clippy::cast_possible_truncation, reason = "two")]
    let slices = WINDOW_SLICES + CHANNELS as u32;
    Descriptor { kind: Kind::Spectrum as u32, slices, arguments: [region, size, window, 0, 0, 0] }
}

/// Runs a slice of [`spectrum`].
#[inline(never)]
pub(crate) fn run_spectrum(descriptor: &Descriptor, slice: u32, output: &mut [f32], commons: &Commons<'_>) {
    let [place, size, number, ..] = descriptor.arguments;
    let Some(region) = commons.regions.taken(place) else { return };
    let Some((layout, fft)) = Layout::of(region.shape()).zip(commons.ffts.of(size as usize)) else { return };
    let (Some(window), Some(&shape)) = (layout.window(fft.size()), WINDOWS.get(number as usize)) else { return };
    let Some((head, spectra)) = output.split_first_chunk_mut::<SPECTRUM_HEAD>() else { return };
    if slice < WINDOW_SLICES {
        let there = (layout.window_number(), (number << 8) | size.trailing_zeros());
        prepare(&region, (window, shape), there, fft, slice, head, spectra);
        return;
    }
    let plane = (slice - WINDOW_SLICES) as usize;
    // Both planes up to the same frame.
    if plane == 0 {
        head[0] = f32::from_bits(region.journal());
    }
    let past = layout.before(plane, head[0].to_bits(), fft.size());
    let bins = fft.size() / 2 + 1;
    let Some((spectra, work)) = spectra.split_at_mut_checked(CHANNELS * bins) else { return };
    let Some(power) = spectra.get_mut(plane * bins..).and_then(|rest| rest.get_mut(..bins)) else { return };
    let Some(work) = work.get_mut(..fft.work_samples()) else { return };
    region.reach([], [past, window], |[], [past, window]| fft.power_spectrum(past, window, power, work));
    // These have no second half at a negative frequency.
    for bin in [0, bins - 1] {
        if let Some(power) = power.get_mut(bin) {
            *power *= 0.25;
        }
    }
}

/// Computes a part of the window, unless it lies in the region already, where a word says which one does.
fn prepare(
    region: &Region<'_>,
    (window, shape): (Span, Window),
    (word, wanted): (Span, u32),
    fft: &RealFft<'_>,
    slice: u32,
    head: &mut [f32; SPECTRUM_HEAD],
    plain: &mut [f32],
) {
    let size = fft.size();
    let (Some(plain), needs_window) = (plain.get_mut(..size), &mut head[NEEDS_WINDOW]) else { return };
    if slice == 0 {
        let there = region.reach([], [word], |[], [word]| word.first().map(|word| word.to_bits()));
        *needs_window = f32::from_bits(u32::from(there.flatten() != Some(wanted)));
    }
    if needs_window.to_bits() == 0 {
        return;
    }
    let part = size / WINDOW_SLICES as usize;
    let first = slice as usize * part;
    for (n, sample) in plain.iter_mut().enumerate().skip(first).take(part) {
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let value = shape.value(n as f64 / size as f64) as f32;
        *sample = value;
    }
    if slice + 1 == WINDOW_SLICES {
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let scale = (2.0 / (size as f64 * coherent_gain(plain))) as f32;
        plain.iter_mut().for_each(|sample| *sample *= scale);
        region.reach([window, word], [], |[window, word], []| {
            fft.arrange_window(plain, window);
            word.fill(f32::from_bits(wanted));
        });
    }
}
