//! What a page asks of the picture.

use core::ops::RangeInclusive;

use crate::ballistics::Ballistics;
use crate::scale::Scale;
use crate::weighting::Weighting;

/// Lengths of the transform: powers of two of this range.
const FFT_SIZES: RangeInclusive<u32> = 512..=32_768;
/// Widths and heights in pixels of the device: as many as every WebGPU adapter can draw.
const SIDES: RangeInclusive<u32> = 0..=8192;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Octave bands.
    Bars,
    /// A line through columns of equal width.
    Line,
    /// The same with the area below it.
    Area,
    /// Columns of equal width over time.
    Spectrogram,
    /// The waveform over time.
    Oscilloscope,
    /// Left against right.
    Goniometer,
}

impl Kind {
    /// Whether it is drawn from a spectrum, not from a waveform.
    #[must_use]
    pub fn is_spectrum(self) -> bool {
        !matches!(self, Self::Oscilloscope | Self::Goniometer)
    }
}

/// Which channels are shown, and what the two planes of an analyser are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// The first plane only.
    Mono,
    /// Left above right.
    LeftRight,
    /// Half the sum above half the difference.
    MidSide,
}

impl Channels {
    /// How many are shown.
    #[must_use]
    pub fn count(self) -> u32 {
        if self == Self::Mono { 1 } else { 2 }
    }
}

/// Colours: red, green, blue and alpha as in CSS, sRGB, not premultiplied, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colors {
    /// Bars and area at the lower edge.
    pub low: [f32; 4],
    /// Bars and area at the upper edge.
    pub high: [f32; 4],
    /// Held peaks.
    pub peak: [f32; 4],
    /// The line, the waveform and the dots.
    pub line: [f32; 4],
}

/// All that a page can ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What is drawn.
    pub kind: Kind,
    /// Of which channels.
    pub channels: Channels,
    /// Samples of the transform.
    pub fft_size: u32,
    /// In Hz.
    pub sample_rate: f64,
    /// Samples of the transform's window, as many as its shape needs.
    pub window: Vec<f32>,
    /// How frequencies are spread over the axis.
    pub scale: Scale,
    /// Frequency at the beginning of the axis.
    pub minimum_hz: f64,
    /// Frequency at its end.
    pub maximum_hz: f64,
    /// Bars of an octave.
    pub bands_per_octave: i32,
    /// Of all levels.
    pub weighting: Weighting,
    /// Level of the lower edge.
    pub minimum_db: f64,
    /// Level of the upper edge.
    pub maximum_db: f64,
    /// How values move.
    pub ballistics: Ballistics,
    /// Whether bars show held peaks.
    pub peaks: bool,
    /// Columns of the spectrogram, each as wide as a pixel of the page.
    pub columns_per_s: f64,
    /// Seconds that an oscilloscope shows.
    pub shown_s: f64,
    /// Width and height in pixels of the device.
    pub size_px: [u32; 2],
    /// Pixels of the device for each pixel of the page.
    pub pixel_ratio: f64,
    /// What it looks like.
    pub colors: Colors,
}

