//! Writing a track to the ring, and coming to the next.

use rusty_audio_protocol::{DecoderEvent, Failure, RESERVE_FRAMES};

use super::written::Written;
use super::{Conductor, Head, Media, Step};
use crate::{Join, Segment, Sink};

/// Frames written in one step: commands wait no longer than it takes to decode these.
const STEP_FRAMES: usize = 4096;
/// Frames after a jump that may use the reserve: the processor jumps when it has 8192, and then has all the ring.
const URGENT_FRAMES: u32 = RESERVE_FRAMES / 3;
/// A jump takes a third of the space, so that the next one finds some too, but not less than this: the processor
/// makes do with 2048 when the ring is full.
const LEAST_URGENT_FRAMES: u32 = 2_560;
/// Frames after a corrected boundary that may use the reserve: the rest is written when the boundary is passed, at the next look
/// at the ring, which is 20 ms later at most. 43 ms at 48 kHz.
const CORRECTED_FRAMES: u32 = 2048;
/// Of a small ring's reserve they are no more than this part: what was written for a correction that another one has made wrong lies
/// there until it is passed, and a jump shall find room behind a dozen of them.
const CORRECTIONS: u32 = 12;
/// Segments that may follow each other in the ring, so that a loop of a few frames does not use up its marks.
const SEGMENTS_AHEAD: usize = 96;

impl<M: Media> Conductor<M> {
    /// Puts the marker of a segment into the ring. False when there is no room for it now.
    pub(super) fn begin(&mut self, head: &mut Head, frame: u64, sink: &mut impl Sink) -> bool {
        let segment = Segment { epoch: head.epoch, track: head.track, frame, join: head.join };
        let start = sink.written();
        if !sink.begin(segment) {
            return false;
        }
        head.begun = true;
        self.closed = false;
        if head.join == Join::Jump {
            self.written.clear();
        }
        self.written.push_back(Written { track: head.track, frame, start, end: None, broken: false });
        true
    }

    /// Ends what sounds: an empty segment, and the end.
    pub(super) fn write_silence(&mut self, mut head: Head, frame: u64, sink: &mut impl Sink) -> Step {
        if !self.begin(&mut head, frame, sink) {
            return Step::Full;
        }
        self.end_segment(false, sink);
        self.announce(&mut head, frame, true);
        self.head = None;
        self.closing = true;
        Step::Worked
    }

    /// The last segment ends here.
    pub(super) fn end_segment(&mut self, broken: bool, sink: &impl Sink) {
        if let Some(segment) = self.written.back_mut() {
            segment.end = Some(sink.written());
            segment.broken = broken;
        }
    }

    /// Tells the main thread where a jump has landed, once.
    pub(super) fn announce(&mut self, head: &mut Head, frame: u64, exact: bool) {
        if core::mem::take(&mut head.announced) {
            self.events.push(DecoderEvent::Landed { epoch: head.epoch, track: head.track, frame, exact });
        }
    }

    /// Frames that will sound before what is written next. Those that a jump will pass over are not among them.
    fn frames_ahead(&self, sink: &impl Sink) -> u32 {
        let (read, written) = (sink.read(), sink.written());
        self.written.iter().map(|segment| segment.frames_ahead(read, written)).sum()
    }

    /// Writes what the stream has ready, as far as there is room and as it is to be ahead of the sound.
    pub(super) fn write(&mut self, place: usize, mut head: Head, sink: &mut impl Sink) -> Step {
        let space = sink.space();
        let reserve = RESERVE_FRAMES.min(sink.capacity() / 4);
        match head.join {
            Join::Jump if !head.begun => head.urgent = (space / 3).clamp(LEAST_URGENT_FRAMES, URGENT_FRAMES),
            Join::At(_) if !head.begun => head.urgent = CORRECTED_FRAMES.min(reserve / CORRECTIONS),
            Join::Jump | Join::At(_) | Join::Follow => {}
        }
        let beside_reserve = space.saturating_sub(reserve);
        let wanted = sink.target().saturating_sub(self.frames_ahead(sink));
        let room = beside_reserve.min(wanted).max(head.urgent.min(space)) as usize;
        let crowded = !head.begun && head.join == Join::Follow && self.written.len() >= SEGMENTS_AHEAD;
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
        head.urgent = head.urgent.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        if head.announced && taken > 0 {
            self.entries[place].landed_near = (!exact).then_some(head.epoch);
            self.announce(&mut head, frame, exact);
        }
        self.head = Some(head);
        if taken == 0 { self.work_aside(Step::Full) } else { Step::Worked }
    }

    /// The stream has given its last frame: comes to the track that follows, or to the end.
    pub(super) fn finish_track(
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
}
