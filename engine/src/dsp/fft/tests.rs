//! What is proved from what: an f64 transform against the definition, everything else against that transform.

extern crate std;

use core::f64::consts::TAU;
use std::vec;
use std::vec::Vec;

use super::packed::{PACKED_MAX_SIZE, real_forward};
use super::{ComplexFft, MAX_SIZE, MIN_SIZE, RealFft, multiply_accumulate};
use crate::config::ConfigError;
use crate::memory::Memory;

type Exact = (f64, f64);

/// Noise between −1 and 1, the same everywhere.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((state >> 16) as u16) / 32_768.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn definition(x: &[Exact]) -> Vec<Exact> {
    let bin = |k: usize| {
        x.iter().enumerate().fold((0.0, 0.0), |(sum_re, sum_im), (n, &(re, im))| {
            let (sin, cos) = libm::sincos(-TAU * (k * n % x.len()) as f64 / x.len() as f64);
            (sum_re + re * cos - im * sin, sum_im + re * sin + im * cos)
        })
    };
    (0..x.len()).map(bin).collect()
}

/// The same by halves.
fn exact(x: &[Exact]) -> Vec<Exact> {
    if x.len() == 1 {
        return x.to_vec();
    }
    let half = x.len() / 2;
    let part = |first: usize| exact(&x.iter().copied().skip(first).step_by(2).collect::<Vec<_>>());
    let (even, odd) = (part(0), part(1));
    let bin = |k: usize| {
        let ((re, im), (odd_re, odd_im)) = (even[k % half], odd[k % half]);
        let (sin, cos) = libm::sincos(-TAU * k as f64 / x.len() as f64);
        (re + odd_re * cos - odd_im * sin, im + odd_re * sin + odd_im * cos)
    };
    (0..x.len()).map(bin).collect()
}

fn of_real(x: &[f32]) -> Vec<Exact> {
    x.iter().map(|&x| (f64::from(x), 0.0)).collect()
}

fn of_complex(x: &[f32]) -> Vec<Exact> {
    x.as_chunks::<2>().0.iter().map(|&[re, im]| (f64::from(re), f64::from(im))).collect()
}

/// Root of the mean squared error, relative to that of the values.
fn relative_error(ours: &[Exact], exact: &[Exact]) -> f64 {
    assert_eq!(ours.len(), exact.len());
    let square = |(re, im): Exact| re * re + im * im;
    let errors: f64 = ours.iter().zip(exact).map(|(a, b)| square((a.0 - b.0, a.1 - b.1))).sum();
    (errors / exact.iter().copied().map(square).sum::<f64>()).sqrt()
}

fn sizes() -> impl Iterator<Item = usize> {
    (5..=16).map(|power| 1 << power)
}

