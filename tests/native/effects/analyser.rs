//! What the spectra of an analyser say of sounds that are known.

use std::f64::consts::TAU;

use rusty_audio_engine::config::ANALYSER_SIZES;
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::effects::analyser::{SPECTRUM_HEAD, WINDOWS, spectrum};
use rusty_audio_engine::lockfree::board::{Class, Stage};
use rusty_audio_engine::{Chain, Memory, Quantum};
use rusty_audio_tests::{Pool, Random, entries};

use super::{RATE, narrow};

/// Frame of the context's clock at which the sound begins: such that its lower 32 bits wrap within it.
const START: u64 = (7 << 32) - 30_000;

/// An analyser and who computes its spectra.
struct Rig<'a> {
    pool: Pool<'a>,
    chain: Chain<'a, StandardEffects<'a>>,
    frame: u64,
    now_ms: f64,
}

struct Spectra {
    /// The frame after the newest one, its lower 32 bits.
    end: u32,
    planes: [Vec<f32>; 2],
}

impl<'a> Rig<'a> {
    fn new(memory: &'a mut Memory, longest: usize) -> Self {
        let mut arena = memory.arena();
        let pool = Pool::new(&mut arena, RATE);
        pool.controller.take_seat(0);
        let mut entry = entries(&["analyser"])[0];
        entry.settings[0] = narrow(longest as f64);
        let chain = Chain::new(&mut arena, RATE, &[entry]).unwrap();
        Self { pool, chain, frame: START, now_ms: 0.0 }
    }

    /// Lets a sound through, in quanta of all lengths, and asserts that it is left as it is.
    fn play(&mut self, left: &[f32], right: &[f32]) {
        let (mut done, mut frames) = (0, 1);
        while done < left.len() {
            let end = (done + frames).min(left.len());
            let (mut l, mut r) = (left[done..end].to_vec(), right[done..end].to_vec());
            let mut quantum = Quantum::new([&mut l, &mut r], self.frame);
            self.chain.process(&mut quantum, &mut self.pool.dispatcher);
            assert!(l == left[done..end] && r == right[done..end]);
            self.frame += (end - done) as u64;
            (done, frames) = (end, 1 + (frames * 7 + 40) % 400);
        }
    }

    /// The newest spectra. The worker takes its turns until it has them.
    fn spectra(&mut self, size: usize, window: usize) -> Spectra {
        let region = self.chain.region(0).unwrap();
        let job = spectrum(region, u32::try_from(size).unwrap(), u32::try_from(window).unwrap());
        let controller = &mut self.pool.controller;
        let ticket = controller.reserve(job, |_| ()).unwrap();
        controller.submit(ticket, Class::Interactive);
        for _ in 0..200 {
            self.now_ms += 0.1;
            self.pool.workers[0].turn(self.now_ms);
        }
        assert!(matches!(self.pool.controller.stage(ticket), Stage::Done { .. }));
        let bins = size / 2 + 1;
        let plane = |output: &[f32], plane: usize| output[SPECTRUM_HEAD + plane * bins..][..bins].to_vec();
        let show = |output: &[f32]| Spectra { end: output[0].to_bits(), planes: [0, 1].map(|n| plane(output, n)) };
        let spectra = self.pool.controller.output(ticket, show).unwrap();
        self.pool.controller.release(ticket);
        spectra
    }
}

fn sine(amplitude: f64, frequency_hz: f64, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| narrow(amplitude * (TAU * frequency_hz / f64::from(RATE) * n as f64).sin())).collect()
}

fn db(power: f64) -> f64 {
    10.0 * power.log10()
}

fn sizes() -> impl Iterator<Item = usize> {
    (ANALYSER_SIZES.start().trailing_zeros()..=ANALYSER_SIZES.end().trailing_zeros()).map(|bits| 1 << bits)
}

/// The spectrum of a window times a sine, straight from the definition, at one bin.
fn expected(sound: &[f32], window: usize, bin: usize) -> f64 {
    let size = sound.len();
    let (mut re, mut im, mut gain) = (0.0, 0.0, 0.0);
    for (n, &sample) in sound.iter().enumerate() {
        let weight = WINDOWS[window].value(n as f64 / size as f64);
        let (sin, cos) = (TAU * ((bin * n) % size) as f64 / size as f64).sin_cos();
        re += weight * f64::from(sample) * cos;
        im += weight * f64::from(sample) * sin;
        gain += weight;
    }
    let sides = if bin == 0 || bin == size / 2 { 1.0 } else { 2.0 };
    (re * re + im * im) * (sides / gain).powi(2)
}

#[test]
fn a_sine_at_a_bin_reads_its_level_in_every_window_and_size() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, *ANALYSER_SIZES.end());
    for size in sizes() {
        // About 1 kHz, and exactly a bin.
        let bin = size / 48;
        let frequency_hz = bin as f64 * f64::from(RATE) / size as f64;
        rig.play(&sine(0.25, frequency_hz, 40_000), &sine(0.125, frequency_hz, 40_000));
        for window in 0..WINDOWS.len() {
            let Spectra { end, planes } = rig.spectra(size, window);
            assert_eq!(u64::from(end), rig.frame & u64::from(u32::MAX));
            for (plane, level_db) in planes.iter().zip([0.25f64, 0.125].map(|amplitude| db(amplitude * amplitude))) {
                let heard_db = db(plane[bin].into());
                assert!((heard_db - level_db).abs() < 1e-3, "{size} {window}: {heard_db} for {level_db}");
                // The window's main lobe apart, there is nothing.
                let rest = plane.iter().enumerate().filter(|(other, _)| other.abs_diff(bin) > 5);
                let most = rest.map(|(_, &power)| power).fold(0.0, f32::max);
                assert!(db(most.into()) < level_db - 110.0, "{size} {window}: {} beside it", db(most.into()));
            }
        }
    }
}

