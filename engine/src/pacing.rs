//! How far ahead the feeder writes: what it sees of its ring, as the lulls of [`Buffering`].

use crate::buffering::{Buffering, Limits, Lull};
use crate::lockfree::demand::Demand;
use crate::protocol::Join;

/// The feeder's controller of the depth. A refill is one push.
///
/// Only what was heard or starved counts as taken. The ring may be empty for other reasons: an epoch was discarded before
/// the decode worker heard of it, a jump has left old frames behind, the queue had ended.
pub(crate) struct Pacing<'a> {
    demand: &'a Demand,
    buffering: Buffering,
    sample_rate: f32,
    /// Frames that were due before the last refill.
    heard: u32,
    starved: u32,
    /// Frames that were ahead when it ended.
    ahead: u32,
    /// Ring index at which the newest jump begins. What lies before it is not ahead of the sound that is to come.
    origin: u32,
    /// The end of the stream was told.
    ended: bool,
}

impl<'a> Pacing<'a> {
    /// Always full, until limits are set.
    pub(crate) fn new(demand: &'a Demand, ring_frames: u32, sample_rate: f32) -> Self {
        let limits = Limits { least: ring_frames, most: ring_frames, first: ring_frames };
        let buffering = Buffering::new(limits, sample_rate);
        demand.aim(ring_frames, 0);
        Self { demand, buffering, sample_rate, heard: 0, starved: 0, ahead: 0, origin: 0, ended: false }
    }

    /// Looks for the depth within `limits`, or keeps it at `fixed` frames. So many were needed before.
    pub(crate) fn limit(&mut self, limits: Limits, fixed: Option<u32>, needed_frames: u32) {
        self.buffering = Buffering::new(limits, self.sample_rate);
        self.buffering.fix(fixed);
        self.buffering.know(needed_frames);
        self.aim();
    }

    fn aim(&self) {
        self.demand.aim(self.buffering.target_frames(), self.buffering.needed_frames());
    }

    /// The depth that was found last.
    pub(crate) fn target_frames(&self) -> u32 {
        self.buffering.target_frames()
    }

    /// A segment begins at `written`.
    pub(crate) fn begin(&mut self, join: Join, read: u32, written: u32) {
        if join == Join::Now {
            self.origin = written;
        }
        let goes_on = join == Join::Follow && !self.ended;
        self.ended = false;
        if !goes_on {
            self.buffering.restart();
            self.look();
            self.ahead = self.frames_ahead(read, written);
        }
    }

    /// Nothing follows for now.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// A refill is about to begin.
    pub(crate) fn before(&mut self, read: u32, written: u32) {
        let (heard_frames, starved_frames) = self.look();
        let left_frames = self.frames_ahead(read, written).max(self.ahead.saturating_sub(heard_frames));
        let elapsed_frames = heard_frames.saturating_add(starved_frames);
        self.buffering.target(Lull { elapsed_frames, left_frames, starved_frames });
        self.aim();
    }

    /// It has ended.
    pub(crate) fn after(&mut self, read: u32, written: u32) {
        self.ahead = self.frames_ahead(read, written);
        self.buffering.refilled(self.ahead);
    }

    /// Frames that were heard and that starved since the last look.
    fn look(&mut self) -> (u32, u32) {
        let (heard, starved) = (self.demand.heard_frames(), self.demand.starved_frames());
        let before = (core::mem::replace(&mut self.heard, heard), core::mem::replace(&mut self.starved, starved));
        (heard.wrapping_sub(before.0), starved.wrapping_sub(before.1))
    }

    fn frames_ahead(&self, read: u32, written: u32) -> u32 {
        let is_behind = self.origin.wrapping_sub(read).cast_signed() > 0;
        written.wrapping_sub(if is_behind { self.origin } else { read })
    }
}
