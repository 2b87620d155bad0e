//! What is usual, learnt from the stamps of the last seconds.

use std::collections::VecDeque;

use super::{RENEWAL_MS, Stamp};

/// Fewer callbacks tell nothing.
const FEWEST_CALLBACKS: usize = 8;
/// What is added to a period and to two of the usual longest latenesses. Idle browsers were seen to call late by 3 ms beyond a
/// period of 10 ms (Chromium), by 33 ms beyond 21 ms (Firefox) and by 18 ms beyond 21 ms (WebKitGTK), which may first come after
/// minutes.
const MARGIN_MS: f64 = 14.0;

/// How it goes when nothing is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual {
    pub(super) callback_ms: f64,
    /// The wall clock steps so far or farther from one callback to the next, and less within one.
    pub(super) step_ms: f64,
    /// Lag of a callback's first quantum.
    pub(super) peak_ms: f64,
    /// How late the latest of them are.
    pub(super) lateness_ms: f64,
}

impl Usual {
    /// What stamps of some time show; `None` if they are too few.
    pub(super) fn of(stamps: &VecDeque<Stamp>, frames_per_ms: f64) -> Option<Self> {
        let stamps = || stamps.iter().copied();
        let mut steps: Vec<f64> = stamps().zip(stamps().skip(1)).map(|(a, b)| b.wall_ms - a.wall_ms).collect();
        // Half of the step in which nine tenths of the time lie at most: so much is within a callback never, between two always,
        // whether a callback's quanta are rendered in no time or take up most of it.
        steps.sort_unstable_by(f64::total_cmp);
        let whole: f64 = steps.iter().sum();
        let mut until = 0.0;
        let longest = steps.iter().find(|&&step| {
            until += step;
            until >= 0.9 * whole
        })?;
        let step_ms = longest / 2.0;
        let firsts: Vec<Stamp> = stamps()
            .zip(stamps().skip(1))
            .filter(|(a, b)| b.wall_ms - a.wall_ms >= step_ms)
            .map(|(_, first)| first)
            .collect();
        if firsts.len() < FEWEST_CALLBACKS {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "frames of some seconds")]
        let mut lengths: Vec<f64> =
            firsts.windows(2).map(|pair| (pair[1].frame - pair[0].frame) as f64 / frames_per_ms).collect();
        let middle = median(&mut lengths)?;
        // A callback is not a whole number of quanta, so the mean of what is near the median is nearer to it.
        let near = lengths.iter().filter(|&&length| (length - middle).abs() <= middle / 2.0);
        let (sum, count) = near.fold((0.0, 0.0), |(sum, count), length| (sum + length, count + 1.0));
        let mut peaks: Vec<f64> = firsts.iter().map(|&first| first.lag_ms(frames_per_ms)).collect();
        let peak_ms = median(&mut peaks)?;
        Some(Self {
            callback_ms: sum / count,
            step_ms,
            peak_ms,
            lateness_ms: usual_lateness_ms(&firsts, peak_ms, frames_per_ms),
        })
    }

    /// How late a callback must be for a gap.
    pub(super) fn threshold_ms(&self) -> f64 {
        MARGIN_MS + self.callback_ms + 2.0 * self.lateness_ms
    }
}

/// The upper quartile of what quarters of a second have at most, so that a single start or stall does not count.
fn usual_lateness_ms(firsts: &[Stamp], peak_ms: f64, frames_per_ms: f64) -> f64 {
    let mut latest: Vec<f64> = firsts
        .chunk_by(|a, b| (a.wall_ms / RENEWAL_MS).floor() == (b.wall_ms / RENEWAL_MS).floor())
        .map(|quarter| quarter.iter().map(|&first| first.lag_ms(frames_per_ms) - peak_ms).fold(0.0, f64::max))
        .collect();
    latest.sort_by(f64::total_cmp);
    latest.get(latest.len() * 3 / 4).copied().unwrap_or(0.0)
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
