//! Job board: one poster publishes jobs, any number of workers claim them.
//!
//! A slot's life is in one word, `generation | owner | class | phase`:
//!
//! ```text
//!            post            claim              complete
//!   Free ──────────> Posted ───────> Claimed ─────────────> Done ─┐
//!    ^                 │                │ fail, bury              │
//!    │    withdraw     │                └────────> Lost           │
//!    └─────────────────┴──────────────── release ────┴────────────┘
//! ```
//!
//! The poster never waits for a worker: it takes an unclaimed job back, and abandons a claimed one, whose slot is then
//! out of use until its owner has completed it, or is dead and [buried](Noticeboard::bury). What an abandoned worker
//! publishes is discarded with its generation.

mod claimer;
mod poster;
#[cfg(test)]
mod tests;

use core::array;

use bytemuck::{Pod, Zeroable};

use crate::config::{ConfigError, MAX_OWNERS};
use crate::lockfree::atomics::{AtomicU32, Cells, Ordering};
use crate::memory::Arena;

pub use claimer::{Claim, Claimer, Offer};
pub use poster::{Poster, Stage, Ticket};

const FREE: u32 = 0;
const POSTED: u32 = 1;
const CLAIMED: u32 = 2;
const DONE: u32 = 3;
const LOST: u32 = 4;

const PHASE_MASK: u32 = 0x7;
const CLASS_SHIFT: u32 = 3;
const OWNER_SHIFT: u32 = 5;
const GENERATION_SHIFT: u32 = 9;
const GENERATION_MASK: u32 = u32::MAX >> GENERATION_SHIFT;

/// No generation: what `abandoned` holds while the job is wanted.
const WANTED: u32 = u32::MAX;

/// How urgent a job is; a lower one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Has a deadline in frames; the earliest goes first.
    RealTime = 0,
    /// Somebody looks at the result.
    Interactive = 1,
    /// Nobody is in a hurry.
    Background = 2,
}

impl Class {
    /// How many there are.
    pub const COUNT: usize = 3;

    /// The class with that number; all unknown ones are the least urgent.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::RealTime,
            1 => Self::Interactive,
            _ => Self::Background,
        }
    }

    fn from_word(word: u32) -> Self {
        Self::from_number((word >> CLASS_SHIFT) & 3)
    }
}

/// What a job computes: a kind and its arguments.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Descriptor {
    /// Which computation.
    pub kind: u32,
    /// In how many slices.
    pub slices: u32,
    /// What they mean is the kind's affair.
    pub arguments: [u32; 6],
}

#[repr(C, align(64))]
struct Slot {
    state: AtomicU32,
    deadline: AtomicU32,
    /// Slices that the claimer has finished.
    progress: AtomicU32,
    /// Execution time in microseconds, valid with `Done`.
    execution_us: AtomicU32,
    /// Generation of the job that the poster does not want any more.
    abandoned: AtomicU32,
}

impl Slot {
    fn new() -> Self {
        Self {
            state: AtomicU32::new(FREE),
            deadline: AtomicU32::new(0),
            progress: AtomicU32::new(0),
            execution_us: AtomicU32::new(0),
            abandoned: AtomicU32::new(WANTED),
        }
    }
}

struct Shared<'a> {
    slots: &'a [Slot],
    descriptors: Cells<'a, Descriptor>,
    inputs: Cells<'a, f32>,
    outputs: Cells<'a, f32>,
    input_samples: usize,
    output_samples: usize,
}

impl Clone for Shared<'_> {
    fn clone(&self) -> Self {
        Self {
            descriptors: self.descriptors.clone(),
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            ..*self
        }
    }
}

/// Makes a board of `SLOTS` slots, each with room for `input_samples` and `output_samples`.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn board<'a, const SLOTS: usize>(
    arena: &mut Arena<'a>,
    input_samples: usize,
    output_samples: usize,
) -> Result<(Poster<'a, SLOTS>, Noticeboard<'a>), ConfigError> {
    let slots = &*arena.place(array::from_fn::<Slot, SLOTS, _>(|_| Slot::new()))?;
    let shared = Shared {
        slots,
        descriptors: Cells::carve(arena, SLOTS)?,
        inputs: Cells::carve(arena, SLOTS.saturating_mul(input_samples))?,
        outputs: Cells::carve(arena, SLOTS.saturating_mul(output_samples))?,
        input_samples,
        output_samples,
    };
    Ok((Poster::new(shared.clone()), Noticeboard { shared }))
}

fn word(generation: u32, class: Class, owner: u32, phase: u32) -> u32 {
    (generation & GENERATION_MASK) << GENERATION_SHIFT
        | (owner % MAX_OWNERS) << OWNER_SHIFT
        | (class as u32) << CLASS_SHIFT
        | phase
}

fn generation_of(word: u32) -> u32 {
    word >> GENERATION_SHIFT
}

/// The board as all but the poster see it.
#[derive(Clone)]
pub struct Noticeboard<'a> {
    shared: Shared<'a>,
}

// SAFETY: it only makes claimers, whose protocol is in the slots' words.
unsafe impl Send for Noticeboard<'_> {}

impl<'a> Noticeboard<'a> {
    /// The claiming end of one worker; `owner` is its number, below [`MAX_OWNERS`], and nobody else's.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn claimer(&self, owner: u32) -> Claimer<'a> {
        Claimer::new(self.shared.clone(), owner % MAX_OWNERS)
    }

    /// Gives up whatever `owner` had claimed. Only for a worker that certainly does not run any more.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn bury(&self, owner: u32) {
        for slot in self.shared.slots {
            let state = slot.state.load(Ordering::Relaxed);
            if state & PHASE_MASK == CLAIMED && (state >> OWNER_SHIFT) % MAX_OWNERS == owner % MAX_OWNERS {
                let lost = state & !PHASE_MASK | LOST;
                // Whoever changed it meanwhile has given it up himself.
                let _ = slot.state.compare_exchange(state, lost, Ordering::AcqRel, Ordering::Relaxed);
            }
        }
    }

    /// Jobs that are claimed by `owner`.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn claimed_by(&self, owner: u32) -> usize {
        let states = self.shared.slots.iter().map(|slot| slot.state.load(Ordering::Relaxed));
        let has = |state: &u32| state & PHASE_MASK == CLAIMED && (state >> OWNER_SHIFT) % MAX_OWNERS == owner;
        states.filter(has).count()
    }
}
