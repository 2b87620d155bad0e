//! Oscilloscope and goniometer, pixel by pixel.

use std::process::ExitCode;

use rusty_audio_render::gpu::Waveform;
use rusty_audio_render::layout::Scope;
use rusty_audio_render_tests::{FORMAT, Gpu, Image, Random, distance, is, lowest_pane};

const COLOR: [f32; 4] = [0.2, 1.0, 0.4, 1.0];

fn main() -> ExitCode {
    rusty_audio_render_tests::main(&[
        ("the_oscilloscope_draws_the_line_through_its_samples", the_oscilloscope_draws_the_line),
        ("the_goniometer_turns_left_and_right", the_goniometer_turns_left_and_right),
        ("dots_fade_with_their_age", dots_fade_with_their_age),
    ])
}

fn scope(size_px: [u16; 2]) -> Scope {
    Scope { size_px: size_px.map(f32::from), color: COLOR, gain: 1.0, ..Scope::default() }
}

fn the_oscilloscope_draws_the_line(gpu: &Gpu) {
    let mut random = Random(9);
    // More pixels than frames, as many, and fewer; the second channel of two.
    for (size_px, start, shown, line_px, gain) in
        [([240, 90], 100.25, 30.0, 2.0, 1.0), ([128, 100], 0.0, 128.0, 3.0, 0.5), ([50, 90], 40.5, 200.0, 1.5, 2.0)]
    {
        let mut waveform = Waveform::new(&gpu.device, FORMAT, 256);
        waveform.samples_mut().fill_with(|| 0.9 * (2.0 * random.unit() - 1.0));
        let samples = waveform.samples_mut()[256..].to_vec();
        waveform.write(&gpu.queue, Scope { start, shown, line_px, gain, ..scope(size_px) });
        let [width, height] = size_px;
        let image = lowest_pane(gpu.drawn([width, 2 * height], |pass| waveform.draw_oscilloscope(pass, 1)), 2);
        let [width, height] = size_px.map(f64::from);
        let point = |(frame, &sample): (u16, &f32)| {
            let x = (f64::from(frame) - f64::from(start)) / f64::from(shown) * width;
            [x, (0.5 + 0.5 * f64::from(gain * sample)) * height]
        };
        // The first and the last sample reach as far as one looks.
        let mut points: Vec<[f64; 2]> = (0u16..).zip(&samples).map(point).collect();
        points.insert(0, [-1e4, points[0][1]]);
        points.push([1e4, points[256][1]]);
        each_pixel(&image, |[x, y], pixel| {
            let distance_px = points.windows(2).map(|pair| distance([x, y], pair[0], pair[1])).fold(f64::MAX, f64::min);
            let coverage = (0.5 * f64::from(line_px) + 0.5 - distance_px).clamp(0.0, 1.0);
            assert!(covers(pixel, coverage), "{size_px:?} at {x}, {y}: {pixel:?}, not {coverage}");
        });
    }
}

fn the_goniometer_turns_left_and_right(gpu: &Gpu) {
    // Left and right, and where that is in a square of 100 pixels about its middle.
    let expected: [([f32; 2], [f64; 2]); 6] = [
        ([1.0, 1.0], [0.0, 50.0]),
        ([0.5, 0.5], [0.0, 25.0]),
        ([-1.0, 1.0], [50.0, 0.0]),
        ([1.0, 0.0], [-25.0, 25.0]),
        ([0.0, 1.0], [25.0, 25.0]),
        ([0.0, -0.6], [-15.0, -15.0]),
    ];
    for ([left, right], [x, y]) in expected {
        let mut waveform = Waveform::new(&gpu.device, FORMAT, 1);
        waveform.samples_mut().copy_from_slice(&[left, right]);
        waveform.write(&gpu.queue, Scope { dot_px: 6.0, ..scope([160, 100]) });
        let image = gpu.drawn([160, 100], |pass| waveform.draw_goniometer(pass));
        each_pixel(&image, |place, pixel| {
            let away = (place[0] - 80.0 - x).hypot(place[1] - 50.0 - y);
            let coverage = (3.5 - away).clamp(0.0, 1.0);
            assert!(covers(pixel, coverage), "{left}, {right}: {place:?} is {pixel:?}, not {coverage}");
        });
    }
}

fn dots_fade_with_their_age(gpu: &Gpu) {
    let mut waveform = Waveform::new(&gpu.device, FORMAT, 4);
    // Mono, from the lower end to the upper one.
    waveform.samples_mut().copy_from_slice(&[-0.75, -0.25, 0.25, 0.75, -0.75, -0.25, 0.25, 0.75]);
    waveform.write(&gpu.queue, Scope { dot_px: 8.0, ..scope([100, 100]) });
    let image = gpu.drawn([100, 100], |pass| waveform.draw_goniometer(pass));
    for (frame, row) in [(1u8, 12), (2, 37), (3, 62), (4, 87)] {
        let [red, green, blue, _] = COLOR;
        let color = [red, green, blue, f32::from(frame) / 4.0];
        assert!(is(image.pixel(50, row), color), "frame {frame}: {:?}", image.pixel(50, row));
    }
}

/// Whether a pixel is covered by the colour to a share of it, within two steps of 255.
fn covers(pixel: [u8; 4], coverage: f64) -> bool {
    let near = |(actual, part): (u8, f32)| (f64::from(actual) - 255.0 * coverage * f64::from(part)).abs() < 2.0;
    pixel.into_iter().zip(COLOR).all(near)
}

/// Hands over the middle of each pixel, from the lower left, and its colour.
fn each_pixel(image: &Image, check: impl Fn([f64; 2], [u8; 4])) {
    for (column, row) in (0..image.width).flat_map(|column| (0..image.height).map(move |row| (column, row))) {
        check([f64::from(column) + 0.5, f64::from(row) + 0.5], image.pixel(column, row));
    }
}
