//! fft-convolver over realfft with `wasm_simd`: stereo, a block a call.

use fft_convolver::FFTConvolver;

/// Frames of a block: those of a render quantum.
const BLOCK: usize = 128;

/// What a page needs to know, addresses, and a convolver for each channel.
#[repr(C)]
struct Convolution {
    response: usize,
    input: usize,
    output: usize,
    taps: Vec<f32>,
    before: Vec<f32>,
    after: Vec<f32>,
    channels: [FFTConvolver<f32>; 2],
}

fn take(place: usize) -> &'static mut Convolution {
    // SAFETY: the page passes what `convolver_open` gave, and nothing else refers to it meanwhile.
    unsafe { &mut *std::ptr::with_exposed_provenance_mut(place) }
}

/// Room for a response of `taps` taps, one channel behind the other, and for a block of each channel.
#[unsafe(no_mangle)]
extern "C" fn convolver_open(taps: usize) -> usize {
    let (taps, before, after) = (vec![0.0; 2 * taps], vec![0.0; 2 * BLOCK], vec![0.0; 2 * BLOCK]);
    let [response, input, output] = [&taps, &before, &after].map(|samples| samples.as_ptr().expose_provenance());
    let channels = [FFTConvolver::default(), FFTConvolver::default()];
    Box::into_raw(Box::new(Convolution { response, input, output, taps, before, after, channels })).expose_provenance()
}

/// The response is written.
#[unsafe(no_mangle)]
extern "C" fn convolver_begin(place: usize) {
    let Convolution { taps, channels, .. } = take(place);
    let half = taps.len() / 2;
    for (channel, taps) in channels.iter_mut().zip(taps.chunks_exact(half)) {
        if channel.init(BLOCK, taps).is_err() {
            std::process::abort();
        }
    }
}

/// A block of both channels.
#[unsafe(no_mangle)]
extern "C" fn convolver_process(place: usize) {
    let Convolution { before, after, channels, .. } = take(place);
    let blocks = before.chunks_exact(BLOCK).zip(after.chunks_exact_mut(BLOCK));
    for (channel, (input, output)) in channels.iter_mut().zip(blocks) {
        if channel.process(input, output).is_err() {
            std::process::abort();
        }
    }
}
