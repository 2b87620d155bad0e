//! Models to drive the conductor with: a codec whose frames say which they are, and a ring that reads as the
//! audio thread does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use rusty_audio_decoder::{Codec, CodecDescription, IndexState, Interruption, Join, Media, SeekAbility, Segment, Sink};
use rusty_audio_protocol::{ErrorCode, Failure};

/// A small pseudo-random sequence (xorshift), so that a failure can be run again.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit
    }
}

/// A model file: frame `f` of track `t` is `(f, t)`, so that whoever hears it knows what it hears.
#[derive(Clone, Debug)]
pub struct Model {
    pub track: u32,
    pub frames: u64,
    /// Decoding fails there.
    pub fault: Option<u64>,
    /// Seeks land this many frames before the target until the index is complete.
    pub seek_error: Option<u64>,
    /// Reading costs no network traffic.
    pub local: bool,
    /// Share of calls in 8 that find nothing to read yet.
    pub waiting: u64,
    pub chance: Rc<RefCell<Chance>>,
}

impl Model {
    /// Frames that can be heard.
    pub fn playable(&self) -> u64 {
        self.fault.map_or(self.frames, |fault| fault.min(self.frames))
    }
}

impl Media for Model {
    type Codec = ModelCodec;

    fn codec(&self) -> ModelCodec {
        ModelCodec { model: self.clone(), next: 0, packet: 0..0, error: 0, indexed: 0 }
    }

    fn is_local(&self) -> bool {
        self.local
    }

    fn release(&self) {}
}

pub struct ModelCodec {
    model: Model,
    next: u64,
    packet: core::ops::Range<u64>,
    error: u64,
    indexed: u32,
}

impl ModelCodec {
    fn may_go_on(&self) -> Result<(), Interruption> {
        if self.model.chance.borrow_mut().below(8) < self.model.waiting {
            return Err(Interruption::Waiting);
        }
        Ok(())
    }

    fn fail<T>() -> Result<T, Interruption> {
        Err(Interruption::Failed(Failure::new(ErrorCode::CorruptFile, "The model breaks here.")))
    }
}

impl Codec for ModelCodec {
    fn open(&mut self) -> Result<CodecDescription, Interruption> {
        self.may_go_on()?;
        if self.model.fault == Some(0) {
            return Self::fail();
        }
        self.next = 0;
        self.error = 0;
        self.description()
    }

    fn description(&mut self) -> Result<CodecDescription, Interruption> {
        Ok(CodecDescription {
            container: "Model".into(),
            codec: "Numbers".into(),
            channels: 2,
            sample_rate: 48_000,
            frames: Some(self.model.frames),
            frames_exact: self.model.seek_error.is_none() || self.indexed == 10,
            gapless: true,
            seek: if self.model.seek_error.is_some() { SeekAbility::Index } else { SeekAbility::Exact },
            notes: Vec::new(),
            channel_positions: Vec::new(),
        })
    }

    fn next(&mut self) -> Result<usize, Interruption> {
        self.may_go_on()?;
        if self.model.fault.is_some_and(|fault| self.next >= fault) {
            return Self::fail();
        }
        if self.next >= self.model.frames {
            return Err(Interruption::End);
        }
        // Packets of any length, some of them empty.
        let frames = self.model.chance.borrow_mut().below(3_000).saturating_sub(200);
        let end = (self.next + frames).min(self.model.playable());
        self.packet = self.next..end;
        self.next = end;
        Ok(usize::try_from(self.packet.end - self.packet.start).unwrap())
    }

    fn read_plane(&mut self, channel: usize, samples: &mut Vec<f32>) -> Result<(), Interruption> {
        samples.clear();
        #[expect(clippy::cast_precision_loss, reason = "model files are shorter than 2^24 frames")]
        samples.extend(self.packet.clone().map(
            |frame| {
                if channel == 0 { frame as f32 } else { self.model.track as f32 }
            },
        ));
        Ok(())
    }

    fn position(&mut self) -> Result<u64, Interruption> {
        Ok(self.packet.start + self.error)
    }

    fn seek(&mut self, frame: u64) -> Result<(), Interruption> {
        self.may_go_on()?;
        self.error = if self.indexed == 10 { 0 } else { self.model.seek_error.unwrap_or(0).min(frame) };
        self.next = frame - self.error;
        Ok(())
    }

    fn seek_is_exact(&mut self) -> Result<bool, Interruption> {
        Ok(self.model.seek_error.is_none() || self.indexed == 10 || self.next == 0)
    }

    fn landing_offset(&mut self) -> Result<Option<i64>, Interruption> {
        Ok((self.indexed == 10).then(|| -i64::try_from(self.error).unwrap()))
    }

