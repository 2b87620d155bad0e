//! What an export answers with where it has nothing better: an address, or the number of a failure.

use rusty_audio_engine::config::ConfigError;

/// Numbers of failures; the host has the sentences.
pub const OUT_OF_MEMORY: i32 = -1;
pub const INVALID: i32 = -2;

pub fn failure(error: ConfigError) -> i32 {
    match error {
        ConfigError::OutOfMemory { .. } => OUT_OF_MEMORY,
        _ => INVALID,
    }
}

pub fn address(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(OUT_OF_MEMORY)
}
