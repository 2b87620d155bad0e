//! Underruns of the device, as the browser counts them.

use rusty_audio_engine::events::Occurrence;

use crate::timeline::{Beat, Proof, Timeline, milliseconds};
use crate::{Recording, Span, Thread};

use super::gaps::{Usual, why_lost};
use super::{Cause, DELAY_MS, Kind, Underrun};

pub(super) fn device(timeline: &Timeline, recording: &Recording, gaps: &[Underrun]) -> Vec<Underrun> {
    let (mut found, mut before) = (Vec::new(), 0);
    for event in recording.of(Thread::Page) {
        let Some(Occurrence::Device { events, since_us, .. }) = event.occurrence() else { continue };
        let amount = u64::from(events.wrapping_sub(before));
        before = events;
        let span = Span { from_ms: event.clock_ms - milliseconds(since_us), to_ms: event.clock_ms };
        let around = Span { from_ms: span.from_ms - DELAY_MS, to_ms: span.to_ms };
        let gap = gaps.iter().filter(|gap| gap.span.meets(around)).max_by_key(|gap| gap.amount);
        let (cause, mut evidence) = match gap {
            Some(gap) => (gap.cause, gap.evidence.clone()),
            None => steepest(timeline, recording, around),
        };
        evidence.insert(0, (Thread::Page, *event));
        found.push(Underrun { kind: Kind::Device, span, amount, cause, evidence });
    }
    found
}

/// The cause of the largest rise of the lag in `span`, too small for a gap of its own.
fn steepest(timeline: &Timeline, recording: &Recording, span: Span) -> (Option<Cause>, Vec<Proof>) {
    let within = |beat: &Beat| beat.ms >= span.from_ms && beat.ms <= span.to_ms;
    let (first, last) =
        (timeline.beats.iter().position(within), timeline.beats.iter().rposition(within).map(|last| last + 1));
    let (Some(first), Some(last)) = (first, last) else { return (None, Vec::new()) };
    let beats = &timeline.beats[first..last];
    let (mut low, mut rise) = (0, (0, 0, 0.0));
    for (place, beat) in beats.iter().enumerate() {
        if beat.lag_ms < beats[low].lag_ms {
            low = place;
        }
        let risen_ms = beat.lag_ms - beats[low].lag_ms;
        if risen_ms > rise.2 {
            rise = (low, place, risen_ms);
        }
    }
    let (first, last, risen_ms) = rise;
    if first == last {
        return (None, Vec::new());
    }
    let span = Span { from_ms: beats[first].ms, to_ms: beats[last].ms };
    let load = Usual::of(beats, &[]).load;
    let (cause, evidence) = why_lost(timeline, recording, &beats[first + 1..=last], risen_ms, load, span);
    (Some(cause), evidence)
}
