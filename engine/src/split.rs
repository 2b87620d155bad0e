//! Builds the handles: one for each thread, all memory taken here.

use crate::chain::Chain;
use crate::config::{
    AUDIO_EVENTS, AUDIO_JOBS, CHANNELS, COMMAND_CAPACITY, ConfigError, DECODE_EVENTS, MARK_CAPACITY, NodeConfig,
    PAGE_JOB_OUTPUT_SAMPLES, PAGE_JOB_SAMPLES, PAGE_JOBS, PRIME_FRAMES, SOURCE_EVENTS, STAGING_FRAMES,
};
use crate::controller::{Controller, PlayerTapes};
use crate::dispatcher::Dispatcher;
use crate::dsp::fft::RealFfts;
use crate::effects::Effects;
use crate::effects::convolver::{Responses, Transforms};
use crate::effects::spectral;
use crate::feeder::Feeder;
use crate::job::Commons;
use crate::lockfree::{board::board, demand::Demand, latest::latest, recorder::recorder, regions::regions, ring::ring};
use crate::log::{AudioLog, SourceLog};
use crate::memory::Arena;
use crate::pacing::Pacing;
use crate::playback::Playback;
use crate::pool::{PoolController, Tapes};
use crate::processor::Processor;
use crate::protocol::{Command, Mark, Telemetry};
use crate::seats::PoolShared;

/// Builds a node that processes what comes in: the main thread's handle and the audio thread's.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// A [`ConfigError`] that names what was wrong.
pub fn node<'a, E: Effects<'a>>(
    arena: &mut Arena<'a>,
    config: NodeConfig<'_>,
) -> Result<(Controller<'a>, Processor<'a, E>), ConfigError> {
    build(arena, config, None)
}

/// Builds a player, whose source ring holds `ring_frames`, a power of two of at least 16384: one handle for each of its
/// three threads.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// A [`ConfigError`] that names what was wrong.
pub fn player<'a, E: Effects<'a>>(
    arena: &mut Arena<'a>,
    config: NodeConfig<'_>,
    ring_frames: u32,
) -> Result<(Controller<'a>, Feeder<'a>, Processor<'a, E>), ConfigError> {
    let least = PRIME_FRAMES * 2;
    if ring_frames < least {
        return Err(ConfigError::Count { actual: ring_frames, least, most: 1 << 31 });
    }
    let (frames_in, frames_out) = ring::<f32>(arena, CHANNELS, ring_frames)?;
    let (marks_in, marks_out) = ring::<Mark>(arena, 1, MARK_CAPACITY)?;
    let staging = [arena.slice(STAGING_FRAMES)?, arena.slice(STAGING_FRAMES)?];
    let (source_log, source) = recorder(arena, SOURCE_EVENTS)?;
    let (decode_log, decode) = recorder(arena, DECODE_EVENTS)?;
    let demand = &*arena.place(Demand::new())?;
    let log = SourceLog::new(source_log, config.sample_rate);
    let playback = Playback::new(frames_out, marks_out, log, config.sample_rate);
    let (controller, processor) = build(arena, config, Some(((playback, demand), PlayerTapes { source, decode })))?;
    let pacing = Pacing::new(demand, ring_frames, config.sample_rate);
    Ok((controller, Feeder::new(frames_in, marks_in, staging, pacing, decode_log), processor))
}

fn build<'a, E: Effects<'a>>(
    arena: &mut Arena<'a>,
    NodeConfig { sample_rate, effects }: NodeConfig<'_>,
    source: Option<((Playback<'a>, &'a Demand), PlayerTapes<'a>)>,
) -> Result<(Controller<'a>, Processor<'a, E>), ConfigError> {
    check_sample_rate(sample_rate)?;
    let (commands_in, commands_out) = ring::<Command>(arena, 1, COMMAND_CAPACITY)?;
    let (publisher, reader) = latest::<Telemetry>(arena)?;
    let chain = Chain::new(arena, sample_rate, effects)?;
    let (source, tapes) = source.unzip();
    let processor = Processor::new(arena, sample_rate, source, chain, commands_out, publisher)?;
    Ok((Controller::new(commands_in, reader, tapes), processor))
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
    let (audio_jobs, audio_board) = board::<AUDIO_JOBS>(arena, 0, 0)?;
    let (page_jobs, page_board) = board::<PAGE_JOBS>(arena, PAGE_JOB_SAMPLES, PAGE_JOB_OUTPUT_SAMPLES)?;
    let ffts = RealFfts::new(arena)?;
    let ffts = &*arena.place(ffts)?;
    let transforms = Transforms::new(ffts);
    let (registrar, regions) = regions(arena)?;
    let spectral = spectral::Tables::new(arena, ffts)?;
    let commons = Commons { regions, ffts, transforms: arena.place(transforms)?, spectral: arena.place(spectral)? };
    let (log, tape) = recorder(arena, AUDIO_EVENTS)?;
    let dispatcher = Dispatcher::new(audio_jobs, shared, commons, AudioLog::new(log, sample_rate), sample_rate);
    let tapes = Tapes::new(arena, tape)?;
    let responses = Responses::new(registrar, commons);
    let controller = PoolController::new(shared, page_jobs, [audio_board, page_board], responses, commons, tapes);
    Ok((controller, dispatcher))
}

fn check_sample_rate(sample_rate: f32) -> Result<(), ConfigError> {
    if (3_000.0..=768_000.0).contains(&sample_rate) {
        Ok(())
    } else {
        Err(ConfigError::SampleRate { actual: sample_rate })
    }
}
