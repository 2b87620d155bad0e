//! Laws about when: the same bits whatever the quanta, as new after a reset, as late as stated.

use super::scene::rate;
use super::{Case, Scene, Table, Verdict, first_difference};
use crate::Random;

const FRAMES: usize = 12_000;

/// How far from the stated latency it is looked for.
const NEAR: usize = 1024;

/// Any split of the frames into quanta gives the same bits, also while parameters move, and the same readings at the end.
///
/// # Errors
/// With the first frame that differs.
pub fn splits<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let scene = Scene::resting::<T>(case.number, &mut random, rate);
    let scene = scene.with_noise(&mut random, FRAMES).moving::<T>(&mut random);
    let (whole, split) = (scene.play::<T>(&[4096]), scene.play::<T>(&case.quanta));
    if let Some(frame) = first_difference(&whole.planes, &split.planes) {
        return Err(format!("the split matters at frame {frame}"));
    }
    if whole.readings.map(f32::to_bits) != split.readings.map(f32::to_bits) {
        return Err(format!("the split matters to the readings: {:?}, {:?}", whole.readings, split.readings));
    }
    Ok(())
}

/// An effect that was reset gives the same bits as a new one.
///
/// # Errors
/// With the first frame that differs.
pub fn reset<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let scene = Scene::resting::<T>(case.number, &mut random, rate);
    let frames = 1 + random.index(8_000);
    let before = scene.clone().with_noise(&mut random, frames).moving::<T>(&mut random);
    let after = scene.with_noise(&mut random, FRAMES).moving::<T>(&mut random);
    let new = after.play::<T>(&case.quanta);
    let used = after.on_stage::<T, _>(|stage| {
        stage.play(&before, &case.quanta);
        stage.reset();
        stage.play(&after, &case.quanta)
    });
    if let Some(frame) = first_difference(&new.planes, &used.planes) {
        return Err(format!("not as new at frame {frame}"));
    }
    if new.readings.map(f32::to_bits) != used.readings.map(f32::to_bits) {
        return Err(format!("readings are not as new: {:?}, {:?}", new.readings, used.readings));
    }
    Ok(())
}

/// Bypassed from the start, every bit is as it came in, late by the stated latency; whatever else its parameters do.
///
/// # Errors
/// With what differs.
pub fn bypass<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let scene = Scene::resting::<T>(case.number, &mut random, rate);
    let mut scene = scene.with_noise(&mut random, FRAMES).moving::<T>(&mut random);
    for row in &mut scene.rows {
        if let Some(bypass) = row.last_mut() {
            *bypass = 1.0;
        }
    }
    let (latency, played) =
        scene.on_stage::<T, _>(|stage| (stage.chain.latency_frames(), stage.play(&scene, &case.quanta)));
    is_late_by(latency as usize, &scene.input, &played.planes)
}

/// Whether what is heard is what came in, bit for bit, late by `latency` frames.
///
/// # Errors
/// With the first frame that differs.
pub fn is_late_by(latency: usize, input: &[Vec<f32>; 2], heard: &[Vec<f32>; 2]) -> Verdict {
    let late = input.clone().map(|plane| {
        let silence = std::iter::repeat_n(0.0, latency);
        silence.chain(plane.iter().copied()).take(plane.len()).collect::<Vec<f32>>()
    });
    match first_difference(&late, heard) {
        Some(frame) => Err(format!("not what came in at frame {frame}")),
        None => Ok(()),
    }
}

/// With all at its defaults, what is heard is most like what came in the stated latency before: the correlation with noise
/// of −20 dB has its maximum there, among the 2048 frames nearest to it.
///
/// # Errors
/// With the latency that was measured.
pub fn latency<T: Table>(case: &Case) -> Verdict {
    let mut random = Random(case.seed);
    let rate = rate(&mut random);
    let mut scene = Scene::at_defaults::<T>(case.number, rate);
    let mut noise = || (0..4096).map(|_| random.sample() / 10.0).collect::<Vec<f32>>();
    scene.input = [noise(), noise()];
    let (stated, played) = scene.on_stage::<T, _>(|stage| {
        let stated = stage.chain.latency_frames() as usize;
        let scene = scene.clone().with_silence(stated.saturating_sub(NEAR));
        (stated, stage.play(&scene, &case.quanta))
    });
    let correlation = |lag: usize| -> f32 {
        let planes = scene.input.iter().zip(&played.planes);
        planes.flat_map(|(input, heard)| input.iter().zip(&heard[lag..])).map(|(input, heard)| input * heard).sum()
    };
    let first = stated.saturating_sub(NEAR);
    let measured = (first..first + 2 * NEAR).max_by(|&one, &other| correlation(one).total_cmp(&correlation(other)));
    if measured != Some(stated) {
        return Err(format!("late by {measured:?} frames, {stated} stated"));
    }
    Ok(())
}
