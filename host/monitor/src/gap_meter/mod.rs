//! Gaps between the calls of the audio thread, seen by clocks of whole milliseconds.
//!
//! A tiny worklet notes down a [`Stamp`] at the first quantum at which `Date.now()` has changed. *Lag* is the wall clock less the
//! context's. Within a callback of the device it falls, since quanta are rendered faster than they last, and it rises again
//! until the next callback: a sawtooth, whose peaks are the first quanta of callbacks. *Lateness* is a lag above the usual
//! peak, which is the median of those of the last seconds. A lateness that reaches the threshold is a gap.
//!
//! After a gap some browsers catch up, so that the lag returns (Chromium, WebKit), and others have lost the time for good, so
//! that it stays (Firefox). Both are one gap. It is over when the lag has returned by half, or has not risen any more for
//! 250 ms; in the latter case what stayed is the usual from then on.
//!
//! **The law.** With S the length of a stall, P the callback period and J the usual longest lateness, the gap is between S − P −
//! J and S + J, because a stall that begins at the end of a callback takes up the pause that would have followed. So every stall
//! of at least threshold + P + J is seen.

mod usual;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use usual::Usual;

/// How far back is learnt from.
const MEMORY_MS: f64 = 4000.0;
/// How much must be known before anything is judged, and after how much it is learnt again.
const LEAST_MS: f64 = 1000.0;
const RENEWAL_MS: f64 = 250.0;
/// How long a gap may rest before it is over.
const REST_MS: f64 = 250.0;
/// A wall clock that goes on by more at once was set, or the machine has slept.
const FARTHEST_MS: f64 = 60_000.0;
/// The wall clock's resolution.
const RESOLUTION_MS: f64 = 1.0;

/// When the audio thread was seen at a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp {
    /// First frame of the quantum, by the context's clock.
    pub frame: u64,
    /// `Date.now()` then, in whole ms.
    pub wall_ms: f64,
}

impl Stamp {
    fn lag_ms(self, frames_per_ms: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "2^53 frames are 1500 years at 192 kHz")]
        let frame = self.frame as f64;
        self.wall_ms - frame / frames_per_ms
    }
}

/// The audio thread was called late.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// When it was called at last, by the wall clock; the first time, if it came ever later.
    pub wall_ms: f64,
    /// How late at most, beyond the usual.
    pub ms: f64,
}

/// Counts gaps.
#[derive(Clone, Debug)]
pub struct GapMeter {
    frames_per_ms: f64,
    previous: Option<Stamp>,
    /// Stamps of the last seconds, without an interruption or a gap between them.
    stamps: VecDeque<Stamp>,
    renewal_ms: f64,
    usual: Option<Usual>,
    /// Whether `usual.peak_ms` is that of the clocks as they now are.
    placed: bool,
    open: Option<Open>,
    over: Vec<Gap>,
    gaps: u64,
    last_gap_ms: Option<f64>,
    worst_gap_ms: Option<f64>,
}

/// A gap that is not over yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    gap: Gap,
    /// When it was as late as the gap is long.
    risen_ms: f64,
    /// Sum of latenesses of the callbacks since then, and how many they were.
    sum_ms: f64,
    callbacks: u32,
}

impl GapMeter {
    /// A meter that knows nothing yet; `sample_rate` of the context in Hz.
    #[must_use]
    pub fn new(sample_rate: f64) -> Self {
        Self {
            frames_per_ms: sample_rate / 1000.0,
            previous: None,
            stamps: VecDeque::new(),
            renewal_ms: 0.0,
            usual: None,
            placed: false,
            open: None,
            over: Vec::new(),
            gaps: 0,
            last_gap_ms: None,
            worst_gap_ms: None,
        }
    }

    /// The worklet noted down `stamp`, after all that were passed before.
    pub fn stamp(&mut self, stamp: Stamp) {
        if !stamp.wall_ms.is_finite() {
            return;
        }
        let Some(previous) = self.previous.replace(stamp) else { return self.learn(stamp) };
        let step_ms = stamp.wall_ms - previous.wall_ms;
        if stamp.frame <= previous.frame || !(0.0..FARTHEST_MS).contains(&step_ms) {
            self.interrupt();
            self.previous = Some(stamp);
            return self.learn(stamp);
        }
        if let Some(usual) = self.usual.filter(|_| self.placed) {
            let lateness_ms = stamp.lag_ms(self.frames_per_ms) - usual.peak_ms;
            match self.open {
                None if lateness_ms >= usual.threshold_ms() => {
                    self.open = Some(Open {
                        gap: Gap { wall_ms: stamp.wall_ms, ms: lateness_ms },
                        risen_ms: stamp.wall_ms,
                        sum_ms: lateness_ms,
                        callbacks: 1,
                    });
                    self.gaps += 1;
                    self.note(lateness_ms);
                }
                None => {}
                Some(open) => self.follow(open, usual, stamp, step_ms, lateness_ms),
            }
        }
        if self.open.is_none() {
            self.learn(stamp);
        }
    }

