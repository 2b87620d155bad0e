//! Warming renders every effect of a table, whatever its settings, and ends with an error where the memory does.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rusty_audio_engine::effects::{Effect, Effects, Gain, Parameter, Parameters, StandardEffects, Unit};
use rusty_audio_engine::warming::{MEMORY_MEBIBYTES, warm};
use rusty_audio_engine::{Arena, ConfigError, Dispatcher, Memory, Quantum};
use rusty_audio_tests::RATE;

/// More than a module's own data, which lies in the same memory.
const MODULE_BYTES: usize = 1 << 20;

const SETTING: Parameter = Parameter { name: "setting", unit: Unit::Count, default: 2.0, minimum: 1.0, maximum: 3.0 };

#[derive(Default)]
struct Seen {
    settings: Vec<f32>,
    frames: Vec<usize>,
    /// Bits of the parameter.
    values: BTreeSet<u32>,
    resting_frames: usize,
    loudest: f32,
}

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

/// An effect that notes how it is used.
struct Witness;

impl<'a> Effect<'a> for Witness {
    const NAME: &'static str = "witness";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "value", unit: Unit::Linear, default: 0.0, minimum: -1.0, maximum: 1.0 }];
    const SETTINGS: &'static [Parameter] = &[SETTING];

    fn new(_: &mut Arena<'a>, _: f32, settings: &[f32]) -> Result<Self, ConfigError> {
        SEEN.with_borrow_mut(|seen| {
            seen.settings.push(settings[0]);
            seen.frames.push(0);
        });
        Ok(Self)
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        SEEN.with_borrow_mut(|seen| {
            *seen.frames.last_mut().unwrap() += run.frames();
            seen.values.insert(parameters.target(0).to_bits());
            seen.resting_frames += if parameters.are_steady() { run.frames() } else { 0 };
            let samples = run.channels().into_iter().flatten();
            seen.loudest = samples.fold(seen.loudest, |loudest, sample| loudest.max(sample.abs()));
        });
    }

    fn reset(&mut self) {}

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }
}

rusty_audio_engine::effects! {
    enum WitnessEffects<'a> {
        Gain(Gain),
        Witness(Witness),
    }
}

#[test]
fn every_effect_is_rendered_with_all_that_it_can_be() {
    let mut memory = Memory::new((MEMORY_MEBIBYTES as usize) << 20);
    let quanta = warm::<WitnessEffects>(&mut memory.arena(), RATE).expect("room for all");
    SEEN.with_borrow(|seen| {
        assert_eq!(seen.settings, [SETTING.default, SETTING.minimum, SETTING.maximum]);
        assert!(seen.frames.iter().all(|&frames| frames >= 100 * 128), "{:?} frames", seen.frames);
        assert!(seen.values.len() > 30, "{} values of the parameter", seen.values.len());
        let frames: usize = seen.frames.iter().sum();
        assert!(
            seen.resting_frames > frames / 3 && seen.resting_frames < frames,
            "{} frames at rest",
            seen.resting_frames
        );
        assert!(seen.loudest > 0.1 && seen.loudest <= 1.0, "{}", seen.loudest);
        // The gain has rendered as much as each of these, and a player three times that, in a third of which it starved.
        assert_eq!(quanta as usize * 128, frames / 3 * 7);
    });
}

#[test]
fn the_memory_has_room_for_the_engines_own_effects() {
    for sample_rate in [8_000.0, RATE, 192_000.0] {
        let mut memory = Memory::new(((MEMORY_MEBIBYTES as usize) << 20) - MODULE_BYTES);
        let quanta = warm::<StandardEffects>(&mut memory.arena(), sample_rate);
        assert!(quanta.is_ok_and(|quanta| quanta as usize > 100 * StandardEffects::LIST.len()), "{quanta:?}");
    }
}

#[test]
fn less_memory_is_an_error_wherever_it_ends() {
    for mebibytes in 0..8 {
        let mut memory = Memory::new((mebibytes << 20) + 4096);
        let warmed = warm::<StandardEffects>(&mut memory.arena(), RATE);
        assert!(matches!(warmed, Err(ConfigError::OutOfMemory { .. })), "with {mebibytes} MiB: {warmed:?}");
    }
}