fn with_real<T>(size: usize, run: impl FnOnce(RealFft<'_>, &mut [f32]) -> T) -> T {
    let mut memory = Memory::new(24 * size + 8192);
    let fft = RealFft::new(&mut memory.arena(), size).unwrap();
    // What lies in the work area is of no meaning.
    let mut work = vec![f32::NAN; fft.work_samples()];
    run(fft, &mut work)
}

fn with_complex<T>(size: usize, run: impl FnOnce(ComplexFft<'_>, &mut [f32]) -> T) -> T {
    let mut memory = Memory::new(24 * size + 8192);
    let fft = ComplexFft::new(&mut memory.arena(), size).unwrap();
    let mut work = vec![f32::NAN; fft.work_samples()];
    run(fft, &mut work)
}

fn forward(x: &[f32]) -> Vec<f32> {
    with_real(x.len(), |fft, work| {
        let mut bins = vec![f32::NAN; fft.bin_samples()];
        assert!(fft.forward(x, &mut bins, work));
        bins
    })
}

#[test]
fn the_judge_is_the_transform_of_the_definition() {
    for size in [1, 2, 16, 256] {
        let x = of_complex(&noise(2 * size, 3));
        assert!(relative_error(&exact(&x), &definition(&x)) < 1e-14);
    }
}

/// pffft's error on noise is 1.00e-7 at 256 and 1.44e-7 at 16384; it grows with the logarithm of the size.
fn limit(size: usize) -> f64 {
    7.3e-9 * f64::from(size.ilog2()) + 4.2e-8
}

#[test]
fn real_forward_is_exact_within_rounding() {
    for size in sizes() {
        for seed in 0..4 {
            let x = noise(size, seed);
            let error = relative_error(&of_complex(&forward(&x)), &exact(&of_real(&x))[..=size / 2]);
            assert!(error < limit(size), "{size}: {error:e}");
        }
    }
}

#[test]
fn each_sample_and_each_bin_is_in_its_place() {
    for size in sizes().take_while(|&size| size <= 1024) {
        for place in (0..size).step_by(size / 32 + 1) {
            let mut x = vec![0.0; size];
            x[place] = 1.0;
            let bins = of_complex(&forward(&x));
            for (bin, &(re, im)) in bins.iter().enumerate() {
                let (sin, cos) = libm::sincos(-TAU * (bin * place % size) as f64 / size as f64);
                assert!((re - cos).abs().max((im - sin).abs()) < 1e-6, "{size}: sample {place}, bin {bin}");
            }
        }
    }
}

#[test]
fn the_ends_are_real() {
    for size in sizes() {
        let bins = forward(&noise(size, 7));
        assert_eq!([bins[1], bins[size + 1]], [0.0; 2], "{size}");
    }
}

#[test]
fn it_agrees_with_microfft() {
    for size in sizes().take_while(|&size| size <= PACKED_MAX_SIZE) {
        let x = noise(size, 11);
        let mut packed = x.clone();
        assert!(real_forward(&mut packed));
        let ours = forward(&x);
        let error = relative_error(&of_complex(&ours[2..size]), &of_complex(&packed[2..]));
        assert!(error < 1e-6, "{size}: {error:e}");
    }
}

#[test]
fn energy_is_kept() {
    for size in sizes() {
        let x = noise(size, 5);
        let energy = |values: &[f32]| values.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>();
        let bins = forward(&x);
        let all = 2.0 * energy(&bins) - energy(&bins[..2]) - energy(&bins[size..]);
        let ratio = all / (energy(&x) * size as f64);
        assert!((ratio - 1.0).abs() < 1e-6, "{size}: {ratio}");
    }
}

#[test]
fn real_inverse_brings_the_signal_back() {
    for size in sizes() {
        let x = noise(size, 13);
        let bins = forward(&x);
        with_real(size, |fft, work| {
            let mut y = vec![f32::NAN; size];
            let mut spectrum = vec![f32::NAN; fft.spectrum_samples()];
            let wanted: Vec<Exact> = x.iter().map(|&x| (f64::from(x) * size as f64, 0.0)).collect();
            assert!(fft.inverse(&bins, &mut y, work));
            let error = relative_error(&of_real(&y), &wanted);
            assert!(error < 1.5 * limit(size), "{size}: {error:e}");
            y.fill(f32::NAN);
            assert!(fft.forward_unordered(&x, &mut spectrum, work));
            assert!(fft.inverse_unordered(&spectrum, &mut y, work));
            let error = relative_error(&of_real(&y), &wanted);
            assert!(error < 1.5 * limit(size), "{size}: {error:e}");
        });
    }
}

#[test]
fn the_product_of_unordered_spectra_is_the_circular_convolution() {
    for size in sizes().take_while(|&size| size <= 2048) {
        let (a, b, other) = (noise(size, 17), noise(size, 19), noise(size, 23));
        with_real(size, |fft, work| {
            let [mut spectrum_a, mut spectrum_b, mut sum] = [(); 3].map(|()| vec![0.0; fft.spectrum_samples()]);
            assert!(fft.forward_unordered(&a, &mut spectrum_a, work));
            assert!(fft.forward_unordered(&b, &mut spectrum_b, work));
            assert!(fft.forward_unordered(&other, &mut sum, work));
            assert!(multiply_accumulate(&mut sum, &spectrum_a, &spectrum_b));
            let mut ours = vec![0.0; size];
            assert!(fft.inverse_unordered(&sum, &mut ours, work));
            let direct = |n: usize| {
                let products = (0..size).map(|m| f64::from(a[m]) * f64::from(b[(size + n - m) % size]));
                ((f64::from(other[n]) + products.sum::<f64>()) * size as f64, 0.0)
            };
            let error = relative_error(&of_real(&ours), &(0..size).map(direct).collect::<Vec<_>>());
            assert!(error < 5e-7, "{size}: {error:e}");
        });
    }
}

#[test]
fn power_is_the_squared_magnitude_of_the_windowed_bins() {
    for size in sizes() {
        let (x, window) = (noise(size, 29), noise(size, 31));
        let windowed: Vec<f32> = x.iter().zip(&window).map(|(x, w)| x * w).collect();
        let bins = forward(&windowed);
        with_real(size, |fft, work| {
            let mut power = vec![f32::NAN; size / 2 + 1];
            let mut arranged = vec![f32::NAN; size];
            assert!(fft.arrange_window(&window, &mut arranged));
            assert!(fft.power_spectrum(&x, &arranged, &mut power, work));
            for (power, &[re, im]) in power.iter().zip(bins.as_chunks::<2>().0) {
                assert_eq!(power.to_bits(), (re * re + im * im).to_bits());
            }
        });
    }
}

#[test]
fn complex_both_ways_is_exact_within_rounding() {
    for size in sizes() {
        let x = noise(2 * size, 37);
        let wanted = exact(&of_complex(&x));
        with_complex(size, |fft, work| {
            let [mut bins, mut y] = [(); 2].map(|()| vec![f32::NAN; 2 * size]);
            assert!(fft.forward(&x, &mut bins, work));
            let error = relative_error(&of_complex(&bins), &wanted);
            assert!(error < limit(size), "{size}: {error:e}");
            assert!(fft.inverse(&bins, &mut y, work));
            let y: Vec<f32> = y.iter().map(|&y| y / size as f32).collect();
            let error = relative_error(&of_complex(&y), &of_complex(&x));
            assert!(error < 1.5 * limit(size), "{size}: {error:e}");
        });
    }
}

#[test]
fn other_sizes_are_refused() {
    let mut memory = Memory::new(1 << 16);
    let mut arena = memory.arena();
    for size in [0, 16, MAX_SIZE * 2] {
        let refused =
            |error: Option<ConfigError>| matches!(error, Some(ConfigError::Count { least: 32, most: 65_536, .. }));
        assert!(refused(RealFft::new(&mut arena, size).err()));
        assert!(refused(ComplexFft::new(&mut arena, size).err()));
    }
    assert!(matches!(RealFft::new(&mut arena, 48).err(), Some(ConfigError::NotPowerOfTwo { actual: 48 })));
    assert!(matches!(RealFft::new(&mut arena, MAX_SIZE).err(), Some(ConfigError::OutOfMemory { .. })));
}

#[test]
fn slices_of_other_lengths_are_left_alone() {
    with_real(MIN_SIZE, |fft, work| {
        let signal = [1.0; MIN_SIZE];
        let mut bins = [9.0; MIN_SIZE + 2];
        assert!(!fft.forward(&signal[1..], &mut bins, work));
        assert!(!fft.forward(&signal, &mut bins[1..], work));
        let short = fft.work_samples() - 1;
        assert!(!fft.forward(&signal, &mut bins, &mut work[..short]));
        assert!(!fft.forward_unordered(&signal, &mut bins, work));
        assert!(!fft.inverse(&signal, &mut bins, work));
        assert!(!fft.inverse_unordered(&signal, &mut bins, work));
        assert!(!fft.power_spectrum(&signal, &signal, &mut bins, work));
        assert!(!multiply_accumulate(&mut bins, &signal, &signal));
        assert_eq!(bins, [9.0; MIN_SIZE + 2]);
    });
    with_complex(MIN_SIZE, |fft, work| {
        let mut output = [9.0; 2 * MIN_SIZE];
        assert!(!fft.forward(&[1.0; MIN_SIZE], &mut output, work));
        assert!(!fft.inverse(&[1.0; 2 * MIN_SIZE], &mut output[1..], work));
        assert_eq!(output, [9.0; 2 * MIN_SIZE]);
    });
}
