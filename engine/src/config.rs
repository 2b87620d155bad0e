//! Every size is decided and checked here.

use crate::chain::Entry;

/// Output channels of a player. Files with other layouts are mixed to stereo before they reach the ring.
pub const CHANNELS: usize = 2;

/// The longest render quantum that one call of the processor takes.
pub const MAX_QUANTUM_FRAMES: usize = 4096;

/// Effects of one node.
pub const MAX_EFFECTS: usize = 16;

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

/// Seats that workers take. More than there are workers, so that a dead one's seat and stack can rest until its thread has
/// certainly ended.
pub const SEATS: usize = MAX_OWNERS as usize;

/// Owners that a slot of a job board can name: its word has four bits for them.
pub const MAX_OWNERS: u32 = 16;

/// Jobs of the audio thread that can be on their way, those abandoned to dead workers among them.
pub const AUDIO_JOBS: usize = 24;

/// Jobs of the main thread that can be on their way.
pub const PAGE_JOBS: usize = 8;

/// Samples of a main-thread job's input and output: the longest FFT, or as many of an audio block.
pub const PAGE_JOB_SAMPLES: usize = 32_768;

/// The longest impulse response: 171 ms at 48 kHz.
pub const RESPONSE_FRAMES: usize = 8192;

/// Frames that one job of a convolver's tail computes.
pub const CONVOLVER_BLOCK_FRAMES: usize = 512;

/// Frames from the moment such a job is posted to the moment its result is needed: 43 ms at 48 kHz. Browsers were seen to
/// ask for 1024 frames at once (Firefox; Chromium with the `playback` hint), and results of one burst are seen in the next.
pub const CONVOLVER_SLACK_FRAMES: usize = 2048;

/// Taps that the audio thread computes itself: what no job can bring in time.
pub const CONVOLVER_HEAD_TAPS: usize = CONVOLVER_BLOCK_FRAMES + CONVOLVER_SLACK_FRAMES;

/// Stack of every thread that runs the engine module, carved out of the arena; the linker is told the same number for
/// the one stack that it makes. The build proves that no export of the audio thread or of a worker needs more.
pub const STACK_BYTES: usize = 64 * 1024;

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
    /// A ring too short to prime from, a pool of no or too many workers, too many effects or one that does not exist.
    Count {
        /// What was asked.
        actual: u32,
        /// The least that works.
        least: u32,
        /// The most that works.
        most: u32,
    },
}

impl ConfigError {
    /// A count out of its range.
    pub(crate) fn count(actual: usize, least: usize, most: usize) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self::Count { actual: number(actual), least: number(least), most: number(most) }
    }
}

/// What a node is built from.
#[derive(Clone, Copy, Debug)]
pub struct NodeConfig<'c> {
    /// Sample rate of the audio context in Hz, 3 000 to 768 000.
    pub sample_rate: f32,
    /// Its effects in their order, at most [`MAX_EFFECTS`].
    pub effects: &'c [Entry],
}
