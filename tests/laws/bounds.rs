//! Laws about how much: silence, finite numbers, recovery, no steps.

use rusty_audio_engine::dsp::ramp::CONTROL_FRAMES;
use rusty_audio_engine::effects::Parameter;

use super::scene::{parameters, rate, value};
use super::{Case, Scene, Table, Verdict, distance, peak, slope};
use crate::Random;

/// −120 dB.
const SILENT: f32 = 1e-6;

/// Longer tails are not waited for.
const LONGEST_TAIL: usize = 400_000;

/// After its input has fallen silent and its tail has passed, an effect is silent: below −120 dB of the input's peak. Its
/// parameters rest from the silence on.
///
/// # Errors
/// With the level that is left.
pub fn silence<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let scene = Scene::resting::<T>(case.number, &mut random, rate);
    let sound = scene.with_noise(&mut random, 6_000).moving::<T>(&mut random);
    sound.on_stage::<T, _>(|stage| {
        stage.play(&sound, &case.quanta);
        // The way to the last values, which are heard one control point later.
        let mut silence =
            Scene { input: [vec![], vec![]], rows: sound.rows[sound.rows.len() - 1..].to_vec(), ..sound.clone() };
        silence = silence.with_silence(3 * CONTROL_FRAMES);
        stage.play(&silence, &case.quanta);
        let Some(tail) = stage.chain.tail_frames().map(|tail| tail as usize) else { return Ok(()) };
        if tail > LONGEST_TAIL {
            return Ok(());
        }
        silence = silence.with_silence(tail + 1000);
        let played = stage.play(&silence, &case.quanta);
        let (left, loudest) = (peak(&played.planes, tail..played.planes[0].len()), peak(&sound.input, 0..6_000));
        if left > SILENT * loudest {
            return Err(format!("{left} of {loudest} is left after a tail of {tail}"));
        }
        Ok(())
    })
}

/// What makes no sense as sound: one sample in eight is no number, infinite, denormal, or of absurd magnitude.
fn spoil(random: &mut Random, input: &mut [Vec<f32>; 2], range: std::ops::Range<usize>, absurd: f32) {
    const BAD: [f32; 5] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, 3e38];
    for sample in input.iter_mut().flat_map(|plane| &mut plane[range.clone()]) {
        match random.below(16) {
            0 => *sample = random.pick(&BAD),
            1 => *sample = absurd * random.sample(),
            _ => {}
        }
    }
}

fn bad_numbers(input: &[Vec<f32>; 2]) -> u32 {
    let count = input.iter().flatten().filter(|sample| sample.is_nan() || sample.abs() >= 1e10).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whatever comes in and whatever values the parameters are given, only finite numbers come out. Where the input is at most
/// 0 dBFS, or taken out as no sound, the effect makes no number above +200 dBFS either. Readings are numbers.
///
/// # Errors
/// With what is not finite.
pub fn finite<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let scene = Scene::resting::<T>(case.number, &mut random, rate);
    let mut scene = scene.with_noise(&mut random, 8_000).moving::<T>(&mut random);
    for row in &mut scene.rows {
        if random.below(8) == 0 {
            let column = random.index(row.len());
            row[column] = random.pick(&[f32::NAN, f32::INFINITY, -1e30, 1e30]);
        }
    }
    let absurd = random.pick(&[1.0, 1e9]);
    spoil(&mut random, &mut scene.input, 0..8_000, absurd);
    let played = scene.play::<T>(&case.quanta);
    if let Some(frame) =
        played.planes.iter().filter_map(|plane| plane.iter().position(|sample| !sample.is_finite())).min()
    {
        return Err(format!("not finite at frame {frame}"));
    }
    if absurd <= 1.0 && played.not_finite != bad_numbers(&scene.input) {
        let made = played.not_finite - bad_numbers(&scene.input);
        return Err(format!("made {made} numbers that are not finite"));
    }
    if played.readings.iter().any(|reading| reading.is_nan()) {
        return Err(format!("readings {:?}", played.readings));
    }
    Ok(())
}

