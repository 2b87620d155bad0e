//! The queue: which frames of which track are written to the source ring, and in what order.
//!
//! The conductor writes ahead of the sound by the length of the ring. It remembers the segments that have
//! not been heard yet, so that when a command makes one of them wrong (the loop is switched, the queue
//! edited) it can have the processor leave the old ones at the very frame where they become wrong.
//!
//! It never waits and never fails as a whole: [`Conductor::step`] does one small piece of work and says what
//! must happen before the next.

use std::collections::VecDeque;

use rusty_audio_protocol::{
    DecoderEvent, ErrorCode, Failure, SeekPrecision, TrackDescription, TrackId,
};

use crate::codec::{Codec, Interruption};
use crate::{Join, Segment, Sink, Stream};

/// Frames written in one step: commands wait no longer than it takes to decode these.
const STEP_FRAMES: usize = 4096;
/// Space that playing leaves free, so that after a seek the first frames fit into a full ring whose
/// reader is paused. The processor jumps when it has about 2048 frames, so several seeks fit.
const RESERVE_FRAMES: u32 = 8192;
/// Frames after a jump that may use the reserve.
const URGENT_FRAMES: u32 = 2560;
/// Frames after a corrected boundary that may use the reserve: the rest is written when the boundary is passed.
const CORRECTED_FRAMES: u32 = 512;
/// Segments that may follow each other in the ring, so that a loop of a few frames does not use up its marks.
const SEGMENTS_AHEAD: usize = 96;
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

struct Entry<M: Media> {
    track: TrackId,
    /// None once it has been taken out of the queue; its place is kept while frames of it are in the ring.
    media: Option<M>,
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

impl<M: Media> Entry<M> {
    /// Frees what decoding it holds in memory.
    fn rest(&mut self) {
        if self.stream.take().is_some()
            && let Some(media) = &self.media
        {
            media.release();
        }
    }
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

impl Written {
    /// Whether all of it has been read.
    fn is_heard(&self, sink: &impl Sink) -> bool {
        self.end.is_some_and(|end| is_reached(end, sink.read()))
    }
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
        self.entries
            .iter()
            .filter_map(|entry| Some((entry.track, entry.media.as_ref()?)))
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
        let pending_jump = self
            .head
            .filter(|head| head.join == Join::Jump && !head.begun);
        let sounding = pending_jump.map(|head| head.track).or_else(|| {
            self.written
                .front()
                .filter(|segment| !segment.is_heard(sink))
                .map(|segment| segment.track)
        });
        self.entries[place].media = None;
        self.entries[place].stream = None;
        if sounding != Some(track) {
            self.revise(sink);
            return;
        }
        match self.playable_from(place) {
            Some(next) => self.jump(
                next,
                0,
                self.epoch,
                pending_jump.is_some_and(|head| head.announced),
            ),
            None => self.fall_silent(track, 0, Join::Jump),
        }
    }

