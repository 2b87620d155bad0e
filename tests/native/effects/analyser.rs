//! What the spectra of an analyser say of sounds that are known.

use std::f64::consts::TAU;

use rusty_audio_engine::config::ANALYSER_SIZES;
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::effects::analyser::{OWN_INPUT, SPECTRUM_HEAD, WINDOWS, longest, spectrum};
use rusty_audio_engine::lockfree::board::{Class, Stage, Ticket};
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
        let mut pool = Pool::new(&mut arena, RATE);
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
        let ticket = self.post(self.chain.region(0).unwrap(), size, window, |_| ());
        for _ in 0..200 {
            self.turn(0);
        }
        self.fetch(ticket, size)
    }

    fn post(&mut self, region: u32, size: usize, window: usize, fill: impl FnOnce(&mut [f32])) -> Ticket {
        let job = spectrum(region, u32::try_from(size).unwrap(), u32::try_from(window).unwrap());
        let controller = &mut self.pool.controller;
        let ticket = controller.reserve(job, fill).unwrap();
        controller.post(ticket, Class::Interactive);
        ticket
    }

    fn turn(&mut self, worker: usize) {
        self.now_ms += 0.1;
        self.pool.workers[worker].turn(self.now_ms);
    }

    fn fetch(&mut self, ticket: Ticket, size: usize) -> Spectra {
        assert!(matches!(self.pool.controller.stage(ticket), Stage::Done { .. }));
        let bins = size / 2 + 1;
        let plane = |output: &[f32], plane: usize| output[SPECTRUM_HEAD + plane * bins..][..bins].to_vec();
        let show = |output: &[f32]| Spectra { end: output[0].to_bits(), planes: [0, 1].map(|n| plane(output, n)) };
        let spectra = self.pool.controller.output(ticket, show).unwrap();
        self.pool.controller.release(ticket);
        spectra
    }
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
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
        let ticket = rig.post(rig.chain.region(0).unwrap(), size, window, |_| ());
        for _ in 0..200 {
            rig.turn(0);
        }
        let is_untouched =
            rig.pool.controller.output(ticket, |output| output.iter().all(|sample| sample.to_bits() == 0));
        assert_eq!(is_untouched, Some(true), "{size} {window}");
        rig.pool.controller.release(ticket);
    }
    assert!(rig.spectra(1024, 0).planes[0][0] > 0.2);
}

/// Two pictures of the same sound: their jobs run at the same time, slice by slice in turn, each with a window of its own.
#[test]
fn two_windows_at_a_time_do_not_mix() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, 4096);
    rig.pool.controller.take_seat(1);
    rig.play(&sine(0.25, 1_000.0, 10_000), &sine(0.125, 3_000.0, 10_000));
    let region = rig.chain.region(0).unwrap();
    let alone = [(4096, 0), (1024, 3)].map(|(size, window)| rig.spectra(size, window).planes);
    for round in 0..4 {
        // In one round of two each has the place in which the other one was before.
        let asked = if round % 2 == 0 { [(4096, 0), (1024, 3)] } else { [(1024, 3), (4096, 0)] };
        let tickets = asked.map(|(size, window)| rig.post(region, size, window, |_| ()));
        for _ in 0..200 {
            rig.turn(0);
            rig.turn(1);
        }
        for (ticket, (size, _)) in tickets.into_iter().zip(asked) {
            let planes = rig.fetch(ticket, size).planes;
            let expected = &alone[usize::from(size == 1024)];
            assert!(planes.iter().zip(expected).all(|(heard, alone)| bits(heard) == bits(alone)), "{round} {size}");
        }
    }
}

/// A job that is given up while its window is computed leaves none that a later job would take for another.
#[test]
fn a_window_that_was_not_finished_is_computed_again() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, 4096);
    rig.play(&sine(0.25, 1_000.0, 10_000), &sine(0.125, 3_000.0, 10_000));
    let region = rig.chain.region(0).unwrap();
    let expected = rig.spectra(4096, 2).planes;
    for turns in 0..20 {
        rig.spectra(4096, 2);
        let ticket = rig.post(region, 4096, 1, |_| ());
        (0..turns).for_each(|_| rig.turn(0));
        rig.pool.controller.release(ticket);
        for _ in 0..200 {
            rig.turn(0);
        }
        let Spectra { planes, .. } = rig.spectra(4096, 2);
        assert!(planes.iter().zip(&expected).all(|(heard, alone)| bits(heard) == bits(alone)), "{turns} turns");
    }
}

