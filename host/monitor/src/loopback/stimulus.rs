//! What sounds, and what of it is recorded.

use core::ops::Range;

use super::MaximumLengthSequence;

/// Magnitude of every sample: −20 dBFS, peak and RMS alike. Loud for a noise, so whoever hears it must be warned.
pub const AMPLITUDE: f32 = 0.1;

/// Delays up to this are told apart, in seconds…
const LONGEST_DELAY_S: f64 = 1.0;

/// …and the room may ring for so long after them.
const TAIL_S: f64 = 0.25;

/// Periods that sound before the way is in its steady state.
const SETTLING_PERIODS: usize = 1;

/// Periods that are recorded after that.
const RECORDED_PERIODS: usize = 2;

/// Length of the fades, in seconds: long enough for no click.
const FADE_S: f64 = 0.01;

/// The noise of a measurement: three periods of a maximum-length sequence and a fade of 10 ms at either end, outside of what is
/// recorded. At 48 kHz it is of order 16 and lasts 4.1 s.
#[derive(Clone, Copy, Debug)]
pub struct Stimulus {
    sequence: MaximumLengthSequence,
    fade_frames: usize,
}

impl Stimulus {
    /// For a context of a rate: `None` above 838 kHz.
    #[must_use]
    pub fn new(sample_rate: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are at most some millions")]
        let frames = |seconds: f64| (seconds * sample_rate).ceil() as usize;
        let sequence = MaximumLengthSequence::of_at_least(frames(LONGEST_DELAY_S + TAIL_S))?;
        Some(Self { sequence, fade_frames: frames(FADE_S) })
    }

    /// What it repeats.
    #[must_use]
    pub fn sequence(&self) -> MaximumLengthSequence {
        self.sequence
    }

    /// Frames that sound.
    #[must_use]
    pub fn frames(&self) -> usize {
        (SETTLING_PERIODS + RECORDED_PERIODS) * self.sequence.period() + self.fade_frames
    }

    /// What sounds, within ±[`AMPLITUDE`].
    pub fn samples(&self) -> impl Iterator<Item = f32> {
        let (frames, fade_frames) = (self.frames(), self.fade_frames);
        let periods = core::iter::repeat_n(self.sequence, SETTLING_PERIODS + RECORDED_PERIODS + 1);
        periods.flat_map(MaximumLengthSequence::samples).take(frames).enumerate().map(move |(frame, sample)| {
            let from_end = (frame + 1).min(frames - frame);
            sample * AMPLITUDE * (from_end as f32 / fade_frames as f32).min(1.0)
        })
    }

    /// The frames to record, counted from the first one that sounds: whole periods, the first of which begins where one of the
    /// sequence does.
    #[must_use]
    pub fn recorded(&self) -> Range<usize> {
        let period = self.sequence.period();
        SETTLING_PERIODS * period..(SETTLING_PERIODS + RECORDED_PERIODS) * period
    }
}
