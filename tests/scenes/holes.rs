//! A player whose stream has holes, natively and on one thread.

use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{Command, Join};
use rusty_audio_engine::{Memory, NodeConfig, player, pool};
use rusty_audio_tests::{RATE, Random};
use serde::Serialize;

const RING_FRAMES: u32 = 32_768;

/// What is fed before a quantum, and how long the quantum is.
#[derive(Clone, Copy, Serialize)]
struct Step {
    fed: usize,
    frames: usize,
}

/// Streams and what arrives of them when.
#[derive(Serialize)]
pub struct Holes {
    steps: Vec<Step>,
}

impl Holes {
    /// Holes of many lengths, close together and far apart.
    pub fn new() -> Self {
        let mut random = Random(5);
        let mut steps = vec![Step { fed: 4096, frames: 1 }; 2];
        for _ in 0..600 {
            let frames = random.pick(&[1, 127, 128, 192, 441]);
            let fed = random.pick(&[0, 1, frames / 2, frames, frames, 2 * frames]);
            steps.push(Step { fed, frames });
        }
        Self { steps }
    }

    /// A hum with noise, now and then interrupted, left and right.
    pub fn stream(&self) -> [Vec<f32>; 2] {
        let mut random = Random(9);
        let frames = self.steps.iter().map(|step| step.fed).sum();
        [0.97, 0.9].map(|pole| {
            let mut level = 0.0;
            (0..frames)
                .map(|frame| {
                    level = level * pole + random.sample() * 0.1;
                    if frame / 900 % 4 == 0 { 0.0 } else { level }
                })
                .collect()
        })
    }

    /// What is heard, left and right.
    pub fn render(&self, stream: &[Vec<f32>; 2]) -> [Vec<f32>; 2] {
        let mut memory = Memory::new(8 << 20);
        let mut arena = memory.arena();
        let config = NodeConfig { sample_rate: RATE, effects: &[] };
        let (mut controller, mut feeder, mut processor) =
            player::<StandardEffects<'_>>(&mut arena, config, RING_FRAMES).expect("room for the player");
        let (_, mut dispatcher) = pool(&mut arena, RATE).expect("room for the pool");
        feeder.begin(1, 1, 0, Join::Now).expect("room for a mark");
        controller.send(Command::PLAY).expect("room for a command");
        let (mut heard, mut frame, mut next) = ([Vec::new(), Vec::new()], 0, 0);
        for &Step { fed, frames } in &self.steps {
            for (channel, plane) in stream.iter().enumerate() {
                feeder.staging(channel).expect("a channel")[..fed].copy_from_slice(&plane[next..next + fed]);
            }
            assert_eq!(feeder.push(u32::try_from(fed).expect("a few frames")) as usize, fed, "the ring has room");
            next += fed;
            processor.process(&mut dispatcher, frame, frames);
            frame += frames as u64;
            for (channel, heard) in heard.iter_mut().enumerate() {
                heard.extend_from_slice(&processor.plane(channel)[..frames]);
            }
        }
        assert!(controller.telemetry().starvation_events > 50, "there are holes");
        heard
    }
}