    fn extend_index(&mut self) -> Result<IndexState, Interruption> {
        self.may_go_on()?;
        self.indexed = (self.indexed + 1).min(10);
        #[expect(clippy::cast_precision_loss, reason = "at most 10")]
        Ok(if self.indexed == 10 { IndexState::Complete } else { IndexState::Partial(self.indexed as f32 / 10.0) })
    }
}

/// Frames after which the audio thread takes a jump.
const PRIME_FRAMES: u32 = 2048;

/// What the ring's reader is told at an index.
#[derive(Clone, Copy, Debug)]
enum Mark {
    Begin(Segment),
    End,
}

/// A source ring with the audio thread's rules of reading.
#[derive(Debug)]
pub struct ModelRing {
    capacity: u32,
    read: u32,
    written: u32,
    frames: VecDeque<(f32, f32)>,
    marks: VecDeque<(u32, Mark)>,
    most_marks: usize,
    target: u32,
}

impl ModelRing {
    /// Indices start close to their wrap. It asks for `target` frames ahead of the sound.
    pub fn new(capacity: u32, target: u32) -> Self {
        let start = u32::MAX - 70_000;
        Self {
            capacity,
            read: start,
            written: start,
            frames: VecDeque::new(),
            marks: VecDeque::new(),
            most_marks: 256,
            target,
        }
    }

    /// The main thread has announced a new epoch: nothing older is heard.
    pub fn await_epoch(&mut self) {
        self.frames.clear();
        self.marks.clear();
        self.read = self.written;
    }

    fn land(&mut self, place: usize) {
        let index = self.marks[place].0;
        while self.read != index {
            self.frames.pop_front();
            self.read = self.read.wrapping_add(1);
        }
        self.marks.drain(..=place);
    }

    /// What the audio thread does in every quantum, playing or paused: takes the jumps that are ready.
    pub fn take_jumps(&mut self) {
        let written = self.written;
        let jump =
            self.marks.iter().rposition(|(_, mark)| matches!(mark, Mark::Begin(segment) if segment.join == Join::Jump));
        if let Some(place) = jump {
            let primed = written.wrapping_sub(self.marks[place].0) >= PRIME_FRAMES
                || self.marks.iter().skip(place).any(|(_, mark)| matches!(mark, Mark::End));
            if primed {
                self.land(place);
            }
            return;
        }
        loop {
            let at = self.marks.iter().position(
                |(_, mark)| matches!(mark, Mark::Begin(Segment { join: Join::At(at), .. }) if *at == self.read),
            );
            let Some(place) = at else { return };
            let filled = written != self.marks[place].0 || matches!(self.marks.get(place + 1), Some((_, Mark::End)));
            if !filled {
                return;
            }
            self.land(place);
        }
    }

    /// The next frame, as `(frame, track)`; none if the stream has ended or is starved.
    pub fn hear(&mut self) -> Option<(u64, u32)> {
        self.take_jumps();
        while let Some(&(index, mark)) = self.marks.front()
            && index == self.read
        {
            match mark {
                Mark::Begin(Segment { join: Join::Follow, .. }) => drop(self.marks.pop_front()),
                Mark::Begin(_) => return None,
                Mark::End => {
                    if matches!(self.marks.get(1), Some((next, Mark::Begin(Segment { join: Join::Follow, .. }))) if *next == index)
                    {
                        self.marks.pop_front();
                    } else {
                        return None;
                    }
                }
            }
        }
        let (frame, track) = self.frames.pop_front()?;
        self.read = self.read.wrapping_add(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
        Some((frame as u64, track as u32))
    }

    /// Whether the end of all is what comes next.
    pub fn has_ended(&mut self) -> bool {
        self.take_jumps();
        matches!(self.marks.front(), Some((index, Mark::End)) if *index == self.read) && self.marks.len() == 1
    }
}

impl Sink for ModelRing {
    fn capacity(&self) -> u32 {
        self.capacity
    }

    fn written(&self) -> u32 {
        self.written
    }

    fn read(&self) -> u32 {
        self.read
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn begin(&mut self, segment: Segment) -> bool {
        if self.marks.len() == self.most_marks {
            return false;
        }
        self.marks.push_back((self.written, Mark::Begin(segment)));
        true
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        assert!(left.len() <= self.space() as usize, "more than the space was pushed");
        self.frames.extend(left.iter().copied().zip(right.iter().copied()));
        self.written = self.written.wrapping_add(u32::try_from(left.len()).unwrap());
        left.len()
    }

    fn end(&mut self) -> bool {
        if self.marks.len() == self.most_marks {
            return false;
        }
        self.marks.push_back((self.written, Mark::End));
        true
    }
}