#[test]
fn any_sound_reads_as_by_the_definition() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 2048);
    let mut random = Random(5);
    let sound: Vec<f32> = (0..10_000).map(|_| random.sample()).collect();
    rig.play(&sound, &sine(0.5, 1_003.0, 10_000));
    for size in [512, 1024, 2048] {
        for window in 0..WINDOWS.len() {
            let Spectra { planes: [left, _], .. } = rig.spectra(size, window);
            for bin in [0, 1, 2, 17, size / 4, size / 2 - 1, size / 2] {
                let power = expected(&sound[sound.len() - size..], window, bin);
                let error = (f64::from(left[bin]).sqrt() - power.sqrt()).abs();
                assert!(error < 1e-6, "{size} {window} {bin}: {} for {power}", left[bin]);
            }
        }
    }
}

#[test]
fn white_noise_is_flat() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 1024);
    let mut random = Random(9);
    let mut sums = vec![0.0; 513];
    for _ in 0..2_000 {
        let sound: Vec<f32> = (0..1024).map(|_| random.sample()).collect();
        rig.play(&sound, &sound);
        let Spectra { planes: [left, _], .. } = rig.spectra(1024, 0);
        sums.iter_mut().zip(left).for_each(|(sum, power)| *sum += f64::from(power));
    }
    let inner = &sums[2..511];
    let mean = inner.iter().sum::<f64>() / inner.len() as f64;
    // An average of 2000 deviates by 2 %; of 500 bins one by four times as much.
    for (bin, sum) in inner.iter().enumerate() {
        assert!(db(sum / mean).abs() < 0.5, "bin {}: {} dB", bin + 2, db(sum / mean));
    }
    // Uniform from −1 to 1 has power 1/3; a bin of a sine's scale has 2·1.5/N of it with Hann's window.
    assert!((db(mean / 2_000.0) - db(4.0 * 1.5 / 1024.0 / 3.0)).abs() < 0.05, "{mean}");
}

#[test]
fn middle_and_side() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 1024);
    let (low, high) = (sine(0.5, 48_000.0 / 1024.0 * 20.0, 4_000), sine(0.25, 48_000.0 / 1024.0 * 200.0, 4_000));
    let both = |sign: f32| -> Vec<f32> { low.iter().zip(&high).map(|(low, high)| low + sign * high).collect() };
    rig.chain.set(0, 1.0);
    rig.play(&both(1.0), &both(-1.0));
    let Spectra { planes: [middle, side], .. } = rig.spectra(1024, 2);
    for (plane, loud, level) in [(&middle, 20, 0.5), (&side, 200, 0.25)] {
        assert!((f64::from(plane[loud]).sqrt() - level).abs() < 1e-5);
        assert!(plane[220 - loud] < 1e-12);
    }
}

#[test]
fn what_came_before_a_gap_is_forgotten() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 1024);
    rig.play(&[1.0; 4_000], &[1.0; 4_000]);
    rig.frame += 128;
    rig.play(&[0.0; 1], &[0.0; 1]);
    let Spectra { planes, end } = rig.spectra(1024, 0);
    assert!(planes.iter().flatten().all(|&power| power == 0.0));
    assert_eq!(u64::from(end), rig.frame & u64::from(u32::MAX));
}

#[test]
fn an_impulse_is_in_the_spectra_from_its_frame_on_until_it_is_too_old() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 512);
    let mut sound = vec![0.0; 3_000];
    sound[1_500] = 1.0;
    for (number, part) in sound.chunks(100).enumerate() {
        rig.play(part, part);
        let age = (number + 1) as i64 * 100 - 1_500;
        let Spectra { planes: [left, _], .. } = rig.spectra(512, 1);
        assert_eq!(left[40] > 0.0, (1..=512).contains(&age), "{age} frames old");
    }
}

#[test]
fn what_no_analyser_has_computes_nothing() {
    let mut memory = Memory::new(1 << 24);
    let mut rig = Rig::new(&mut memory, 1024);
    rig.play(&[0.5; 2_000], &[0.5; 2_000]);
    for (size, window) in [(2048, 0), (1024, 4), (256, 0), (1000, 0), (0, 0)] {
        let job = spectrum(rig.chain.region(0).unwrap(), size, window);
        let ticket = rig.pool.controller.reserve(job, |_| ()).unwrap();
        rig.pool.controller.submit(ticket, Class::Interactive);
        for _ in 0..200 {
            rig.now_ms += 0.1;
            rig.pool.workers[0].turn(rig.now_ms);
        }
        let is_untouched =
            rig.pool.controller.output(ticket, |output| output.iter().all(|sample| sample.to_bits() == 0));
        assert_eq!(is_untouched, Some(true), "{size} {window}");
        rig.pool.controller.release(ticket);
    }
    assert!(rig.spectra(1024, 0).planes[0][0] > 0.2);
}
