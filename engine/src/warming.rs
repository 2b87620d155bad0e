//! Warming: runs what will run, in a memory that is thrown away, so that it is compiled well before it sounds.
//!
//! A browser compiles a function hastily when it is first called, and well when it has run for a while. On the audio thread
//! that makes the first quanta take milliseconds each. What a browser has compiled belongs to the module, so whoever runs a
//! function first, on whatever thread, does it for all threads that have the module.

use crate::config::{ConfigError, Entry, NodeConfig, PAGE_JOB_OUTPUT_SAMPLES};
use crate::dispatcher::Dispatcher;
use crate::dsp::fft::{LONGEST, MIN_SIZE};
use crate::effects::{Convolver, Description, Effect, Effects, Parameter};
use crate::job::{self, run_slice};
use crate::memory::Arena;
use crate::pool::PoolController;
use crate::processor::Processor;
use crate::protocol::{Command, Join};
use crate::split::{node, player, pool};

/// A memory of so many MiB has room for the engine's own effects, one after the other, at 192 kHz.
pub const MEMORY_MEBIBYTES: u32 = 26;

/// Quanta that a node renders. In half of them its parameters move.
const QUANTA: usize = 128;

const QUANTUM_FRAMES: usize = 128;

const HALF_A_QUANTUM: u32 = 64;

/// Frames of a response that has blocks of all lengths but the longest, which only those of many seconds have.
const RESPONSE_FRAMES: usize = 66_000;

/// The shortest ring of a player.
const RING_FRAMES: u32 = 16_384;

/// Transforms of each size.
const TRANSFORMS: usize = 32;

/// Renders noise through each effect of a table, with its settings at their defaults and at both ends of their ranges, and
/// from a player, and computes the page's transforms. Returns how many quanta were rendered.
///
/// # Real-time
/// A thread that nobody waits for, over a memory that no other thread has: about a tenth of a second.
///
/// # Errors
/// [`ConfigError::SampleRate`]; [`ConfigError::OutOfMemory`] for the first effect that found no room.
pub fn warm<'a, E: Effects<'a> + 'a>(arena: &mut Arena<'a>, sample_rate: f32) -> Result<u32, ConfigError> {
    let (controller, dispatcher) = placed_pool(arena, sample_rate)?;
    let mut rehearsal = Rehearsal { dispatcher, noise: Noise(1), frame: 0, quanta: 0 };
    for (number, description) in E::LIST.iter().enumerate() {
        for entry in settings(number, description).into_iter().flatten() {
            let response = match description.name == Convolver::NAME {
                true => Some(rehearsal.response(arena, controller)?),
                false => None,
            };
            rehearsal.node::<E>(arena, NodeConfig { sample_rate, effects: &[entry] }, description, response)?;
        }
    }
    rehearsal.player::<E>(arena, sample_rate)?;
    rehearsal.transforms(arena)?;
    Ok(rehearsal.quanta)
}

/// A pool that leaves the stack before the deepest calls.
#[inline(never)]
fn placed_pool<'a>(
    arena: &mut Arena<'a>,
    sample_rate: f32,
) -> Result<(&'a mut PoolController<'a>, &'a mut Dispatcher<'a>), ConfigError> {
    let (controller, dispatcher) = pool(arena, sample_rate)?;
    Ok((arena.place(controller)?, arena.place(dispatcher)?))
}

/// An effect with its settings at their defaults, and if it has any, at their least and greatest.
fn settings(number: usize, description: &Description) -> [Option<Entry>; 3] {
    let entry = Entry::new(number);
    let with = |value: fn(&Parameter) -> f32| {
        let mut entry = entry;
        for (setting, parameter) in entry.settings.iter_mut().zip(description.settings) {
            *setting = value(parameter);
        }
        (!description.settings.is_empty()).then_some(entry)
    };
    [Some(entry), with(|setting| setting.minimum), with(|setting| setting.maximum)]
}

struct Rehearsal<'a> {
    dispatcher: &'a mut Dispatcher<'a>,
    noise: Noise,
    frame: u64,
    quanta: u32,
}

