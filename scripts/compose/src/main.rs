//! Renders "Lanterns", the track that the demo plays and the tests measure with.
//!
//! Usage: `rusty-audio-compose FILE.wav` (44.1 kHz, 16-bit, stereo). Every run on every machine gives the
//! same bytes: the mathematics is `libm`'s, the chance a seeded generator's, and notes are humanised by it
//! so that no two places of the piece are alike.

#![forbid(unsafe_code)]

mod chance;
mod instruments;
mod mix;
mod score;
mod space;
mod stereo;
mod wave_file;

use std::process::ExitCode;

/// Frames per second of the piece.
pub const SAMPLE_RATE: u32 = 44_100;

/// Length of the piece: odd on purpose, so that no block length divides it.
pub const FRAMES: usize = 2_745_001;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        return complain("usage: rusty-audio-compose FILE.wav");
    };
    match std::fs::write(&path, wave_file::bytes(&mix::render())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{} cannot be written: {error}", path.display())),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line program says there what is wrong")]
fn complain(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
