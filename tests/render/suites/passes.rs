//! Every compute pass does what its CPU twin does.
//!
//! In each frame the twin is given what the pass was given by the GPU, so each pass answers for itself alone.

use std::process::ExitCode;

use rusty_audio_render::ballistics::Ballistics;
use rusty_audio_render::banding::Bins;
use rusty_audio_render::columns::ColumnClock;
use rusty_audio_render::gpu::{Analysis, Passes, Sizes};
use rusty_audio_render::layout::{Band, Frame, MAXIMUM, Peak, SUM};
use rusty_audio_render::octave::octave_bands;
use rusty_audio_render::passes;
use rusty_audio_render::scale::{Axis, Scale};
use rusty_audio_render::weighting::Weighting;
use rusty_audio_render_tests::{Gpu, Random};

/// Largest relative error of a power: 0.000 04 dB.
const BOUND: f32 = 1e-5;
/// Largest error of a level in dB.
const BOUND_DB: f32 = 1e-4;

fn main() -> ExitCode {
    rusty_audio_render_tests::main(&[
        ("octave_bands_equal_the_twin", |gpu| {
            for (fft_size, fraction, channels) in [(512, 1, 1), (4096, 3, 2), (8192, 12, 1), (32_768, 24, 2)] {
                let bins = Bins { fft_size, sample_rate: 48_000.0, noise_bandwidth: 1.5 };
                let octaves = octave_bands(fraction, 20.0, 20_000.0);
                let table = bins.octaves(&octaves, &axis(), Weighting::A);
                assert_eq!(equal_their_twins(gpu, bins, &table, SUM, channels, |_, _| ()), Ok(()));
            }
        }),
        ("columns_equal_the_twin", |gpu| {
            for (fft_size, count, channels) in [(512, 1999, 1), (32_768, 640, 2)] {
                let bins = Bins { fft_size, sample_rate: 44_100.0, noise_bandwidth: 1.5 };
                let table = bins.columns(count, &Axis::new(Scale::Mel, 0.0, 24_000.0), Weighting::None);
                assert_eq!(equal_their_twins(gpu, bins, &table, MAXIMUM, channels, |_, _| ()), Ok(()));
            }
        }),
        ("a_small_difference_is_found", a_small_difference_is_found),
        ("what_is_not_finite_counts_as_none", what_is_not_finite_counts_as_none),
        ("time_constants_hold_at_30_60_and_144_frames_per_second", time_constants_hold),
    ])
}

fn axis() -> Axis {
    Axis::new(Scale::Logarithmic, 20.0, 20_000.0)
}

fn sizes(bins: Bins, table: &[Band], channels: u32, columns: u32) -> Sizes {
    Sizes { bins: bins.count(), bands: u32::try_from(table.len()).unwrap(), channels, columns }
}

/// The first difference, if there is one.
fn compare(what: &str, actual: &[f32], expected: &[f32], bound: impl Fn(f32) -> f32) -> Result<(), String> {
    assert_eq!(actual.len(), expected.len());
    // What is not a number is near to nothing.
    let is_near = |(actual, expected): (&f32, &f32)| {
        let distance: f32 = actual - expected;
        distance.abs() <= bound(*expected)
    };
    match actual.iter().zip(expected).enumerate().find(|&(_, pair)| !is_near(pair)) {
        Some((index, (actual, expected))) => Err(format!("{what} {index}: {actual:e} is not {expected:e}")),
        None => Ok(()),
    }
}

fn compare_powers(what: &str, actual: &[f32], expected: &[f32]) -> Result<(), String> {
    compare(what, actual, expected, |expected| BOUND * expected)
}

/// Runs both side by side. What the twins are told of a frame and of the bands may be altered, which must be found.
fn equal_their_twins(
    gpu: &Gpu,
    bins: Bins,
    table: &[Band],
    reduction: u32,
    channels: u32,
    alter: impl Fn(&mut Frame, &mut [Band]),
) -> Result<(), String> {
    const COLUMNS: u32 = 20;
    let passes = Passes::new(&gpu.device);
    let mut analysis = Analysis::new(&gpu.device, &passes, sizes(bins, table, channels, COLUMNS));
    analysis.set_bands(&gpu.queue, table);
    let ballistics = Ballistics { attack_s: 0.02, release_s: 0.05, hold_s: 0.05, fall_db_per_s: 30.0 };
    let mut clock = ColumnClock::new(40.0, COLUMNS);
    let mut random = Random(u64::from(bins.fft_size));
    let values = table.len() * channels as usize;
    let (mut smoothed, mut peaks) = (vec![0.0; values], vec![Peak::default(); values]);
    let (mut newest, mut levels) = (vec![0.0; values], vec![0.0; values * COLUMNS as usize]);
    for frame_number in 0..40 {
        let elapsed_s = f64::from(random.unit()) / 20.0;
        let mut frame = Frame { bins: bins.count(), bands: analysis.sizes().bands, reduction, ..Frame::default() };
        ballistics.write(elapsed_s, &mut frame);
        clock.advance(elapsed_s, &mut frame);
        // Quiet passages let peaks fall.
        let gain = if frame_number % 20 < 5 { 1.0 } else { 1e-4 };
        analysis.powers_mut().fill_with(|| gain * random.power());
        let powers = analysis.powers_mut().to_vec();
        gpu.run(|encoder| analysis.encode(&gpu.queue, encoder, &passes, frame, None));

        let mut table = table.to_vec();
        alter(&mut frame, &mut table);
        let band_powers: Vec<f32> = gpu.read(analysis.band_powers());
        let mut expected = vec![0.0; values];
        passes::bands(&frame, &powers, &table, &mut expected);
        compare_powers("band", &band_powers, &expected)?;

        passes::smooth(&frame, &band_powers, &mut smoothed);
        let actual: Vec<f32> = gpu.read(analysis.smoothed());
        compare_powers("smoothed", &actual, &smoothed)?;
        smoothed = actual;

        passes::peak(&frame, &smoothed, &mut peaks);
        let actual: Vec<Peak> = gpu.read(analysis.peaks());
        let apart =
            |peaks: &[Peak]| -> (Vec<f32>, Vec<f32>) { peaks.iter().map(|peak| (peak.power, peak.age_s)).unzip() };
        compare_powers("peak", &apart(&actual).0, &apart(&peaks).0)?;
        compare_powers("age", &apart(&actual).1, &apart(&peaks).1)?;
        peaks = actual;

        passes::spectrogram(&frame, &band_powers, &mut newest, &mut levels, COLUMNS as usize);
        compare("level", &gpu.read_texture::<f32>(analysis.levels()), &levels, |_| BOUND_DB)?;
    }
    assert!(peaks.iter().any(|peak| peak.age_s > 0.1), "some peaks were falling");
    assert!(levels[..COLUMNS as usize].iter().all(|&level| level != 0.0), "every column was written");
    Ok(())
}

