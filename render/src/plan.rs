//! What follows from the settings: axis, bands, panes, and how large everything is drawn.

use core::cell::OnceCell;

use crate::banding::Bins;
use crate::color_map::colors;
use crate::layout::{Band, Frame, MAXIMUM, SUM, Scope, View};
use crate::octave::octave_bands;
use crate::scale::Axis;
use crate::settings::{Kind, Settings};
use crate::tone::MainLobe;
use crate::trigger::trigger;

/// The most columns and rows that a picture has: as many as a texture of every WebGPU adapter.
const MOST_COLUMNS: f64 = 8192.0;

/// A picture that is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What follows from them is in the other fields.
    pub settings: Settings,
    /// Frequencies from left to right, or upwards in a spectrogram.
    pub axis: Axis,
    /// Of the transform.
    pub bins: Bins,
    /// What the bars or columns are made of.
    pub table: Vec<Band>,
    /// Columns of the spectrogram.
    pub columns: u32,
    /// Width and height of a channel's pane in pixels of the device. The panes stand one above the other, the first channel's on top.
    pub pane_px: [u32; 2],
    /// Of the window; as long as nobody has asked for it, it is not computed.
    lobe: OnceCell<MainLobe>,
}

impl Plan {
    /// # Panics
    /// Unless the settings hold what [`Settings::check`] asks of them.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let axis = Axis::new(settings.scale, settings.minimum_hz, settings.maximum_hz);
        let bins = Bins {
            fft_size: settings.fft_size,
            sample_rate: settings.sample_rate,
            noise_bandwidth: noise_bandwidth(&settings.window),
        };
        let [width, height] = settings.size_px;
        // A goniometer takes both channels.
        let panes = if settings.kind == Kind::Goniometer { 1 } else { settings.channels.count() };
        let pane_px = [width, height / panes];
        let [columns, rows] = pane_px.map(|side| page_pixels(side, settings.pixel_ratio));
        let table = match settings.kind {
            Kind::Bars => {
                let octaves = octave_bands(settings.bands_per_octave, settings.minimum_hz, settings.maximum_hz);
                bins.octaves(&octaves, &axis, settings.weighting)
            }
            Kind::Spectrogram => bins.columns(rows, &axis, settings.weighting),
            _ => bins.columns(columns, &axis, settings.weighting),
        };
        let columns = if settings.kind == Kind::Spectrogram { columns } else { 1 };
        Self { axis, bins, table, columns, pane_px, lobe: OnceCell::new(), settings }
    }

    /// How a tone lies on the bins.
    #[must_use]
    pub fn lobe(&self) -> &MainLobe {
        self.lobe.get_or_init(|| MainLobe::new(&self.settings.window))
    }

    /// Whether there is anything to be drawn on.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        !self.pane_px.contains(&0)
    }

    /// Channels of the spectrum that are shown.
    #[must_use]
    pub fn channels(&self) -> u32 {
        self.settings.channels.count()
    }

    /// What is the same of every frame.
    #[must_use]
    pub fn frame(&self) -> Frame {
        Frame {
            bins: self.bins.count(),
            bands: self.bands(),
            reduction: if self.settings.kind == Kind::Bars { SUM } else { MAXIMUM },
            columns: 1,
            ..Frame::default()
        }
    }

    /// Bars or columns of each channel.
    #[expect(clippy::cast_possible_truncation, reason = "some thousand columns")]
    #[must_use]
    pub fn bands(&self) -> u32 {
        self.table.len() as u32
    }

    /// How a spectrum looks.
    #[must_use]
    pub fn view(&self) -> View {
        let Settings { kind, minimum_db, maximum_db, peaks, colors: theme, .. } = &self.settings;
        let is_line = *kind == Kind::Line;
        View {
            size_px: self.size_px(),
            minimum_db: narrow(*minimum_db),
            maximum_db: narrow(*maximum_db),
            low: if is_line { [0.0; 4] } else { theme.low },
            high: if is_line { [0.0; 4] } else { theme.high },
            peak: theme.peak,
            line: theme.line,
            colors: colors(),
            bands: self.bands(),
            // A quarter of a bar at most, so that narrow ones are more than their gaps.
            gap_px: self.device_pixels(1.0).min(0.25 * self.size_px()[0] / self.bands() as f32).round(),
            peak_px: if *peaks { self.device_pixels(2.0).round() } else { 0.0 },
            line_px: self.device_pixels(1.5),
        }
    }

    /// How a waveform looks, of which there are the newest samples, `[plane][frame]`.
    #[must_use]
    pub fn scope(&self, samples: &[f32]) -> Scope {
        let frames = samples.len() / 2;
        let mut scope = Scope {
            size_px: self.size_px(),
            color: self.settings.colors.line,
            gain: 1.0,
            line_px: self.device_pixels(1.5),
            dot_px: self.device_pixels(2.0),
            ..Scope::default()
        };
        if self.settings.kind == Kind::Oscilloscope && frames > 0 {
            let shown = whole((self.settings.shown_s * self.settings.sample_rate).round()).clamp(1, frames);
            (scope.start, scope.shown) = (trigger(&samples[..frames], shown), shown as f32);
        }
        scope
    }

    /// What pixels of the page are of a length in pixels of the device: at least one of them, and finitely many.
    #[must_use]
    pub fn share(&self, pixels: f64, length_px: u32) -> f64 {
        let pixels = if pixels > 1.0 { pixels.min(1e9) } else { 1.0 };
        pixels * self.settings.pixel_ratio / f64::from(length_px)
    }

    fn size_px(&self) -> [f32; 2] {
        self.pane_px.map(|side| side as f32)
    }

    /// Of pixels of the page.
    fn device_pixels(&self, pixels: f64) -> f32 {
        narrow((pixels * self.settings.pixel_ratio).max(1.0))
    }
}

