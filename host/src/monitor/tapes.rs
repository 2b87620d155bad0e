//! What the threads of an engine have noted down lately, kept on the page: it outlives the engine's memory.

use std::collections::{BTreeMap, VecDeque};

use rusty_audio_engine::config::{AUDIO_EVENTS, RECORDED_SECONDS, SEATS};
use rusty_audio_engine::events::{Event, Occurrence};
use rusty_audio_engine::protocol::Telemetry;
use rusty_audio_recorder::{PageLog, Recording, Thread, Track};

use crate::engine::Engine;

/// The pool's tapes: the audio thread's, that of the seats, and one for each seat.
const SEATS_TAPE: u32 = 1;
const FIRST_WORKER_TAPE: u32 = 2;

/// A player's tapes.
const SOURCE_TAPE: u32 = 0;
const DECODE_TAPE: u32 = 1;

/// The tapes.
#[derive(Default)]
pub(super) struct Tapes {
    tracks: BTreeMap<Thread, VecDeque<Event>>,
}

impl Tapes {
    /// Takes over what is new, and tells `heard` of each event.
    pub(super) fn collect(&mut self, engine: &Engine, now_ms: f64, mut heard: impl FnMut(Thread, &Event)) {
        let core = engine.core();
        if let Some(instance) = &core.instance {
            let workers = (0..).take(SEATS).map(|seat| (FIRST_WORKER_TAPE + seat, Thread::Worker(seat)));
            for (tape, thread) in [(0, Thread::Audio), (SEATS_TAPE, Thread::Seats)].into_iter().chain(workers) {
                self.take(thread, instance.events(tape), &mut heard);
            }
        }
        for player in engine.living_players() {
            let link = player.link.borrow();
            let Some(link) = &*link else { continue };
            let number = player.number;
            match (link.events(SOURCE_TAPE), link.events(DECODE_TAPE)) {
                (Some(source), Some(decode)) => {
                    self.take(Thread::Source(number), source, &mut heard);
                    self.take(Thread::Decode(number), decode, &mut heard);
                }
                // Without shared memory the page notes it down, at its own clock.
                _ => {
                    let Telemetry { state, buffered_frames, starved_frames, processed_frames, .. } = link.telemetry();
                    let source = Occurrence::Source { state, buffered_frames, starved_frames };
                    let event = Event::new(now_ms, processed_frames, source);
                    self.take(Thread::Source(number), vec![event], &mut heard);
                }
            }
        }
        self.forget(now_ms);
    }

    fn take(&mut self, thread: Thread, events: Vec<Event>, heard: &mut impl FnMut(Thread, &Event)) {
        if events.is_empty() {
            return;
        }
        events.iter().for_each(|event| heard(thread, event));
        self.tracks.entry(thread).or_default().extend(events);
    }

    /// What is older than a recorder keeps.
    fn forget(&mut self, now_ms: f64) {
        let oldest_ms = now_ms - f64::from(RECORDED_SECONDS) * 1000.0;
        for events in self.tracks.values_mut() {
            // Events without a time are as old as the next one that has one; of a thread that never has there are so many.
            while events.len() > AUDIO_EVENTS as usize
                || events.front().is_some_and(|event| event.clock_ms.is_finite() && event.clock_ms < oldest_ms)
            {
                events.pop_front();
            }
        }
        self.tracks.retain(|_, events| !events.is_empty());
    }

    /// All of it, with the page's own events.
    pub(super) fn recording(&self, page: &PageLog, sample_rate: f64) -> Recording {
        let page = Track { thread: Thread::Page, events: page.events().copied().collect() };
        let others =
            self.tracks.iter().map(|(&thread, events)| Track { thread, events: events.iter().copied().collect() });
        Recording { sample_rate, tracks: core::iter::once(page).chain(others).collect() }
    }
}