#[test]
fn a_block_of_ones_own_has_the_same_spectrum() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, *ANALYSER_SIZES.end());
    let mut random = Random(3);
    let sound: Vec<f32> = (0..70_000).map(|_| random.sample()).collect();
    rig.play(&sound, &sound);
    for size in sizes() {
        for window in 0..WINDOWS.len() {
            let expected = rig.spectra(size, window);
            let newest = &sound[sound.len() - size..];
            let ticket = rig.post(OWN_INPUT, size, window, |input| input[..size].copy_from_slice(newest));
            for _ in 0..200 {
                rig.turn(0);
            }
            assert_eq!(bits(&rig.fetch(ticket, size).planes[0]), bits(&expected.planes[0]), "{size} {window}");
        }
    }
}

#[test]
fn the_newest_frames_are_those_that_came_last() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, 1024);
    let region = rig.chain.region(0).unwrap();
    assert_eq!(rig.pool.controller.analysed_until(region), None, "nothing has come");
    let mut random = Random(8);
    let sound: [Vec<f32>; 2] = [0, 1].map(|_| (0..20_000).map(|_| random.sample()).collect());
    let mut done = 0;
    // Beyond the end of the ring, and beyond that of the 32 bits.
    for frames in [1, 600, 423, 1024, 1, 3_000, 2_047, 12_904] {
        rig.play(&sound[0][done..done + frames], &sound[1][done..done + frames]);
        done += frames;
        let controller = &rig.pool.controller;
        let end = controller.analysed_until(region).unwrap();
        assert_eq!(u64::from(end), rig.frame & u64::from(u32::MAX));
        for (plane, sound) in sound.iter().enumerate() {
            for asked in [0, 1, 128, 1_000, 1024] {
                let heard = controller.analysed_frames(region, end, plane, asked, <[f32]>::to_vec).unwrap();
                let silence = asked.saturating_sub(done);
                assert_eq!(heard[..silence], vec![0.0; silence]);
                assert_eq!(
                    heard[silence..],
                    sound[done + silence - asked..done],
                    "{asked} of plane {plane} after {done}"
                );
            }
        }
    }
}

#[test]
fn frames_that_nobody_keeps_are_refused() {
    let mut memory = Memory::new(1 << 25);
    let mut rig = Rig::new(&mut memory, 1024);
    rig.play(&[0.5; 3_000], &[0.5; 3_000]);
    let region = rig.chain.region(0).unwrap();
    let controller = &rig.pool.controller;
    let end = controller.analysed_until(region).unwrap();
    let asked = |region, end, plane, frames| controller.analysed_frames(region, end, plane, frames, <[f32]>::len);
    assert_eq!(asked(region, end, 1, 1024), Some(1024));
    for frames in [1025, 2048, 4096, usize::MAX] {
        assert_eq!(asked(region, end, 0, frames), None, "{frames} frames");
    }
    for plane in [2, 3, usize::MAX] {
        assert_eq!(asked(region, end, plane, 512), None, "plane {plane}");
    }
    for other in (0..200).chain([u32::MAX]).filter(|&other| other != region) {
        assert_eq!((controller.analysed_until(other), asked(other, end, 0, 1)), (None, None), "region {other}");
    }
    // Any frame leads to some of what is kept.
    for end in [0, 1, 511, u32::MAX, end.wrapping_add(77)] {
        assert_eq!(asked(region, end, 0, 1024), Some(1024));
    }
}

/// A region that is another effect's is no analyser's.
#[test]
fn the_frames_of_other_effects_are_not_shown() {
    let mut memory = Memory::new(1 << 25);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let mut chain = Chain::<StandardEffects<'_>>::new(&mut arena, RATE, &entries(&["spectral", "analyser"])).unwrap();
    let (mut left, mut right) = ([0.5; 128], [0.5; 128]);
    pool.dispatcher.begin_quantum(0, 128);
    chain.process(&mut Quantum::new([&mut left, &mut right], 0), &mut pool.dispatcher);
    let region = chain.region(1).unwrap();
    assert_eq!(pool.controller.analysed_until(region), Some(128));
    let others = (0..region).filter(|&other| pool.controller.analysed_until(other).is_some());
    assert_eq!(others.count(), 0);
}

#[test]
fn the_longest_transform_is_a_power_of_two_within_the_range() {
    let cases =
        [(f32::NAN, 32_768), (512.0, 512), (513.0, 1024), (4_000.0, 4096), (0.0, 512), (1e9, 32_768), (-1.0, 512)];
    for (asked, expected) in cases {
        assert_eq!(longest(asked), expected, "{asked}");
    }
}
