//! Jobs: what workers compute, and the audio thread itself when it must.
//!
//! A job is pure: it reads its input, writes its own output, allocates nothing and keeps nothing. So anyone may run it, and
//! run it again. Jobs of the page have their input and output on the board; those of the audio thread have them in a region,
//! and the descriptor says where. A job is cut into slices, of at most half a millisecond wherever it should run; between two
//! slices a worker looks at the board. Slices run in order, each goes on from what the one before left in the output.

use crate::dsp::fft::RealFfts;
use crate::dsp::ramp::line;
use crate::effects::convolver::{Transforms, run_block, run_preparation};
use crate::effects::{analyser, spectral};
use crate::lockfree::board::Descriptor;
use crate::lockfree::regions::Regions;

/// What jobs find where they run: the same for every thread.
#[derive(Clone, Copy)]
pub(crate) struct Commons<'a> {
    /// Where the audio thread's jobs have their memory.
    pub regions: Regions<'a>,
    /// Transforms of every size.
    pub ffts: &'a RealFfts<'a>,
    /// Those of the convolver's levels.
    pub transforms: &'a Transforms<'a>,
    /// Transform and windows of the spectral effect.
    pub spectral: &'a spectral::Tables<'a>,
}

/// Frames of an audio block that one slice scales.
const BLOCK_SLICE_FRAMES: u32 = 4_096;

/// Rounds that one slice of a test job mixes: about 0.1 ms.
const TEST_ROUNDS: u32 = 100_000;

/// What befalls a worker in the middle of a test job, and nobody else.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never returns.
    Hang = 0,
    /// It executes an `unreachable` instruction.
    Unreachable = 1,
    /// It reads outside of the memory.
    OutOfBounds = 2,
    /// Its stack overflows.
    StackOverflow = 3,
    /// It divides by zero.
    DivisionByZero = 4,
    /// It takes far longer than a slice may, as often as it is told to, and goes on.
    Delay = 5,
}

impl Fault {
    /// All of them, by number.
    pub const ALL: [Self; 6] =
        [Self::Hang, Self::Unreachable, Self::OutOfBounds, Self::StackOverflow, Self::DivisionByZero, Self::Delay];

    /// The fault with that number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
}

/// The computations there are; the number stands in [`Descriptor::kind`].
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Real FFT of a block.
    Fft = 0,
    /// An audio block through an effect.
    AudioBlock = 1,
    /// One block of one level of a convolution's tail.
    ConvolverTail = 2,
    /// Integer mixing, for measurements and faults.
    Test = 3,
    /// The spectra of an impulse response.
    ResponseSpectra = 4,
    /// One block of the spectral effect.
    SpectralBlock = 5,
    /// The spectra of what an analyser keeps, or of a block.
    Spectrum = 6,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// The kind with that number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        const ALL: [Kind; Kind::COUNT] = [
            Kind::Fft,
            Kind::AudioBlock,
            Kind::ConvolverTail,
            Kind::Test,
            Kind::ResponseSpectra,
            Kind::SpectralBlock,
            Kind::Spectrum,
        ];
        ALL.get(number as usize).copied()
    }
}

/// Real FFT of the first `size` samples of the input, a power of two from 32 to [`LONGEST`](crate::dsp::fft::LONGEST). Output: real and
/// imaginary part of the bins 0 to `size / 2`, not scaled; what lies behind is its work area.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn fft(size: u32) -> Descriptor {
    Descriptor { kind: Kind::Fft as u32, slices: 1, arguments: [size, 0, 0, 0, 0, 0] }
}

/// A stereo block of `frames` frames per plane through the gain effect, which goes from one linear factor to another over
/// the block. Input and output: left plane, then right plane.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn gain(frames: u32, from: f32, to: f32) -> Descriptor {
    let slices = frames.div_ceil(BLOCK_SLICE_FRAMES).max(1);
    Descriptor { kind: Kind::AudioBlock as u32, slices, arguments: [frames, from.to_bits(), to.to_bits(), 0, 0, 0] }
}

/// Mixes `seed` for `slices` slices; the output's first sample is the result, a whole number below 2²⁴. `fault` befalls a
/// worker in the middle of it.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn test(seed: u32, slices: u32, fault: Option<Fault>) -> Descriptor {
    let fault = fault.map_or(u32::MAX, |fault| fault as u32);
    Descriptor { kind: Kind::Test as u32, slices: slices.max(1), arguments: [seed, fault, 0, 0, 0, 0] }
}

/// The fault that befalls a worker before it runs `slice`.
#[must_use]
pub(crate) fn fault_before(descriptor: &Descriptor, slice: u32) -> Option<Fault> {
    let Descriptor { kind, slices, arguments: [_, fault, ..] } = *descriptor;
    (kind == Kind::Test as u32 && slice == slices / 2).then(|| Fault::from_number(fault)).flatten()
}

/// Runs one slice. Bits that no job has compute nothing.
///
/// # Real-time
/// Audio thread or worker.
pub(crate) fn run_slice(descriptor: &Descriptor, slice: u32, input: &[f32], output: &mut [f32], commons: &Commons<'_>) {
    let [a, b, c, ..] = descriptor.arguments;
    match Kind::from_number(descriptor.kind) {
        Some(Kind::Fft) => run_fft(a as usize, input, output, commons),
        Some(Kind::AudioBlock) => {
            run_gain(slice as usize, a as usize, f32::from_bits(b), f32::from_bits(c), input, output);
        }
        Some(Kind::ConvolverTail) => run_block(descriptor, slice, commons),
        Some(Kind::Test) => run_test(slice, a, output),
        Some(Kind::ResponseSpectra) => run_preparation(descriptor, slice, commons),
        Some(Kind::SpectralBlock) => spectral::run_block(descriptor, slice, commons),
        Some(Kind::Spectrum) => analyser::run_spectrum(descriptor, slice, input, output, commons),
        None => {}
    }
}

fn run_fft(size: usize, input: &[f32], output: &mut [f32], commons: &Commons<'_>) {
    let Some(fft) = commons.ffts.of(size) else { return };
    let (Some(input), Some((bins, rest))) = (input.get(..size), output.split_at_mut_checked(size + 2)) else { return };
    if let Some(work) = rest.get_mut(..fft.work_samples()) {
        fft.forward(input, bins, work);
    }
}

fn run_gain(slice: usize, frames: usize, from: f32, to: f32, input: &[f32], output: &mut [f32]) {
    let slice_frames = BLOCK_SLICE_FRAMES as usize;
    let start = slice.saturating_mul(slice_frames);
    for plane in 0..2 {
        let place = (plane * frames).saturating_add(start);
        let count = slice_frames.min(frames.saturating_sub(start));
        let samples = input.iter().skip(place).zip(output.iter_mut().skip(place)).take(count);
        for (n, (sample, scaled)) in samples.enumerate() {
            *scaled = sample * line(from, to, start + n, frames);
        }
    }
}

fn run_test(slice: u32, seed: u32, output: &mut [f32]) {
    let Some(result) = output.first_mut() else { return };
    // 24 bits fit an f32 exactly.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2²⁴")]
    let mut state = if slice == 0 { seed } else { *result as u32 };
    for _ in 0..TEST_ROUNDS {
        // xorshift32 (Marsaglia 2003)
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state = state.max(1);
    }
    *result = (state >> 8) as f32;
}
