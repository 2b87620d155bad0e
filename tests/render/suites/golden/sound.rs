//! The sound of the golden images: two moments of two planes, with tones, and noise that falls with the frequency.

use std::f64::consts::TAU;
use std::path::Path;

use rusty_audio_render_tests::Random;

/// What the pictures are made of; a file has it, for the browsers too.
#[derive(Clone)]
pub struct Sound {
    /// `[plane][bin]` of each moment: 1 for a sine of amplitude 1 at a bin.
    pub spectra: [Vec<f32>; 2],
    /// Of the last moment, `[plane][frame]`.
    pub frames: Vec<f32>,
}

impl Sound {
    /// Computes it: the powers by their definition.
    pub fn computed(fft_size: usize, sample_rate: f64) -> Self {
        let sounds = [0, 1].map(|moment| [0, 1].map(|plane| plane_of(moment, plane, fft_size, sample_rate)));
        let spectra = sounds.each_ref().map(|planes| planes.iter().flat_map(|plane| powers(plane)).collect());
        Self { spectra, frames: sounds[1].iter().flatten().map(|&sample| narrow(sample)).collect() }
    }

    /// From its file: the spectra and then the frames, in single precision, little-endian.
    pub fn read(path: &Path, fft_size: usize) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let values: Vec<f32> = bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes).collect();
        let spectrum = 2 * (fft_size / 2 + 1);
        assert_eq!(values.len(), 2 * spectrum + 2 * fft_size, "{} has two spectra and the frames", path.display());
        let (spectra, frames) = values.split_at(2 * spectrum);
        let (first, second) = spectra.split_at(spectrum);
        Self { spectra: [first.to_vec(), second.to_vec()], frames: frames.to_vec() }
    }

    /// Writes its file.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, self.values().flat_map(f32::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    }

    /// All that the file has.
    pub fn values(&self) -> impl Iterator<Item = f32> {
        self.spectra.iter().chain([&self.frames]).flatten().copied()
    }
}

/// Frequencies in Hz and levels in dB of the sines of a plane at a moment.
pub fn tones(moment: usize, plane: usize) -> &'static [(f64, f64)] {
    match (moment, plane) {
        (0, 0) => &[(220.0, -20.0), (1000.0, -6.0)],
        (0, _) => &[(440.0, -14.0), (5000.0, -30.0)],
        (_, 0) => &[(220.0, -6.0), (3520.0, -20.0)],
        (_, _) => &[(220.0, -12.0), (330.0, -9.0), (12_000.0, -40.0)],
    }
}

fn plane_of(moment: usize, plane: usize, frames: usize, sample_rate: f64) -> Vec<f64> {
    let mut random = Random(1 + 2 * moment as u64 + plane as u64);
    let mut brown = 0.0;
    let mut sample = |frame: usize| {
        let white = 2.0 * f64::from(random.unit()) - 1.0;
        brown += 0.02 * (white - brown);
        let sines = tones(moment, plane).iter().map(|&(frequency_hz, level_db)| {
            10f64.powf(level_db / 20.0) * (TAU * frequency_hz * frame as f64 / sample_rate + plane as f64).sin()
        });
        sines.sum::<f64>() + 0.3 * brown + 0.001 * white
    };
    (0..frames).map(&mut sample).collect()
}

/// Powers of the bins with a Hann window.
fn powers(sound: &[f64]) -> Vec<f32> {
    let size = sound.len();
    let turn = |steps: usize| (TAU * (steps % size) as f64 / size as f64).sin_cos();
    let turns: Vec<(f64, f64)> = (0..size).map(turn).collect();
    let windowed: Vec<f64> = sound.iter().zip(&turns).map(|(sample, (_, cosine))| sample * (1.0 - cosine)).collect();
    let power = |bin: usize| {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (frame, sample) in windowed.iter().enumerate() {
            let (sine, cosine) = turns[bin * frame % size];
            (real, imaginary) = (real + sample * cosine, imaginary + sample * sine);
        }
        narrow((real * real + imaginary * imaginary) * (2.0 / size as f64).powi(2))
    };
    (0..=size / 2).map(power).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the picture takes single precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}
