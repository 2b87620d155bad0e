//! Every view looks as it did when somebody looked at it: golden images in `tests/render/golden`, which lavapipe has drawn of what
//! `views.json` says there. Browsers compare with the same ones (`tests/browser/suites/golden.test.mjs`).
//!
//! After a change that is meant to be seen, `RUSTY_AUDIO_BLESS=true cargo test -p rusty-audio-render-tests --test golden` writes new
//! ones: look at each before it is committed. What differs is written to `target/golden`.

mod picture;
mod sound;
mod views;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rusty_audio_render::columns::ColumnClock;
use rusty_audio_render::gpu::Scene;
use rusty_audio_render::plan::Plan;
use rusty_audio_render::settings::{Channels, Kind, Settings};
use rusty_audio_render::weighting::Weighting;
use rusty_audio_render_tests::{FORMAT, Gpu};

use picture::Picture;
use sound::Sound;
use views::{GOLDEN, Views};

fn main() -> ExitCode {
    if bless() {
        views::computed_sound().write(&views::sound_path());
    }
    rusty_audio_render_tests::main(&[
        ("bars_are_golden", |gpu| is_golden(gpu, "bars")),
        ("the_line_is_golden", |gpu| is_golden(gpu, "line")),
        ("the_area_is_golden", |gpu| is_golden(gpu, "area")),
        ("the_spectrogram_is_golden", |gpu| is_golden(gpu, "spectrogram")),
        ("the_oscilloscope_is_golden", |gpu| is_golden(gpu, "oscilloscope")),
        ("the_goniometer_is_golden", |gpu| is_golden(gpu, "goniometer")),
        ("the_file_has_the_sound", the_file_has_the_sound),
        ("golden_images_show_the_tones", golden_images_show_the_tones),
        ("what_looks_different_is_refused", what_looks_different_is_refused),
        ("pictures_that_have_moved_by_a_pixel_are_refused", pictures_that_have_moved_by_a_pixel_are_refused),
    ])
}

fn bless() -> bool {
    std::env::var("RUSTY_AUDIO_BLESS").as_deref() == Ok("true")
}

fn golden_path(name: &str) -> PathBuf {
    Path::new(GOLDEN).join(name).with_extension("png")
}

fn is_golden(gpu: &Gpu, name: &str) {
    let views = Views::read();
    let actual = drawn(gpu, &views, &views.sound, name, views.settings(name));
    if bless() {
        actual.write(&golden_path(name));
    }
    let golden = Picture::read(&golden_path(name));
    let difference = actual.difference(&golden);
    if !difference.is_within(views.limit()) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("golden");
        actual.write(&folder.join(format!("{name}-lavapipe-actual.png")));
        actual.minus(&golden).write(&folder.join(format!("{name}-lavapipe-difference.png")));
        panic!("{name}: {difference:?} exceeds {:?}: see {}", views.limit(), folder.display());
    }
}

fn the_file_has_the_sound(_: &Gpu) {
    for (index, (actual, expected)) in Views::read().sound.values().zip(views::computed_sound().values()).enumerate() {
        assert!((actual - expected).abs() <= 1e-5 * expected.abs() + 1e-12, "value {index}: {actual}, not {expected}");
    }
}

/// In line and area, each tone of the last moment stands at its place, as high as its level.
fn golden_images_show_the_tones(_: &Gpu) {
    let views = Views::read();
    for name in ["line", "area"] {
        let plan = Plan::new(views.settings(name));
        let golden = Picture::read(&golden_path(name));
        let [pane_width, pane_height] = plan.pane_px.map(|side| side as usize);
        let line = plan.settings.colors.line.map(f64::from);
        for plane in 0..plan.channels() as usize {
            for &(frequency_hz, level_db) in sound::tones(1, plane) {
                let weighted_db = level_db + weighting_db(plan.settings.weighting, frequency_hz);
                // The uppermost pixel of the line within a pixel of the page.
                let middle = plan.axis.position(frequency_hz) * pane_width as f64;
                let near = 1.5 * plan.settings.pixel_ratio;
                let columns = (0..pane_width).filter(|column| (*column as f64 + 0.5 - middle).abs() <= near);
                let is_line = |row: usize, column: usize| {
                    let pixel = golden.pixels[(plane * pane_height + row) * pane_width + column];
                    (0..3).all(|part| (f64::from(pixel[part]) - 255.0 * line[part]).abs() < 16.0)
                };
                let top = columns.filter_map(|column| (0..pane_height).find(|&row| is_line(row, column))).min();
                let top = top.unwrap_or_else(|| panic!("{name}: no line at {frequency_hz} Hz"));
                let db_per_px = (plan.settings.maximum_db - plan.settings.minimum_db) / pane_height as f64;
                let shown_db = plan.settings.maximum_db - db_per_px * (top as f64 + 0.5);
                // Between two bins Hann's window reads 1.4 dB less, and the line is some pixels wide.
                let width_db = db_per_px * (0.75 * plan.settings.pixel_ratio + 1.0);
                let is_near = (-1.5 - width_db..=0.2 + width_db).contains(&(shown_db - weighted_db));
                assert!(is_near, "{name}, plane {plane}: {frequency_hz} Hz at {shown_db} dB, not {weighted_db}");
            }
        }
    }
}

