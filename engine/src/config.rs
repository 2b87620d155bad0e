//! Every size is decided and checked here.

use crate::controller::Controller;
use crate::feeder::Feeder;
use crate::lockfree::{latest::latest, ring::ring};
use crate::memory::Arena;
use crate::processor::Processor;
use crate::protocol::{Command, Mark, Telemetry};
use crate::worker::{PoolController, PoolShared, Worker};

/// Output channels of a player. Files with other layouts are mixed to stereo before they reach the ring.
pub const CHANNELS: usize = 2;

/// The longest render quantum that one call of the processor takes.
pub const MAX_QUANTUM_FRAMES: usize = 4096;

/// Frames that the feeder takes at once.
pub const STAGING_FRAMES: usize = 4096;

/// Frames that a jump waits for before it sounds: 171 ms at 48 kHz. Decoding them takes a few ms, and a decoder that
/// then has to wait for bytes or for its turn on a busy machine has that long.
pub const PRIME_FRAMES: u32 = 8192;

/// Frames that suffice when the ring has no room for more, because what is older has not been read: 43 ms at 48 kHz,
/// more than one callback of any browser measured.
pub const PRIME_FRAMES_WHEN_FULL: u32 = 2048;

/// Segments that suffice in place of frames.
pub const PRIME_MARKS: u32 = 64;

/// Length of the cross-fade of a jump and of the ramps of pause and resume: 2.7 ms at 48 kHz.
pub const FADE_FRAMES: usize = 128;

/// Marks on their way: a looped click of a few milliseconds needs many, a file needs two.
pub const MARK_CAPACITY: u32 = 256;

/// Commands on their way; a quantum takes them all.
pub const COMMAND_CAPACITY: u32 = 64;

/// Workers that a pool can have.
pub const MAX_WORKERS: usize = 8;

/// Why something could not be built.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A capacity is not a power of two.
    NotPowerOfTwo {
        /// What was asked.
        actual: u32,
    },
    /// The arena has no room.
    OutOfMemory {
        /// Bytes that were asked for, padding included.
        needed_bytes: usize,
        /// Bytes that were left.
        available_bytes: usize,
    },
    /// A sample rate outside the range of the Web Audio specification's nominal one.
    SampleRate {
        /// What was asked, in Hz.
        actual: f32,
    },
    /// A ring too short to prime from, or a pool of no or too many workers.
    Count {
        /// What was asked.
        actual: u32,
        /// The least that works.
        least: u32,
        /// The most that works.
        most: u32,
    },
}

/// What a player is built from.
#[derive(Clone, Copy, Debug)]
pub struct PlayerConfig {
    /// Sample rate of the audio context in Hz, 3 000 to 768 000.
    pub sample_rate: f32,
    /// Capacity of the source ring in frames, a power of two of at least 16384.
    pub ring_frames: u32,
}

/// Builds one player: one handle for each of its three threads.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// A [`ConfigError`] that names what was wrong.
pub fn player<'a>(
    arena: &mut Arena<'a>,
    config: PlayerConfig,
) -> Result<(Controller<'a>, Feeder<'a>, Processor<'a>), ConfigError> {
    if !(3_000.0..=768_000.0).contains(&config.sample_rate) {
        return Err(ConfigError::SampleRate { actual: config.sample_rate });
    }
    let least = PRIME_FRAMES * 2;
    if config.ring_frames < least {
        return Err(ConfigError::Count { actual: config.ring_frames, least, most: 1 << 31 });
    }
    let (frames_in, frames_out) = ring::<f32>(arena, CHANNELS, config.ring_frames)?;
    let (marks_in, marks_out) = ring::<Mark>(arena, 1, MARK_CAPACITY)?;
    let (commands_in, commands_out) = ring::<Command>(arena, 1, COMMAND_CAPACITY)?;
    let (publisher, reader) = latest::<Telemetry>(arena)?;
    let staging = [arena.slice(STAGING_FRAMES)?, arena.slice(STAGING_FRAMES)?];
    let output = [arena.slice(MAX_QUANTUM_FRAMES)?, arena.slice(MAX_QUANTUM_FRAMES)?];
    Ok((
        Controller::new(commands_in, reader),
        Feeder::new(frames_in, marks_in, staging),
        Processor::new(config.sample_rate, frames_out, marks_out, commands_out, publisher, output),
    ))
}

/// Builds the pool's shared words and one handle per worker; handles beyond `workers` are `None`.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::Count`] unless there are 1 to [`MAX_WORKERS`]; [`ConfigError::OutOfMemory`].
pub fn pool<'a>(
    arena: &mut Arena<'a>,
    workers: u32,
) -> Result<(PoolController<'a>, [Option<Worker<'a>>; MAX_WORKERS]), ConfigError> {
    if workers == 0 || workers as usize > MAX_WORKERS {
        return Err(ConfigError::Count { actual: workers, least: 1, most: 8 });
    }
    let shared = &*arena.place(PoolShared::new())?;
    let mut handles = [const { None }; MAX_WORKERS];
    for (slot, handle) in (0..workers).zip(&mut handles) {
        *handle = Some(Worker::new(shared, slot));
    }
    Ok((PoolController::new(shared, workers), handles))
}
