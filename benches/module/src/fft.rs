//! Transforms, each with signals of its own.

use rusty_audio_engine::dsp::fft::{ComplexFft, RealFft, multiply_accumulate};
use rusty_audio_engine::{Arena, ConfigError};

use crate::decibels::smooth;
use crate::place::{arena, give, take};

const SIZES: usize = 12;

/// One size: what a page needs to know of it, addresses, and what the module works with.
#[repr(C)]
struct Transform {
    input: usize,
    window: usize,
    bins: usize,
    spectrum: usize,
    output: usize,
    power: usize,
    smoothed: usize,
    decibels: usize,
    fft: RealFft<'static>,
    signals: Signals,
    work: &'static mut [f32],
    complex: ComplexFft<'static>,
}

struct Signals {
    input: &'static mut [f32],
    window: &'static mut [f32],
    arranged: &'static mut [f32],
    bins: &'static mut [f32],
    /// Unordered.
    spectrum: &'static mut [f32],
    product: &'static mut [f32],
    output: &'static mut [f32],
    power: &'static mut [f32],
    smoothed: &'static mut [f32],
    decibels: &'static mut [f32],
}

/// Makes transforms of all sizes over all memory and gives the address of the addresses of all, from 32 on; 0 when there
/// is no room.
#[unsafe(no_mangle)]
extern "C" fn fft_open() -> usize {
    open().map_or(0, give)
}

fn open() -> Result<&'static mut [usize; SIZES], ConfigError> {
    let mut arena = arena();
    let mut places = [0; SIZES];
    for (power, place) in places.iter_mut().enumerate() {
        *place = give(transform(&mut arena, 32 << power)?);
    }
    arena.place(places)
}

fn transform(arena: &mut Arena<'static>, size: usize) -> Result<&'static mut Transform, ConfigError> {
    let fft = RealFft::new(arena, size)?;
    let complex = ComplexFft::new(arena, size)?;
    let signals = Signals {
        input: arena.slice(2 * size)?,
        window: arena.slice(size)?,
        arranged: arena.slice(size)?,
        bins: arena.slice(fft.bin_samples())?,
        spectrum: arena.slice(fft.spectrum_samples())?,
        product: arena.slice(fft.spectrum_samples())?,
        output: arena.slice(2 * size)?,
        power: arena.slice(size / 2 + 1)?,
        smoothed: arena.slice(size / 2 + 1)?,
        decibels: arena.slice(size / 2 + 1)?,
    };
    let work = arena.slice(fft.work_samples().max(complex.work_samples()))?;
    let address = |samples: &[f32]| samples.as_ptr().expose_provenance();
    arena.place(Transform {
        input: address(signals.input),
        window: address(signals.window),
        bins: address(signals.bins),
        spectrum: address(signals.spectrum),
        output: address(signals.output),
        power: address(signals.power),
        smoothed: address(signals.smoothed),
        decibels: address(signals.decibels),
        fft,
        signals,
        work,
        complex,
    })
}

impl Transform {
    fn forward(&mut self) {
        let Signals { input, bins, .. } = &mut self.signals;
        self.fft.forward(&input[..self.fft.size()], bins, self.work);
    }

    fn power(&mut self) {
        let Signals { input, arranged, power, .. } = &mut self.signals;
        self.fft.power_spectrum(&input[..self.fft.size()], arranged, power, self.work);
    }
}

/// Input to bins in natural order.
#[unsafe(no_mangle)]
extern "C" fn fft_forward(place: usize) {
    take::<Transform>(place).forward();
}

/// Bins in natural order to output.
#[unsafe(no_mangle)]
extern "C" fn fft_inverse(place: usize) {
    let Transform { fft, signals: Signals { bins, output, .. }, work, .. } = take::<Transform>(place);
    fft.inverse(bins, &mut output[..fft.size()], work);
}

/// Input to the unordered spectrum.
#[unsafe(no_mangle)]
extern "C" fn fft_forward_unordered(place: usize) {
    let Transform { fft, signals: Signals { input, spectrum, .. }, work, .. } = take::<Transform>(place);
    fft.forward_unordered(&input[..fft.size()], spectrum, work);
}

/// The unordered spectrum to output.
#[unsafe(no_mangle)]
extern "C" fn fft_inverse_unordered(place: usize) {
    let Transform { fft, signals: Signals { spectrum, output, .. }, work, .. } = take::<Transform>(place);
    fft.inverse_unordered(spectrum, &mut output[..fft.size()], work);
}

/// Adds the square of the unordered spectrum to another.
#[unsafe(no_mangle)]
extern "C" fn fft_multiply_accumulate(place: usize) {
    let Signals { spectrum, product, .. } = &mut take::<Transform>(place).signals;
    multiply_accumulate(product, spectrum, spectrum);
}

/// The window is written.
#[unsafe(no_mangle)]
extern "C" fn fft_window(place: usize) {
    let Transform { fft, signals: Signals { window, arranged, .. }, .. } = take::<Transform>(place);
    fft.arrange_window(window, arranged);
}

/// Input times window to power.
#[unsafe(no_mangle)]
extern "C" fn fft_power(place: usize) {
    take::<Transform>(place).power();
}

/// The same, then smoothed over time and in decibels.
#[unsafe(no_mangle)]
extern "C" fn fft_decibels(place: usize) {
    let transform = take::<Transform>(place);
    transform.power();
    let Signals { power, smoothed, decibels, .. } = &mut transform.signals;
    smooth(power, smoothed, decibels);
}

/// Complex input to complex output.
#[unsafe(no_mangle)]
extern "C" fn fft_complex_forward(place: usize) {
    let Transform { complex, signals: Signals { input, output, .. }, work, .. } = take::<Transform>(place);
    complex.forward(input, output, work);
}

/// The same, inverse.
#[unsafe(no_mangle)]
extern "C" fn fft_complex_inverse(place: usize) {
    let Transform { complex, signals: Signals { input, output, .. }, work, .. } = take::<Transform>(place);
    complex.inverse(input, output, work);
}
