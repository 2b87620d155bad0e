//! Every size is decided and checked here.

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
