//! Builds the handles: one for each thread, all memory taken here.

use crate::config::{
    AUDIO_JOBS, CHANNELS, COMMAND_CAPACITY, ConfigError, MARK_CAPACITY, PAGE_JOB_SAMPLES, PAGE_JOBS, PRIME_FRAMES,
    PlayerConfig, RESPONSE_FRAMES, STAGING_FRAMES,
};
use crate::controller::Controller;
use crate::dispatcher::{Dispatcher, OUTPUT_SAMPLES};
use crate::effects::Convolver;
use crate::feeder::Feeder;
use crate::job::{RESPONSES, TAIL_INPUT_FRAMES};
use crate::lockfree::{board::board, latest::latest, ring::ring, shelf::shelf};
use crate::memory::Arena;
use crate::playback::Playback;
use crate::pool::PoolController;
use crate::processor::Processor;
use crate::protocol::{Command, Mark, Telemetry};
use crate::seats::PoolShared;

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
    check_sample_rate(config.sample_rate)?;
    let least = PRIME_FRAMES * 2;
    if config.ring_frames < least {
        return Err(ConfigError::Count { actual: config.ring_frames, least, most: 1 << 31 });
    }
    let (frames_in, frames_out) = ring::<f32>(arena, CHANNELS, config.ring_frames)?;
    let (marks_in, marks_out) = ring::<Mark>(arena, 1, MARK_CAPACITY)?;
    let (commands_in, commands_out) = ring::<Command>(arena, 1, COMMAND_CAPACITY)?;
    let (publisher, reader) = latest::<Telemetry>(arena)?;
    let staging = [arena.slice(STAGING_FRAMES)?, arena.slice(STAGING_FRAMES)?];
    let convolver = config.response.map(|place| Convolver::new(arena, place)).transpose()?;
    let playback = Playback::new(frames_out, marks_out);
    Ok((
        Controller::new(commands_in, reader),
        Feeder::new(frames_in, marks_in, staging),
        Processor::new(arena, config.sample_rate, playback, commands_out, publisher, convolver)?,
    ))
}

/// Builds the pool of one engine for a context of `sample_rate` Hz: the main thread's handle and the audio thread's. The
/// first makes the workers'.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::SampleRate`]; [`ConfigError::OutOfMemory`].
pub fn pool<'a>(arena: &mut Arena<'a>, sample_rate: f32) -> Result<(PoolController<'a>, Dispatcher<'a>), ConfigError> {
    check_sample_rate(sample_rate)?;
    let shared = PoolShared::place(arena)?;
    let (audio_jobs, audio_board) = board::<AUDIO_JOBS>(arena, 2 * TAIL_INPUT_FRAMES, OUTPUT_SAMPLES)?;
    let (page_jobs, page_board) = board::<PAGE_JOBS>(arena, PAGE_JOB_SAMPLES, PAGE_JOB_SAMPLES)?;
    let (shelver, responses) = shelf::<RESPONSES>(arena, 2 * RESPONSE_FRAMES)?;
    let boards = [audio_board, page_board];
    let dispatcher = Dispatcher::new(arena, audio_jobs, shared, responses.clone(), sample_rate)?;
    Ok((PoolController::new(shared, page_jobs, boards, shelver, responses), dispatcher))
}

fn check_sample_rate(sample_rate: f32) -> Result<(), ConfigError> {
    if (3_000.0..=768_000.0).contains(&sample_rate) {
        Ok(())
    } else {
        Err(ConfigError::SampleRate { actual: sample_rate })
    }
}
