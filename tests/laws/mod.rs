//! The laws of effects. Each holds for every effect of a table, and refuses effects that are made to break it
//! (`tests/native/laws.rs`).
//!
//! | law | says |
//! |---|---|
//! | [`descriptions`] | names are unique and in camel case, defaults lie in their ranges |
//! | [`splits`] | any split of the frames into quanta gives the same bits, also while parameters move |
//! | [`reset`] | an effect that was reset is as new |
//! | [`silence`] | silence in is silence out, below −120 dB of what came in, after the tail that it states |
//! | [`finite`] | what is made of bad input is finite, and so is what sane input makes with any parameters |
//! | [`recovery`] | after bad input, 3 tails and 20 seconds it sounds as if there had been none |
//! | [`steps`] | a parameter that jumps does not make the sound step |
//! | [`bypass`] | bypassed, every bit is as it came in, as late as it states |
//! | [`latency`] | it is as late as it states |
//!
//! A table of one's own is tested so:
//!
//! ```
//! use rusty_audio_engine::effects::StandardEffects;
//! use rusty_audio_tests::laws::{self, Table};
//!
//! struct Mine;
//! impl Table for Mine {
//!     type Effects<'a> = StandardEffects<'a>;
//! }
//! laws::descriptions::<Mine>().unwrap();
//! laws::hold::<Mine>(laws::bypass::<Mine>, 2);
//! ```

mod bounds;
mod scene;
mod time;

pub use bounds::{finite, recovery, silence, steps};
pub use scene::{Played, Scene, Stage, Standard, Table};
pub use time::{bypass, is_late_by, latency, reset, splits};

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::{Just, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rusty_audio_engine::config::{MAX_QUANTUM_FRAMES, MAX_SETTINGS};
use rusty_audio_engine::effects::{Description, Effects, Parameter};

/// What a law is tried on.
#[derive(Clone, Debug)]
pub struct Case {
    /// The effect's number in its table.
    pub number: usize,
    /// Everything else is drawn from it.
    pub seed: u64,
    /// Lengths of quanta, in turn.
    pub quanta: Vec<usize>,
}

/// What came of it: why the law does not hold.
pub type Verdict = Result<(), String>;

/// The effects of a table.
#[must_use]
pub fn list<T: Table>() -> &'static [Description] {
    <T::Effects<'static> as Effects<'static>>::LIST
}

/// Tries a law on an effect.
///
/// # Errors
/// With the smallest case that was found to break it.
pub fn try_on(law: fn(&Case) -> Verdict, number: usize, cases: u32) -> Verdict {
    search(law, number, cases, 60)
}

/// Whether a law is broken by an effect that is made to break it.
#[must_use]
pub fn refuses(law: fn(&Case) -> Verdict, number: usize, cases: u32) -> bool {
    search(law, number, cases, 0).is_err()
}

fn search(law: fn(&Case) -> Verdict, number: usize, cases: u32, max_shrink_iters: u32) -> Verdict {
    let quantum = prop_oneof![1..MAX_QUANTUM_FRAMES, 1usize..200, Just(127), Just(128), Just(192), Just(441)];
    let strategy = (any::<u64>(), vec(quantum, 1..12));
    let is_full = std::env::var_os("RUSTY_AUDIO_FULL").is_some();
    let cases = if is_full { cases * 50 } else { cases };
    let config = Config { failure_persistence: None, max_shrink_iters, ..Config::with_cases(cases) };
    // The same cases in each run, so that a failure concerns what was changed.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&strategy, |(seed, quanta)| {
        // xorshift never leaves 0.
        law(&Case { number, seed: seed | 1, quanta }).map_err(TestCaseError::fail)
    });
    result.map_err(|error| match error {
        TestError::Fail(reason, (seed, quanta)) => format!("{reason}, seed {seed}, quanta {quanta:?}"),
        TestError::Abort(reason) => reason.to_string(),
    })
}

