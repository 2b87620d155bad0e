//! Reads the source ring: segments, gapless joins, jumps with a cross-fade, holes that are concealed, and the exact position.

use crate::concealment::Concealment;
use crate::config::{CHANNELS, FADE_FRAMES, PRIME_FRAMES, PRIME_FRAMES_WHEN_FULL, PRIME_MARKS};
use crate::dsp::fade::Fade;
use crate::events::StreamChange;
use crate::lockfree::ring::Consumer;
use crate::log::SourceLog;
use crate::protocol::{Join, Mark};

/// Where the next frame comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub epoch: u32,
    pub track: u32,
    pub frame: u64,
}

/// What stopped a read short of its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// Nothing did: all frames are there.
    Not,
    /// No segment has begun, or a jump waits for its first frames.
    Priming,
    /// The stream has ended.
    Ended,
    /// The segment goes on, but its frames are not there.
    Starved,
}

/// A jump among the marks.
#[derive(Clone, Copy)]
struct Jump {
    /// Its place among the marks.
    offset: u32,
    mark: Mark,
    /// Frames from the read index on that still sound before it.
    reach: i32,
}

/// The audio thread's end of the source ring.
pub(crate) struct Playback<'a> {
    frames: Consumer<'a, f32>,
    marks: Consumer<'a, Mark>,
    position: Option<Position>,
    ended: bool,
    /// Frames and marks of an older epoch than this one are dropped unheard.
    awaited_epoch: Option<u32>,
    fade: Fade,
    /// Whether what is read is heard: not while paused.
    sounding: bool,
    /// The stream does not sound, because it was paused or its frames are not there. It comes back with a fade-in.
    interrupted: bool,
    concealment: Concealment,
    /// The last frame that was heard.
    heard: [f32; CHANNELS],
    log: SourceLog<'a>,
}

