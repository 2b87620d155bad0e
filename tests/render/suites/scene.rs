//! All that is planned is drawn: every view, in the panes of its channels; and the GPU shows what the CPU twins compute.

use std::process::ExitCode;

use rusty_audio_render::ballistics::Ballistics;
use rusty_audio_render::gpu::Scene;
use rusty_audio_render::layout::Frame;
use rusty_audio_render::plan::Plan;
use rusty_audio_render::scale::Scale;
use rusty_audio_render::settings::{Channels, Colors, Kind, Settings};
use rusty_audio_render::twins::Twins;
use rusty_audio_render::weighting::Weighting;
use rusty_audio_render_tests::{CLEAR, FORMAT, Gpu, Image, Random};

const LINE: [f32; 4] = [0.0, 1.0, 0.0, 1.0];

const KINDS: [Kind; 6] = [Kind::Bars, Kind::Line, Kind::Area, Kind::Spectrogram, Kind::Oscilloscope, Kind::Goniometer];

fn main() -> ExitCode {
    rusty_audio_render_tests::main(&[
        ("each_channel_is_drawn_in_its_pane", each_channel_is_drawn_in_its_pane),
        ("bars_are_as_high_as_the_twins_say", bars_are_as_high_as_the_twins_say),
        ("another_plan_is_shown_by_the_same_scene", another_plan_is_shown_by_the_same_scene),
        ("a_plan_without_bands_shows_nothing", a_plan_without_bands_shows_nothing),
        ("the_time_of_a_frame_is_told", the_time_of_a_frame_is_told),
    ])
}

fn settings(kind: Kind, channels: Channels) -> Settings {
    Settings {
        kind,
        channels,
        fft_size: 512,
        sample_rate: 48_000.0,
        window: vec![1.0; 16],
        scale: Scale::Logarithmic,
        minimum_hz: 100.0,
        maximum_hz: 20_000.0,
        bands_per_octave: 3,
        weighting: Weighting::None,
        minimum_db: -90.0,
        maximum_db: 0.0,
        ballistics: Ballistics { attack_s: 0.05, release_s: 0.1, hold_s: 1.0, fall_db_per_s: 20.0 },
        peaks: false,
        columns_per_s: 60.0,
        shown_s: 0.005,
        // An odd height: the panes are whole pixels all the same.
        size_px: [120, 81],
        pixel_ratio: 1.0,
        colors: Colors { low: [0.0, 0.0, 1.0, 1.0], high: [1.0, 0.0, 0.0, 1.0], peak: [1.0; 4], line: LINE },
    }
}

/// A frame that follows at once.
fn frame(plan: &Plan) -> Frame {
    Frame { attack: 1.0, release: 1.0, column_is_new: 1, ..plan.frame() }
}

fn drawn(gpu: &Gpu, scene: &mut Scene, plan: &Plan, frame: Frame) -> Image {
    let [width, height] = plan.settings.size_px.map(|side| u16::try_from(side).unwrap());
    gpu.drawn_on([width, height], |target| scene.draw(plan, frame, target))
}

/// Of an image the rows of a pane in which anything was drawn.
fn rows_of_pane(image: &Image, pane: u16, pane_height: u16) -> Vec<u16> {
    (pane * pane_height..(pane + 1) * pane_height)
        .filter(|row| (0..image.width).any(|column| image.pixel(column, image.height - 1 - row) != CLEAR))
        .collect()
}

fn each_channel_is_drawn_in_its_pane(gpu: &Gpu) {
    for kind in KINDS {
        let plan = Plan::new(settings(kind, Channels::LeftRight));
        let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
        scene.configure(&plan);
        // The first channel is loud and the second one quiet.
        let bins = plan.bins.count() as usize;
        scene.powers_mut()[..bins].fill(1e-2);
        scene.powers_mut()[bins..].fill(1e-7);
        let (left, right) = scene.samples_mut(300).split_at_mut(300);
        left.fill(0.5);
        right.fill(-0.5);
        let image = drawn(gpu, &mut scene, &plan, frame(&plan));
        let rows = |pane| rows_of_pane(&image, pane, 40);
        match kind {
            Kind::Bars | Kind::Line | Kind::Area => {
                let [upper, lower] = [0, 1].map(rows);
                assert!(upper[0] < 20 && lower[0] > 40 + 20, "{kind:?}: {upper:?}, {lower:?}");
                assert_eq!(upper.contains(&39), kind != Kind::Line, "{kind:?}");
            }
            Kind::Spectrogram => assert_eq!([0, 1].map(|pane| rows(pane).len()), [40, 40]),
            // Above the middle of the upper pane, and below that of the lower one.
            Kind::Oscilloscope => {
                assert!(rows(0).iter().all(|row| (8..12).contains(row)) && !rows(0).is_empty(), "{:?}", rows(0));
                assert!(rows(1).iter().all(|row| (68..72).contains(row)) && !rows(1).is_empty(), "{:?}", rows(1));
            }
            // Opposite phases lie flat, in the middle of the whole height.
            Kind::Goniometer => {
                assert!(rows_of_pane(&image, 0, 81).iter().all(|row| (39..42).contains(row)), "{:?}", rows(0));
            }
        }
        assert!(
            (0..120).all(|column| kind == Kind::Goniometer || image.pixel(column, 0) == CLEAR),
            "{kind:?}: the rest"
        );
    }
}

