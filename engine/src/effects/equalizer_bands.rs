//! The bands of the equalizer: their AudioParams and what is made of them.

use super::{Parameter, Unit};
use crate::dsp::biquad::{Band, Shape};
use crate::dsp::state_variable::Section;

/// Bands of an equalizer, at most.
pub const MAX_BANDS: usize = 16;

/// AudioParams of a band.
pub(super) const PARAMETERS_PER_BAND: usize = 4;

macro_rules! band_parameters {
    ($($number:literal at $hz:literal),+ $(,)?) => {
        [$(
            Parameter {
                name: concat!("band", $number, ".frequency"),
                unit: Unit::Hertz,
                default: $hz,
                minimum: 10.0,
                maximum: 24_000.0,
            },
            Parameter {
                name: concat!("band", $number, ".gain"),
                unit: Unit::Decibels,
                default: 0.0,
                minimum: -30.0,
                maximum: 30.0,
            },
            Parameter {
                name: concat!("band", $number, ".q"),
                unit: Unit::Linear,
                default: 1.0,
                minimum: 0.1,
                maximum: 30.0,
            },
            Parameter {
                name: concat!("band", $number, ".type"),
                unit: Unit::Count,
                default: 1.0,
                minimum: 0.0,
                maximum: 7.0,
            },
        )+]
    };
}

/// The first ten lie at octaves (ISO 266), the others between those of the middle.
pub(super) const PARAMETERS: [Parameter; MAX_BANDS * PARAMETERS_PER_BAND] = band_parameters![
    1 at 31.5,
    2 at 63.0,
    3 at 125.0,
    4 at 250.0,
    5 at 500.0,
    6 at 1_000.0,
    7 at 2_000.0,
    8 at 4_000.0,
    9 at 8_000.0,
    10 at 16_000.0,
    11 at 90.0,
    12 at 180.0,
    13 at 355.0,
    14 at 710.0,
    15 at 1_400.0,
    16 at 2_800.0,
];

/// What the AudioParams of a band say.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Tone {
    shape: Option<Shape>,
    frequency_hz: f32,
    gain_db: f32,
    q: f32,
}

impl Tone {
    pub(super) const OFF: Self = Self { shape: None, frequency_hz: 1_000.0, gain_db: 0.0, q: 1.0 };

    /// In the order of the AudioParams. Types between two numbers are the nearer one.
    pub(super) fn new([frequency_hz, gain_db, q, number]: [f32; PARAMETERS_PER_BAND]) -> Self {
        const SHAPES: [Shape; 7] = [
            Shape::Peak,
            Shape::LowShelf,
            Shape::HighShelf,
            Shape::LowPass,
            Shape::HighPass,
            Shape::Notch,
            Shape::BandPass,
        ];
        let mut shape = None;
        let mut least = 0.5;
        for known in SHAPES {
            if number >= least {
                shape = Some(known);
            }
            least += 1.0;
        }
        Self { shape, frequency_hz, gain_db, q }
    }

    pub(super) fn band(&self) -> Option<Band> {
        let &Self { shape, frequency_hz, gain_db, q } = self;
        Some(Band { shape: shape?, frequency_hz, q, gain_db })
    }

    /// The filter. One that is off goes on to listen, so that it begins with what has just been heard.
    pub(super) fn section(&self, sample_rate: f32) -> Section {
        let off = || Band { shape: Shape::LowPass, frequency_hz: self.frequency_hz, q: self.q, gain_db: 0.0 };
        let section = Section::new(&self.band().unwrap_or_else(off), sample_rate);
        match self.shape {
            None => Section { m0: 1.0, m1: 0.0, m2: 0.0, ..section },
            Some(_) => section,
        }
    }

    /// Frames until what it adds has fallen by 120 dB and by its own gain; 0 when it adds nothing. Its slowest pole in the
    /// continuous domain is `s = −decay ± i·swing` in units of the frequency, and `(1 + g·s)/(1 − g·s)` after the bilinear
    /// transform.
    pub(super) fn tail_frames(&self, section: &Section) -> f32 {
        /// 120 dB as a natural logarithm, and as much again as two poles at one place need.
        const DECAY: f32 = 13.9 + 3.0;
        const LN_10_BY_20: f32 = core::f32::consts::LN_10 / 20.0;
        let Section { g, k, m1, m2, .. } = *section;
        if m1 == 0.0 && m2 == 0.0 {
            return 0.0;
        }
        let half = 0.5 * k;
        let root = libm::sqrtf((half * half - 1.0).abs());
        // The lesser of two decays, by the product of the roots, which is 1: their difference would lose all digits.
        let (decay, swing) = if half < 1.0 { (half, root) } else { (1.0 / (half + root), 0.0) };
        let (slow, fast, swing) = (1.0 - g * decay, 1.0 + g * decay, g * swing);
        let rate = 0.5 * libm::logf((fast * fast + swing * swing) / (slow * slow + swing * swing));
        let gain = LN_10_BY_20 * self.gain_db.max(0.0) + libm::logf(self.q.max(1.0));
        (DECAY + gain) / rate
    }
}