impl<'a> Rehearsal<'a> {
    /// Nobody helps the audio thread here, so it computes all jobs itself.
    fn quantum<E: Effects<'a> + 'a>(&mut self, processor: &mut Processor<'a, E>) {
        processor.process(self.dispatcher, self.frame, QUANTUM_FRAMES);
        self.frame += QUANTUM_FRAMES as u64;
        self.quanta += 1;
    }

    /// In a frame of its own, like that of the player: what is built lies on the stack until it is placed.
    #[inline(never)]
    fn node<E: Effects<'a> + 'a>(
        &mut self,
        arena: &mut Arena<'a>,
        config: NodeConfig<'_>,
        description: &Description,
        response: Option<u32>,
    ) -> Result<(), ConfigError> {
        let (mut messages, mut processor) = node::<E>(arena, config)?;
        if let Some(place) = response {
            let _ = messages.send(Command::tell(0, place));
        }
        let bypass = processor.chain().parameter_count().saturating_sub(1);
        for quantum in 0..QUANTA {
            if quantum < QUANTA / 2 {
                let parameters = description.parameters.iter().take(bypass).chain([&Parameter::BYPASS]);
                for (column, parameter) in parameters.enumerate() {
                    let value = self.noise.between(parameter.minimum, parameter.maximum);
                    processor.chain().set(column, value);
                }
            } else {
                processor.chain().set(bypass, 0.0);
            }
            for channel in 0..2 {
                self.noise.fill(processor.plane(channel).iter_mut().take(QUANTUM_FRAMES));
            }
            self.quantum(&mut processor);
        }
        Ok(())
    }

    /// Plays, and jumps in the middle; then runs empty, and starves in every quantum.
    #[inline(never)]
    fn player<E: Effects<'a> + 'a>(&mut self, arena: &mut Arena<'a>, sample_rate: f32) -> Result<(), ConfigError> {
        let config = NodeConfig { sample_rate, effects: &[] };
        let (mut controller, mut feeder, mut processor) = player::<E>(arena, config, RING_FRAMES)?;
        let _ = controller.send(Command::PLAY);
        for channel in 0..2 {
            self.noise.fill(feeder.staging(channel).unwrap_or_default().iter_mut());
        }
        for quantum in 0..QUANTA {
            if quantum % (QUANTA / 2) == 0 {
                let _ = feeder.begin(1 + u32::from(quantum > 0), 0, 0, Join::Now);
            }
            feeder.push(RING_FRAMES);
            self.quantum(&mut processor);
        }
        for quantum in 0..2 * QUANTA {
            if quantum >= QUANTA {
                feeder.push(HALF_A_QUANTUM);
            }
            self.quantum(&mut processor);
        }
        Ok(())
    }

    fn response(&mut self, arena: &mut Arena<'a>, pool: &mut PoolController<'a>) -> Result<u32, ConfigError> {
        let responses = pool.responses();
        let place = responses.open(arena, RESPONSE_FRAMES, 2)?;
        let taps = arena.slice::<f32>(RESPONSE_FRAMES)?;
        for channel in 0..2 {
            self.noise.fill(taps.iter_mut());
            responses.write(place, channel, 0, taps);
        }
        responses.finish(place, None, true);
        Ok(place)
    }

    /// The transforms that the page may ask for.
    fn transforms(&mut self, arena: &mut Arena<'a>) -> Result<(), ConfigError> {
        let commons = self.dispatcher.commons();
        let input = arena.slice::<f32>(LONGEST)?;
        let output = arena.slice(PAGE_JOB_OUTPUT_SAMPLES)?;
        self.noise.fill(input.iter_mut());
        for bits in MIN_SIZE.trailing_zeros()..=LONGEST.trailing_zeros() {
            for _ in 0..TRANSFORMS {
                run_slice(&job::fft(1 << bits), 0, input, output, &commons);
            }
        }
        Ok(())
    }
}

/// The generator of Numerical Recipes.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0.cast_signed() as f32 / 2_147_483_648.0
    }

    fn between(&mut self, least: f32, greatest: f32) -> f32 {
        least + (greatest - least) * self.next().abs()
    }

    fn fill<'s>(&mut self, samples: impl Iterator<Item = &'s mut f32>) {
        for sample in samples {
            *sample = self.next() / 4.0;
        }
    }
}