impl Settings {
    /// # Errors
    /// A sentence on the first setting that is out of its range.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_positive = |value: f64| value.is_finite() && value > 0.0;
        let is_time = |value: f64| value.is_finite() && value >= 0.0;
        let Ballistics { attack_s, release_s, hold_s, fall_db_per_s } = self.ballistics;
        let Colors { low, high, peak, line } = self.colors;
        let checks = [
            (
                self.fft_size.is_power_of_two() && FFT_SIZES.contains(&self.fft_size),
                "The fftSize must be a power of two from 512 to 32768.",
            ),
            (is_positive(self.sample_rate), "The sampleRate must be above 0."),
            (
                self.window.len() > 1 && self.window.iter().sum::<f32>() > 0.0,
                "The windowShape must have the samples of a window.",
            ),
            (
                is_positive(self.minimum_hz)
                    && self.minimum_hz < self.maximum_hz
                    && self.maximum_hz <= 0.5 * self.sample_rate,
                "The frequencies must rise from a minimumFrequency above 0 to a maximumFrequency of at most half the sampleRate.",
            ),
            ((1..=24).contains(&self.bands_per_octave), "The bandsPerOctave must be a whole number from 1 to 24."),
            (
                self.minimum_db.is_finite() && self.maximum_db.is_finite() && self.minimum_db < self.maximum_db,
                "The minimumDecibels must be below the maximumDecibels.",
            ),
            (
                [attack_s, release_s, hold_s].into_iter().all(is_time),
                "The attackSeconds, releaseSeconds and holdSeconds must be at least 0.",
            ),
            (is_time(fall_db_per_s), "The fallDecibelsPerSecond must be at least 0."),
            (is_positive(self.columns_per_s), "The columnsPerSecond must be above 0."),
            (is_positive(self.shown_s), "The shownSeconds must be above 0."),
            (
                self.size_px.iter().all(|side| SIDES.contains(side)),
                "The width and the height must be whole numbers of pixels from 0 to 8192.",
            ),
            (is_positive(self.pixel_ratio), "The pixelRatio must be above 0."),
            (
                [low, high, peak, line].as_flattened().iter().all(|part| (0.0..=1.0).contains(part)),
                "Each colour must be red, green, blue and alpha from 0 to 1.",
            ),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, sentence)| Err(sentence))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What tests change one thing of.
    pub(crate) fn settings() -> Settings {
        let gray = [0.5, 0.5, 0.5, 1.0];
        Settings {
            kind: Kind::Bars,
            channels: Channels::LeftRight,
            fft_size: 4096,
            sample_rate: 48_000.0,
            window: hann(256),
            scale: Scale::Logarithmic,
            minimum_hz: 20.0,
            maximum_hz: 20_000.0,
            bands_per_octave: 3,
            weighting: Weighting::None,
            minimum_db: -90.0,
            maximum_db: 0.0,
            ballistics: Ballistics { attack_s: 0.0, release_s: 0.3, hold_s: 1.0, fall_db_per_s: 20.0 },
            peaks: true,
            columns_per_s: 60.0,
            shown_s: 0.02,
            size_px: [800, 401],
            pixel_ratio: 2.0,
            colors: Colors { low: gray, high: gray, peak: gray, line: gray },
        }
    }

    /// Samples of a Hann window.
    pub(crate) fn hann(length: u16) -> Vec<f32> {
        let phase = |n: u16| core::f32::consts::TAU * f32::from(n) / f32::from(length);
        (0..length).map(|n| 0.5 - 0.5 * phase(n).cos()).collect()
    }

    /// A way to change one setting, and a word of the sentence that refuses it.
    type Change = (&'static str, fn(&mut Settings));

    #[test]
    fn what_is_within_its_range_is_taken() {
        let edges: [fn(&mut Settings); 6] = [
            |_| (),
            |settings| settings.size_px = [0, 0],
            |settings| settings.maximum_hz = 24_000.0,
            |settings| settings.fft_size = 512,
            |settings| settings.bands_per_octave = 24,
            |settings| {
                settings.ballistics = Ballistics { attack_s: 0.0, release_s: 0.0, hold_s: 0.0, fall_db_per_s: 0.0 };
            },
        ];
        for change in edges {
            let mut settings = settings();
            change(&mut settings);
            assert_eq!(settings.check(), Ok(()), "{settings:?}");
        }
    }

    #[test]
    fn what_is_beyond_its_range_is_refused_by_name() {
        let changes: [Change; 27] = [
            ("fftSize", |settings| settings.fft_size = 256),
            ("fftSize", |settings| settings.fft_size = 3000),
            ("fftSize", |settings| settings.fft_size = 65_536),
            ("sampleRate", |settings| settings.sample_rate = 0.0),
            ("sampleRate", |settings| settings.sample_rate = f64::NAN),
            ("windowShape", |settings| settings.window.clear()),
            ("windowShape", |settings| settings.window.fill(0.0)),
            ("windowShape", |settings| settings.window[3] = f32::NAN),
            ("minimumFrequency", |settings| settings.minimum_hz = 0.0),
            ("minimumFrequency", |settings| settings.minimum_hz = 20_000.0),
            ("maximumFrequency", |settings| settings.maximum_hz = 24_001.0),
            ("maximumFrequency", |settings| settings.maximum_hz = f64::NAN),
            ("bandsPerOctave", |settings| settings.bands_per_octave = 0),
            ("bandsPerOctave", |settings| settings.bands_per_octave = 25),
            ("minimumDecibels", |settings| settings.minimum_db = 0.0),
            ("minimumDecibels", |settings| settings.minimum_db = f64::NEG_INFINITY),
            ("attackSeconds", |settings| settings.ballistics.attack_s = -0.1),
            ("releaseSeconds", |settings| settings.ballistics.release_s = f64::INFINITY),
            ("holdSeconds", |settings| settings.ballistics.hold_s = f64::NAN),
            ("fallDecibelsPerSecond", |settings| settings.ballistics.fall_db_per_s = -1.0),
            ("columnsPerSecond", |settings| settings.columns_per_s = 0.0),
            ("shownSeconds", |settings| settings.shown_s = f64::NAN),
            ("width", |settings| settings.size_px = [8193, 100]),
            ("height", |settings| settings.size_px = [100, 8193]),
            ("pixelRatio", |settings| settings.pixel_ratio = 0.0),
            ("colour", |settings| settings.colors.peak[3] = 1.1),
            ("colour", |settings| settings.colors.line[0] = f32::NAN),
        ];
        for (name, change) in changes {
            let mut settings = settings();
            change(&mut settings);
            assert!(settings.check().is_err_and(|sentence| sentence.contains(name)), "{name}: {settings:?}");
        }
    }
}
