//! Sounds that are known, through the engine's windows and transform, read what they are.

use std::f64::consts::TAU;

use rusty_audio_engine::dsp::fft::RealFft;
use rusty_audio_engine::dsp::window::{Window, coherent_gain, equivalent_noise_bandwidth};
use rusty_audio_engine::effects::analyser::WINDOWS;
use rusty_audio_engine::{Arena, Memory};
use rusty_audio_render::banding::Bins;
use rusty_audio_render::layout::{Band, Frame, MAXIMUM, SUM};
use rusty_audio_render::octave::octave_bands;
use rusty_audio_render::passes;
use rusty_audio_render::scale::{Axis, Scale};
use rusty_audio_render::tone::MainLobe;
use rusty_audio_render::weighting::Weighting;
use rusty_audio_render_tests::Random;

const SAMPLE_RATE: f64 = 48_000.0;
const SIZES: [usize; 7] = [512, 1024, 2048, 4096, 8192, 16_384, 32_768];

/// A transform with a window, as an analyser's jobs have it.
struct Analyser<'a> {
    fft: RealFft<'a>,
    arranged: Vec<f32>,
    work: Vec<f32>,
    scale: f32,
    bins: Bins,
}

impl<'a> Analyser<'a> {
    fn new(arena: &mut Arena<'a>, size: usize, window: Window) -> Self {
        let fft = RealFft::new(arena, size).unwrap();
        let mut samples = vec![0.0; size];
        window.fill(&mut samples);
        let mut arranged = vec![0.0; size];
        assert!(fft.arrange_window(&samples, &mut arranged));
        let bins = Bins {
            fft_size: u32::try_from(size).unwrap(),
            sample_rate: SAMPLE_RATE,
            noise_bandwidth: equivalent_noise_bandwidth(&samples),
        };
        let scale = narrow((2.0 / (coherent_gain(&samples) * size as f64)).powi(2));
        Self { work: vec![0.0; fft.work_samples()], fft, arranged, scale, bins }
    }

    /// Powers of the bins: 1 for a sine of amplitude 1 at a bin.
    fn powers(&mut self, sound: &[f32]) -> Vec<f32> {
        let mut powers = vec![0.0; self.bins.count() as usize];
        assert!(self.fft.power_spectrum(sound, &self.arranged, &mut powers, &mut self.work));
        powers.iter().map(|power| self.scale * power).collect()
    }

    /// Levels of thirds of octaves in dB.
    fn thirds(&self, powers: &[f32], minimum_hz: f64) -> Vec<f64> {
        let axis = Axis::new(Scale::Logarithmic, 20.0, 20_000.0);
        let table = self.bins.octaves(&octave_bands(3, minimum_hz, 16_000.0), &axis, Weighting::None);
        self.reduced(powers, &table, SUM)
    }

