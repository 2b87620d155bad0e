//! What is drawn, pixel by pixel.

use std::process::ExitCode;

use rusty_audio_render::banding::Bins;
use rusty_audio_render::color_map::colors;
use rusty_audio_render::gpu::{Analysis, Passes, Picture, Sizes};
use rusty_audio_render::layout::{Band, COLORS, Frame, SUM, View};
use rusty_audio_render::scale::{Axis, Scale};
use rusty_audio_render::weighting::Weighting;
use rusty_audio_render_tests::{CLEAR, FORMAT, Gpu, Image, Random, distance, is, lowest_pane};

const FFT_SIZE: u32 = 512;
/// Range of the pictures in dB.
const RANGE: [f32; 2] = [-90.0, 0.0];

const LOW: [f32; 4] = [0.0, 0.2, 1.0, 1.0];
const HIGH: [f32; 4] = [1.0, 0.4, 0.0, 1.0];
const PEAK: [f32; 4] = [1.0, 1.0, 1.0, 1.0];
const LINE: [f32; 4] = [0.0, 1.0, 0.0, 1.0];

fn main() -> ExitCode {
    rusty_audio_render_tests::main(&[
        ("a_bar_is_as_high_as_its_level", a_bar_is_as_high_as_its_level),
        ("marks_stand_on_held_peaks", marks_stand_on_held_peaks),
        ("the_line_goes_through_its_levels_and_the_area_lies_below", the_line_goes_through_its_levels),
        ("the_waterfall_shows_every_column_in_its_colour", the_waterfall_shows_every_column),
        ("channels_are_drawn_each_for_itself", channels_are_drawn_each_for_itself),
        ("another_spectrum_is_drawn_once_it_is_bound", another_spectrum_is_drawn_once_it_is_bound),
        ("translucent_colours_are_blended_once", translucent_colours_are_blended_once),
    ])
}

/// A spectrum whose bands have the powers that it is told.
struct Scene<'a> {
    gpu: &'a Gpu,
    passes: Passes,
    analysis: Analysis,
    picture: Picture,
    view: View,
}

impl<'a> Scene<'a> {
    /// As many bands as levels, side by side, each of one bin.
    fn new(gpu: &'a Gpu, size_px: [u16; 2], bands: u16, channels: u32, columns: u32) -> Self {
        let bins = Bins { fft_size: FFT_SIZE, sample_rate: 48_000.0, noise_bandwidth: 1.0 };
        assert!(u32::from(bands) <= bins.count(), "a bin for each band");
        let table: Vec<Band> = bins
            .columns(u32::from(bands), &Axis::new(Scale::Linear, 0.0, 24_000.0), Weighting::None)
            .into_iter()
            .zip(0u16..)
            .map(|(band, bin)| Band { lower: f32::from(bin), upper: f32::from(bin) + 1.0, ..band })
            .collect();
        let passes = Passes::new(&gpu.device);
        let sizes = Sizes { bins: bins.count(), bands: u32::from(bands), channels, columns };
        let analysis = Analysis::new(&gpu.device, &passes, sizes);
        analysis.set_bands(&gpu.queue, &table);
        let picture = Picture::new(&gpu.device, FORMAT, &analysis);
        let view = View {
            size_px: size_px.map(f32::from),
            minimum_db: RANGE[0],
            maximum_db: RANGE[1],
            low: LOW,
            high: HIGH,
            peak: PEAK,
            line: LINE,
            colors: colors(),
            bands: u32::from(bands),
            ..View::default()
        };
        Self { gpu, passes, analysis, picture, view }
    }

    /// Shows `[channel][band]` levels in dB at once; peaks are held for ever.
    fn show(&mut self, levels: &[f32]) {
        self.show_in_columns(levels, 0, 1);
    }