/// After input that makes no sense, three tails and twenty seconds, an effect sounds as if that input had been silence:
/// within −80 dB of the sound.
///
/// # Errors
/// With the difference that is left.
pub fn recovery<T: Table>(case: &Case) -> Verdict {
    const BAD: usize = 1_000;
    const HEARD: usize = 1_000;
    let mut random = Random(case.seed);
    // So that 20 seconds are short.
    let rate = 3_000.0;
    let mut clean = Scene::resting::<T>(case.number, &mut random, rate).with_silence(BAD);
    let tail = clean.on_stage::<T, _>(|stage| {
        stage.play(&clean, &[128]);
        stage.chain.tail_frames()
    });
    let Some(tail) = tail.map(|tail| tail as usize).filter(|&tail| tail <= LONGEST_TAIL / 4) else { return Ok(()) };
    clean = clean.with_silence(3 * tail + 60_000);
    let start = clean.input[0].len();
    for plane in &mut clean.input {
        plane.extend((0..HEARD + tail.min(10_000)).map(|_| random.sample() / 4.0));
    }
    let mut spoiled = clean.clone();
    spoil(&mut random, &mut spoiled.input, 0..BAD, 1e9);
    let (clean, spoiled) = (clean.play::<T>(&case.quanta).planes, spoiled.play::<T>(&case.quanta).planes);
    let end = clean[0].len();
    let (difference, loudest) = (distance(&clean, &spoiled, start..end), peak(&clean, start..end));
    if difference.is_nan() || difference > 1e-4 * loudest.max(0.25) {
        return Err(format!("{difference} is left of bad input, sound is {loudest}"));
    }
    Ok(())
}

/// A parameter that jumps on a steady sound never makes it step. The sound is a low sine on a constant. What is heard changes
/// from one frame to the next by no more than with either value at rest, and by what a straight line over 32 frames between
/// the two would, in amplitude or in dB. What follows a parameter may be 2.5 times as steep as the former (some happens in half of
/// a ramp) and 1.25 times as the latter.
///
/// # Errors
/// With the step.
pub fn steps<T: Table>(case: &Case) -> Verdict {
    const BEFORE: usize = 375 * CONTROL_FRAMES;
    let mut random = Random(case.seed);
    let rate = 48_000.0;
    let resting = Scene::resting::<T>(case.number, &mut random, rate);
    let mut scene = if random.below(2) == 0 { Scene::at_defaults::<T>(case.number, rate) } else { resting };
    let angle = std::f32::consts::TAU * (20.0 + 80.0 * random.sample().abs()) / rate;
    let sound: Vec<f32> = (0..2 * BEFORE).map(|frame| 0.2 + 0.4 * (angle * frame as f32).sin()).collect();
    scene.input = [sound.clone(), sound];
    let mut known = parameters::<T>(&scene.entry);
    known.push(Parameter::BYPASS);
    let column = random.index(known.len());
    let with = |value: f32| {
        let mut resting = scene.clone();
        resting.rows[0][column] = value;
        resting
    };
    let (from, to) = (value(&mut random, &known[column]), value(&mut random, &known[column]));
    let (old, new) = (with(from), with(to));
    let mut jump = old.clone();
    jump.rows.resize(BEFORE / CONTROL_FRAMES, old.rows[0].clone());
    jump.rows.push(new.rows[0].clone());
    let [old, new, jump] = [old, new, jump].map(|scene| scene.play::<T>(&case.quanta).planes);
    let range = BEFORE - 1..2 * BEFORE;
    let own = slope(&old, 0..2 * BEFORE).max(slope(&new, 0..2 * BEFORE));
    let [old_peak, new_peak] = [&old, &new].map(|planes| peak(planes, range.clone()).max(1e-5));
    let line = 2.5 * distance(&old, &new, range.clone());
    let line_in_db = 1.25 * (old_peak / new_peak).ln().abs() * old_peak.max(new_peak);
    let allowed = own + line.max(line_in_db) / CONTROL_FRAMES as f32 + 1e-5;
    let step = slope(&jump, range);
    if step > allowed {
        let name = known[column].name;
        return Err(format!("{name} from {from} to {to} steps by {step}, {allowed} are allowed ({own} its own)"));
    }
    Ok(())
}
