//! Impulse responses as the main thread writes them.

use super::jobs::prepare;
use super::layout::Layout;
use crate::config::{CONVOLVER_HEAD_TAPS, ConfigError, REGIONS, RESPONSE_FRAMES};
use crate::job::Commons;
use crate::lockfree::regions::{Registrar, Span};
use crate::memory::Arena;

/// The scale that makes responses of all kinds about as loud as the dry sound: the empirical figures of the Web Audio
/// specification, by way of Chromium, Firefox and WebKit, which all say -58 dB.
const CALIBRATION: f64 = 0.001_258_925_411_794_167_3;
/// The sample rate at which that holds, in Hz.
const CALIBRATION_SAMPLE_RATE: f64 = 44_100.0;
/// The power below which a response counts as silent: full scale would otherwise become infinitely loud.
const LEAST_POWER: f64 = 0.000_125;

/// The main thread's handle of all responses. One has 1 channel for both sides, 2 for left and right, or 4 for left to left,
/// left to right, right to left, right to right.
pub struct Responses<'a> {
    registrar: Registrar<'a>,
    commons: Commons<'a>,
    /// Sums of the squares of the taps that were written, by place.
    energies: [f64; REGIONS],
}

impl<'a> Responses<'a> {
    pub(crate) fn new(registrar: Registrar<'a>, commons: Commons<'a>) -> Self {
        Self { registrar, commons, energies: [0.0; REGIONS] }
    }

    /// Bytes that a response needs, with the past of its input and what its jobs work on.
    ///
    /// # Real-time
    /// Main thread.
    ///
    /// # Errors
    /// [`ConfigError::Count`] for a length or a number of channels that is not possible.
    pub fn needed_bytes(&self, frames: usize, channels: usize) -> Result<usize, ConfigError> {
        Ok(self.layout(frames, channels)?.samples.saturating_mul(size_of::<f32>()))
    }

    /// Finds room for a response of 1 to [`RESPONSE_FRAMES`] frames and 1, 2 or 4 channels, whose taps are all 0. Returns its
    /// place.
    ///
    /// # Real-time
    /// Main thread only.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] with the bytes of the whole response when the arena has no room for it,
    /// [`ConfigError::Count`] for a length or a number of channels that is not possible, or for too many responses.
    pub fn open(&mut self, arena: &mut Arena<'a>, frames: usize, channels: usize) -> Result<u32, ConfigError> {
        let layout = self.layout(frames, channels)?;
        let place = self.registrar.lend(arena, layout.samples, shape(&layout, 1.0))?;
        let place = place.ok_or(ConfigError::count(REGIONS + 1, 0, REGIONS))?;
        if let Some(energy) = self.energies.get_mut(place as usize) {
            *energy = 0.0;
        }
        Ok(place)
    }

    /// Writes taps of a channel of the response at `place`, from tap `first` on: each tap once. What lies beyond its end is left
    /// out.
    ///
    /// # Real-time
    /// Main thread.
    pub fn write(&mut self, place: u32, channel: usize, first: usize, taps: &[f32]) {
        let Some(region) = self.registrar.filling(place) else { return };
        let layout = Layout::new(region.shape(), self.commons.transforms);
        let taps = taps.get(..layout.frames.saturating_sub(first).min(taps.len())).unwrap_or(&[]);
        if channel >= layout.channels {
            return;
        }
        if let Some(energy) = self.energies.get_mut(place as usize) {
            *energy += taps.iter().map(|&tap| f64::from(tap) * f64::from(tap)).sum::<f64>();
        }
        let mut written = 0;
        while let Some(rest) = taps.get(written..).filter(|rest| !rest.is_empty()) {
            let place = run(&layout, channel, first + written);
            let count = place.samples.min(rest.len());
            if count == 0 {
                return;
            }
            region.reach([Span::new(place.start, count)], [], |[place], []| {
                for (place, tap) in place.iter_mut().zip(rest) {
                    *place = *tap;
                }
            });
            written += count;
        }
    }

