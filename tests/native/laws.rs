//! The laws of effects, for the engine's own; and effects that break them, each of which its law must refuse.

use rusty_audio_engine::effects;
use rusty_audio_engine::effects::{Effect, Parameter, Parameters, Unit};
use rusty_audio_engine::{Arena, ConfigError, Dispatcher, Quantum};
use rusty_audio_tests::laws::{self, Case, Standard, Table, Verdict};

#[test]
fn descriptions_are_sound() {
    laws::descriptions::<Standard>().unwrap();
}

#[test]
fn any_split_gives_the_same_bits() {
    laws::hold::<Standard>(laws::splits::<Standard>, 40);
}

#[test]
fn a_reset_effect_is_as_new() {
    laws::hold::<Standard>(laws::reset::<Standard>, 30);
}

#[test]
fn silence_in_is_silence_out() {
    laws::hold::<Standard>(laws::silence::<Standard>, 40);
}

#[test]
fn finite_stays_finite() {
    laws::hold::<Standard>(laws::finite::<Standard>, 60);
}

#[test]
fn bad_input_is_forgotten() {
    laws::hold::<Standard>(laws::recovery::<Standard>, 12);
}

#[test]
fn no_parameter_steps() {
    laws::hold::<Standard>(laws::steps::<Standard>, 100);
}

#[test]
fn a_bypassed_effect_changes_no_bit() {
    laws::hold::<Standard>(laws::bypass::<Standard>, 40);
}

#[test]
fn latency_is_as_stated() {
    laws::hold::<Standard>(laws::latency::<Standard>, 5);
}

/// Sixteen lines of an effect that breaks one law.
macro_rules! bad_effect {
    ($(#[$meta:meta])* $name:ident, $text:literal, tail $tail:expr, latency $latency:expr, reset $reset:expr, $process:expr) => {
        $(#[$meta])*
        struct $name(f32);

        impl<'a> Effect<'a> for $name {
            const NAME: &'static str = $text;
            const PARAMETERS: &'static [Parameter] =
                &[Parameter { name: "amount", unit: Unit::Linear, default: 1.0, minimum: 0.0, maximum: 1.0 }];

            fn new(_: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
                Ok(Self(0.0))
            }

            fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
                let process: fn(&mut f32, &mut Quantum<'_>, &Parameters<'_>) = $process;
                process(&mut self.0, run, parameters);
            }

            fn reset(&mut self) {
                if $reset {
                    self.0 = 0.0;
                }
            }

            fn tail_frames(&self) -> Option<u32> {
                $tail
            }

            fn latency_frames(&self) -> u32 {
                $latency
            }
        }
    };
}

fn each(run: &mut Quantum<'_>, mut change: impl FnMut(usize, f32) -> f32) {
    for plane in run.planes() {
        for (n, sample) in plane.iter_mut().enumerate() {
            *sample = change(n, *sample);
        }
    }
}

bad_effect!(
    /// Its amount moves once in a run.
    CountsRuns, "countsRuns", tail Some(0), latency 0, reset true, |state, run, parameters| {
        *state += (parameters.target(0) - *state) * 0.1;
        each(run, |_, sample| sample * *state);
    }
);
bad_effect!(
    /// Its amount jumps.
    Jumps, "jumps", tail Some(0), latency 0, reset true, |_, run, parameters| {
        each(run, |_, sample| sample * parameters.target(0));
    }
);
bad_effect!(
    /// Its state outlives a reset.
    Remembers, "remembers", tail Some(0), latency 0, reset false, |state, run, _| {
        each(run, |_, sample| {
            *state = (*state + sample.abs() * 0.01).min(1.0);
            sample * *state
        });
    }
);
bad_effect!(
    /// It sounds for longer than it says.
    RingsOn, "ringsOn", tail Some(100), latency 0, reset true, |state, run, _| {
        each(run, |_, sample| {
            *state += (sample - *state) * 0.001;
            *state
        });
    }
);
bad_effect!(
    /// What came in stays in for ever.
    Sticks, "sticks", tail Some(0), latency 0, reset true, |state, run, _| {
        each(run, |_, sample| {
            *state = state.max(sample.abs());
            sample / (1.0 + *state)
        });
    }
);
bad_effect!(
    /// It makes what is not a number of silence.
    Divides, "divides", tail Some(0), latency 0, reset true, |_, run, _| each(run, |_, sample| sample.abs() / sample)
);
bad_effect!(
    /// It is not as late as it says.
    IsEarly, "isEarly", tail Some(0), latency 3, reset true, |_, _, _| {}
);

effects! {
    /// None of them is as it should be.
    enum BadEffects<'a> {
        CountsRuns(CountsRuns),
        Jumps(Jumps),
        Remembers(Remembers),
        RingsOn(RingsOn),
        Sticks(Sticks),
        Divides(Divides),
        IsEarly(IsEarly),
    }
}

struct Bad;

impl Table for Bad {
    type Effects<'a> = BadEffects<'a>;
}

fn refused(law: fn(&Case) -> Verdict, name: &str) {
    let number = laws::list::<Bad>().iter().position(|effect| effect.name == name).unwrap();
    assert!(laws::refuses(law, number, 40), "{name} was let through");
}

#[test]
fn what_breaks_a_law_is_refused() {
    refused(laws::splits::<Bad>, "countsRuns");
    refused(laws::reset::<Bad>, "remembers");
    refused(laws::silence::<Bad>, "ringsOn");
    refused(laws::finite::<Bad>, "divides");
    refused(laws::recovery::<Bad>, "sticks");
    refused(laws::steps::<Bad>, "jumps");
    refused(laws::latency::<Bad>, "isEarly");
    laws::descriptions::<Bad>().unwrap();
}

#[test]
fn a_bypass_that_is_early_or_changes_a_bit_is_refused() {
    let plane: Vec<f32> = (0..100u8).map(|n| f32::from(n) + 0.5).collect();
    let late: Vec<f32> = [0.0; 3].into_iter().chain(plane.clone()).take(100).collect();
    let (input, mut heard) = ([plane.clone(), plane], [late.clone(), late]);
    laws::is_late_by(3, &input, &heard).unwrap();
    laws::is_late_by(2, &input, &heard).unwrap_err();
    heard[1][50] = f32::from_bits(heard[1][50].to_bits() + 1);
    laws::is_late_by(3, &input, &heard).unwrap_err();
}