fn bars_are_as_high_as_the_twins_say(gpu: &Gpu) {
    let plan = Plan::new(settings(Kind::Bars, Channels::LeftRight));
    let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
    let mut twins = Twins::default();
    scene.configure(&plan);
    twins.configure(&plan);
    let mut random = Random(3);
    for step in 0..5u8 {
        // The last spectrum stays for a frame.
        if step < 4 {
            let powers: Vec<f32> = twins.powers().iter().map(|_| random.power()).collect();
            scene.powers_mut().copy_from_slice(&powers);
            twins.powers_mut().copy_from_slice(&powers);
        }
        let mut frame = plan.frame();
        plan.settings.ballistics.write(0.02, &mut frame);
        let image = drawn(gpu, &mut scene, &plan, frame);
        twins.run(&plan, &frame);
        let bands = plan.table.len();
        for (index, &power) in twins.smoothed().iter().enumerate() {
            let (pane, band) = (u16::try_from(index / bands).unwrap(), &plan.table[index % bands]);
            let column = pixels(band.left * 120.0);
            let bottom = image.height - 40 * (pane + 1);
            let rows = image.rows(column, |pixel| pixel != CLEAR);
            let covered = rows.into_iter().filter(|row| (bottom..bottom + 40).contains(row)).count();
            let height = plan.view().height(power).clamp(0.0, 40.0);
            assert!(
                (covered as f32 - height).abs() <= 1.0,
                "step {step}, value {index}: {covered} pixels, not {height}"
            );
        }
    }
}

fn another_plan_is_shown_by_the_same_scene(gpu: &Gpu) {
    let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
    for (kind, fft_size, channels, frames) in [
        (Kind::Bars, 512, Channels::LeftRight, 100),
        (Kind::Spectrogram, 2048, Channels::Mono, 1),
        (Kind::Oscilloscope, 2048, Channels::LeftRight, 2048),
        (Kind::Area, 1024, Channels::MidSide, 1),
        (Kind::Bars, 512, Channels::LeftRight, 7),
    ] {
        let plan = Plan::new(Settings { fft_size, ..settings(kind, channels) });
        let mut fresh = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
        let images = [&mut scene, &mut fresh].map(|scene| {
            scene.configure(&plan);
            let mut random = Random(8);
            scene.powers_mut().fill_with(|| random.power());
            scene.samples_mut(frames).fill_with(|| 2.0 * random.unit() - 1.0);
            drawn(gpu, scene, &plan, frame(&plan))
        });
        assert!(images[0].pixels == images[1].pixels, "{kind:?} of {fft_size}");
        assert!(images[0].pixels.iter().any(|pixel| *pixel != CLEAR), "{kind:?} of {fft_size}");
    }
}

fn a_plan_without_bands_shows_nothing(gpu: &Gpu) {
    // No third of an octave has its middle here.
    let narrow = Settings { minimum_hz: 1050.0, maximum_hz: 1100.0, ..settings(Kind::Bars, Channels::Mono) };
    let plan = Plan::new(narrow);
    assert_eq!(plan.bands(), 0);
    let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
    scene.configure(&plan);
    scene.powers_mut().fill(1.0);
    assert!(drawn(gpu, &mut scene, &plan, frame(&plan)).pixels.iter().all(|pixel| *pixel == CLEAR));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a test's picture")]
fn pixels(place: f32) -> u16 {
    place.round_ties_even() as u16
}

/// Of every kind, since some have compute passes and some have none; frames that come before the last one's times are not measured.
fn the_time_of_a_frame_is_told(gpu: &Gpu) {
    let has_timestamps = gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
    for kind in KINDS {
        let plan = Plan::new(settings(kind, Channels::LeftRight));
        let mut scene = Scene::new(gpu.device.clone(), gpu.queue.clone(), FORMAT);
        scene.configure(&plan);
        scene.samples_mut(512).fill(0.5);
        assert_eq!(scene.frame_ms(), None, "{kind:?}");
        for _ in 0..3 {
            drawn(gpu, &mut scene, &plan, frame(&plan));
        }
        let frame_ms = scene.frame_ms();
        assert_eq!(frame_ms.is_some(), has_timestamps, "{kind:?}");
        assert!(frame_ms.is_none_or(|ms| ms > 0.0 && ms < 60_000.0), "{kind:?}: {frame_ms:?}");
    }
}
