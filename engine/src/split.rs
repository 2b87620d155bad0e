//! Builds the handles: one for each thread, all memory taken here.

use crate::config::{
    CHANNELS, COMMAND_CAPACITY, ConfigError, MARK_CAPACITY, MAX_QUANTUM_FRAMES, MAX_WORKERS, PRIME_FRAMES,
    PlayerConfig, STAGING_FRAMES,
};
use crate::controller::Controller;
use crate::feeder::Feeder;
use crate::lockfree::{latest::latest, ring::ring};
use crate::memory::Arena;
use crate::processor::Processor;
use crate::protocol::{Command, Mark, Telemetry};
use crate::worker::{PoolController, PoolShared, Worker};

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
