//! Native suites that join several crates; see the manifest for the list. What they share: a pool with all its handles, and
//! a convolution whose tails are jobs, so that its sound depends on the pool; and the laws of effects.

pub mod laws;

use rusty_audio_engine::config::SEATS;
use rusty_audio_engine::dsp::ramp::CONTROL_FRAMES;
use rusty_audio_engine::effects::{Effects, StandardEffects};
use rusty_audio_engine::protocol::DispatchTelemetry;
use rusty_audio_engine::{Arena, Chain, Dispatcher, Entry, Memory, PoolController, Quantum, Worker, pool};

/// Sample rate in Hz.
pub const RATE: f32 = 48_000.0;
/// Frames of the longest signal.
pub const FRAMES: usize = 32 * 1024;
/// Taps of the impulse response.
pub const TAPS: usize = 12_000;

/// A pool and the handles of all its threads.
pub struct Pool<'a> {
    /// The main thread's.
    pub controller: PoolController<'a>,
    /// The audio thread's.
    pub dispatcher: Dispatcher<'a>,
    /// One for each seat.
    pub workers: [Worker<'a>; SEATS],
}

impl<'a> Pool<'a> {
    /// Builds the pool of a context of `sample_rate` Hz.
    ///
    /// # Panics
    /// When the arena has no room.
    pub fn new(arena: &mut Arena<'a>, sample_rate: f32) -> Self {
        let (controller, dispatcher) = pool(arena, sample_rate).expect("room for the pool");
        let mut seats = 0..;
        let workers = [(); SEATS].map(|()| controller.worker(seats.next().unwrap_or_default()));
        Self { controller, dispatcher, workers }
    }
}

/// Names of effects as entries of a chain, all settings at their defaults.
///
/// # Panics
/// When there is no effect of that name.
#[must_use]
pub fn entries(names: &[&str]) -> Vec<Entry> {
    let number = |name| StandardEffects::LIST.iter().position(|effect| effect.name == name).expect("a known effect");
    names.iter().map(|name| Entry::new(number(*name))).collect()
}

/// A chain of the engine's own effects.
///
/// # Panics
/// When the arena has no room.
pub fn chain<'a>(arena: &mut Arena<'a>, names: &[&str]) -> Chain<'a, StandardEffects<'a>> {
    Chain::new(arena, RATE, &entries(names)).expect("room for the chain")
}

/// A small generator, so that a run is named by its seed (xorshift64*, Vigna 2016).
pub struct Random(pub u64);

impl Random {
    /// The next number, below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    /// An index of something with `length` places.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// The next number from −1 to 1.
    pub fn sample(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0
    }
}

/// White noise, left and right.
#[must_use]
pub fn signal() -> [Vec<f32>; 2] {
    let mut random = Random(7);
    [0, 1].map(|_| (0..FRAMES).map(|_| random.sample()).collect())
}

/// Noise that decays, left and right.
#[must_use]
pub fn response() -> [Vec<f32>; 2] {
    let mut random = Random(11);
    [0, 1].map(|_| (0..TAPS).map(|tap| random.sample() * (-(tap as f32) / 3000.0).exp() / 8.0).collect())
}

/// Sends a response of so many channels; its spectra are computed now or when it is received. Returns its place.
///
/// # Panics
/// When the arena has no room for it.
pub fn put_response<'a>(arena: &mut Arena<'a>, pool: &mut Pool<'a>, channels: &[&[f32]], now: bool) -> u32 {
    let responses = pool.controller.responses();
    let place = responses.open(arena, channels[0].len(), channels.len()).expect("room for the response");
    for (channel, taps) in channels.iter().enumerate() {
        responses.write(place, channel, 0, taps);
    }
    responses.finish(place, None, now);
    place
}

/// What may happen between two quanta.
pub trait Fate {
    /// Lets time pass and workers run.
    fn pass(&mut self, pool: &mut Pool<'_>, frame: usize);
}

/// There are no workers.
pub struct Alone;

impl Fate for Alone {
    fn pass(&mut self, _: &mut Pool<'_>, _: usize) {}
}

/// What came of it.
pub struct Heard {
    /// Left and right.
    pub planes: [Vec<f32>; 2],
    /// Where the jobs ran.
    pub dispatched: DispatchTelemetry,
}

impl Heard {
    /// The sound, to be compared exactly.
    #[must_use]
    pub fn bits(&self) -> Vec<u32> {
        self.planes.iter().flatten().map(|sample| sample.to_bits()).collect()
    }
}

/// Convolves the first `frames` frames of the signal in quanta of the given lengths, in turn.
///
/// # Panics
/// When the engine cannot be built.
pub fn render(frames: usize, quanta: &[usize], fate: &mut impl Fate) -> Heard {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let place = put_response(&mut arena, &mut pool, &response().each_ref().map(|channel| &channel[..]), true);
    let mut chain = chain(&mut arena, &["convolver"]);
    chain.set(0, 0.5);
    chain.receive(0, place, &mut pool.dispatcher);
    go_through(&mut pool, &mut chain, (frames, quanta), fate, |_, _| ())
}

/// Gates and now and then freezes the first `frames` frames of the signal, in quanta of the given lengths, in turn.
///
/// # Panics
/// When the engine cannot be built.
pub fn render_spectral(frames: usize, quanta: &[usize], fate: &mut impl Fate) -> Heard {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let mut chain = chain(&mut arena, &["spectral"]);
    chain.set(1, -40.0);
    let width = chain.parameter_count();
    go_through(&mut pool, &mut chain, (frames, quanta), fate, |frame, chain| {
        let rows = chain.values().chunks_exact_mut(width);
        for (point, row) in (frame.div_ceil(CONTROL_FRAMES)..).zip(rows) {
            // Half of the time frozen, in runs of a hop to some blocks.
            row[0] = if point / 32 % 7 < 3 { 0.75 } else { 0.0 };
        }
    })
}

/// Sends the signal through a chain; `set` sets its parameters before each quantum.
fn go_through<'a>(
    pool: &mut Pool<'a>,
    chain: &mut Chain<'a, StandardEffects<'a>>,
    (frames, quanta): (usize, &[usize]),
    fate: &mut impl Fate,
    set: impl Fn(usize, &mut Chain<'a, StandardEffects<'a>>),
) -> Heard {
    let mut planes = signal();
    let mut frame = 0;
    for &quantum in quanta.iter().cycle() {
        let end = (frame + quantum).min(frames);
        fate.pass(pool, frame);
        set(frame, chain);
        let [left, right] = &mut planes;
        pool.dispatcher.begin_quantum(frame as u64, end - frame);
        let planes = [&mut left[frame..end], &mut right[frame..end]];
        chain.process(&mut Quantum::new(planes, frame as u64), &mut pool.dispatcher);
        frame = end;
        if frame == frames {
            break;
        }
    }
    for plane in &mut planes {
        plane.truncate(frames);
    }
    Heard { planes, dispatched: pool.controller.dispatch_telemetry() }
}
