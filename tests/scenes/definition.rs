//! The scenes: what comes in, which effects, and which AudioParams change when.

use rusty_audio_tests::Random;
use serde::Serialize;

/// Frames of a scene: 4 s at 48 kHz, long enough for the longest blocks of a convolver to take part.
const FRAMES: usize = 192_000;

/// What comes in.
#[derive(Clone, Copy)]
pub enum Signal {
    /// White noise at -12 dBFS.
    Noise,
    /// Bursts of noise at full scale, with silence between them.
    Bursts,
    /// Single impulses.
    Impulses,
}

/// An AudioParam takes a value.
#[derive(Clone, Serialize)]
pub struct Event {
    /// From this frame on. In the middle between two control points, so that a browser that is a frame early or late reads
    /// the same.
    pub frame: usize,
    /// Full name, such as `equalizer.band3.gain`.
    pub parameter: String,
    /// The value.
    pub value: f32,
}

/// A node and what it goes through.
#[derive(Serialize)]
pub struct Scene {
    /// Stem of its files.
    pub name: &'static str,
    /// Names of its effects.
    pub effects: Vec<&'static str>,
    /// Channels and frames of its impulse response.
    pub response: Option<(usize, usize)>,
    /// In the order of their frames.
    pub events: Vec<Event>,
    /// How long it is.
    pub frames: usize,
    #[serde(skip)]
    pub signal: Signal,
}

impl Scene {
    fn new(name: &'static str, effects: &[&'static str], signal: Signal) -> Self {
        Self { name, effects: effects.to_vec(), response: None, events: Vec::new(), frames: FRAMES, signal }
    }

    fn with_response(self, channels: usize, frames: usize) -> Self {
        Self { response: Some((channels, frames)), ..self }
    }

    /// From the start on.
    fn at_first(self, parameter: &str, value: f32) -> Self {
        self.at(0, parameter, value)
    }

    /// From the middle of a control block on.
    fn at(mut self, frame: usize, parameter: &str, value: f32) -> Self {
        let frame = if frame == 0 { 0 } else { frame / 32 * 32 + 16 };
        self.events.push(Event { frame, parameter: parameter.into(), value });
        self.events.sort_by_key(|event| event.frame);
        self
    }

    /// A decaying noise for each channel.
    pub fn response(&self) -> Option<Vec<Vec<f32>>> {
        let (channels, frames) = self.response?;
        let mut random = Random(11);
        let mut plane = || {
            let mut level = 0.25;
            let decay = 1.0 - 6.9 / frames as f32;
            (0..frames)
                .map(|_| {
                    level *= decay;
                    sample(&mut random) * level
                })
                .collect()
        };
        Some((0..channels).map(|_| plane()).collect())
    }
}

fn sample(random: &mut Random) -> f32 {
    random.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0
}

/// `frames` frames of a signal, left and right.
pub fn sound(signal: Signal, frames: usize) -> [Vec<f32>; 2] {
    let mut random = Random(7);
    [0usize, 1].map(|channel| {
        (0..frames)
            .map(|frame| match signal {
                Signal::Noise => sample(&mut random) / 4.0,
                Signal::Bursts if frame / 4800 % 4 == 0 => sample(&mut random),
                Signal::Impulses if frame % 20_000 == 100 + 50 * channel => 0.9,
                _ => 0.0,
            })
            .collect()
    })
}