    /// Stamps are missing here: no gap is concluded from those before to those that follow.
    pub fn dropped(&mut self) {
        self.interrupt();
    }

    /// The context was suspended or resumed, the page hidden or frozen: no gap is concluded over that, nor in the second that
    /// follows.
    pub fn interrupt(&mut self) {
        if let Some(open) = self.open.take() {
            self.over.push(open.gap);
        }
        self.previous = None;
        self.stamps.clear();
        self.placed = false;
    }

    /// How often the audio thread was late; `None` until it is known what is usual.
    #[must_use]
    pub fn gaps(&self) -> Option<u64> {
        self.usual.map(|_| self.gaps)
    }

    /// The last gap; `None` without any.
    #[must_use]
    pub fn last_gap_ms(&self) -> Option<f64> {
        self.last_gap_ms
    }

    /// The longest gap; `None` without any.
    #[must_use]
    pub fn worst_gap_ms(&self) -> Option<f64> {
        self.worst_gap_ms
    }

    /// Usual time from one callback of the device to the next.
    #[must_use]
    pub fn callback_ms(&self) -> Option<f64> {
        self.usual.map(|usual| usual.callback_ms)
    }

    /// How late the audio thread must be for a gap.
    #[must_use]
    pub fn gap_threshold_ms(&self) -> Option<f64> {
        self.usual.map(|usual| usual.threshold_ms())
    }

    /// The gaps that were over since the last call, the oldest first. One that is counted already may still be going on.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        core::mem::take(&mut self.over)
    }

    /// Counts from now on. What was learnt stays.
    pub fn reset(&mut self) {
        if self.open.is_some() {
            // What is going on belongs to the time before.
            self.interrupt();
        }
        self.over.clear();
        self.gaps = 0;
        self.last_gap_ms = None;
        self.worst_gap_ms = None;
    }

    fn note(&mut self, ms: f64) {
        self.last_gap_ms = Some(ms);
        self.worst_gap_ms = Some(self.worst_gap_ms.map_or(ms, |worst| worst.max(ms)));
    }

    fn follow(&mut self, mut open: Open, usual: Usual, stamp: Stamp, step_ms: f64, lateness_ms: f64) {
        let begins_callback = step_ms >= usual.step_ms;
        if lateness_ms > open.gap.ms + usual.lateness_ms.max(RESOLUTION_MS) {
            open.gap.ms = lateness_ms;
            open = Open { risen_ms: stamp.wall_ms, sum_ms: lateness_ms, callbacks: 1, ..open };
            self.note(lateness_ms);
        } else if begins_callback {
            open.sum_ms += lateness_ms;
            open.callbacks += 1;
        }
        self.open = Some(open);
        let returned = begins_callback && lateness_ms < open.gap.ms / 2.0;
        if returned || stamp.wall_ms - open.risen_ms > REST_MS {
            if !returned && let Some(usual) = &mut self.usual {
                usual.peak_ms += open.sum_ms / f64::from(open.callbacks);
            }
            self.over.push(open.gap);
            self.open = None;
            self.stamps.clear();
        }
    }

    fn learn(&mut self, stamp: Stamp) {
        self.stamps.push_back(stamp);
        while self.stamps.front().is_some_and(|first| stamp.wall_ms - first.wall_ms > MEMORY_MS) {
            self.stamps.pop_front();
        }
        let known_ms = self.stamps.front().map_or(0.0, |first| stamp.wall_ms - first.wall_ms);
        let waits = self.placed && (stamp.wall_ms - self.renewal_ms).abs() < RENEWAL_MS;
        if known_ms < LEAST_MS || waits {
            return;
        }
        if let Some(usual) = Usual::of(&self.stamps, self.frames_per_ms) {
            self.usual = Some(usual);
            self.placed = true;
            self.renewal_ms = stamp.wall_ms;
        }
    }
}