fn a_small_difference_is_found(gpu: &Gpu) {
    type Alteration = fn(&mut Frame, &mut [Band]);
    let alterations: [(&str, Alteration); 9] = [
        ("band", |_, table| table[20].upper += 0.001),
        ("band", |_, table| table[5].gain *= 1.0001),
        ("band", |frame, _| frame.reduction = MAXIMUM),
        ("smoothed", |frame, _| frame.attack *= 0.999),
        ("smoothed", |frame, _| frame.release *= 0.999),
        ("peak", |frame, _| frame.fall_log2_per_s *= 0.999),
        ("peak", |frame, _| frame.hold_s *= 0.999),
        ("level", |frame, _| frame.column += 1),
        ("level", |frame, _| frame.column_is_new = 1),
    ];
    let bins = Bins { fft_size: 2048, sample_rate: 48_000.0, noise_bandwidth: 1.5 };
    let table = bins.octaves(&octave_bands(3, 20.0, 20_000.0), &axis(), Weighting::None);
    for (number, (what, alter)) in alterations.into_iter().enumerate() {
        let found = equal_their_twins(gpu, bins, &table, SUM, 1, alter);
        assert!(found.as_ref().is_err_and(|difference| difference.starts_with(what)), "{number}: {found:?}");
    }
}

fn what_is_not_finite_counts_as_none(gpu: &Gpu) {
    let bins = Bins { fft_size: 512, sample_rate: 48_000.0, noise_bandwidth: 1.0 };
    let table = bins.octaves(&octave_bands(1, 100.0, 10_000.0), &axis(), Weighting::None);
    let passes = Passes::new(&gpu.device);
    let mut analysis = Analysis::new(&gpu.device, &passes, sizes(bins, &table, 1, 1));
    analysis.set_bands(&gpu.queue, &table);
    for reduction in [SUM, MAXIMUM] {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            analysis.powers_mut().fill(0.5);
            analysis.powers_mut()[20..200].fill(bad);
            let powers = analysis.powers_mut().to_vec();
            let frame = Frame { bins: bins.count(), bands: analysis.sizes().bands, reduction, ..Frame::default() };
            gpu.run(|encoder| analysis.encode(&gpu.queue, encoder, &passes, frame, None));
            let mut expected = vec![0.0; table.len()];
            passes::bands(&frame, &powers, &table, &mut expected);
            assert_eq!(compare_powers("band", &gpu.read::<f32>(analysis.band_powers()), &expected), Ok(()));
        }
    }
}

fn time_constants_hold(gpu: &Gpu) {
    let bins = Bins { fft_size: 512, sample_rate: 48_000.0, noise_bandwidth: 1.0 };
    let table = bins.octaves(&octave_bands(3, 1000.0, 10_000.0), &axis(), Weighting::None);
    let ballistics = Ballistics { attack_s: 0.1, release_s: 0.25, hold_s: 0.3, fall_db_per_s: 20.0 };
    let passes = Passes::new(&gpu.device);
    for frames_per_s in [30, 60, 144] {
        let mut analysis = Analysis::new(&gpu.device, &passes, sizes(bins, &table, 1, 1));
        analysis.set_bands(&gpu.queue, &table);
        let mut frame = Frame { reduction: MAXIMUM, ..Frame::default() };
        ballistics.write(1.0 / f64::from(frames_per_s), &mut frame);
        // The powers are written once and stay.
        let mut second = |power: f32| -> (f64, f64) {
            analysis.powers_mut().fill(power);
            for _ in 0..frames_per_s {
                gpu.run(|encoder| analysis.encode(&gpu.queue, encoder, &passes, frame, None));
            }
            let peak = gpu.read::<Peak>(analysis.peaks())[0].power;
            (f64::from(gpu.read::<f32>(analysis.smoothed())[0]), f64::from(peak))
        };
        let (risen, _) = second(1.0);
        assert!((1.0 - risen - (-1.0f64 / 0.1).exp()).abs() < 2e-6, "{frames_per_s} frames/s: {risen}");
        let (fallen, peak) = second(0.0);
        assert!((fallen / (-1.0f64 / 0.25).exp() - 1.0).abs() < 2e-4, "{frames_per_s} frames/s: {fallen}");
        let peak_db = 10.0 * peak.log10();
        assert!((peak_db + 20.0 * (1.0 - 0.3)).abs() < 2e-3, "{frames_per_s} frames/s: {peak_db} dB");
    }
}
