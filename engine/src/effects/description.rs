//! What an effect says of itself: AudioParams, settings and readings are made from it.

use crate::config::MAX_SETTINGS;

/// In which unit a number is.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A factor, a share or a switch.
    Linear = 0,
    /// dB; of a level, relative to full scale.
    Decibels = 1,
    /// Hz.
    Hertz = 2,
    /// Seconds.
    Seconds = 3,
    /// How many.
    Count = 4,
    /// Loudness units relative to full scale (ITU-R BS.1770).
    Lufs = 5,
}

impl Unit {
    /// All of them, by number.
    pub const ALL: [Self; 6] = [Self::Linear, Self::Decibels, Self::Hertz, Self::Seconds, Self::Count, Self::Lufs];

    /// What stands behind the number: `dB`, `Hz`, `s`, `LUFS`, or nothing.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Linear | Self::Count => "",
            Self::Decibels => "dB",
            Self::Hertz => "Hz",
            Self::Seconds => "s",
            Self::Lufs => "LUFS",
        }
    }
}

/// A number that can be set: an AudioParam, or a setting that is fixed when the effect is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Name within the effect, such as `band3.gain`.
    pub name: &'static str,
    /// Of all the values below.
    pub unit: Unit,
    /// Value before anybody sets one.
    pub default: f32,
    /// Least value; smaller ones are clamped.
    pub minimum: f32,
    /// Greatest value.
    pub maximum: f32,
}

impl Parameter {
    /// Every effect has it, as its last one: 0 for the effect, 1 for what came in, cross-faded in between.
    pub const BYPASS: Self = Self { name: "bypass", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 };
}

/// A number that an effect measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Name within the effect, such as `gainReduction`.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
}

/// All that is to be known of an effect before one is built.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Name in the list of a node's effects.
    pub name: &'static str,
    /// The AudioParams that it can have, without [`Parameter::BYPASS`].
    pub parameters: &'static [Parameter],
    /// The numbers that are fixed when it is built.
    pub settings: &'static [Parameter],
    /// What it measures.
    pub readings: &'static [Reading],
}

impl Description {
    /// The settings that an effect is built with: those asked for, clamped; the default where one is not a number.
    ///
    /// # Real-time
    /// Main thread only, while building.
    #[must_use]
    pub fn chosen(&self, asked: &[f32; MAX_SETTINGS]) -> [f32; MAX_SETTINGS] {
        let mut chosen = [0.0; MAX_SETTINGS];
        for ((chosen, &asked), setting) in chosen.iter_mut().zip(asked).zip(self.settings) {
            *chosen = if asked.is_finite() { asked.max(setting.minimum).min(setting.maximum) } else { setting.default };
        }
        chosen
    }
}
