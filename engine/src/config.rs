//! Every size is decided and checked here.

/// Output channels of a player. Files with other layouts are mixed to stereo before they reach the ring.
pub const CHANNELS: usize = 2;

/// The longest render quantum that one call of the processor takes.
pub const MAX_QUANTUM_FRAMES: usize = 4096;

/// Effects of one node.
pub const MAX_EFFECTS: usize = 16;

/// Settings of one effect, at most.
pub const MAX_SETTINGS: usize = 6;

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

/// What is concealed of a hole in a player's stream: under a millisecond, and at high sample rates no more frames than these.
pub const CONCEALED_SECONDS: f32 = 0.9e-3;

/// As many frames at most: 0.8 ms at 48 kHz. Within them a prediction still resembles what would have come.
pub const CONCEALED_FRAMES: usize = 40;

/// Marks on their way: a looped click of a few milliseconds needs many, a file needs two.
pub const MARK_CAPACITY: u32 = 256;

/// Commands on their way; a quantum takes them all.
pub const COMMAND_CAPACITY: u32 = 64;

/// Seats that workers take. More than there are workers, so that a dead one's seat and stack can rest until its thread has
/// certainly ended.
pub const SEATS: usize = MAX_OWNERS as usize;

/// Owners that a slot of a job board can name: its word has four bits for them.
pub const MAX_OWNERS: u32 = 16;

/// Jobs of the audio thread that can be with workers, those abandoned to dead workers among them. A board has 32 slots at
/// most; what finds none the audio thread computes itself.
pub const AUDIO_JOBS: usize = 32;

/// Jobs of the audio thread that can be on their way, wherever they run: three for each response that sounds.
pub const MAX_TASKS: usize = 64;

/// Regions that can be lent to the audio thread: one for each impulse response of each convolver.
pub const REGIONS: usize = 24;

/// Jobs of the main thread that can be on their way.
pub const PAGE_JOBS: usize = 8;

/// Samples of a main-thread job's input and output: the longest FFT, or as many of an audio block.
pub const PAGE_JOB_SAMPLES: usize = 32_768;

/// Samples of its output that it may use as it likes: the bins of the longest FFT, and its work area.
pub const PAGE_JOB_RESULT_SAMPLES: usize = 88_064;

/// Samples of its output in all. In what lies behind its own part a spectrum's job leaves its window to the next one: a line of
/// the cache that says which window it is, and the longest there is.
pub const PAGE_JOB_OUTPUT_SAMPLES: usize = PAGE_JOB_RESULT_SAMPLES + 16 + *ANALYSER_SIZES.end();

/// The longest impulse response: 21.8 s at 48 kHz.
pub const RESPONSE_FRAMES: usize = 1 << 20;

/// Taps that a convolver computes in direct form: so many that a block of the first level is complete before its taps begin.
pub const CONVOLVER_HEAD_TAPS: usize = 1 << CONVOLVER_LEVELS[0].block_bits;

/// One partition size of a convolver.
#[derive(Clone, Copy, Debug)]
pub struct ConvolverLevel {
    /// Its blocks have 2 to this frames.
    pub block_bits: u32,
    /// The first tap that is its.
    pub first_tap: usize,
    /// Responses of more frames than the first and no more than the second have it. Where there are fewer to come, its transforms
    /// cost more than the further partitions of the level before.
    pub lengths: (usize, usize),
    /// Whether its jobs may run on workers.
    pub on_pool: bool,
}

/// The partition sizes of a convolver. A level begins at twice its block (Gardner 1995): so many frames to fill it, as many to
/// compute it. Only the first has no time to spare: it is computed the moment it is full. A level ends where the next one that
/// the response has begins. For each 128 frames, both channels and in WebAssembly, a partition costs about 0.13 µs whatever its size, a
/// level 0.6 to 0.9 µs for its transforms.
pub const CONVOLVER_LEVELS: [ConvolverLevel; 5] = [
    ConvolverLevel { block_bits: 6, first_tap: 64, lengths: (64, usize::MAX), on_pool: false },
    // 5.3 ms at 48 kHz: less than a burst and a wake-up.
    ConvolverLevel { block_bits: 8, first_tap: 512, lengths: (768, usize::MAX), on_pool: false },
    // 43 ms: browsers were seen to ask for 1024 frames at once (Firefox; Chromium with the `playback` hint).
    ConvolverLevel { block_bits: 11, first_tap: 4096, lengths: (6144, usize::MAX), on_pool: true },
    // 85 ms. The transforms of the next level are four times what all else costs in a quantum: where the audio thread computes
    // them itself, that is uneven unless there are many products as well.
    ConvolverLevel { block_bits: 12, first_tap: 8192, lengths: (65_536, 360_000), on_pool: true },
    // 171 ms.
    ConvolverLevel { block_bits: 13, first_tap: 16_384, lengths: (360_000, usize::MAX), on_pool: true },
];

