//! The claiming ends of a job board.

use super::{CLAIMED, Class, DONE, Descriptor, LOST, PHASE_MASK, POSTED, Shared, generation_of, word};
use crate::lockfree::atomics::Ordering;

/// A job that waits to be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its place on the board.
    pub slot: usize,
    /// How urgent it is.
    pub class: Class,
    /// See [`Poster::post`](super::Poster::post).
    pub deadline: u32,
    state: u32,
}

impl Offer {
    /// A number that no other job of this slot has had for long.
    #[must_use]
    pub fn generation(&self) -> u32 {
        generation_of(self.state)
    }

    /// Whether this one goes before `other`.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        match self.class.cmp(&other.class) {
            core::cmp::Ordering::Equal => self.deadline.wrapping_sub(other.deadline).cast_signed() < 0,
            order => order.is_lt(),
        }
    }
}

/// A claimed job. Dropped without an end, it stays claimed until its owner is buried.
#[derive(Debug)]
pub struct Claim {
    slot: usize,
    state: u32,
    deadline: u32,
    descriptor: Descriptor,
}

impl Claim {
    /// What is to be computed, as it was when it was claimed.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The deadline that it was posted with.
    #[must_use]
    pub fn deadline(&self) -> u32 {
        self.deadline
    }

    /// How urgent it is.
    #[must_use]
    pub fn class(&self) -> Class {
        Class::from_word(self.state)
    }
}

/// The claiming end: one for each worker.
pub struct Claimer<'a> {
    shared: Shared<'a>,
    owner: u32,
}

// SAFETY: a claimer reaches a slot's cells only through a `Claim`, which the compare-exchange gave to it alone.
unsafe impl Send for Claimer<'_> {}

impl<'a> Claimer<'a> {
    pub(super) fn new(shared: Shared<'a>, owner: u32) -> Self {
        Self { shared, owner }
    }

    /// The jobs that wait.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn offers(&self) -> impl Iterator<Item = Offer> + '_ {
        self.shared.slots.iter().enumerate().filter_map(|(slot, words)| {
            // Acquired, so that the deadline is that of the job that is offered.
            let state = words.state.load(Ordering::Acquire);
            let offer = || Offer {
                slot,
                class: Class::from_word(state),
                deadline: words.deadline.load(Ordering::Relaxed),
                state,
            };
            (state & PHASE_MASK == POSTED).then(offer)
        })
    }

    /// Claims a job; `None` when somebody was faster or it was taken back.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn claim(&mut self, offer: Offer) -> Option<Claim> {
        let slot = self.shared.slots.get(offer.slot)?;
        let class = Class::from_word(offer.state);
        let claimed = word(generation_of(offer.state), class, self.owner, CLAIMED);
        slot.state.compare_exchange(offer.state, claimed, Ordering::AcqRel, Ordering::Relaxed).ok()?;
        // SAFETY: the compare-exchange acquired what the poster wrote before `Posted`, and the poster does not write
        // a claimed slot.
        let descriptor = unsafe { self.shared.descriptors.read(offer.slot, 1, |place| place.first().copied()) }?;
        Some(Claim { slot: offer.slot, state: claimed, deadline: offer.deadline, descriptor })
    }

    /// Lets `compute` read the input and write the output.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn compute<R>(&mut self, claim: &Claim, compute: impl FnOnce(&Descriptor, &[f32], &mut [f32]) -> R) -> R {
        let Shared { inputs, outputs, input_samples, output_samples, .. } = &self.shared;
        // SAFETY: the claim is this owner's: the poster reads the input at most, and the output only after `Done`.
        unsafe {
            inputs.read(claim.slot * input_samples, *input_samples, |input| {
                outputs.write(claim.slot * output_samples, *output_samples, |output| {
                    compute(&claim.descriptor, input, output)
                })
            })
        }
    }

    /// Tells the poster that so many slices are finished.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn progress(&mut self, claim: &Claim, slices: u32) {
        if let Some(slot) = self.shared.slots.get(claim.slot) {
            slot.progress.store(slices, Ordering::Relaxed);
        }
    }

    /// Whether the poster still wants it.
    ///
    /// # Real-time
    /// Worker; wait-free.
    #[must_use]
    pub fn is_wanted(&self, claim: &Claim) -> bool {
        let slot = self.shared.slots.get(claim.slot);
        slot.is_some_and(|slot| slot.abandoned.load(Ordering::Relaxed) != generation_of(claim.state))
    }

    /// Publishes the output. Returns whether the slot was still this owner's.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn complete(&mut self, claim: Claim, execution_us: u32) -> bool {
        if let Some(slot) = self.shared.slots.get(claim.slot) {
            slot.execution_us.store(execution_us, Ordering::Relaxed);
        }
        self.end(&claim, DONE)
    }

    /// Gives the job up unfinished.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn fail(&mut self, claim: Claim) {
        self.end(&claim, LOST);
    }

    fn end(&mut self, claim: &Claim, phase: u32) -> bool {
        let ended = claim.state & !PHASE_MASK | phase;
        self.shared.slots.get(claim.slot).is_some_and(|slot| {
            slot.state.compare_exchange(claim.state, ended, Ordering::Release, Ordering::Relaxed).is_ok()
        })
    }
}
