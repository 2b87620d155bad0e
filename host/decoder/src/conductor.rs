//! The queue: which frames of which track are written to the source ring, and in what order.
//!
//! The conductor writes ahead of the sound by the length of the ring. It remembers the segments that have
//! not been heard yet, so that when a command makes one of them wrong (the loop is switched, the queue
//! edited) it can have the processor leave the old ones at the very frame where they become wrong.
//!
//! It never waits and never fails as a whole: [`Conductor::step`] does one small piece of work and says what
//! must happen before the next.

use std::collections::VecDeque;

use rusty_audio_protocol::{DecoderEvent, ErrorCode, Failure, TrackDescription, TrackId};

use crate::codec::{Codec, Interruption};
use crate::{Join, Segment, Sink, Stream};

/// Frames written in one step: commands wait no longer than it takes to decode these.
const STEP_FRAMES: usize = 4096;
/// Space that playing leaves free, so that after a seek the first frames fit into a full ring whose
/// reader is paused. The processor jumps when it has about 2048 frames, so several seeks fit.
const RESERVE_FRAMES: u32 = 8192;
/// Frames of a segment that may use the reserve.
const URGENT_FRAMES: u64 = 2560;
/// The next track is opened when less than this is left to be decoded.
const PREPARE_SECONDS: u64 = 10;
/// Steps in which the index progress is reported.
const REPORTED_PROGRESS: f32 = 0.02;

/// One source of the queue: makes codecs over itself.
pub trait Media {
    /// The codecs it makes.
    type Codec: Codec;

