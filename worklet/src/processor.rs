//! `rt_*`: what the audio thread calls.

use rusty_audio_engine::Processor;

use crate::handle::take;

/// Renders `frames` frames; `gain_count` of the gain values are valid. Returns 1, or 0 when `processor` is no handle.
#[unsafe(no_mangle)]
extern "C" fn rt_process(processor: usize, frames: u32, gain_count: u32) -> i32 {
    take::<Processor<'static>>(processor).map_or(0, |processor| {
        processor.process(frames as usize, gain_count as usize);
        1
    })
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
