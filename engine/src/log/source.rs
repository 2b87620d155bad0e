//! What the audio thread records of one player's source.

use crate::config::{REPEAT_PULSES, SOURCE_PULSE_SECONDS};
use crate::events::{Event, Occurrence, StreamChange, next_number};
use crate::lockfree::recorder::Recorder;
use crate::protocol::Telemetry;

/// What was told before the first quantum.
const NOTHING: [u32; 2] = [u32::MAX; 2];

/// The log of a player's source: pulses, every change of its state, so the first and the last quantum of every run of
/// starvation, and every change of its stream, so that it can be rendered again.
pub(crate) struct SourceLog<'a> {
    recorder: Recorder<'a, Event>,
    pulse_frames: u64,
    pulse_frame: u64,
    /// State and epoch that were recorded last.
    told: [u32; 2],
    clock_ms: f64,
    /// First frame of the present quantum.
    quantum_frame: u64,
    /// The frame behind the last one of the present quantum.
    end_frame: u64,
    /// Frames of it that are rendered.
    reached: usize,
    /// Number of the next change of the stream.
    number: u32,
    passage: Option<Passage>,
}

/// A place that the stream has followed to, and may follow to again: a loop.
#[derive(Clone, Copy)]
struct Passage {
    track: u32,
    track_frame: u64,
    /// When it did so last.
    frame: u64,
    /// Frames since the time before.
    every: Option<u64>,
    /// Whether the last time, which was as long after the one before, is still to be recorded.
    pending: bool,
    /// Pulses since the last time that was recorded.
    pulses: u32,
}

impl<'a> SourceLog<'a> {
    pub(crate) fn new(recorder: Recorder<'a, Event>, sample_rate: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of frames")]
        let pulse_frames = (SOURCE_PULSE_SECONDS * sample_rate) as u64;
        Self {
            recorder,
            pulse_frames,
            pulse_frame: 0,
            told: NOTHING,
            clock_ms: f64::NEG_INFINITY,
            quantum_frame: 0,
            end_frame: 0,
            reached: 0,
            number: 0,
            passage: None,
        }
    }

    /// The quantum of `frames` frames at `frame` begins.
    pub(crate) fn begin(&mut self, clock_ms: f64, frame: u64, frames: usize) {
        (self.clock_ms, self.quantum_frame, self.reached) = (clock_ms, frame, 0);
        if frame != self.end_frame {
            self.stood();
        }
        self.end_frame = frame.wrapping_add(frames as u64);
    }

    /// The present quantum is not the next one of the last, or it is the first of all.
    fn stood(&mut self) {
        if self.told != NOTHING {
            self.change(StreamChange::Stood { frames: self.quantum_frame.wrapping_sub(self.end_frame) });
        }
    }

    /// So many frames of the present quantum are rendered.
    pub(crate) fn reach(&mut self, frames: usize) {
        self.reached = frames;
    }

    /// The next frame to be rendered.
    fn frame(&self) -> u64 {
        self.quantum_frame.wrapping_add(self.reached as u64)
    }

    /// The stream changes at the next frame to be rendered.
    pub(crate) fn change(&mut self, change: StreamChange) {
        self.write_pending();
        self.passage = None;
        self.write(self.frame(), change);
    }

    /// The stream follows to another place at the next frame to be rendered. A short loop does so very often: when it has come
    /// round twice in the same time, only some of the next times are recorded.
    pub(crate) fn follow(&mut self, track: u32, track_frame: u64) {
        let frame = self.frame();
        let mut every = None;
        if let Some(passage) = &mut self.passage
            && (passage.track, passage.track_frame) == (track, track_frame)
        {
            let elapsed = frame.wrapping_sub(passage.frame);
            if elapsed == 0 {
                // A segment without a frame, as it was before.
                return;
            }
            every = Some(elapsed);
            if every == passage.every {
                passage.frame = frame;
                passage.pending = true;
                return;
            }
        }
        self.write_pending();
        self.passage = Some(Passage { track, track_frame, frame, every, pending: false, pulses: 0 });
        self.write(frame, StreamChange::Follows { track, track_frame });
    }

    /// The present quantum is rendered.
    pub(crate) fn observe(&mut self, telemetry: &Telemetry) {
        let &Telemetry { state, epoch, buffered_frames, starved_frames, .. } = telemetry;
        let frame = self.quantum_frame;
        if self.told == [state, epoch] && frame.wrapping_sub(self.pulse_frame) < self.pulse_frames {
            return;
        }
        if let Some(passage) = &mut self.passage {
            passage.pulses = passage.pulses.saturating_add(1);
            if passage.pulses >= REPEAT_PULSES {
                self.write_pending();
            }
        }
        (self.told, self.pulse_frame) = ([state, epoch], frame);
        let occurrence = Occurrence::Source { state, buffered_frames, starved_frames };
        self.recorder.record(Event::new(self.clock_ms, frame, occurrence));
    }

    fn write_pending(&mut self) {
        if let Some(passage) = &mut self.passage
            && passage.pending
        {
            (passage.pending, passage.pulses) = (false, 0);
            let Passage { track, track_frame, frame, .. } = *passage;
            self.write(frame, StreamChange::Repeats { track, track_frame });
        }
    }

    fn write(&mut self, frame: u64, change: StreamChange) {
        let number = self.number;
        self.number = next_number(number);
        self.recorder.record(Event::new(self.clock_ms, frame, Occurrence::Stream { number, change }));
    }
}
