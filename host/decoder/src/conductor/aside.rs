//! What is done while the sound cannot go on, or need not.

use rusty_audio_protocol::{DecoderEvent, SeekPrecision, TrackDescription};

use super::entry::Entry;
use super::{Conductor, Media, Step};
use crate::{Interruption, Stream};

/// The next track is opened when less than this is left to be decoded.
const PREPARE_SECONDS: u64 = 10;
/// Steps in which the index progress is reported.
const REPORTED_PROGRESS: f32 = 0.02;

impl<M: Media> Conductor<M> {
    /// Tells the main thread when something new is known of a track.
    pub(super) fn describe(&mut self, place: usize) {
        let entry = &mut self.entries[place];
        let Some(description) = entry.stream.as_ref().and_then(Stream::description) else {
            return;
        };
        if entry.described.as_ref().is_some_and(|before| is_hardly_news(before, &description)) {
            return;
        }
        entry.described = Some(description.clone());
        self.events.push(DecoderEvent::Described { track: entry.track, description });
    }

    /// While the sound cannot go on: opens what comes next, extends the index of what sounds, looks at the rest
    /// of the queue.
    pub(super) fn work_aside(&mut self, step: Step) -> Step {
        let current = self.head.map(|head| head.track).or_else(|| self.written.back().map(|segment| segment.track));
        let Some(place) = current.and_then(|track| self.place(track)) else {
            return step;
        };
        if self.prepare_successor(place) || self.extend_index(place) || self.look_ahead(place) {
            Step::Worked
        } else {
            step
        }
    }

    /// Opens the next track and decodes its first frames. True if something was done.
    pub(super) fn prepare_successor(&mut self, place: usize) -> bool {
        let Some(stream) = &self.entries[place].stream else {
            return false;
        };
        let left = stream.frames().map(|frames| frames.saturating_sub(stream.position()));
        if left.is_some_and(|frames| frames > PREPARE_SECONDS * u64::from(self.sample_rate)) {
            return false;
        }
        let Some(next) = self.playable_from(place + 1).and_then(|track| self.place(track)) else {
            return false;
        };
        let is_prepared = |stream: &Stream<M::Codec>| stream.position() == 0 && !stream.ready().is_empty();
        if self.entries[next].stream.as_ref().is_some_and(is_prepared) {
            return false;
        }
        self.open_early(next)
    }

    /// Opens the track at `place` and decodes its first frames; what cannot be played is passed over. True if
    /// something was done.
    pub(super) fn open_early(&mut self, place: usize) -> bool {
        let Some(stream) = self.stream(place) else {
            return false;
        };
        stream.seek(0);
        let polled = stream.poll();
        self.describe(place);
        match polled {
            Ok(()) => true,
            Err(Interruption::Waiting) => false,
            Err(interruption) => {
                let entry = &mut self.entries[place];
                entry.unplayable = true;
                entry.rest();
                if let Interruption::Failed(failure) = interruption {
                    self.events.push(DecoderEvent::Failed { track: entry.track, frames: 0, failure });
                }
                true
            }
        }
    }

    /// Adds a piece to the frame index of the track at `place`. True if something was done.
    ///
    /// A local file is indexed whenever the ring is full; a remote one only once somebody has sought in it, since it
    /// has to be transferred whole.
    pub(super) fn extend_index(&mut self, place: usize) -> bool {
        let entry = &mut self.entries[place];
        let Some(stream) = &mut entry.stream else {
            return false;
        };
        let is_worth_it = entry.sought || entry.media.as_ref().is_some_and(Media::is_local);
        if entry.index_failed || !stream.needs_index() || !is_worth_it {
            return false;
        }
        match stream.extend_index() {
            Ok(_) => {}
            Err(Interruption::Waiting) => return false,
            Err(_) => {
                entry.index_failed = true;
                return false;
            }
        }
        if let Some(epoch) = entry.landed_near
            && let Ok(Some(offset)) = stream.landing_offset()
        {
            entry.landed_near = None;
            self.events.push(DecoderEvent::Relocated { epoch, offset });
        }
        self.describe(place);
        true
    }

    /// Opens a local track of the queue, to know early what it is and whether it can be played, and closes it
    /// again. True if something was done.
    pub(super) fn look_ahead(&mut self, current: usize) -> bool {
        let is_unknown = |entry: &Entry<M>| {
            entry.described.is_none() && !entry.unplayable && entry.media.as_ref().is_some_and(Media::is_local)
        };
        let Some(place) = (current + 1..self.entries.len()).find(|&place| is_unknown(&self.entries[place])) else {
            return false;
        };
        let has_worked = self.open_early(place);
        if self.entries[place].described.is_some() {
            self.entries[place].rest();
        }
        has_worked
    }
}

/// Whether `now` tells no more than `before`, apart from a small step of the index.
fn is_hardly_news(before: &TrackDescription, now: &TrackDescription) -> bool {
    let (SeekPrecision::Indexing { progress: reported }, SeekPrecision::Indexing { progress }) =
        (before.seek, now.seek)
    else {
        return before == now;
    };
    let same_but_progress = TrackDescription { seek: before.seek, ..now.clone() };
    progress - reported < REPORTED_PROGRESS && progress < 1.0 && same_but_progress == *before
}
