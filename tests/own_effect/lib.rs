//! An effect of one's own: a bit crusher, in a crate that is not the engine's.
//!
//! This file is all that it takes: a type that implements [`Effect`], and a table that names it beside those of the engine's
//! effects that the module is to have. `laws.rs`, next to this file, proves that it keeps the laws of effects; copy both.
//!
//! The engine module is then built from a crate of ten lines, with this table in place of the engine's own
//! (`worklet/module/src/lib.rs` is such a crate):
//!
//! ```text
//! rusty_audio_worklet::engine_module!(my_effects::MyEffects<'static>);
//! ```
//!
//! and the page asks for it by name, `createNode({ effects: ['bitCrusher', 'limiter'] })`.
//!
//! What is written here runs on the audio thread, so there is no `std`, and `scripts/check.sh` proves of the finished module
//! that nothing can panic, allocate or wait. That is why the code below indexes nothing and divides no integer by a variable.
#![no_std]
#![forbid(unsafe_code)]

use rusty_audio_engine::effects::{Effect, Limiter, Parameter, Parameters, Unit};
use rusty_audio_engine::{Arena, ConfigError, Dispatcher, Quantum};

rusty_audio_engine::effects! {
    /// The effects of a module: one of one's own and one of the engine's.
    pub enum MyEffects<'a> {
        BitCrusher(BitCrusher),
        Limiter(Limiter<'a>),
    }
}

/// Rounds samples to few bits, and holds each for some frames, as early samplers did.
///
/// Its fields are its state between two runs. Memory that it needed, such as a delay line, would be slices that `new` takes from
/// the arena; then it would have the arena's lifetime, as [`Limiter`] has.
pub struct BitCrusher {
    /// What is held, left and right.
    held: [f32; 2],
    /// Frames since it was taken.
    age: f32,
}

// Places in `PARAMETERS`.
const BITS: usize = 0;
const HOLD: usize = 1;
const MIX: usize = 2;

/// The longest that a sample is held.
const LONGEST_HOLD: f32 = 64.0;

impl<'a> Effect<'a> for BitCrusher {
    /// What the page calls it.
    const NAME: &'static str = "bitCrusher";

    /// These become AudioParams: `bitCrusher.bits` and so on.
    const PARAMETERS: &'static [Parameter] = &[
        // 1 leaves three levels, 16 those of a CD. Numbers between two whole ones are possible.
        Parameter { name: "bits", unit: Unit::Count, default: 8.0, minimum: 1.0, maximum: 16.0 },
        // Frames for which a sample is held.
        Parameter { name: "hold", unit: Unit::Count, default: 1.0, minimum: 1.0, maximum: LONGEST_HOLD },
        // 0: what came in, 1: only what is crushed.
        Parameter { name: "mix", unit: Unit::Linear, default: 1.0, minimum: 0.0, maximum: 1.0 },
    ];

    /// On the main thread, once. This effect needs neither memory nor the sample rate, and has no settings.
    fn new(_: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self { held: [0.0; 2], age: LONGEST_HOLD })
    }

    /// On the audio thread. A run is any number of frames, whatever the browser's quantum: what is done now and then is
    /// counted in frames, never in runs. [`Parameters`] gives each frame its own value, so nothing steps.
    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        let [left, right] = run.planes();
        for (n, (left, right)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
            self.age += 1.0;
            if self.age >= parameters.value(HOLD, n) {
                self.age = 0.0;
                // `libm` has the same bits everywhere; the functions of `std` do not.
                let levels = libm::exp2f(parameters.value(BITS, n) - 1.0);
                self.held = [*left, *right].map(|sample| libm::roundf(sample * levels) / levels);
            }
            let mix = parameters.value(MIX, n);
            let [held_left, held_right] = self.held;
            *left += (held_left - *left) * mix;
            *right += (held_right - *right) * mix;
        }
    }

    /// As if it were new.
    fn reset(&mut self) {
        (self.held, self.age) = ([0.0; 2], LONGEST_HOLD);
    }

    /// What is held sounds on when the input has fallen silent.
    fn tail_frames(&self) -> Option<u32> {
        Some(64)
    }
}
