//! The audio thread's tape of the flight recorder.

use core::hint::black_box;

use rusty_audio_engine::ConfigError;
use rusty_audio_engine::config::AUDIO_EVENTS;
use rusty_audio_engine::events::{Event, Occurrence};
use rusty_audio_engine::lockfree::recorder::{Recorder, recorder};

use crate::place::{arena, give, take};

/// Makes a tape as long as the audio thread's over all memory and gives the address of its writing end, 0 when there is no room.
#[unsafe(no_mangle)]
extern "C" fn recorder_open() -> usize {
    open().map_or(0, give)
}

fn open() -> Result<&'static mut Recorder<'static, Event>, ConfigError> {
    let mut arena = arena();
    let (recorder, _) = recorder::<Event>(&mut arena, AUDIO_EVENTS)?;
    arena.place(recorder)
}

/// Records so many events in each of so many quanta of 128 frames.
#[unsafe(no_mangle)]
extern "C" fn recorder_record(address: usize, quanta: u32, events: u32) {
    let recorder = take::<Recorder<'static, Event>>(address);
    for quantum in 0..quanta {
        for event in 0..events {
            let occurrence = Occurrence::Quanta { inside_us: black_box(event), longest_us: quantum, fresh: true };
            recorder.record(Event::new(f64::from(quantum), u64::from(quantum) * 128, occurrence));
        }
    }
}
