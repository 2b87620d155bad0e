//! The queue: which frames of which track are written to the source ring, and in what order.
//!
//! The conductor writes ahead of the sound, as far as the ring's writing end says. It remembers the segments that have
//! not been heard yet, so that when a command makes one of them wrong (the loop is switched, the queue
//! edited) it can have the processor leave the old ones at the very frame where they become wrong.
//!
//! It never waits and never fails as a whole: [`Conductor::step`] does one small piece of work and says what
//! must happen before the next.

mod aside;
mod entry;
mod revision;
mod writing;
mod written;

use std::collections::VecDeque;

use rusty_audio_protocol::{DecoderEvent, ErrorCode, Failure, TrackId};

use crate::codec::{Codec, Interruption};
use crate::{Join, Sink, Stream};
use entry::Entry;
use written::Written;

/// One source of the queue: makes codecs over itself.
pub trait Media {
    /// The codecs it makes.
    type Codec: Codec;

    /// A codec at the start of the source.
    fn codec(&self) -> Self::Codec;

    /// Whether reading it costs no network traffic.
    fn is_local(&self) -> bool;

    /// The source is not needed for now: what it holds in memory can go.
    fn release(&self);
}

/// What must happen before the next [`Conductor::step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: there is more to do.
    Worked,
    /// The ring has to be read.
    Full,
    /// Bytes have to arrive.
    Waiting,
    /// A command has to come.
    Idle,
}

/// What is being written, or will be as soon as there are frames.
#[derive(Clone, Copy, Debug)]
struct Head {
    track: TrackId,
    epoch: u32,
    join: Join,
    /// The segment's marker is in the ring.
    begun: bool,
    /// Frames that may still use the reserve.
    urgent: u32,
    /// The main thread waits to hear where this epoch has landed.
    announced: bool,
    /// Nothing sounds: only the marker is written, to end what sounded before.
    silent_at: Option<u64>,
}

/// The queue and the writing end of it.
pub struct Conductor<M: Media> {
    sample_rate: u32,
    entries: Vec<Entry<M>>,
    looped: bool,
    epoch: u32,
    head: Option<Head>,
    written: VecDeque<Written>,
    /// The end of all has to be told to the ring.
    closing: bool,
    /// The end was the last that the ring was told.
    closed: bool,
    events: Vec<DecoderEvent>,
}

impl<M: Media> Conductor<M> {
    /// An empty queue that writes at `sample_rate`, in Hz.
    #[must_use]
    pub const fn new(sample_rate: u32) -> Self {
        Self {
            sample_rate,
            entries: Vec::new(),
            looped: false,
            epoch: 0,
            head: None,
            written: VecDeque::new(),
            closing: false,
            closed: false,
            events: Vec::new(),
        }
    }

    /// What has happened since the last call, oldest first.
    pub fn take_events(&mut self) -> Vec<DecoderEvent> {
        core::mem::take(&mut self.events)
    }

    /// The queue's tracks and their sources, in order.
    pub fn media(&self) -> impl Iterator<Item = (TrackId, &M)> {
        self.entries.iter().filter_map(|entry| Some((entry.track, entry.media.as_ref()?)))
    }

    /// Empties the queue and plays `media` from its start.
    pub fn open(&mut self, track: TrackId, media: M, epoch: u32) {
        self.entries.clear();
        self.append(track, media);
        self.jump(track, 0, epoch, true);
    }

    /// Appends `media` to the queue.
    pub fn enqueue(&mut self, track: TrackId, media: M, sink: &impl Sink) {
        self.append(track, media);
        self.revise(sink);
    }

    /// Takes a track out of the queue. If it is the one that sounds, the next one follows at once.
    pub fn remove(&mut self, track: TrackId, sink: &impl Sink) {
        let Some(place) = self.place(track) else {
            return;
        };
        self.forget_heard(sink);
        let pending_jump = self.head.filter(|head| head.join == Join::Jump && !head.begun);
        let sounding = pending_jump
            .map(|head| head.track)
            .or_else(|| self.written.front().filter(|segment| !segment.is_heard(sink)).map(|segment| segment.track));
        self.entries[place].media = None;
        self.entries[place].stream = None;
        if sounding != Some(track) {
            self.revise(sink);
            return;
        }
        match self.playable_from(place) {
            Some(next) => self.jump(next, 0, self.epoch, pending_jump.is_some_and(|head| head.announced)),
            None => self.fall_silent(track, 0, Join::Jump),
        }
    }

    /// Continues at `frame` of `track`.
    pub fn seek(&mut self, track: TrackId, frame: u64, epoch: u32) {
        let Some(place) = self.place(track) else {
            self.events.push(DecoderEvent::Failed {
                track,
                frames: 0,
                failure: Failure::new(ErrorCode::InvalidArgument, format!("Track {track} is not in the queue.")),
            });
            return;
        };
        self.entries[place].unplayable = false;
        self.entries[place].sought |= frame > 0;
        self.jump(track, frame, epoch, true);
    }

