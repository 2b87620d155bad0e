//! Renders again what a player played: `replay RECORDING.json FILE.wav [PCM]`.
//!
//! The recording is the text of `monitor.recording()`, of a page with one player that has played one track. The file is that track as
//! the engine decodes it: WAV, 32-bit floats, stereo, at the sample rate of the audio context. Prints one line of JSON; what was heard
//! goes to the file `PCM`, if one is named, as interleaved 32-bit floats without a header.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

mod wave;

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use rusty_audio_recorder::{Recording, Replay, Thread};
use serde_json::json;

const USAGE: &str = "Usage: replay RECORDING.json FILE.wav [PCM]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let (recording, file, pcm) = match &arguments[..] {
        [recording, file] => (recording, file, None),
        [recording, file, pcm] => (recording, file, Some(pcm)),
        _ => return Err(USAGE.into()),
    };
    let recording = Recording::from_json(&fs::read_to_string(recording)?)?;
    let replay = Replay::new(&recording, only_player(&recording)?)?;
    let samples = wave::stereo(&fs::read(file)?, recording.sample_rate)?;

    let (mut only_track, mut hash, mut heard) = (None, Hash::NEW, Vec::new());
    let read = |track, from, planes: [&mut [f32]; 2]| {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let frames = samples.get(from..).and_then(|samples| samples.get(..planes[0].len()));
        let Some(frames) = frames.filter(|_| *only_track.get_or_insert(track) == track) else { return false };
        let [left, right] = planes;
        for ((left, right), frame) in left.iter_mut().zip(right).zip(frames) {
            [*left, *right] = *frame;
        }
        true
    };
    let starved_frames = replay.render(read, |[left, right]| {
        for sample in left.iter().zip(right).flat_map(|(&left, &right)| [left, right]) {
            let bytes = sample.to_le_bytes();
            hash.add(bytes);
            heard.extend(bytes);
        }
    })?;
    if let Some(pcm) = pcm {
        fs::write(pcm, heard)?;
    }
    let facts = json!({
        "fromFrame": replay.from_frame(),
        "frames": replay.frames(),
        "starvedFrames": starved_frames,
        "hash": format!("{:016x}", hash.0),
    });
    println!("{facts}");
    Ok(())
}

fn only_player(recording: &Recording) -> Result<u32, String> {
    let players: Vec<_> = recording
        .tracks
        .iter()
        .filter_map(|track| if let Thread::Source(player) = track.thread { Some(player) } else { None })
        .collect();
    match players[..] {
        [player] => Ok(player),
        _ => Err(format!("The recording has {} players. Record a page with one.", players.len())),
    }
}

/// FNV-1a.
struct Hash(u64);

impl Hash {
    const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    fn add(&mut self, bytes: [u8; 4]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