impl<'a> Playback<'a> {
    pub fn new(frames: Consumer<'a, f32>, marks: Consumer<'a, Mark>, log: SourceLog<'a>, sample_rate: f32) -> Self {
        Self {
            frames,
            marks,
            position: None,
            ended: false,
            awaited_epoch: None,
            fade: Fade::new(),
            sounding: false,
            interrupted: false,
            concealment: Concealment::new(sample_rate),
            heard: [0.0; CHANNELS],
            log,
        }
    }

    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// What is recorded of the stream.
    pub fn log(&mut self) -> &mut SourceLog<'a> {
        &mut self.log
    }

    /// Whether the next frame of a segment that has begun and not ended is missing, or was when it was last looked for.
    pub fn is_in_hole(&self) -> bool {
        self.interrupted
    }

    pub fn buffered(&mut self) -> u32 {
        self.frames.available()
    }

    pub fn capacity(&self) -> u32 {
        self.frames.capacity()
    }

    pub fn read_index(&self) -> u32 {
        self.frames.read_index()
    }

    /// Fades out and drops all that is older than `epoch`.
    pub fn discard(&mut self, epoch: u32) {
        if self.position.is_some_and(|position| is_older(position.epoch, epoch)) {
            let kept = self.fade_from_here();
            self.position = None;
            self.ended = false;
            self.log.change(StreamChange::Drops { kept });
        }
        if self.position.is_none() {
            self.awaited_epoch = Some(epoch);
        }
    }

    /// Fades out. The frames that fade are not consumed: `resume` goes on at the very frame that was next.
    pub fn pause(&mut self) {
        let kept = self.fade_from_here();
        self.sounding = false;
        self.log.change(StreamChange::Pauses { kept });
    }

    /// Goes on; in the middle of a track with a fade-in.
    pub fn resume(&mut self) {
        self.sounding = true;
        self.interrupted |= self.position.is_some_and(|position| position.frame != 0);
        self.log.change(StreamChange::Plays);
    }

    /// Starts a cross-fade from what would be heard next to what will be read instead. Returns how many frames are there to
    /// be heard so, at most those of a fade; `None` if none would be heard.
    fn fade_from_here(&mut self) -> Option<u32> {
        if !self.sounding || self.position.is_none() || self.ended || self.interrupted {
            self.fade.restart();
            return None;
        }
        // Looked at before the marks: what arrives later may belong to a mark that was not seen.
        let there = self.frames.available();
        let reach = self.next_jump().map_or(FADE, |jump| jump.reach.max(0).cast_unsigned().min(FADE));
        let kept = reach.min(there);
        self.fade_out(kept);
        self.note_ahead(kept);
        Some(kept)
    }

    /// Starts a cross-fade from the next `kept` frames, which are there. Where that is not a whole fade, the rest is predicted,
    /// and ends soon.
    fn fade_out(&mut self, kept: u32) {
        self.fade.restart();
        let (fade, mut stream) = (&mut self.fade, self.concealment.clone());
        self.frames.peek(0, kept, |channel, offset, run| {
            fade.keep(channel, offset, run);
            stream.remember(channel, offset, run);
        });
        if kept < FADE {
            stream.take(kept as usize);
            self.conceal(kept as usize, &stream);
        }
    }

    /// Notes where among the next `kept` frames other segments begin.
    fn note_ahead(&mut self, kept: u32) {
        let here = self.frames.read_index();
        let mut place = 0;
        while let Some(mark) = self.marks.get(place)
            && let offset = distance(here, mark.index).max(0).cast_unsigned()
            && offset < kept
        {
            if mark.join() == Some(Join::Follow) {
                let (track, track_frame) = (mark.track, mark.frame());
                self.log.change(StreamChange::Ahead { offset, track, track_frame });
            }
            place += 1;
        }
    }

    /// Continues `stream`, whose last `kept` frames the fade has kept, by prediction.
    fn conceal(&mut self, kept: usize, stream: &Concealment) {
        for (channel, heard) in self.heard.into_iter().enumerate() {
            let (predicted, ending) = stream.predict(channel);
            self.fade.keep(channel, kept, &predicted);
            self.fade.end(channel, kept, heard, ending);
        }
    }

    /// Writes what is left of a fade-out, and silence, to the frames `start..end` of `output`.
    pub fn ring_out(&mut self, output: &mut [&mut [f32]; CHANNELS], start: usize, end: usize) {
        if start < end {
            self.fade.ring_out(output, start, end);
            self.note_heard(output, end);
        }
    }

    /// Notes the last of the first `end` frames of `output`, if there are any.
    fn note_heard(&mut self, [left, right]: &[&mut [f32]; CHANNELS], end: usize) {
        let last = end.wrapping_sub(1);
        if let (Some(left), Some(right)) = (left.get(last), right.get(last)) {
            self.heard = [*left, *right];
        }
    }

    /// Drops what is stale and takes a jump that is ready, without reading.
    pub fn settle(&mut self) {
        self.drop_unawaited();
        if let Some(Jump { offset, mark, .. }) = self.next_jump()
            && (mark.join() == Some(Join::Now) || self.position.is_none())
        {
            self.jump_when_primed(offset, mark);
        }
    }

    /// Fills the planes of `output`. Returns the frames that were read and why not more; the rest of the planes
    /// is left as it was.
    pub fn read(&mut self, output: &mut [&mut [f32]; CHANNELS], frames: usize) -> (usize, Short) {
        let mut filled = 0;
        let mut short = Short::Not;
        while filled < frames {
            self.log.reach(filled);
            self.settle();
            let (limit, reason) = self.limit();
            #[expect(clippy::cast_possible_truncation, reason = "a render quantum")]
            let wanted = (frames - filled) as u32;
            let concealment = &mut self.concealment;
            let taken = self.frames.read(wanted.min(limit), |channel, offset, run| {
                concealment.remember(channel, offset, run);
                let start = filled + offset;
                if let Some(plane) = output.get_mut(channel).and_then(|plane| plane.get_mut(start..start + run.len())) {
                    plane.copy_from_slice(run);
                }
            });
            concealment.take(taken as usize);
            if let Some(position) = &mut self.position {
                position.frame = position.frame.wrapping_add(u64::from(taken));
            }
            let end = filled + taken as usize;
            if taken > 0 && core::mem::take(&mut self.interrupted) {
                self.fade.restart();
            }
            self.fade.mix(output, filled, end);
            self.note_heard(output, end);
            filled = end;
            if taken == 0 {
                short = reason;
                let is_hole = self.position.is_some() && !self.ended;
                if is_hole && !self.interrupted {
                    self.fade_out(0);
                }
                self.interrupted = is_hole;
                break;
            }
        }
        (filled, short)
    }

    /// Passes the marks at the read index. Returns how many frames are there before the next one matters, and what it means
    /// if there are none.
    fn limit(&mut self) -> (u32, Short) {
        loop {
            // Looked at before the marks: what arrives later may belong to a mark that was not seen.
            let there = self.frames.available();
            let here = self.frames.read_index();
            let jump = self.next_jump();
            if let Some(Jump { offset, mark, .. }) = jump
                && let Some(Join::At(at)) = mark.join()
                && distance(here, at) <= 0
            {
                if self.jump_at(offset, mark) {
                    continue;
                }
                return (0, Short::Starved);
            }
            if self.position.is_none() {
                return (0, Short::Priming);
            }
            let jump_limit = jump.map_or(i32::MAX, |jump| jump.reach);
            // Frames before a jump should be there; behind its mark are only its own.
            let shortage = if jump_limit <= 0 { Short::Priming } else { Short::Starved };
            match self.marks.get(0) {
                Some(mark) if mark.index == here && mark.is_end() => {
                    let next = self.marks.get(1);
                    if !next.is_some_and(|next| next.join() == Some(Join::Follow) && next.index == here) {
                        if !core::mem::replace(&mut self.ended, true) {
                            self.log.change(StreamChange::Ends);
                        }
                        return (0, if jump.is_none() { Short::Ended } else { Short::Priming });
                    }
                    self.marks.skip(1);
                }
                Some(mark) if mark.join() == Some(Join::Follow) && distance(here, mark.index) <= 0 => {
                    self.marks.skip(1);
                    self.follow(mark);
                }
                next => {
                    let mark_limit = next.map_or(i32::MAX, |mark| distance(here, mark.index));
                    return (mark_limit.min(jump_limit).max(0).cast_unsigned().min(there), shortage);
                }
            }
        }
    }

    /// The jump that will be taken next. A later jump replaces an earlier one if it takes effect no later.
    fn next_jump(&mut self) -> Option<Jump> {
        let here = self.frames.read_index();
        let mut found: Option<Jump> = None;
        let mut offset = 0;
        while let Some(mark) = self.marks.get(offset) {
            if let Some(join @ (Join::Now | Join::At(_))) = mark.join() {
                // What lies behind the first jump's mark belongs to that jump, even if a later one replaces it.
                let start = distance(here, mark.index).min(found.map_or(i32::MAX, |jump| jump.reach));
                let replaces = match (join, found.and_then(|jump| jump.mark.join())) {
                    (Join::At(at), Some(Join::At(earlier))) => distance(here, at) <= distance(here, earlier),
                    (Join::At(_), Some(Join::Now)) => false,
                    _ => true,
                };
                let reach = match join {
                    Join::At(at) if replaces => start.min(distance(here, at)),
                    _ => start,
                };
                found = match found {
                    Some(jump) if !replaces => Some(Jump { reach, ..jump }),
                    _ => Some(Jump { offset, mark, reach }),
                };
            }
            offset += 1;
        }
        found
    }

    /// Takes `mark`, which is `offset` places after the next one, if enough of it is there to sound on.
    fn jump_when_primed(&mut self, offset: u32, mark: Mark) {
        let buffered = self.frames.available();
        let ready = distance(mark.index, self.frames.read_index().wrapping_add(buffered));
        let is_full = buffered > self.frames.capacity() - PRIME_FRAMES;
        let mut primed =
            ready >= PRIME_FRAMES.cast_signed() || is_full && ready >= PRIME_FRAMES_WHEN_FULL.cast_signed();
        let mut later = offset + 1;
        while let Some(next) = self.marks.get(later) {
            // A loop of a few frames runs out of marks before it fills that much.
            primed |= next.is_end() || later - offset >= PRIME_MARKS;
            later += 1;
        }
        if primed {
            let into_middle = mark.frame() != 0;
            let fades = self.position.is_some() && !self.ended || into_middle;
            let kept = if fades { self.fade_from_here() } else { None };
            self.interrupted = false;
            self.concealment.forget();
            self.land(offset, mark);
            self.begin(mark);
            self.log.change(StreamChange::Jumps { track: mark.track, track_frame: mark.frame(), kept });
        }
    }

    /// Takes a jump whose place is reached; its frames continue those before without a fade.
    fn jump_at(&mut self, offset: u32, mark: Mark) -> bool {
        let written = self.frames.read_index().wrapping_add(self.frames.available());
        let there = distance(mark.index, written) > 0 || self.marks.get(offset + 1).is_some_and(Mark::is_end);
        if there {
            self.land(offset, mark);
            self.follow(mark);
        }
        there
    }

    fn land(&mut self, offset: u32, mark: Mark) {
        self.frames.skip(mark.index.wrapping_sub(self.frames.read_index()));
        self.marks.skip(offset + 1);
        self.awaited_epoch = None;
    }

    /// Goes on with another segment without a gap.
    fn follow(&mut self, mark: Mark) {
        self.begin(mark);
        self.log.follow(mark.track, mark.frame());
    }

    fn begin(&mut self, mark: Mark) {
        self.position = Some(Position { epoch: mark.epoch, track: mark.track, frame: mark.frame() });
        self.ended = false;
    }

    /// While an epoch is awaited nothing sounds, and the ring is emptied to make room for it.
    fn drop_unawaited(&mut self) {
        let Some(awaited) = self.awaited_epoch else { return };
        // Looked at before the marks: what arrives later may be what is awaited.
        let there = self.frames.available();
        while let Some(mark) = self.marks.get(0)
            && is_older(mark.epoch, awaited)
        {
            self.marks.skip(1);
        }
        let stale = match self.marks.get(0) {
            Some(mark) => mark.index.wrapping_sub(self.frames.read_index()),
            None => there,
        };
        self.frames.skip(stale);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const FADE: u32 = FADE_FRAMES as u32;

/// Frames from one free-running index to another; negative when it lies behind.
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

fn is_older(epoch: u32, than: u32) -> bool {
    distance(epoch, than) > 0
}
