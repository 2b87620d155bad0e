//! A spectrum on the CPU: the twins of the compute passes, and what they keep from frame to frame.

use crate::layout::{Frame, Peak};
use crate::passes;
use crate::plan::Plan;
use crate::settings::Kind;

/// What a GPU has in its buffers, by the same names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Twins {
    powers: Vec<f32>,
    has_new_powers: bool,
    columns: usize,
    band_powers: Vec<f32>,
    smoothed: Vec<f32>,
    peaks: Vec<Peak>,
    newest: Vec<f32>,
    levels: Vec<f32>,
}

impl Twins {
    /// Computes what is planned from now on. What has been smoothed stays as long as there is as much of everything.
    pub fn configure(&mut self, plan: &Plan) {
        let bins = (plan.channels() * plan.bins.count()) as usize;
        let values = (plan.channels() * plan.bands()) as usize;
        let columns = plan.columns as usize;
        self.has_new_powers = true;
        if (self.powers.len(), self.smoothed.len(), self.columns) != (bins, values, columns) {
            *self = Self {
                powers: vec![0.0; bins],
                has_new_powers: true,
                columns,
                band_powers: vec![0.0; values],
                smoothed: vec![0.0; values],
                peaks: vec![Peak::default(); values],
                newest: vec![0.0; values],
                levels: vec![0.0; values * columns],
            };
        }
    }

    /// The newest spectrum, `[channel][bin]`.
    #[must_use]
    pub fn powers(&self) -> &[f32] {
        &self.powers
    }

    /// The place for the newest spectrum, `[channel][bin]`, of as many channels as are shown.
    pub fn powers_mut(&mut self) -> &mut [f32] {
        self.has_new_powers = true;
        &mut self.powers
    }

    /// Goes on by a frame.
    pub fn run(&mut self, plan: &Plan, frame: &Frame) {
        if plan.table.is_empty() {
            return;
        }
        if self.has_new_powers {
            passes::bands(frame, &self.powers, &plan.table, &mut self.band_powers);
            self.has_new_powers = false;
        }
        if plan.settings.kind == Kind::Spectrogram {
            passes::spectrogram(frame, &self.band_powers, &mut self.newest, &mut self.levels, self.columns);
        } else {
            passes::smooth(frame, &self.band_powers, &mut self.smoothed);
            passes::peak(frame, &self.smoothed, &mut self.peaks);
        }
    }

    /// Smoothed powers, `[channel][band]`.
    #[must_use]
    pub fn smoothed(&self) -> &[f32] {
        &self.smoothed
    }

    /// Held peaks, `[channel][band]`.
    #[must_use]
    pub fn peaks(&self) -> &[Peak] {
        &self.peaks
    }

    /// The spectrogram: levels in dB above [`FLOOR_DB`](crate::layout::FLOOR_DB), `[channel][band][column]`.
    #[must_use]
    pub fn levels(&self) -> &[f32] {
        &self.levels
    }
}