/// Tries a law on every effect of a table.
///
/// # Panics
/// When it does not hold.
pub fn hold<T: Table>(law: fn(&Case) -> Verdict, cases: u32) {
    let broken: Vec<String> = list::<T>()
        .iter()
        .enumerate()
        .filter_map(|(number, effect)| try_on(law, number, cases).err().map(|why| format!("{}: {why}", effect.name)))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// All laws on every effect of a table.
///
/// # Panics
/// When one does not hold.
pub fn hold_all<T: Table>(cases: u32) {
    descriptions::<T>().unwrap_or_else(|why| panic!("{why}"));
    for law in
        [splits::<T>, reset::<T>, silence::<T>, finite::<T>, recovery::<T>, steps::<T>, bypass::<T>, latency::<T>]
    {
        hold::<T>(law, cases);
    }
}

/// Names are unique and in camel case, defaults lie in their ranges, and an effect has as many parameters as it says.
///
/// # Errors
/// With what is wrong.
pub fn descriptions<T: Table>() -> Verdict {
    let effects = list::<T>();
    unique(effects.iter().map(|effect| effect.name))?;
    for (number, effect) in effects.iter().enumerate() {
        let within = |why: String| format!("{}: {why}", effect.name);
        let parameters = effect.parameters.iter().chain([&Parameter::BYPASS]);
        unique(parameters.map(|parameter| parameter.name)).map_err(within)?;
        unique(effect.settings.iter().map(|setting| setting.name)).map_err(within)?;
        unique(effect.readings.iter().map(|reading| reading.name)).map_err(within)?;
        if effect.settings.len() > MAX_SETTINGS {
            return Err(within(format!("more than {MAX_SETTINGS} settings")));
        }
        for Parameter { name, default, minimum, maximum, .. } in effect.parameters.iter().chain(effect.settings) {
            if !(minimum <= default && default <= maximum && minimum < maximum && maximum.is_finite()) {
                return Err(within(format!("{name}: {minimum}, {default}, {maximum}")));
            }
        }
        for bound in [|setting: &Parameter| setting.minimum, |setting: &Parameter| setting.maximum] {
            let settings: Vec<f32> = effect.settings.iter().map(bound).collect();
            let count = <T::Effects<'static> as Effects<'static>>::parameter_count(number, &settings);
            if count > effect.parameters.len() {
                return Err(within(format!("{count} parameters with {settings:?}")));
            }
        }
    }
    Ok(())
}

fn unique<'n>(names: impl Iterator<Item = &'n str>) -> Verdict {
    let mut seen = Vec::new();
    for name in names {
        let camel = name.split('.').all(|word| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|letter| letter.is_ascii_alphanumeric())
        });
        if !camel || seen.contains(&name) {
            return Err(format!("{name} is not a name, or one that is there already"));
        }
        seen.push(name);
    }
    Ok(())
}

/// The greatest magnitude in a range of frames of both planes.
fn peak(planes: &[Vec<f32>; 2], range: Range<usize>) -> f32 {
    planes.iter().flat_map(|plane| &plane[range.clone()]).fold(0.0, |peak, sample| sample.abs().max(peak))
}

/// The greatest difference between two pairs of planes in a range of frames.
fn distance(one: &[Vec<f32>; 2], other: &[Vec<f32>; 2], range: Range<usize>) -> f32 {
    let pairs = one.iter().zip(other).flat_map(|(one, other)| one[range.clone()].iter().zip(&other[range.clone()]));
    pairs.fold(0.0, |most, (one, other)| (one - other).abs().max(most))
}

/// The greatest difference between neighbouring samples.
fn slope(planes: &[Vec<f32>; 2], range: Range<usize>) -> f32 {
    planes
        .iter()
        .flat_map(|plane| plane[range.clone()].windows(2))
        .fold(0.0, |most, pair| (pair[1] - pair[0]).abs().max(most))
}

/// The first frame at which two pairs of planes have different bits.
fn first_difference(one: &[Vec<f32>; 2], other: &[Vec<f32>; 2]) -> Option<usize> {
    let differs = |one: &Vec<f32>, other: &Vec<f32>| {
        one.iter().zip(other).position(|(one, other)| one.to_bits() != other.to_bits())
    };
    one.iter().zip(other).filter_map(|(one, other)| differs(one, other)).min()
}