/// Equivalent noise bandwidth of a window in bins.
fn noise_bandwidth(window: &[f32]) -> f64 {
    let sum = |term: fn(f64) -> f64| -> f64 { window.iter().map(|&sample| term(f64::from(sample))).sum() };
    window.len() as f64 * sum(|sample| sample * sample) / sum(|sample| sample).powi(2)
}

/// Pixels of the page along a side; at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to MOST_COLUMNS")]
fn page_pixels(side_px: u32, pixel_ratio: f64) -> u32 {
    (f64::from(side_px) / pixel_ratio).round().clamp(1.0, MOST_COLUMNS) as u32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of frames; more are clamped")]
fn whole(frames: f64) -> usize {
    frames as usize
}

#[expect(clippy::cast_possible_truncation, reason = "pixels and levels need no more than single precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Channels;
    use crate::settings::tests::settings;

    fn plan(kind: Kind, channels: Channels) -> Plan {
        Plan::new(Settings { kind, channels, ..settings() })
    }

    #[test]
    fn channels_share_the_height_in_whole_pixels() {
        assert_eq!(plan(Kind::Line, Channels::Mono).pane_px, [800, 401]);
        assert_eq!(plan(Kind::Line, Channels::MidSide).pane_px, [800, 200]);
        assert_eq!(plan(Kind::Goniometer, Channels::LeftRight).pane_px, [800, 401]);
    }

    #[test]
    fn there_is_a_column_for_each_pixel_of_the_page_and_a_bar_for_each_band() {
        let line = plan(Kind::Line, Channels::LeftRight);
        assert_eq!((line.bands(), line.columns, line.frame().reduction), (400, 1, MAXIMUM));
        let spectrogram = plan(Kind::Spectrogram, Channels::LeftRight);
        assert_eq!((spectrogram.bands(), spectrogram.columns), (100, 400));
        let bars = plan(Kind::Bars, Channels::LeftRight);
        assert_eq!((bars.bands(), bars.frame().reduction), (30, SUM));
        let empty = Plan::new(Settings { size_px: [0, 1], ..settings() });
        assert!(bars.is_visible() && !empty.is_visible() && empty.bands() == 30);
    }

    #[test]
    fn a_spacing_is_a_share_of_the_axis_whatever_is_asked_for() {
        let plan = plan(Kind::Line, Channels::Mono);
        assert_eq!([40.0, 0.0, -3.0, f64::NAN].map(|pixels| plan.share(pixels, 800)), [0.1, 0.0025, 0.0025, 0.0025]);
        assert!(plan.share(f64::INFINITY, 800).is_finite());
    }

    #[test]
    fn the_noise_bandwidth_is_that_of_the_window() {
        assert!((plan(Kind::Bars, Channels::Mono).bins.noise_bandwidth - 1.5).abs() < 1e-6, "Hann's");
        assert!((noise_bandwidth(&[0.7; 100]) - 1.0).abs() < 1e-6, "a rectangle's");
    }

    #[test]
    fn only_a_line_has_no_area_and_only_who_asks_has_peaks() {
        assert_eq!(plan(Kind::Line, Channels::Mono).view().low, [0.0; 4]);
        assert_eq!(plan(Kind::Area, Channels::Mono).view().low, settings().colors.low);
        let view = Plan::new(Settings { peaks: false, pixel_ratio: 0.3, ..settings() }).view();
        assert_eq!((view.peak_px, view.gap_px, view.line_px), (0.0, 1.0, 1.0), "never thinner than a pixel");
        let gap_px = |width: u32| Plan::new(Settings { size_px: [width, 100], ..settings() }).view().gap_px;
        assert_eq!([800, 150, 50].map(gap_px), [2.0, 1.0, 0.0], "of 30 bars");
    }

    #[test]
    fn an_oscilloscope_shows_what_it_has() {
        let plan = plan(Kind::Oscilloscope, Channels::LeftRight);
        // 20 ms are 960 frames.
        assert_eq!((plan.scope(&[0.0; 4000]).start, plan.scope(&[0.0; 4000]).shown), (1040.0, 960.0));
        assert_eq!((plan.scope(&[0.0; 200]).start, plan.scope(&[0.0; 200]).shown), (0.0, 100.0));
    }
}
