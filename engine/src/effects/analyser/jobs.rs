//! The job of an analyser: the power spectra of its newest frames.
//!
//! Its window stays where it was computed, behind the output, for the next job there: so a page that looks at one analyser in
//! two ways has two jobs that have nothing in common but what they read.

use super::layout::Layout;
use crate::config::{ANALYSER_SIZES, CHANNELS, PAGE_JOB_RESULT_SAMPLES};
use crate::dsp::fft::RealFft;
use crate::dsp::window::{Window, coherent_gain};
use crate::job::{Commons, Kind};
use crate::lockfree::board::Descriptor;
use crate::lockfree::regions::Region;

/// The windows of an analyser, by number.
pub const WINDOWS: [Window; 4] = [Window::Hann, Window::Hamming, Window::BlackmanHarris, Window::FlatTop];

/// Samples of the output before the first spectrum. The first has the lower 32 bits of the frame of the context's clock that
/// follows the newest one in the spectra.
pub const SPECTRUM_HEAD: usize = 16;

/// In the place of a region's number: the frames are the job's input.
pub const OWN_INPUT: u32 = u32::MAX;

/// Slices in which a window is computed, if it is another than before: 0.2 ms for the longest.
const WINDOW_SLICES: u32 = 16;

/// Samples between the job's own part of the output and the window; the first is the word that says which window it is.
const WORD_SAMPLES: usize = 16;

/// Power spectra of the newest `size` frames of the analyser whose region is `region`: 512 to its longest, with the window of
/// that number in [`WINDOWS`]. Output: [`SPECTRUM_HEAD`], then `size / 2 + 1` bins of each plane, of which what lies behind is the
/// work area. A sine of amplitude 1 whose frequency is that of a bin has power 1 in that bin.
///
/// With [`OWN_INPUT`] the same of a single plane that is the job's input, and there is no frame in the head.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn spectrum(region: u32, size: u32, window: u32) -> Descriptor {
    #[expect(clippy::cast_possible_truncation, reason = "two")]
    let planes = if region == OWN_INPUT { 1 } else { CHANNELS as u32 };
    Descriptor {
        kind: Kind::Spectrum as u32,
        slices: WINDOW_SLICES + planes,
        arguments: [region, size, window, 0, 0, 0],
    }
}

/// Where the frames are.
enum Source<'a> {
    Region(Region<'a>, Layout),
    Input(&'a [f32]),
}

impl<'a> Source<'a> {
    /// `None` if it has not so many frames.
    fn new(region: u32, size: usize, input: &'a [f32], commons: &Commons<'a>) -> Option<Self> {
        if region == OWN_INPUT {
            return input.get(..size).map(Self::Input);
        }
        let region = commons.regions.taken(region)?;
        let layout = Layout::of(region.shape()).filter(|layout| layout.holds(size))?;
        Some(Self::Region(region, layout))
    }
}

/// Runs a slice of [`spectrum`].
#[inline(never)]
pub(crate) fn run_spectrum<'a>(
    descriptor: &Descriptor,
    slice: u32,
    input: &'a [f32],
    output: &mut [f32],
    commons: &Commons<'a>,
) {
    let [region, size, number, ..] = descriptor.arguments;
    let (Some(fft), Some(&shape)) = (commons.ffts.of(size as usize), WINDOWS.get(number as usize)) else { return };
    let size = fft.size();
    let Some(source) = Source::new(region, size, input, commons).filter(|_| size >= *ANALYSER_SIZES.start()) else {
        return;
    };
    let Some((own, kept)) = output.split_at_mut_checked(PAGE_JOB_RESULT_SAMPLES) else { return };
    let Some((head, spectra)) = own.split_first_chunk_mut::<SPECTRUM_HEAD>() else { return };
    let Some(([word, ..], windows)) = kept.split_first_chunk_mut::<WORD_SAMPLES>() else { return };
    let Some(window) = windows.get_mut(..size) else { return };
    let wanted = (number << 8) | size.trailing_zeros();
    if slice < WINDOW_SLICES {
        if word.to_bits() != wanted {
            // Until all of it is there it is none: a worker may end at any moment.
            *word = 0.0;
            prepare(slice, shape, fft, spectra, window);
        }
        return;
    }
    *word = f32::from_bits(wanted);
    let plane = (slice - WINDOW_SLICES) as usize;
    let bins = size / 2 + 1;
    let Some((spectra, work)) = spectra.split_at_mut_checked(CHANNELS * bins) else { return };
    let Some(power) = spectra.get_mut(plane * bins..).and_then(|rest| rest.get_mut(..bins)) else { return };
    let Some(work) = work.get_mut(..fft.work_samples()) else { return };
    match source {
        Source::Input(frames) => _ = fft.power_spectrum(frames, window, power, work),
        Source::Region(region, layout) => {
            // Both planes up to the same frame.
            if plane == 0 {
                head[0] = f32::from_bits(region.journal());
            }
            let past = layout.before(plane, head[0].to_bits(), size);
            region.reach([], [past], |[], [past]| fft.power_spectrum(past, window, power, work));
        }
    }
    // These have no second half at a negative frequency.
    for bin in [0, bins - 1] {
        if let Some(power) = power.get_mut(bin) {
            *power *= 0.25;
        }
    }
}

/// Computes a part of the window, and with the last one arranges it.
fn prepare(slice: u32, shape: Window, fft: &RealFft<'_>, plain: &mut [f32], window: &mut [f32]) {
    let size = fft.size();
    let Some(plain) = plain.get_mut(..size) else { return };
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
        fft.arrange_window(plain, window);
    }
}