    /// Shows levels in so many new columns of the spectrogram, too.
    fn show_in_columns(&mut self, levels: &[f32], column: u32, columns: u32) {
        let (bins, bands) = (self.analysis.sizes().bins as usize, self.view.bands as usize);
        for (powers, levels) in self.analysis.powers_mut().chunks_exact_mut(bins).zip(levels.chunks_exact(bands)) {
            for (power, level) in powers.iter_mut().zip(levels) {
                *power = 10f32.powf(level / 10.0);
            }
        }
        let frame =
            Frame { attack: 1.0, release: 1.0, column, columns, column_is_new: 1, reduction: SUM, ..Frame::default() };
        self.gpu.run(|encoder| self.analysis.encode(&self.gpu.queue, encoder, &self.passes, frame, None));
    }

    /// What a channel has in its pane, the lowest one of a target that ends with it.
    fn drawn(&mut self, channel: u16, draw: impl FnOnce(&Picture, &mut wgpu::RenderPass<'_>)) -> Image {
        self.picture.set_view(&self.gpu.queue, &self.view);
        let [width, height] = self.view.size_px.map(whole);
        let image = self.gpu.drawn([width, height * (channel + 1)], |pass| draw(&self.picture, pass));
        lowest_pane(image, channel + 1)
    }

    fn bars(&mut self, channel: u16) -> Image {
        let bands = self.view.bands;
        self.drawn(channel, |picture, pass| picture.draw_bars(pass, bands, channel.into()))
    }

    fn waterfall(&mut self, channel: u16) -> Image {
        self.drawn(channel, |picture, pass| picture.draw_waterfall(pass, channel.into()))
    }

    fn line(&mut self, channel: u16) -> Image {
        self.drawn(channel, |picture, pass| picture.draw_line(pass, channel.into()))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a test's picture")]
fn whole(pixels: f32) -> u16 {
    pixels as u16
}

/// Pixels from the lower edge to a level.
fn height_px(level: f32, height: u16) -> f32 {
    (level - RANGE[0]) / (RANGE[1] - RANGE[0]) * f32::from(height)
}

fn gradient(row: u16, height: u16) -> [f32; 4] {
    let share = (f32::from(row) + 0.5) / f32::from(height);
    core::array::from_fn(|index| LOW[index] + share * (HIGH[index] - LOW[index]))
}

fn a_bar_is_as_high_as_its_level(gpu: &Gpu) {
    let levels = [-90.0, -80.3, -60.0, -45.5, -31.7, -12.0, -0.4, -99.0, 6.0, -300.0];
    // The same picture at one and at two pixels of the device for each of the page's, and at an odd size.
    for (size_px, gap_px) in [([400, 300], 2), ([800, 600], 4), ([333, 217], 1)] {
        let mut scene = Scene::new(gpu, size_px, 10, 1, 1);
        scene.view.gap_px = f32::from(gap_px);
        scene.show(&levels);
        let image = scene.bars(0);
        let [width, height] = size_px;
        for (band, level) in (0u16..).zip(levels) {
            let edge = |band: u16| whole((f32::from(band * width) / 10.0).round_ties_even());
            let full = height_px(level, height).clamp(0.0, f32::from(height));
            for column in edge(band)..edge(band + 1) {
                let is_gap = column >= edge(band + 1) - gap_px;
                for row in 0..height {
                    let (pixel, row_px) = (image.pixel(column, row), f32::from(row));
                    let place = format!("{size_px:?}, {level} dB: column {column}, row {row}: {pixel:?}");
                    if is_gap || row_px >= full + 1.0 {
                        assert_eq!(pixel, CLEAR, "{place}");
                    } else if row_px + 1.0 <= full - 1.0 {
                        assert!(is(pixel, gradient(row, height)), "{place}");
                    }
                }
            }
        }
    }
}

fn marks_stand_on_held_peaks(gpu: &Gpu) {
    let mut scene = Scene::new(gpu, [200, 180], 4, 1, 1);
    scene.view.peak_px = 2.0;
    // 2 pixels for each dB.
    scene.show(&[-30.0, -60.0, 20.0, -120.0]);
    scene.show(&[-60.0, -60.0, -60.0, -120.0]);
    let image = scene.bars(0);
    let marks = |column| image.rows(column, |pixel| is(pixel, PEAK));
    assert_eq!(marks(25), [120, 121], "30 dB above the bar");
    assert_eq!(marks(75), [60, 61], "on the bar");
    assert_eq!(marks(125), [178, 179], "at the upper edge");
    assert_eq!(marks(175), [0; 0], "below the lower edge");
    assert_eq!(image.rows(25, |pixel| pixel != CLEAR).len(), 62, "nothing else is above the bar");
    // The last frame is drawn anew without marks.
    scene.view.peak_px = 0.0;
    assert_eq!(scene.bars(0).rows(25, |pixel| pixel != CLEAR).len(), 60);
}

fn the_line_goes_through_its_levels(gpu: &Gpu) {
    for (size_px, bands, line_px) in [
        ([200, 180], 10, 2.0),
        ([400, 360], 10, 3.0),
        ([256, 300], 256, 3.0),
        ([255, 100], 100, 1.0),
        // As near to a pixel for each band as the place within it can differ from pixel to pixel; and wide lines.
        ([250, 90], 249, 3.0),
        ([250, 90], 249, 8.0),
        ([100, 90], 9, 12.0),
        ([99, 77], 9, 0.0),
    ] {
        let [width, height] = size_px;
        let mut scene = Scene::new(gpu, size_px, bands, 1, 1);
        scene.view.line_px = line_px;
        let mut random = Random(u64::from(width));
        let levels: Vec<f32> = (0..bands).map(|_| -90.0 * random.unit()).collect();
        scene.show(&levels);
        let image = scene.line(0);
        // Independent of the shader: the distance to the nearest of all segments, the outermost of which reach to the edges.
        let step = f64::from(width) / f64::from(bands);
        let mut points: Vec<[f64; 2]> = (0u16..)
            .zip(&levels)
            .map(|(band, &level)| [step * (f64::from(band) + 0.5), f64::from(height_px(level, height))])
            .collect();
        points.insert(0, [-step, points[0][1]]);
        points.push([f64::from(width) + step, points.last().unwrap()[1]]);
        for (column, row) in (0..width).flat_map(|column| (0..height).map(move |row| (column, row))) {
            let [x, y] = [f64::from(column) + 0.5, f64::from(row) + 0.5];
            let distance_px = points.windows(2).map(|pair| distance([x, y], pair[0], pair[1])).fold(f64::MAX, f64::min);
            let right = points.partition_point(|point| point[0] <= x);
            let ([x0, y0], [x1, y1]) = (points[right - 1], points[right]);
            let area = (y0 + (y1 - y0) * (x - x0) / (x1 - x0) - f64::from(row)).clamp(0.0, 1.0);
            let line = if line_px > 0.0 { (0.5 * f64::from(line_px) + 0.5 - distance_px).clamp(0.0, 1.0) } else { 0.0 };
            let color = gradient(row, height).map(f64::from);
            let expected: [f64; 4] =
                core::array::from_fn(|part| line * f64::from(LINE[part]) + (1.0 - line) * area * color[part]);
            let pixel = image.pixel(column, row);
            let is_near = |(actual, expected): (u8, f64)| (f64::from(actual) - 255.0 * expected).abs() <= 1.5;
            assert!(
                pixel.into_iter().zip(expected).all(is_near),
                "{size_px:?}, column {column}, row {row}: {pixel:?}, not {:?}",
                expected.map(|part| 255.0 * part)
            );
        }
    }
}

fn the_waterfall_shows_every_column(gpu: &Gpu) {
    const COLUMNS: u16 = 16;
    // Three pixels for each column, four for each band.
    let mut scene = Scene::new(gpu, [48, 40], 10, 2, u32::from(COLUMNS));
    let silence = [vec![f32::NEG_INFINITY; 10], vec![f32::NEG_INFINITY; 10]];
    // What has been shown in each column, of each channel; nothing yet.
    let mut shown = vec![silence; usize::from(COLUMNS)];
    let mut random = Random(5);
    let mut column = 0;
    for columns in [1, 2, 5, 1, 7, 3, 4, 16, 1] {
        let mut level = || 120.0 * random.unit() - 105.0;
        let levels: [Vec<f32>; 2] = core::array::from_fn(|_| (0..10).map(|_| level()).collect());
        scene.show_in_columns(&levels.concat(), column, columns);
        column = (column + columns) % u32::from(COLUMNS);
        for _ in 0..columns {
            shown.remove(0);
            shown.push(levels.clone());
        }
        for channel in 0..2u16 {
            let image = scene.waterfall(channel);
            for (x, y) in (0..image.width).flat_map(|x| (0..image.height).map(move |y| (x, y))) {
                let level = shown[usize::from(x / 3)][usize::from(channel)][usize::from(y / 4)];
                let share = ((level - RANGE[0]) / (RANGE[1] - RANGE[0])).clamp(0.0, 1.0) * (COLORS - 1) as f32;
                let below = usize::from(whole(share)).min(COLORS - 2);
                let map = colors();
                let color = core::array::from_fn(|part| {
                    map[below][part] + (share - below as f32) * (map[below + 1][part] - map[below][part])
                });
                assert!(is(image.pixel(x, y), color), "channel {channel}, pixel {x}, {y}: {level} dB, {color:?}");
            }
        }
    }
}

fn channels_are_drawn_each_for_itself(gpu: &Gpu) {
    let mut scene = Scene::new(gpu, [100, 90], 2, 2, 1);
    scene.show(&[-80.0, -60.0, -40.0, -20.0]);
    for (channel, expected) in [(0, [10, 30]), (1, [50, 70])] {
        let image = scene.bars(channel);
        let rows = [25, 75].map(|column| image.rows(column, |pixel| pixel != CLEAR).len());
        assert_eq!(rows, expected, "bars of channel {channel}");
        let image = scene.line(channel);
        // At the edges the line is level.
        let rows = [0, 99].map(|column| image.rows(column, |pixel| pixel != CLEAR).len());
        assert_eq!(rows, expected, "area of channel {channel}");
    }
}

fn another_spectrum_is_drawn_once_it_is_bound(gpu: &Gpu) {
    let mut scene = Scene::new(gpu, [100, 90], 2, 1, 1);
    scene.show(&[-60.0, -30.0]);
    let mut other = Scene::new(gpu, [100, 90], 4, 2, 3);
    other.show(&[-80.0, -70.0, -60.0, -50.0, -40.0, -30.0, -20.0, -10.0]);
    scene.picture.bind(&gpu.device, &other.analysis);
    scene.view.bands = 4;
    assert_eq!(scene.bars(1).pixels, other.bars(1).pixels);
    assert_eq!(scene.waterfall(1).pixels, other.waterfall(1).pixels);
}

fn translucent_colours_are_blended_once(gpu: &Gpu) {
    let mut scene = Scene::new(gpu, [100, 90], 2, 1, 1);
    (scene.view.low, scene.view.high) = ([0.2, 0.4, 0.6, 0.5], [0.2, 0.4, 0.6, 0.5]);
    (scene.view.line, scene.view.line_px) = ([1.0, 0.0, 0.0, 0.25], 2.0);
    scene.show(&[-45.0, -45.0]);
    assert!(is(scene.bars(0).pixel(10, 20), [0.2, 0.4, 0.6, 0.5]));
    let image = scene.line(0);
    assert!(is(image.pixel(10, 20), [0.2, 0.4, 0.6, 0.5]), "area");
    assert!(is(image.pixel(10, 45), [1.0, 0.0, 0.0, 0.25]), "line above the area: {:?}", image.pixel(10, 45));
    // In the line's lower half the area shines through: premultiplied 0.25·red + 0.75·0.5·blue.
    let both = image.pixel(10, 44).map(f32::from);
    let expected = [0.25 + 0.75 * 0.1, 0.75 * 0.2, 0.75 * 0.3, 0.25 + 0.75 * 0.5].map(|part| 255.0 * part);
    assert!(both.iter().zip(expected).all(|(both, expected)| (both - expected).abs() <= 1.0), "{both:?} {expected:?}");
}
