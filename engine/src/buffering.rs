//! How far ahead a source is written: the smallest depth that holds on this machine, found while it plays.
//!
//! Whoever writes ahead says before each refill how little was left, gets the depth to fill to, and says afterwards how full
//! it got:
//!
//! ```
//! use rusty_audio_engine::buffering::{Buffering, Limits, Lull};
//!
//! let limits = Limits { least: 8192, most: 1 << 19, first: 48_000 };
//! let mut buffering = Buffering::new(limits, 48_000.0);
//! let mut fill = 0;
//! for _ in 0..100_000 {
//!     let target = buffering.target(Lull { elapsed_frames: 480, left_frames: fill, starved_frames: 0 });
//!     fill = fill.max(target);
//!     buffering.refilled(fill);
//!     fill -= 480;
//! }
//! assert_eq!(buffering.needed_frames(), 480);
//! assert_eq!(buffering.target_frames(), 8192);
//! ```
//!
//! **What is needed.** Between two refills the frames that were taken, those that were missing among them. Where a refill did
//! not reach its target, what it is behind is added to the next need, as long as it lasts (Lindley 1952: the backlog of a
//! queue). So a slow source and a late thread are one number: how far the fill fell below where it was to be.
//!
//! **The law.** The target is the largest need of the last [half an hour](HORIZON_SECONDS) and [`MARGIN`] of it, and never
//! outside the limits. Where that is more than the target, it is the target at once: a starvation tells by how much the
//! depth fell short. Where it is less, the target goes there slowly, by [`NARROWING`] of itself in a second. So it does in the
//! beginning from [`Limits::first`].
//!
//! **Regret.** When something starves whose need was known and forgotten, needs are remembered four times as long from then
//! on, twice at most. So of stalls that come again, however rarely, few are heard.

/// Of the largest need, what is kept in hand: 1/12, since the next need may be a little larger than any before.
pub const MARGIN: f64 = 1.0 / 12.0;

/// Of itself, what a target that is too large loses in a second: 1/256, a third in 104 seconds.
pub const NARROWING: f64 = 1.0 / 256.0;

/// How long a need is remembered at first, in seconds: wakes that vary by chance show nearly their worst within it. Of traces
/// with wakes every 20 ms and a deviation of 5 ms every fortieth starved once in the second of two hours; with a quarter of
/// this horizon every eighth did.
pub const HORIZON_SECONDS: f64 = 1800.0;

/// How often the horizon may become four times as long.
const REGRETS: u32 = 2;

/// Parts of the horizon; the largest need of each is known.
const PARTS: usize = 8;

/// What a target is looked for between, in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// No less than what a jump waits for before it sounds: [`PRIME_FRAMES`](crate::config::PRIME_FRAMES).
    pub least: u32,
    /// No more than the source ring holds. Where it is less than `least`, it counts.
    pub most: u32,
    /// The depth in the beginning: larger where stalls are to be expected, as on phones.
    pub first: u32,
}

/// What happened since the last refill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lull {
    /// Frames of the context's clock that went by while the source was to sound.
    pub elapsed_frames: u32,
    /// Frames that are left to be read.
    pub left_frames: u32,
    /// Frames that should have sounded and were not there.
    pub starved_frames: u32,
}

/// Finds the depth; see the [module](self) for the law. Pure: the same lulls give the same targets.
#[derive(Clone, Debug)]
pub struct Buffering {
    limits: Limits,
    fixed: Option<u32>,
    sample_rate: f64,
    target: f64,
    /// The largest need of each part of the horizon, the newest first.
    needs: [u32; PARTS],
    /// The largest need that was forgotten.
    forgotten: u32,
    /// Frames of the newest part.
    part_frames: u64,
    regrets: u32,
    /// Where the fill is reckoned from: where the last refill ended, at most its target.
    level: u32,
    /// Frames that the last refill was behind.
    behind: u32,
}

impl Buffering {
    /// Nothing was observed yet, and the ring is empty.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(limits: Limits, sample_rate: f32) -> Self {
        Self {
            limits,
            fixed: None,
            sample_rate: f64::from(sample_rate),
            target: f64::from(limits.first.max(limits.least).min(limits.most)),
            needs: [0; PARTS],
            forgotten: 0,
            part_frames: 0,
            regrets: 0,
            level: 0,
            behind: 0,
        }
    }

    /// Keeps the target at so many frames, within the limits; `None` finds it again, from what was observed meanwhile.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn fix(&mut self, frames: Option<u32>) {
        self.fixed = frames;
    }

    /// A need that is known already, of a source that went on here.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn know(&mut self, needed_frames: u32) {
        self.remember(needed_frames, 0);
        self.target = self.target.max(self.wanted());
    }

    /// The frames that are to be there after a refill, now that a lull is over.
    ///
    /// # Real-time
    /// The feeder's thread: some twenty operations.
    pub fn target(&mut self, lull: Lull) -> u32 {
        let taken = self.level.saturating_sub(lull.left_frames);
        let need = self.behind.saturating_add(taken).saturating_add(lull.starved_frames);
        self.level = lull.left_frames;
        self.behind = need;
        if lull.starved_frames > 0 && need > self.needed_frames() && need <= self.forgotten && self.regrets < REGRETS {
            self.regrets += 1;
        }
        self.remember(need, lull.elapsed_frames);
        let narrowed = self.target * (1.0 - NARROWING * f64::from(lull.elapsed_frames) / self.sample_rate);
        self.target = narrowed.max(self.wanted());
        self.target_frames()
    }

    /// A refill has ended with so many frames to be read.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn refilled(&mut self, frames: u32) {
        let target = self.target_frames();
        let written = frames.saturating_sub(self.level);
        self.behind = if frames < target { self.behind.saturating_sub(written) } else { 0 };
        self.level = frames.min(target);
    }

    /// The frames in the ring were dropped or replaced: what is missing of them was not taken.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn restart(&mut self) {
        (self.level, self.behind) = (0, 0);
    }

    /// The target as it was last found or fixed.
    ///
    /// # Real-time
    /// The feeder's thread.
    #[must_use]
    pub fn target_frames(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two limits that fit")]
        let found = self.target as u32;
        self.fixed.unwrap_or(found).max(self.limits.least).min(self.limits.most)
    }

    /// The largest need that is remembered.
    ///
    /// # Real-time
    /// The feeder's thread.
    #[must_use]
    pub fn needed_frames(&self) -> u32 {
        self.needs.iter().fold(0, |largest, need| largest.max(*need))
    }

    /// How long a need is remembered now, give or take an eighth.
    ///
    /// # Real-time
    /// The feeder's thread.
    #[must_use]
    pub fn horizon_frames(&self) -> f64 {
        HORIZON_SECONDS * f64::from(1 << (2 * self.regrets)) * self.sample_rate
    }

    fn remember(&mut self, need: u32, elapsed_frames: u32) {
        self.part_frames += u64::from(elapsed_frames);
        if self.part_frames as f64 >= self.horizon_frames() / PARTS as f64 {
            self.part_frames = 0;
            self.needs.rotate_right(1);
            self.forgotten = self.forgotten.max(core::mem::take(&mut self.needs[0]));
        }
        self.needs[0] = self.needs[0].max(need);
    }

    fn wanted(&self) -> f64 {
        let needed = f64::from(self.needed_frames()) * (1.0 + MARGIN);
        needed.max(f64::from(self.limits.least)).min(f64::from(self.limits.most))
    }
}
