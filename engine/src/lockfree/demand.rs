//! What the audio thread has had of a source, and what the source's writer aims at.

use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::lockfree::counter::Counter;

/// What one side writes. 128 bytes, because processors fetch cache lines in pairs.
#[derive(Debug)]
#[repr(C, align(128))]
struct Line<T>(T);

#[derive(Debug)]
struct Had {
    heard: Counter,
    starved: Counter,
}

#[derive(Debug)]
struct Aim {
    target: AtomicU32,
    needed: AtomicU32,
}

/// Four words beside a source ring. They order nothing: the ring may have moved on before or after.
#[derive(Debug)]
pub struct Demand {
    had: Line<Had>,
    aim: Line<Aim>,
}

impl Demand {
    /// Nothing was due yet.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        let had = Had { heard: Counter::new(), starved: Counter::new() };
        let aim = Aim { target: AtomicU32::new(0), needed: AtomicU32::new(0) };
        Self { had: Line(had), aim: Line(aim) }
    }

    /// So many frames were due: `heard` of them were there, `starved` were missing.
    ///
    /// # Real-time
    /// Audio thread; wait-free.
    pub fn count(&self, heard: u32, starved: u32) {
        self.had.0.heard.add(heard);
        if starved > 0 {
            self.had.0.starved.add(starved);
        }
    }

    /// Frames that were heard, wrapping. What a jump or a discarded epoch skips is not among them.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn heard_frames(&self) -> u32 {
        self.had.0.heard.read()
    }

    /// Frames that should have been heard and were not there, wrapping.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn starved_frames(&self) -> u32 {
        self.had.0.starved.read()
    }

    /// The source is written so many frames ahead from now on, because so many were needed.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    pub fn aim(&self, target_frames: u32, needed_frames: u32) {
        self.aim.0.target.store(target_frames, Ordering::Relaxed);
        self.aim.0.needed.store(needed_frames, Ordering::Relaxed);
    }

    /// How far ahead it is to be written, in frames.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn target_frames(&self) -> u32 {
        self.aim.0.target.load(Ordering::Relaxed)
    }

    /// The largest need that is remembered, in frames.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn needed_frames(&self) -> u32 {
        self.aim.0.needed.load(Ordering::Relaxed)
    }
}

impl Default for Demand {
    fn default() -> Self {
        Self::new()
    }
}