impl ConvolverLevel {
    /// Whether a response of `frames` frames has it.
    #[must_use]
    pub(crate) fn is_for(&self, frames: usize) -> bool {
        let (more_than, most) = self.lengths;
        frames > more_than && frames <= most
    }
}

/// Frames over which the input goes from an old response to a new one: 43 ms at 48 kHz.
pub const RESPONSE_FADE_FRAMES: usize = 2048;

/// Frames over which a response that rings out is cut off when yet another one takes over: 21 ms at 48 kHz.
pub const RESPONSE_CUT_FRAMES: usize = 1024;

/// Frames after which a response that was sent while another sounds takes over, if its spectra are computed: 171 ms at
/// 48 kHz. The audio thread computes them itself within that time if no worker does.
pub const RESPONSE_SLACK_FRAMES: usize = 8192;

/// Samples of a frame of the spectral effect: 23 Hz from bin to bin at 48 kHz.
pub const SPECTRAL_SIZE: usize = 2048;

/// Frames from one frame of the spectral effect to the next: 11 ms at 48 kHz.
pub const SPECTRAL_HOP: usize = 512;

/// Frames of the spectral effect that a job computes; it has as long as they last, 43 ms at 48 kHz.
pub const SPECTRAL_HOPS: usize = 4;

/// Transforms of an analyser, powers of two.
pub const ANALYSER_SIZES: core::ops::RangeInclusive<usize> = 512..=32_768;

/// Stack of every thread that runs the engine module, carved out of the arena; the linker is told the same number for
/// the one stack that it makes. The build proves that no export of the audio thread or of a worker needs more.
pub const STACK_BYTES: usize = 64 * 1024;

/// How far back the flight recorder reaches on every thread, however busy the engine is. What is usual comes at bounded rates,
/// for which the capacities below suffice with a fifth to spare; what goes wrong is always written. An event has 32 bytes:
/// 644 KiB for an engine and 24 KiB for each player.
pub const RECORDED_SECONDS: u32 = 30;

/// Events of the audio thread, 128 KiB: in 30 s 600 pulses or 1 406 callbacks of 1024 frames, and at most 2 400 of jobs.
pub const AUDIO_EVENTS: u32 = 4096;

/// Events of each worker, 32 KiB: in 30 s 60 pulses and at most 720 of jobs.
pub const WORKER_EVENTS: u32 = 1024;

/// Events of seats.
pub const SEAT_EVENTS: u32 = 128;

/// Events of a player's source, 16 KiB: in 30 s 300 pulses and 100 of a loop. What changes its stream comes as often as somebody
/// plays, pauses and seeks, or as a track ends, and once for each hole.
pub const SOURCE_EVENTS: u32 = 512;

/// Events of a player's decode worker, 8 KiB. A file of PCM, the fastest to read, waits for a block about once a second.
pub const DECODE_EVENTS: u32 = 256;

/// From one pulse of the audio thread to the next.
pub const PULSE_SECONDS: f32 = 0.05;

/// Events of jobs that went well between two pulses of the audio thread, two for each job: a convolver has 35 jobs a second
/// at most.
pub const JOB_EVENTS_PER_PULSE: u32 = 4;

/// A step of the pool's clock from one quantum to the next that is always recorded. Device callbacks of up to 512 frames make
/// shorter ones, longer callbacks are recorded one by one.
pub const EVENTFUL_MS: f64 = 16.0;

/// From one pulse of a player's source to the next.
pub const SOURCE_PULSE_SECONDS: f32 = 0.1;

/// Pulses of a source after which it is recorded again that a loop has come round, however short it is.
pub const REPEAT_PULSES: u32 = 3;

/// From one pulse of a worker to the next.
pub const WORKER_PULSE_MS: f64 = 500.0;

/// Jobs between two pulses of a worker whose claim and end are recorded.
pub const WORKER_JOBS_PER_PULSE: u32 = 6;

/// A worker that is so late is recorded: more than the timers of a quiet machine, less than the shortest time of a job.
pub const LATE_MS: f64 = 10.0;

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

/// One effect of a node that is to be built: its number in the table, and its settings. A setting that is not a number has
/// its default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Its place in [`Effects::LIST`](crate::effects::Effects::LIST).
    pub number: usize,
    /// In the order of [`Description::settings`](crate::effects::Description::settings).
    pub settings: [f32; MAX_SETTINGS],
}

impl Entry {
    /// The effect with that number, all its settings at their defaults.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(number: usize) -> Self {
        Self { number, settings: [f32::NAN; MAX_SETTINGS] }
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