    /// Continues at `frame` of `track`.
    pub fn seek(&mut self, track: TrackId, frame: u64, epoch: u32) {
        let Some(place) = self.place(track) else {
            self.events.push(DecoderEvent::Failed {
                track,
                frames: 0,
                failure: Failure::new(
                    ErrorCode::InvalidArgument,
                    format!("Track {track} is not in the queue."),
                ),
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
            Err(Interruption::Failed(failure)) => {
                self.finish_track(place, head, Some(failure), sink)
            }
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
        self.entries
            .iter()
            .position(|entry| entry.track == track && entry.media.is_some())
    }

    /// The stream of the track at `place`, made if there is none.
    fn stream(&mut self, place: usize) -> Option<&mut Stream<M::Codec>> {
        let entry = &mut self.entries[place];
        let media = entry.media.as_ref()?;
        Some(
            entry.stream.get_or_insert_with(|| {
                Stream::new(media.codec(), self.sample_rate, media.is_local())
            }),
        )
    }

    /// The first track at `place` or after it that can be played.
    fn playable_from(&self, place: usize) -> Option<TrackId> {
        let mut entries = self.entries.get(place..)?.iter();
        entries
            .find(|entry| entry.media.is_some() && !entry.unplayable)
            .map(|entry| entry.track)
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
        let urgent = match (join, self.head) {
            (Join::Follow, Some(before)) => before.urgent,
            (Join::Follow, None) => 0,
            (Join::At(_), _) => CORRECTED_FRAMES,
            (Join::Jump, _) => URGENT_FRAMES,
        };
        self.head = Some(Head {
            track,
            epoch: self.epoch,
            join,
            begun: false,
            urgent,
            announced,
            silent_at: None,
        });
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

    /// Drops the segments that have been heard, except the last, and the places of tracks that only they needed.
    fn forget_heard(&mut self, sink: &impl Sink) {
        while self.written.len() > 1 && self.written[0].is_heard(sink) {
            self.written.pop_front();
        }
        let (head, written) = (&self.head, &self.written);
        self.entries.retain(|entry| {
            entry.media.is_some()
                || head.is_some_and(|head| head.track == entry.track)
                || written.iter().any(|segment| segment.track == entry.track)
        });
    }

    /// After the succession of tracks has changed: finds the first boundary ahead of the sound that has
    /// become wrong, and writes anew from there.
    fn revise(&mut self, sink: &impl Sink) {
        self.forget_heard(sink);
        if self
            .head
            .is_some_and(|head| head.join == Join::Jump && !head.begun)
        {
            return;
        }
        for place in 0..self.written.len() {
            let segment = self.written[place];
            let Some(end) = segment.end else { return };
            let following = self.written.get(place + 1).copied();
            let unbegun = self.head.filter(|head| !head.begun);
            let actual = following.map(|following| following.track).or_else(|| {
                unbegun
                    .filter(|head| head.silent_at.is_none())
                    .map(|head| head.track)
            });
            // The loop does not bring back what has ended.
            let ended = actual.is_none() && segment.is_heard(sink);
            let expected = self.successor(segment.track, segment.broken || ended);
            if expected == actual {
                continue;
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
        let segment = Segment {
            epoch: head.epoch,
            track: head.track,
            frame,
            join: head.join,
        };
        let start = sink.written();
        if !sink.begin(segment) {
            return false;
        }
        head.begun = true;
        self.closed = false;
        if head.join == Join::Jump {
            self.written.clear();
        }
        self.written.push_back(Written {
            track: head.track,
            frame,
            start,
            end: None,
            broken: false,
        });
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
            self.events.push(DecoderEvent::Landed {
                epoch: head.epoch,
                track: head.track,
                frame,
                exact,
            });
        }
    }

    fn write(&mut self, place: usize, mut head: Head, sink: &mut impl Sink) -> Step {
        let space = sink.space();
        let beside_reserve = space.saturating_sub(RESERVE_FRAMES.min(sink.capacity() / 4));
        let room = beside_reserve.max(head.urgent.min(space)) as usize;
        let crowded =
            !head.begun && head.join == Join::Follow && self.written.len() >= SEGMENTS_AHEAD;
        if room == 0 || crowded {
            return self.work_aside(Step::Full);
        }
        let Some(stream) = self.stream(place) else {
            return Step::Worked;
        };
        let (frame, exact) = (stream.position(), stream.position_is_exact());
        if !head.begun && !self.begin(&mut head, frame, sink) {
            return self.work_aside(Step::Full);
        }
        let Some(stream) = self.stream(place) else {
            return Step::Worked;
        };
        let ready = stream.ready();
        let frames = ready.len().min(room).min(STEP_FRAMES);
        let taken = sink.push(&ready.left[..frames], &ready.right[..frames]);
        stream.take(taken);
        head.urgent = head
            .urgent
            .saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        if head.announced && taken > 0 {
            self.entries[place].landed_near = (!exact).then_some(head.epoch);
            self.announce(&mut head, frame, exact);
        }
        self.head = Some(head);
        if taken == 0 {
            self.work_aside(Step::Full)
        } else {
            Step::Worked
        }
    }

    fn finish_track(
        &mut self,
        place: usize,
        mut head: Head,
        failure: Option<Failure>,
        sink: &impl Sink,
    ) -> Step {
        let track = head.track;
        let Some(stream) = self.stream(place) else {
            return Step::Worked;
        };
        let frame = stream.position();
        let broken = failure.is_some();
        let empty = frame == 0 || stream.description().is_none();
        self.entries[place].unplayable |= empty;
        if let Some(failure) = failure {
            self.events.push(DecoderEvent::Failed {
                track,
                frames: if empty { 0 } else { frame },
                failure,
            });
        }
        if head.begun {
            self.end_segment(broken, sink);
        }
        let next = self.successor(track, broken);
        let join = if head.begun { Join::Follow } else { head.join };
        match next {
            Some(next) => {
                if next != track {
                    self.entries[place].rest();
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
        let Some(description) = entry.stream.as_ref().and_then(Stream::description) else {
            return;
        };
        if entry
            .described
            .as_ref()
            .is_some_and(|before| is_hardly_news(before, &description))
        {
            return;
        }
        entry.described = Some(description.clone());
        self.events.push(DecoderEvent::Described {
            track: entry.track,
            description,
        });
    }

    /// While the sound cannot go on: opens what comes next, extends the index of what sounds, looks at the rest
    /// of the queue.
    fn work_aside(&mut self, step: Step) -> Step {
        let current = self
            .head
            .map(|head| head.track)
            .or_else(|| self.written.back().map(|segment| segment.track));
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
    fn prepare_successor(&mut self, place: usize) -> bool {
        let Some(stream) = &self.entries[place].stream else {
            return false;
        };
        let left = stream
            .frames()
            .map(|frames| frames.saturating_sub(stream.position()));
        if left.is_some_and(|frames| frames > PREPARE_SECONDS * u64::from(self.sample_rate)) {
            return false;
        }
        let Some(next) = self
            .playable_from(place + 1)
            .and_then(|track| self.place(track))
        else {
            return false;
        };
        let is_prepared =
            |stream: &Stream<M::Codec>| stream.position() == 0 && !stream.ready().is_empty();
        if self.entries[next].stream.as_ref().is_some_and(is_prepared) {
            return false;
        }
        self.open_early(next)
    }

    /// Opens the track at `place` and decodes its first frames; what cannot be played is passed over. True if
    /// something was done.
    fn open_early(&mut self, place: usize) -> bool {
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
                    self.events.push(DecoderEvent::Failed {
                        track: entry.track,
                        frames: 0,
                        failure,
                    });
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
    fn look_ahead(&mut self, current: usize) -> bool {
        let is_unknown = |entry: &Entry<M>| {
            entry.described.is_none()
                && !entry.unplayable
                && entry.media.as_ref().is_some_and(Media::is_local)
        };
        let Some(place) =
            (current + 1..self.entries.len()).find(|&place| is_unknown(&self.entries[place]))
        else {
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
    let same_but_progress = TrackDescription {
        seek: before.seek,
        ..now.clone()
    };
    progress - reported < REPORTED_PROGRESS && progress < 1.0 && same_but_progress == *before
}