/// IEC 61672-1, rounded, at the frequencies of the tones.
fn weighting_db(weighting: Weighting, frequency_hz: f64) -> f64 {
    match (weighting, frequency_hz) {
        (Weighting::None, _) => 0.0,
        (Weighting::A, 220.0) => -10.1,
        (Weighting::A, 3520.0) => 1.1,
        _ => panic!("no tone has {frequency_hz} Hz with {weighting:?}"),
    }
}

fn what_looks_different_is_refused(gpu: &Gpu) {
    let views = Views::read();
    let changes: [(&str, &str, Change); 12] = [
        ("bars", "a bar is a pixel higher", |_, sound| {
            // The tone of 12 kHz, at bin 512 of the second plane; a pixel of 80 is 1.1 dB of 90.
            sound.spectra[1][1025 + 510..1025 + 515].iter_mut().for_each(|power| *power *= 10f32.powf(0.12));
        }),
        ("bars", "no peaks", |settings, _| settings.peaks = false),
        ("bars", "peaks fall faster", |settings, _| settings.ballistics.fall_db_per_s = 120.0),
        ("bars", "a slower release", |settings, _| settings.ballistics.release_s = 0.03),
        ("line", "another colour", |settings, _| settings.colors.line[0] += 0.04),
        ("line", "no weighting", |settings, _| settings.weighting = Weighting::None),
        ("line", "another end of the axis", |settings, _| settings.maximum_hz = 19_900.0),
        ("area", "another opacity", |settings, _| settings.colors.low[3] += 0.1),
        ("area", "the first spectrum", |_, sound| sound.spectra[1] = sound.spectra[0].clone()),
        ("spectrogram", "a column more", |settings, _| settings.columns_per_s += 30.0),
        ("oscilloscope", "a frame less", |settings, _| settings.shown_s -= 1.0 / 48_000.0),
        ("goniometer", "left and right for mid and side", |settings, _| settings.channels = Channels::LeftRight),
    ];
    for (name, what, change) in changes {
        let mut settings = views.settings(name);
        let mut sound = views.sound.clone();
        change(&mut settings, &mut sound);
        let difference = drawn(gpu, &views, &sound, name, settings).difference(&Picture::read(&golden_path(name)));
        assert!(!difference.is_within(views.limit()), "{name}, {what}: {difference:?}");
    }
}

/// Of what is drawn.
type Change = fn(&mut Settings, &mut Sound);

fn pictures_that_have_moved_by_a_pixel_are_refused(_: &Gpu) {
    let views = Views::read();
    for name in views.names() {
        let golden = Picture::read(&golden_path(name));
        for [right, down] in [[1, 0], [-1, 0], [0, 1], [0, -1]] {
            let difference = golden.moved(right, down).difference(&golden);
            assert!(!difference.is_within(views.limit()), "{name}, {right} right, {down} down: {difference:?}");
        }
    }
}

/// A view after the last of the draws, as the render module has it.
fn drawn(gpu: &Gpu, views: &Views, sound: &Sound, name: &str, settings: Settings) -> Picture {
    let plan = Plan::new(settings);
    let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
    scene.configure(&plan);
    let samples = scene.samples_mut(plan.settings.fft_size);
    samples.copy_from_slice(&sound.frames);
    if plan.settings.kind == Kind::Goniometer && plan.settings.channels == Channels::MidSide {
        let (mids, sides) = samples.split_at_mut(samples.len() / 2);
        for (mid, side) in mids.iter_mut().zip(sides) {
            (*mid, *side) = (*mid + *side, *mid - *side);
        }
    }
    let mut clock = ColumnClock::new(plan.settings.columns_per_s, plan.columns);
    let [width, height] = plan.settings.size_px.map(|side| u16::try_from(side).unwrap());
    let (mut drawn_at_ms, mut image) = (None, None);
    for draw in views.draws() {
        let shown = scene.powers().len();
        scene.powers_mut().copy_from_slice(&sound.spectra[draw.spectrum][..shown]);
        let elapsed_s = drawn_at_ms.map_or(0.0, |drawn_at_ms| (draw.milliseconds - drawn_at_ms) / 1000.0);
        drawn_at_ms = Some(draw.milliseconds);
        let mut frame = plan.frame();
        plan.settings.ballistics.write(elapsed_s, &mut frame);
        clock.advance(elapsed_s, &mut frame);
        image = Some(gpu.drawn_on([width, height], |target| scene.draw(&plan, frame, target)));
    }
    Picture::on(views.background(name), &image.expect("a draw"))
}
