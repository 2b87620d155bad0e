//! Conceals a hole in a stream: predicts what would have come from what came last.

use crate::config::{CHANNELS, CONCEALED_FRAMES, CONCEALED_SECONDS};
use crate::dsp::cleaner::MAGNITUDE_LIMIT;
use crate::dsp::fade::Ending;
use crate::dsp::linear_prediction::{LEARNT, LinearPrediction, ORDER};

/// The last frames of a stream.
#[derive(Clone)]
pub(crate) struct Concealment {
    /// Each frame lies at its count modulo their number.
    latest: [[f32; LEARNT]; CHANNELS],
    /// Frames that were remembered; it wraps.
    count: usize,
    /// Frames since the stream's sound last changed abruptly, at most [`LEARNT`].
    connected: usize,
    /// Frames from a hole on that are not silent.
    frames: usize,
}

impl Concealment {
    pub fn new(sample_rate: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most CONCEALED_FRAMES")]
        let frames = (sample_rate * CONCEALED_SECONDS).min(CONCEALED_FRAMES as f32) as usize;
        Self { latest: [[0.0; LEARNT]; CHANNELS], count: 0, connected: 0, frames }
    }

    /// What comes next does not continue what came before.
    pub fn forget(&mut self) {
        self.connected = 0;
    }

    /// Remembers a run of a channel that begins `offset` frames after what was [taken](Self::take) so far.
    pub fn remember(&mut self, channel: usize, offset: usize, run: &[f32]) {
        let Some(latest) = self.latest.get_mut(channel) else { return };
        let older = run.len().saturating_sub(LEARNT);
        let run = run.get(older..).unwrap_or_default();
        let start = place(self.count.wrapping_add(offset).wrapping_add(older));
        if let Some(whole) = latest.get_mut(start..start + run.len()) {
            whole.copy_from_slice(run);
        } else {
            let (behind, front) = latest.split_at_mut(start);
            let (first, second) = run.split_at(run.len().min(front.len()));
            copy(front, first);
            copy(behind, second);
        }
    }

    /// Frames of all channels were remembered.
    pub fn take(&mut self, frames: usize) {
        self.count = self.count.wrapping_add(frames);
        self.connected = self.connected.saturating_add(frames).min(LEARNT);
    }

    /// What follows in a channel by prediction, and how it is to end.
    pub fn predict(&self, channel: usize) -> ([f32; CONCEALED_FRAMES], Ending) {
        let mut known = [0.0; LEARNT];
        if let Some(latest) = self.latest.get(channel) {
            let (newer, older) = latest.split_at(place(self.count));
            // What is no sound is not continued.
            let sound = |sample: &f32| if sample.abs() < MAGNITUDE_LIMIT { *sample } else { 0.0 };
            known.iter_mut().zip(older.iter().chain(newer)).for_each(|(known, sample)| *known = sound(sample));
        }
        let connected = known.split_at(LEARNT - self.connected.min(LEARNT)).1;
        let peak = connected.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
        let steps = connected.iter().zip(connected.iter().skip(1)).map(|(before, after)| (after - before).abs());
        let step = steps.fold(0.0, f32::max);

        let prediction = LinearPrediction::learn(connected);
        // A crest between two samples is higher than the peak, and must come out as high for what follows to be right.
        let most = 2.0 * peak;
        let mut samples = [0.0; ORDER + CONCEALED_FRAMES];
        copy(&mut samples, known.split_at(LEARNT - ORDER).1);
        for n in 0..CONCEALED_FRAMES {
            let last = samples.get(n..).and_then(|samples| samples.first_chunk());
            let next = last.map_or(0.0, |last| prediction.next(last));
            if let Some(sample) = samples.get_mut(ORDER + n) {
                *sample = if next.abs() <= most { next } else { most.copysign(next) };
            }
        }
        let mut predicted = [0.0; CONCEALED_FRAMES];
        copy(&mut predicted, samples.split_at(ORDER).1);
        (predicted, Ending { frames: self.frames, peak, step })
    }
}

fn place(count: usize) -> usize {
    count & (LEARNT - 1)
}

/// Copies as many samples as both have.
fn copy(to: &mut [f32], from: &[f32]) {
    let count = to.len().min(from.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
}
