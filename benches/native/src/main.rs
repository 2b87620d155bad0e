//! The ring against rtrb, ringbuf and memcpy, natively. Prints one JSON object of measurements, round by round;
//! `benches/ring/run.mjs` makes rows of them.
//!
//! ```text
//! rusty-audio-bench-native ROUNDS
//! ```

mod ends;
mod measure;

use std::error::Error;
use std::io::{Write as _, stdout};

use ringbuf::HeapRb;
use ringbuf::traits::Split as _;
use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::ring;

use crate::ends::CAPACITY;
use crate::measure::{between_threads, on_one_thread, two_copies};

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u32 = std::env::args().nth(1).ok_or("usage: rusty-audio-bench-native ROUNDS")?.parse()?;
    let mut memory = Memory::new(1 << 16);
    let mut ours = ring::ring(&mut memory.arena(), 1, CAPACITY).map_err(|error| format!("{error:?}"))?;
    let mut rtrb = rtrb::RingBuffer::new(CAPACITY as usize);
    let mut ringbuf = HeapRb::new(CAPACITY as usize).split();

    let mut series: [(&str, Vec<f64>); 7] = [
        ("ours_frames_per_s", Vec::new()),
        ("rtrb_frames_per_s", Vec::new()),
        ("ringbuf_frames_per_s", Vec::new()),
        ("ours_ns", Vec::new()),
        ("rtrb_ns", Vec::new()),
        ("ringbuf_ns", Vec::new()),
        ("copies_ns", Vec::new()),
    ];
    for _ in 0..rounds {
        let round = [
            between_threads(&mut ours.0, &mut ours.1),
            between_threads(&mut rtrb.0, &mut rtrb.1),
            between_threads(&mut ringbuf.0, &mut ringbuf.1),
            on_one_thread(&mut ours.0, &mut ours.1),
            on_one_thread(&mut rtrb.0, &mut rtrb.1),
            on_one_thread(&mut ringbuf.0, &mut ringbuf.1),
            two_copies(),
        ];
        for ((_, values), value) in series.iter_mut().zip(round) {
            values.push(value);
        }
    }
    let fields: Vec<String> = series.iter().map(|(name, values)| format!("\"{name}\":{values:?}")).collect();
    writeln!(stdout(), "{{{}}}", fields.join(","))?;
    Ok(())
}
