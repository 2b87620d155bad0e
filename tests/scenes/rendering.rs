//! A scene through the engine, natively and on one thread.

use rusty_audio_engine::config::MAX_SETTINGS;
use rusty_audio_engine::dsp::ramp::CONTROL_FRAMES;
use rusty_audio_engine::effects::{Effects, Parameter, StandardEffects};
use rusty_audio_engine::{Memory, Quantum};
use rusty_audio_tests::{Pool, RATE, chain, put_response};

use crate::definition::Scene;

const QUANTUM_FRAMES: usize = 128;

/// What is heard, left and right.
pub fn render(scene: &Scene, input: &[Vec<f32>; 2]) -> [Vec<f32>; 2] {
    let mut memory = Memory::new(96 << 20);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let mut chain = chain(&mut arena, &scene.effects);
    if let Some(response) = scene.response() {
        let channels: Vec<&[f32]> = response.iter().map(|channel| &channel[..]).collect();
        let place = put_response(&mut arena, &mut pool, &channels, true);
        let convolver = scene.effects.iter().position(|&effect| effect == "convolver").unwrap();
        chain.receive(convolver, place, &mut pool.dispatcher);
    }
    let names = parameter_names(&scene.effects);
    let mut events = scene.events.iter().peekable();
    let mut values: Vec<f32> = chain.values()[..names.len()].to_vec();
    let mut planes = input.clone();
    for frame in (0..scene.frames).step_by(QUANTUM_FRAMES) {
        for (point, row) in chain.values().chunks_mut(names.len()).take(QUANTUM_FRAMES / CONTROL_FRAMES).enumerate() {
            while let Some(event) = events.next_if(|event| event.frame <= frame + point * CONTROL_FRAMES) {
                values[names.iter().position(|name| *name == event.parameter).expect("a known parameter")] =
                    event.value;
            }
            row.copy_from_slice(&values);
        }
        let end = (frame + QUANTUM_FRAMES).min(scene.frames);
        let [left, right] = &mut planes;
        pool.dispatcher.begin_quantum(frame as u64, end - frame);
        let run = [&mut left[frame..end], &mut right[frame..end]];
        chain.process(&mut Quantum::new(run, frame as u64), &mut pool.dispatcher);
    }
    planes
}

/// Full names of all AudioParams, in the order of the chain's values.
fn parameter_names(effects: &[&str]) -> Vec<String> {
    let of_effect = |effect: &&str| {
        let number = StandardEffects::LIST.iter().position(|known| known.name == *effect).expect("a known effect");
        let description = &StandardEffects::LIST[number];
        let count = StandardEffects::parameter_count(number, &description.chosen(&[f32::NAN; MAX_SETTINGS]));
        let parameters = description.parameters[..count].iter().chain([&Parameter::BYPASS]);
        parameters.map(|parameter| format!("{effect}.{}", parameter.name)).collect::<Vec<_>>()
    };
    effects.iter().flat_map(of_effect).collect()
}