    fn reduced(&self, powers: &[f32], table: &[Band], reduction: u32) -> Vec<f64> {
        let bands = u32::try_from(table.len()).unwrap();
        let frame = Frame { bins: self.bins.count(), bands, reduction, ..Frame::default() };
        let mut band_powers = vec![0.0; table.len()];
        passes::bands(&frame, powers, table, &mut band_powers);
        band_powers.into_iter().map(|power| 10.0 * f64::from(power).log10()).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "samples of a test")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// A sine of −12 dBFS.
fn sine(frequency_hz: f64, frames: usize) -> Vec<f32> {
    let amplitude = 10f64.powf(-12.0 / 20.0);
    (0..frames).map(|n| narrow(amplitude * (TAU * frequency_hz / SAMPLE_RATE * n as f64 + 0.3).sin())).collect()
}

#[test]
fn a_tone_of_1_khz_reads_its_frequency_and_its_level_in_every_window_and_size() {
    for size in SIZES {
        for window in WINDOWS {
            let mut memory = Memory::new(1 << 22);
            let mut analyser = Analyser::new(&mut memory.arena(), size, window);
            let mut short = [0.0; 256];
            window.fill(&mut short);
            let lobe = MainLobe::new(&short);
            // The last one lies halfway between two bins.
            let bin_hz = SAMPLE_RATE / size as f64;
            for frequency_hz in [1_000.0, 997.0, ((1_000.0 / bin_hz).floor() + 0.5) * bin_hz] {
                let powers = analyser.powers(&sine(frequency_hz, size));
                let loudest = (0..powers.len()).max_by(|&a, &b| powers[a].total_cmp(&powers[b])).unwrap();
                let tone = lobe.tone(&powers, loudest);
                let [error_bins, level] = [tone.bin - frequency_hz / bin_hz, 10.0 * tone.power.log10()];
                // Ten bins from 0 Hz the image at the negative frequency is felt: that is how far it is at 512 samples.
                let bound = if size == 512 { 0.02 } else { 0.005 };
                assert!(error_bins.abs() < bound, "{size} {window:?}, {frequency_hz} Hz: {error_bins} bins off");
                assert!((level + 12.0).abs() < 0.05, "{size} {window:?}, {frequency_hz} Hz: {level} dB");
            }
        }
    }
}

#[test]
fn a_tone_of_1_khz_is_the_level_of_its_octave_band_and_of_its_column() {
    for size in [8192, 16_384, 32_768] {
        for window in WINDOWS {
            let mut memory = Memory::new(1 << 22);
            let mut analyser = Analyser::new(&mut memory.arena(), size, window);
            let powers = analyser.powers(&sine(1_000.0, size));
            let levels = analyser.thirds(&powers, 25.0);
            let highest = levels.iter().copied().fold(f64::MIN, f64::max);
            assert!((highest + 12.0).abs() < 0.01, "{size} {window:?}: {highest} dB in a third");
            let table = analyser.bins.columns(1200, &Axis::new(Scale::Logarithmic, 20.0, 20_000.0), Weighting::None);
            let levels = analyser.reduced(&powers, &table, MAXIMUM);
            let highest = levels.iter().copied().fold(f64::MIN, f64::max);
            // Between two bins the window's scalloping is left: at most 1.8 dB, Hamming's. The flat top has a ripple of 0.01 dB.
            assert!((-13.8..=-11.99).contains(&highest), "{size} {window:?}: {highest} dB in a column");
        }
    }
}

#[test]
fn white_noise_has_its_own_level_in_every_band() {
    const FRAMES: usize = 1 << 21;
    let mut random = Random(3);
    // Uniform between −½ and ½: a mean square of 1/12, of which a sine that reads 1 has ½.
    let noise: Vec<f32> = (0..FRAMES).map(|_| random.unit() - 0.5).collect();
    for window in WINDOWS {
        let mut memory = Memory::new(1 << 22);
        let mut analyser = Analyser::new(&mut memory.arena(), 4096, window);
        // The part of the samples that counts: a window takes the weight of those at its ends.
        let mut samples = vec![0.0; 4096];
        window.fill(&mut samples);
        let sum = |power| samples.iter().map(|&sample| f64::from(sample).powi(power)).sum::<f64>();
        let independent = sum(2).powi(2) / (4096.0 * sum(4));
        let mut mean = vec![0.0; analyser.bins.count() as usize];
        for block in noise.chunks_exact(4096) {
            for (mean, power) in mean.iter_mut().zip(analyser.powers(block)) {
                *mean += power * 4096.0 / FRAMES as f32;
            }
        }
        for (band, level) in octave_bands(3, 200.0, 16_000.0).iter().zip(analyser.thirds(&mean, 200.0)) {
            let share = (band.upper_hz - band.lower_hz) / (0.5 * SAMPLE_RATE);
            let expected = 10.0 * (2.0 / 12.0 * share).log10();
            // The mean of so many independent values is still as uncertain as this, four deviations.
            let values = 0.5 * FRAMES as f64 * share * independent;
            let bound = 4.0 * 10.0 / 10f64.ln() / values.sqrt();
            assert!(
                (level - expected).abs() < bound,
                "{window:?}, {} Hz: {level}, not {expected} ± {bound}",
                band.center_hz
            );
        }
    }
}