/// All scenes.
pub fn scenes() -> Vec<Scene> {
    vec![
        Scene::new("gain", &["gain"], Signal::Noise)
            .at_first("gain.gain", 0.5)
            .at(10_000, "gain.gain", 1.5)
            .at(50_000, "gain.bypass", 1.0)
            .at(90_000, "gain.bypass", 0.0)
            .at(120_000, "gain.gain", 0.1),
        Scene::new("room", &["convolver"], Signal::Bursts).with_response(2, 8192).at_first("convolver.wet", 0.5).at(
            70_000,
            "convolver.wet",
            1.0,
        ),
        Scene::new("width and echoes", &["stereoWidth", "delay"], Signal::Impulses)
            .at_first("stereoWidth.width", 1.5)
            .at_first("delay.mix", 0.6)
            .at_first("delay.time", 0.1003)
            .at(10_000, "delay.highCut", 3_000.0)
            .at(30_000, "delay.pingPong", 1.0)
            .at(40_000, "stereoWidth.balance", -0.5)
            .at(60_000, "delay.time", 0.03)
            .at(60_600, "delay.time", 0.5)
            .at(90_000, "delay.feedback", 0.9),
        Scene::new("equalized", &["equalizer"], Signal::Noise)
            .at_first("equalizer.band1.type", 5.0)
            .at_first("equalizer.band2.gain", 6.0)
            .at_first("equalizer.band9.type", 3.0)
            .at_first("equalizer.band9.gain", -9.0)
            .at(20_000, "equalizer.band3.gain", 20.0)
            .at(20_032, "equalizer.band3.frequency", 3_000.0)
            .at(50_000, "equalizer.band5.type", 6.0)
            .at(50_000, "equalizer.band5.q", 8.0)
            .at(70_000, "equalizer.band9.type", 4.0)
            .at(90_000, "equalizer.band1.type", 0.0)
            .at(120_000, "equalizer.band9.type", 7.0),
        Scene::new("compressed", &["compressor"], Signal::Bursts)
            .at_first("compressor.makeup", 6.0)
            .at(40_000, "compressor.rms", 1.0)
            .at(60_000, "compressor.knee", 0.0)
            .at(80_000, "compressor.ratio", 3.0)
            .at(100_000, "compressor.release", 0.05)
            .at(120_000, "compressor.threshold", -50.0),
        Scene::new("limited and metered", &["gain", "limiter", "meter"], Signal::Bursts)
            .at_first("gain.gain", 4.0)
            .at(60_000, "limiter.ceiling", -6.0)
            .at(90_000, "limiter.release", 0.01)
            .at(120_000, "gain.gain", 0.1)
            .at(150_000, "meter.reset", 1.0),
        Scene::new("hall", &["convolver"], Signal::Noise).with_response(2, 480_000).at_first("convolver.wet", 0.25),
        Scene::new("true stereo", &["convolver", "stereoWidth"], Signal::Impulses)
            .with_response(4, 96_000)
            .at_first("convolver.wet", 1.0)
            .at_first("convolver.dry", 0.0)
            .at(60_000, "stereoWidth.width", 0.2)
            .at(100_000, "convolver.dry", 0.5),
        Scene::new("mastered", &["equalizer", "compressor", "limiter", "meter"], Signal::Noise)
            .at_first("equalizer.band2.gain", 4.0)
            .at_first("equalizer.band8.gain", 5.0)
            .at_first("compressor.threshold", -30.0)
            .at(50_000, "compressor.makeup", 12.0)
            .at(90_000, "equalizer.band5.gain", -12.0)
            .at(130_000, "limiter.ceiling", -12.0),
        Scene::new("frozen and denoised", &["spectral"], Signal::Bursts)
            .at_first("spectral.threshold", -60.0)
            .at(20_000, "spectral.freeze", 1.0)
            .at(50_000, "spectral.freeze", 0.0)
            .at(70_000, "spectral.threshold", -15.0)
            .at(90_000, "spectral.release", 0.02)
            .at(110_000, "spectral.reduction", -50.0)
            .at(120_000, "spectral.bypass", 1.0)
            .at(130_000, "spectral.bypass", 0.0)
            .at(140_000, "spectral.freeze", 0.5)
            .at(170_000, "spectral.threshold", -120.0),
        Scene::new(
            "bypassed one by one",
            &["delay", "equalizer", "convolver", "compressor", "limiter"],
            Signal::Bursts,
        )
        .with_response(1, 20_000)
        .at_first("convolver.wet", 0.5)
        .at_first("equalizer.band4.gain", 9.0)
        .at(20_000, "delay.bypass", 1.0)
        .at(40_000, "limiter.bypass", 1.0)
        .at(60_000, "convolver.bypass", 1.0)
        .at(80_000, "equalizer.bypass", 0.5)
        .at(100_000, "delay.bypass", 0.0)
        .at(110_000, "convolver.bypass", 0.0)
        .at(140_000, "limiter.bypass", 0.0),
    ]
}