    /// A codec at the start of the source.
    fn codec(&self) -> Self::Codec;

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

struct Entry<M: Media> {
    track: TrackId,
    media: M,
    stream: Option<Stream<M::Codec>>,
    described: Option<TrackDescription>,
    /// It has no frame to give: passed over until somebody seeks in it.
    unplayable: bool,
    /// A seek landed inexactly, in this epoch, and the index will tell where.
    landed_near: Option<u32>,
    /// Somebody has sought in it, so its index is worth network traffic.
    sought: bool,
    /// The index cannot be built.
    index_failed: bool,
}

/// A run of frames in the ring that has not been heard to its end.
#[derive(Clone, Copy, Debug)]
struct Written {
    track: TrackId,
    frame: u64,
    start: u32,
    /// None while it is being written.
    end: Option<u32>,
    /// The track broke there, so it does not loop.
    broken: bool,
}

/// What is being written, or will be as soon as there are frames.
#[derive(Clone, Copy, Debug)]
struct Head {
    track: TrackId,
    epoch: u32,
    join: Join,
    /// The segment's marker is in the ring.
    begun: bool,
    frames: u64,
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
    events: Vec<DecoderEvent>,
}

/// Whether ring index `index` has come at `reached`; indices wrap.
const fn is_reached(index: u32, reached: u32) -> bool {
    reached.wrapping_sub(index) < 1 << 31
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
            events: Vec::new(),
        }
    }

    /// What has happened since the last call, oldest first.
    pub fn take_events(&mut self) -> Vec<DecoderEvent> {
        core::mem::take(&mut self.events)
    }

    /// The queue's tracks and their sources, in order.
    pub fn media(&self) -> impl Iterator<Item = (TrackId, &M)> {
        self.entries.iter().map(|entry| (entry.track, &entry.media))
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
        let Some(place) = self.place(track) else { return };
        self.forget_heard(sink);
        let next = self.playable_from(place + 1);
        let pending_jump = self.head.filter(|head| head.join == Join::Jump && !head.begun);
        let sounding = pending_jump.map(|head| head.track).or_else(|| self.written.front().map(|segment| segment.track));
        self.entries.remove(place);
        if sounding != Some(track) {
            self.revise(sink);
            return;
        }
        let announced = pending_jump.is_some_and(|head| head.announced);
        match next {
            Some(next) => self.jump(next, 0, self.epoch, announced),
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

    /// Does one small piece of work.
    pub fn step(&mut self, sink: &mut impl Sink) -> Step {
        self.forget_heard(sink);
        if self.closing {
            if !sink.end() {
                return Step::Full;
            }
            self.closing = false;
            self.events.push(DecoderEvent::Drained);
        }
        let Some(head) = self.head else { return self.work_aside(Step::Idle) };
        if let Some(frame) = head.silent_at {
            return self.write_silence(head, frame, sink);
        }
        let Some(place) = self.place(head.track) else {
            self.head = None;
            return Step::Worked;
        };
        let polled = self.stream(place).poll();
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
            media,
            stream: None,
            described: None,
            unplayable: false,
            landed_near: None,
            sought: false,
            index_failed: false,
        });
    }

    fn place(&self, track: TrackId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.track == track)
    }

    fn stream(&mut self, place: usize) -> &mut Stream<M::Codec> {
        let entry = &mut self.entries[place];
        entry.stream.get_or_insert_with(|| Stream::new(entry.media.codec(), self.sample_rate))
    }

    fn playable_from(&self, place: usize) -> Option<TrackId> {
        self.entries.get(place..)?.iter().find(|entry| !entry.unplayable).map(|entry| entry.track)
    }

    /// Which track follows `track`, at its frame 0.
    fn successor(&self, track: TrackId, broken: bool) -> Option<TrackId> {
        let place = self.place(track)?;
        if self.looped && !broken && !self.entries[place].unplayable {
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
            if entry.track != track && Some(entry.track) != successor && entry.stream.take().is_some() {
                entry.media.release();
            }
        }
    }

    /// Makes `frame` of `track` what is written next.
    fn lead(&mut self, track: TrackId, frame: u64, join: Join, announced: bool) {
        self.head =
            Some(Head { track, epoch: self.epoch, join, begun: false, frames: 0, announced, silent_at: None });
        if let Some(place) = self.place(track) {
            self.entries[place].landed_near = None;
            self.stream(place).seek(frame);
        }
    }

    /// Makes silence what is written next; `frame` of `track` is where the sound has ended.
    fn fall_silent(&mut self, track: TrackId, frame: u64, join: Join) {
        self.head = Some(Head {
            track,
            epoch: self.epoch,
            join,
            begun: false,
            frames: 0,
            announced: false,
            silent_at: Some(frame),
        });
    }

    /// Drops the segments that have been heard, except the last.
    fn forget_heard(&mut self, sink: &impl Sink) {
        while self.written.len() > 1
            && let Some(end) = self.written[0].end
            && is_reached(end, sink.read())
        {
            self.written.pop_front();
        }
    }

    /// After the succession of tracks has changed: finds the first boundary ahead of the sound that has
    /// become wrong, and writes anew from there.
    fn revise(&mut self, sink: &impl Sink) {
        self.forget_heard(sink);
        if self.head.is_some_and(|head| head.join == Join::Jump && !head.begun) {
            return;
        }
        for place in 0..self.written.len() {
            let segment = self.written[place];
            let Some(end) = segment.end else { return };
            let expected = self.successor(segment.track, segment.broken);
            let following = self.written.get(place + 1).copied();
            let unbegun = self.head.filter(|head| !head.begun);
            let actual = following
                .map(|following| following.track)
                .or_else(|| unbegun.filter(|head| head.silent_at.is_none()).map(|head| head.track));
            if expected == actual {
                continue;
            }
            // The loop does not bring back what has been heard to its end.
            if actual.is_none() && expected == Some(segment.track) && is_reached(end, sink.read()) {
                return;
            }
            let join = following.map_or_else(
                || unbegun.map_or(Join::Follow, |head| head.join),
                |following| Join::At(following.start),
            );
            self.written.truncate(place + 1);
            self.closing = false;
            match expected {
                Some(next) => self.lead(next, 0, join, false),
                None if join == Join::Follow => {
                    self.head = None;
                    self.closing = true;
                }
                None => {
                    let length = u64::from(end.wrapping_sub(segment.start));
                    self.fall_silent(segment.track, segment.frame + length, join);
                }
            }
            return;
        }
    }

    fn begin(&mut self, head: &mut Head, frame: u64, sink: &mut impl Sink) -> bool {
        let segment = Segment { epoch: head.epoch, track: head.track, frame, join: head.join };
        let start = sink.written();
        if !sink.begin(segment) {
            return false;
        }
        head.begun = true;
        if head.join == Join::Jump {
            self.written.clear();
        }
        self.written.push_back(Written { track: head.track, frame, start, end: None, broken: false });
        true
    }

    fn write_silence(&mut self, mut head: Head, frame: u64, sink: &mut impl Sink) -> Step {
        if !self.begin(&mut head, frame, sink) {
            return Step::Full;
        }
        self.end_segment(false, sink);
        self.announce(&mut head, frame, true);
        self.head = None;
        self.closing = true;
        Step::Worked
    }

    fn end_segment(&mut self, broken: bool, sink: &impl Sink) {
        if let Some(segment) = self.written.back_mut() {
            segment.end = Some(sink.written());
            segment.broken = broken;
        }
    }

    fn announce(&mut self, head: &mut Head, frame: u64, exact: bool) {
        if core::mem::take(&mut head.announced) {
            self.events.push(DecoderEvent::Landed { epoch: head.epoch, track: head.track, frame, exact });
        }
    }

    fn write(&mut self, place: usize, mut head: Head, sink: &mut impl Sink) -> Step {
        let urgent = head.join != Join::Follow && head.frames < URGENT_FRAMES;
        let reserve = if urgent { 0 } else { RESERVE_FRAMES.min(sink.capacity() / 4) };
        let room = sink.space().saturating_sub(reserve) as usize;
        if room == 0 {
            return self.work_aside(Step::Full);
        }
        let stream = self.stream(place);
        let (frame, exact) = (stream.position(), stream.position_is_exact());
        if !head.begun && !self.begin(&mut head, frame, sink) {
            return self.work_aside(Step::Full);
        }
        let stream = self.stream(place);
        let ready = stream.ready();
        let frames = ready.len().min(room).min(STEP_FRAMES);
        let taken = sink.push(&ready.left[..frames], &ready.right[..frames]);
        stream.take(taken);
        head.frames += taken as u64;
        if head.announced && taken > 0 {
            self.entries[place].landed_near = (!exact).then_some(head.epoch);
            self.announce(&mut head, frame, exact);
        }
        self.head = Some(head);
        if taken == 0 { self.work_aside(Step::Full) } else { Step::Worked }
    }

    fn finish_track(&mut self, place: usize, mut head: Head, failure: Option<Failure>, sink: &impl Sink) -> Step {
        let track = head.track;
        let stream = self.stream(place);
        let frame = stream.position();
        let broken = failure.is_some();
        let empty = frame == 0 || stream.description().is_none();
        self.entries[place].unplayable |= empty;
        if let Some(failure) = failure {
            self.events.push(DecoderEvent::Failed { track, frames: if empty { 0 } else { frame }, failure });
        }
        if head.begun {
            self.end_segment(broken, sink);
        }
        let next = self.successor(track, broken);
        let join = if head.begun { Join::Follow } else { head.join };
        match next {
            Some(next) => {
                if next != track {
                    let entry = &mut self.entries[place];
                    entry.stream = None;
                    entry.media.release();
                }
                self.lead(next, 0, join, head.announced);
            }
            None if join == Join::Follow => {
                self.head = None;
                self.closing = true;
            }
            None => {
                head.announced &= !broken;
                self.fall_silent(track, frame, join);
                if let Some(silence) = &mut self.head {
                    silence.announced = head.announced;
                }
            }
        }
        Step::Worked
    }

    /// Tells the main thread when something new is known of a track.
    fn describe(&mut self, place: usize) {
        let entry = &mut self.entries[place];
        let Some(description) = entry.stream.as_ref().and_then(Stream::description) else { return };
        if entry.described.as_ref() != Some(&description) {
            entry.described = Some(description.clone());
            self.events.push(DecoderEvent::Described { track: entry.track, description });
        }
    }

    /// While the sound cannot go on: opens what comes next, or extends the index of what sounds.
    fn work_aside(&mut self, step: Step) -> Step {
        let current = self.head.map(|head| head.track).or_else(|| self.written.back().map(|segment| segment.track));
        let Some(place) = current.and_then(|track| self.place(track)) else { return step };
        if self.prepare_successor(place) || self.extend_index(place) { Step::Worked } else { step }
    }

    /// Opens the next track and decodes its first frames. True if something was done.
    fn prepare_successor(&mut self, place: usize) -> bool {
        let Some(stream) = &self.entries[place].stream else { return false };
        let left = stream.frames().map(|frames| frames.saturating_sub(stream.position()));
        if left.is_some_and(|frames| frames > PREPARE_SECONDS * u64::from(self.sample_rate)) {
            return false;
        }
        let Some(next) = self.playable_from(place + 1).and_then(|track| self.place(track)) else { return false };
        if self.entries[next].stream.as_ref().is_some_and(|stream| !stream.ready().is_empty()) {
            return false;
        }
        let polled = self.stream(next).poll();
        self.describe(next);
        match polled {
            Ok(()) => true,
            Err(Interruption::Waiting) => false,
            Err(interruption) => {
                let entry = &mut self.entries[next];
                entry.unplayable = true;
                entry.stream = None;
                entry.media.release();
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
    fn extend_index(&mut self, place: usize) -> bool {
        let entry = &mut self.entries[place];
        let Some(stream) = &mut entry.stream else { return false };
        if entry.index_failed || !stream.needs_index() || !(entry.sought || stream.indexes_freely()) {
            return false;
        }
        let complete = match stream.extend_index() {
            Ok(complete) => complete,
            Err(Interruption::Waiting) => return false,
            Err(_) => {
                entry.index_failed = true;
                return false;
            }
        };
        if let Some(epoch) = entry.landed_near
            && let Ok(Some(offset)) = stream.landing_offset()
        {
            entry.landed_near = None;
            self.events.push(DecoderEvent::Relocated { epoch, offset });
        }
        let reported = entry.described.as_ref().map(|described| described.seek);
        let moved = stream.description().is_some_and(|now| match (reported, now.seek) {
            (
                Some(rusty_audio_protocol::SeekPrecision::Indexing { progress: before }),
                rusty_audio_protocol::SeekPrecision::Indexing { progress },
            ) => progress - before >= REPORTED_PROGRESS,
            _ => true,
        });
        if complete || moved {
            self.describe(place);
        }
        true
    }
}
