//! Frames of a player's source that were missing.

use rusty_audio_engine::events::{Event, Occurrence};
use rusty_audio_engine::protocol::State;

use crate::timeline::{Proof, Timeline};
use crate::{Recording, Span, Thread};

use super::{Cause, Kind, SAME_MS, Underrun};

/// An answer that comes so long after the page thawed was not waiting for it.
const THAW_MS: f64 = 400.0;
/// Share of the decode worker's wait that the page was frozen.
const FROZEN_SHARE: f64 = 0.7;

pub(super) fn starvation(timeline: &Timeline, recording: &Recording) -> Vec<Underrun> {
    let mut found = Vec::new();
    for track in &recording.tracks {
        let Thread::Source(player) = track.thread else { continue };
        let sources: Vec<_> = track.events.iter().filter_map(Source::new).collect();
        let (mut place, mut before) = (0, sources.first().map_or(0, |first| first.starved));
        while let Some(first) = sources.get(place) {
            let starved = first.state == State::Starved as u32;
            let after = sources[place..].iter().position(|source| source.state != State::Starved as u32);
            let next = after.map_or(sources.len(), |after| place + after);
            if !starved {
                before = first.starved;
                place += 1;
                continue;
            }
            let last = sources.get(next).or(sources.last()).unwrap_or(first);
            let span = Span { from_ms: timeline.time_of(first.event), to_ms: timeline.time_of(last.event) };
            let (cause, mut evidence) = why_starved(timeline, recording, player, &sources[..=place], span);
            evidence.insert(0, (track.thread, *first.event));
            let amount = u64::from(last.starved.wrapping_sub(before));
            found.push(Underrun { kind: Kind::Starvation { player }, span, amount, cause, evidence });
            before = last.starved;
            place = next;
        }
    }
    found
}

struct Source<'e> {
    event: &'e Event,
    state: u32,
    buffered: u32,
    starved: u32,
}

impl<'e> Source<'e> {
    fn new(event: &'e Event) -> Option<Self> {
        let Occurrence::Source { state, buffered_frames, starved_frames } = event.occurrence()? else { return None };
        Some(Self { event, state, buffered: buffered_frames, starved: starved_frames })
    }
}

fn why_starved(
    timeline: &Timeline,
    recording: &Recording,
    player: u32,
    sources: &[Source<'_>],
    span: Span,
) -> (Option<Cause>, Vec<Proof>) {
    if !span.from_ms.is_finite() {
        return (None, Vec::new());
    }
    // The wait that lasts until the first missing frame or longer, else the time without a frame that arrived.
    let waits = waits(timeline, recording, player);
    let wait =
        waits.iter().rev().find(|(wait, _)| wait.from_ms <= span.from_ms && wait.to_ms >= span.from_ms - SAME_MS);
    let (dry, mut evidence) = match wait {
        Some((wait, proof)) => (*wait, vec![*proof]),
        None => (Span { from_ms: last_arrival_ms(timeline, sources), to_ms: span.to_ms }, Vec::new()),
    };
    let frozen = timeline.page_gaps.iter().find(|gap| {
        let covers = gap.span.common_milliseconds(dry) >= FROZEN_SHARE * dry.milliseconds();
        let answered = dry.to_ms - gap.span.to_ms;
        covers && answered.abs() <= THAW_MS && gap.span.from_ms <= span.from_ms
    });
    match frozen {
        Some(gap) => {
            evidence.push(gap.proof);
            (Some(Cause::PageFrozen), evidence)
        }
        None => (Some(Cause::DecodeLate), evidence),
    }
}

/// When a player's decode worker waited for bytes.
fn waits(timeline: &Timeline, recording: &Recording, player: u32) -> Vec<(Span, Proof)> {
    let (mut waits, mut open) = (Vec::new(), None);
    for event in recording.of(Thread::Decode(player)) {
        match event.occurrence() {
            Some(Occurrence::Waits { .. }) => open = Some((Thread::Decode(player), *event)),
            Some(Occurrence::GoesOn { .. }) => {
                if let Some(proof) = open.take() {
                    waits.push((Span { from_ms: proof.1.clock_ms, to_ms: event.clock_ms }, proof));
                }
            }
            _ => {}
        }
    }
    waits.extend(open.map(|proof: Proof| (Span { from_ms: proof.1.clock_ms, to_ms: timeline.end_ms }, proof)));
    waits
}

/// When frames still arrived, at the last of `sources` or before.
fn last_arrival_ms(timeline: &Timeline, sources: &[Source<'_>]) -> f64 {
    let arrived = |pair: &&[Source<'_>]| {
        let passed = pair[1].event.frame.wrapping_sub(pair[0].event.frame);
        u64::from(pair[1].buffered) + passed > u64::from(pair[0].buffered) + passed / 8
    };
    let last = sources.windows(2).rev().find(arrived).map(|pair| &pair[1]);
    last.or(sources.first()).map_or(f64::NEG_INFINITY, |source| timeline.time_of(source.event))
}
