//! `rt_*`: what the audio thread calls.

use rusty_audio_engine::{Dispatcher, Processor};

use crate::handle::take;

/// Renders `frames` frames that begin at `frame` of the context's clock; so many of the gain and of the wet values are
/// valid. Returns 1, or 0 when an address is no handle.
#[unsafe(no_mangle)]
extern "C" fn rt_process(
    processor: usize,
    dispatcher: usize,
    frame: f64,
    frames: u32,
    gain_count: u32,
    wet_count: u32,
) -> i32 {
    let (Some(processor), Some(dispatcher)) =
        (take::<Processor<'static>>(processor), take::<Dispatcher<'static>>(dispatcher))
    else {
        return 0;
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    processor.process(dispatcher, frame as u64, frames as usize, [gain_count as usize, wet_count as usize]);
    1
}

/// Address of what the last quantum sounds like on a channel; fixed for the life of the processor.
#[unsafe(no_mangle)]
extern "C" fn rt_output(processor: usize, channel: u32) -> usize {
    take::<Processor<'static>>(processor).map_or(0, |processor| processor.output(channel as usize).as_ptr().addr())
}

/// Address of the gain AudioParam's values; fixed for the life of the processor.
#[unsafe(no_mangle)]
extern "C" fn rt_gain_values(processor: usize) -> usize {
    take::<Processor<'static>>(processor).map_or(0, |processor| processor.gain_values().as_ptr().addr())
}

/// Address of the wet AudioParam's values; fixed for the life of the processor.
#[unsafe(no_mangle)]
extern "C" fn rt_wet_values(processor: usize) -> usize {
    take::<Processor<'static>>(processor).map_or(0, |processor| processor.wet_values().as_ptr().addr())
}