    /// All taps of the response at `place` are written: a [`Convolver`](super::Convolver) may receive it, once. `normalize` is
    /// the sample rate in Hz if it is to be scaled as by a `ConvolverNode` whose `normalize` is set. Its spectra are computed
    /// now if `now`, which takes some milliseconds for each second of it, and else when it is received.
    ///
    /// # Real-time
    /// Main thread.
    pub fn finish(&mut self, place: u32, normalize: Option<f32>, now: bool) {
        let Some(region) = self.registrar.filling(place) else { return };
        let mut layout = Layout::new(region.shape(), self.commons.transforms);
        if let (Some(sample_rate), Some(&energy)) = (normalize, self.energies.get(place as usize)) {
            layout.scale = scale(&layout, energy, f64::from(sample_rate));
            self.registrar.reshape(place, shape(&layout, layout.scale));
        }
        if let Some(region) = self.registrar.filling(place).filter(|_| now) {
            let count = u32::try_from(layout.spectra_count()).unwrap_or(0);
            (0..count).for_each(|number| prepare(&region, &layout, number, &self.commons));
        }
        self.registrar.send(place);
    }

    /// Forgets a response that no convolver has received.
    ///
    /// # Real-time
    /// Main thread.
    pub fn discard(&mut self, arena: &mut Arena<'a>, place: u32) {
        self.registrar.discard(arena, place);
    }

    /// Takes back the memory of responses that have been replaced and do not sound any more. Returns how many are left.
    ///
    /// # Real-time
    /// Main thread.
    pub fn reclaim(&mut self, arena: &mut Arena<'a>) -> usize {
        self.registrar.reclaim(arena)
    }

    fn layout(&self, frames: usize, channels: usize) -> Result<Layout, ConfigError> {
        if !(1..=RESPONSE_FRAMES).contains(&frames) {
            return Err(ConfigError::count(frames, 1, RESPONSE_FRAMES));
        }
        let (Ok(frames), Ok(channels @ (1 | 2 | 4))) = (u32::try_from(frames), u32::try_from(channels)) else {
            return Err(ConfigError::count(channels, 1, 4));
        };
        Ok(Layout::new([frames, channels, 1.0f32.to_bits()], self.commons.transforms))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most RESPONSE_FRAMES, and 4")]
fn shape(layout: &Layout, scale: f32) -> [u32; 3] {
    [layout.frames as u32, layout.channels as u32, scale.to_bits()]
}

#[expect(clippy::cast_possible_truncation, reason = "a factor")]
fn scale(layout: &Layout, energy: f64, sample_rate: f64) -> f32 {
    let power = libm::sqrt(energy / (layout.channels * layout.frames) as f64);
    let power = if power.is_finite() && power >= LEAST_POWER { power } else { LEAST_POWER };
    let scale = CALIBRATION / power * (CALIBRATION_SAMPLE_RATE / sample_rate);
    (if layout.channels == 4 { scale / 2.0 } else { scale }) as f32
}

/// Where tap `tap` of a channel lies, with those that follow it there.
fn run(layout: &Layout, channel: usize, tap: usize) -> Span {
    if let Some(rest) = CONVOLVER_HEAD_TAPS.checked_sub(tap).filter(|&rest| rest > 0) {
        return Span::new(layout.head(channel).start + tap, rest);
    }
    let reaches = |level: &&super::layout::LevelLayout| level.partitions > 0 && tap >= level.first_tap;
    let Some(level) = layout.levels.iter().rfind(reaches) else { return Span::default() };
    let within = tap - level.first_tap;
    let (partition, offset) = (within >> level.block.trailing_zeros(), within & (level.block - 1));
    if partition >= level.partitions {
        return Span::default();
    }
    Span::new(level.spectrum(channel, partition).start + offset, level.block - offset)
}