    /// Whether the current track starts again at its end.
    pub fn set_loop(&mut self, enabled: bool, sink: &impl Sink) {
        self.looped = enabled;
        self.revise(sink);
    }

    /// The sink is another one, in which nothing has been written. The sound goes on there with the next jump; if it had
    /// ended, the end is told there too, so that what is appended follows it.
    pub fn change_sink(&mut self) {
        let silence = self.head.and_then(|head| Some((head.track, head.silent_at?)));
        let ended = self.written.back().filter(|_| self.closing || self.closed).map(|segment| {
            let length = segment.end.map_or(0, |end| end.wrapping_sub(segment.start));
            (segment.track, segment.frame + u64::from(length))
        });
        self.written.clear();
        self.head = None;
        (self.closing, self.closed) = (false, false);
        if let Some((track, frame)) = silence.or(ended) {
            self.fall_silent(track, frame, Join::Jump);
        }
    }

    /// Does one small piece of work.
    pub fn step(&mut self, sink: &mut impl Sink) -> Step {
        self.forget_heard(sink);
        if self.closing {
            if !self.closed && !sink.end() {
                return Step::Full;
            }
            (self.closing, self.closed) = (false, true);
            self.events.push(DecoderEvent::Drained);
        }
        let Some(head) = self.head else {
            return self.work_aside(Step::Idle);
        };
        if let Some(frame) = head.silent_at {
            return self.write_silence(head, frame, sink);
        }
        let Some(place) = self.place(head.track) else {
            self.head = None;
            return Step::Worked;
        };
        let Some(stream) = self.stream(place) else {
            return Step::Worked;
        };
        let polled = stream.poll();
        self.describe(place);
        match polled {
            Ok(()) => self.write(place, head, sink),
            Err(Interruption::Waiting) => self.work_aside(Step::Waiting),
            Err(Interruption::End) => self.finish_track(place, head, None, sink),
            Err(Interruption::Failed(failure)) => self.finish_track(place, head, Some(failure), sink),
        }
    }

    fn append(&mut self, track: TrackId, media: M) {
        self.entries.push(Entry {
            track,
            media: Some(media),
            stream: None,
            described: None,
            unplayable: false,
            landed_near: None,
            sought: false,
            index_failed: false,
        });
    }

    /// Where a track is in the queue.
    fn place(&self, track: TrackId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.track == track && entry.media.is_some())
    }

    /// The stream of the track at `place`, made if there is none.
    fn stream(&mut self, place: usize) -> Option<&mut Stream<M::Codec>> {
        let entry = &mut self.entries[place];
        let media = entry.media.as_ref()?;
        Some(entry.stream.get_or_insert_with(|| Stream::new(media.codec(), self.sample_rate, media.is_local())))
    }

    /// The first track at `place` or after it that can be played.
    fn playable_from(&self, place: usize) -> Option<TrackId> {
        let mut entries = self.entries.get(place..)?.iter();
        entries.find(|entry| entry.media.is_some() && !entry.unplayable).map(|entry| entry.track)
    }

    /// Which track follows `track`, at its frame 0. A track that is broken, or out of the queue, does not loop.
    fn successor(&self, track: TrackId, broken: bool) -> Option<TrackId> {
        let place = self.entries.iter().position(|entry| entry.track == track)?;
        let entry = &self.entries[place];
        if self.looped && !broken && !entry.unplayable && entry.media.is_some() {
            return Some(track);
        }
        self.playable_from(place + 1)
    }

    fn jump(&mut self, track: TrackId, frame: u64, epoch: u32, announced: bool) {
        self.epoch = epoch;
        self.closing = false;
        self.lead(track, frame, Join::Jump, announced);
        let successor = self.successor(track, true);
        for entry in &mut self.entries {
            if entry.track != track && Some(entry.track) != successor {
                entry.rest();
            }
        }
    }

    /// Makes `frame` of `track` what is written next.
    fn lead(&mut self, track: TrackId, frame: u64, join: Join, announced: bool) {
        // What a jump or a correction may use is decided when it is written.
        let urgent = match (join, self.head) {
            (Join::Follow, Some(before)) => before.urgent,
            (Join::Follow, None) | (Join::At(_) | Join::Jump, _) => 0,
        };
        self.head = Some(Head { track, epoch: self.epoch, join, begun: false, urgent, announced, silent_at: None });
        if let Some(place) = self.place(track) {
            self.entries[place].landed_near = None;
            if let Some(stream) = self.stream(place) {
                stream.seek(frame);
            }
        }
    }

    /// Makes silence what is written next; `frame` of `track` is where the sound has ended.
    fn fall_silent(&mut self, track: TrackId, frame: u64, join: Join) {
        self.head = Some(Head {
            track,
            epoch: self.epoch,
            join,
            begun: false,
            urgent: 0,
            announced: false,
            silent_at: Some(frame),
        });
    }
}
