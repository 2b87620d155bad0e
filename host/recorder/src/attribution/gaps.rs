//! Calls of the audio thread that did not come: rises of the lag, and where the time went.

use crate::timeline::{Beat, Proof, Timeline};
use crate::{Recording, Span, Thread};

use super::jobs::{Taken, taken_back, why_unbrought};
use super::{Cause, Kind, Underrun};

/// How far back the usual lag, steps and load are learnt.
const MEMORY_MS: f64 = 3000.0;
/// Beats that must be known before a rise is judged.
const FEWEST_BEATS: usize = 8;
/// The least rise that is a gap, what is added to two steps, and how long a rise may rest before it is over.
const LEAST_RISE_MS: f64 = 15.0;
const RISE_MARGIN_MS: f64 = 8.0;
const REST_MS: f64 = 250.0;

pub(super) fn gaps(timeline: &Timeline, recording: &Recording) -> Vec<Underrun> {
    let beats = &timeline.beats;
    let (mut found, mut known, mut steps, mut place) = (Vec::new(), 0, 0, 1);
    while place < beats.len() {
        let beat = &beats[place];
        if timeline.stands(Span { from_ms: beats[place - 1].ms, to_ms: beat.ms }) {
            (known, steps, place) = (place, place, place + 1);
            continue;
        }
        let forgotten = |place: &usize| beats[*place].ms < beat.ms - MEMORY_MS;
        (known, steps) = [known, steps].map(|first| (first..).find(|place| !forgotten(place)).unwrap_or(first)).into();
        let usual = Usual::of(&beats[known..place], &beats[steps..place]);
        if place - known < FEWEST_BEATS || beat.lag_ms - usual.least_lag_ms <= usual.most_rise_ms() {
            place += 1;
            continue;
        }
        // It began when the lag was still low, and ends when it rises no more.
        let within = usual.least_lag_ms + usual.most_rise_ms() / 2.0;
        let first = (known..place).rev().find(|&place| beats[place].lag_ms <= within).unwrap_or(place - 1);
        let mut last = place;
        while let Some(next) = beats.get(place)
            && next.ms - beats[last].ms <= REST_MS
        {
            if next.lag_ms > beats[last].lag_ms + 0.5 {
                last = place;
            }
            place += 1;
        }
        let stretch = &beats[first + 1..=last];
        let lost_ms = beats[last].lag_ms - beats[first].lag_ms.max(usual.least_lag_ms);
        let span = Span { from_ms: beats[first].ms, to_ms: beats[last].ms };
        let (cause, evidence) = why_lost(timeline, recording, stretch, lost_ms, usual.load, span);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of ms")]
        let amount = lost_ms as u64;
        found.push(Underrun { kind: Kind::Gap, span, amount, cause: Some(cause), evidence });
        (known, place) = (last + 1, last + 2);
    }
    found
}

/// What is usual of some beats. A gap changes the lag for good where the browser leaves out what it missed, but not the steps.
pub(super) struct Usual {
    least_lag_ms: f64,
    longest_ms: f64,
    /// Share of the rendered time that was spent inside.
    pub(super) load: f64,
}

impl Usual {
    pub(super) fn of(beats: &[Beat], with_steps: &[Beat]) -> Self {
        let mut steps: Vec<f64> = with_steps.iter().map(|beat| beat.longest_ms).collect();
        steps.sort_by(f64::total_cmp);
        let known = || beats.iter().filter_map(|beat| Some((beat.rendered_ms, beat.inside_ms?)));
        let (rendered_ms, inside_ms) = known().fold((0.0f64, 0.0), |sum, beat| (sum.0 + beat.0, sum.1 + beat.1));
        Self {
            least_lag_ms: beats.iter().map(|beat| beat.lag_ms).fold(f64::INFINITY, f64::min),
            longest_ms: steps.get(steps.len() * 3 / 4).copied().unwrap_or(0.0),
            load: (inside_ms / rendered_ms.max(1.0)).min(1.0),
        }
    }

    fn most_rise_ms(&self) -> f64 {
        (2.0 * self.longest_ms + RISE_MARGIN_MS).max(LEAST_RISE_MS)
    }
}

pub(super) fn why_lost(
    timeline: &Timeline,
    recording: &Recording,
    stretch: &[Beat],
    lost_ms: f64,
    load: f64,
    span: Span,
) -> (Cause, Vec<Proof>) {
    let beyond = |beat: &Beat| beat.inside_ms.map_or(0.0, |inside_ms| inside_ms - load * beat.rendered_ms);
    let inside_ms: f64 = stretch.iter().map(beyond).sum();
    let mut evidence: Vec<Proof> = stretch.iter().map(|beat| beat.proof).collect();
    if inside_ms < lost_ms / 2.0 {
        return (Cause::DeviceStalled, evidence);
    }
    let computing = |taken: &Taken<'_>| taken.computing().common_milliseconds(span);
    let computing_ms: f64 = taken_back(recording).map(|taken| computing(&taken)).sum();
    if computing_ms >= span.milliseconds() / 2.0
        && let Some(taken) = taken_back(recording).find(|taken| computing(taken) > 0.0)
        && let Some((cause, proofs)) = why_unbrought(timeline, &taken)
    {
        evidence.push((Thread::Audio, *taken.event));
        evidence.extend(proofs);
        return (cause, evidence);
    }
    (Cause::AudioOverloaded, evidence)
}
