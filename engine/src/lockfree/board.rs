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

use core::array;

use bytemuck::{Pod, Zeroable};

use crate::config::ConfigError;
use crate::lockfree::atomics::{AtomicU32, Cells, Ordering};
use crate::memory::Arena;

/// Owners that a state word can name.
pub const MAX_OWNERS: u32 = 16;

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

    fn from_word(word: u32) -> Self {
        match (word >> CLASS_SHIFT) & 3 {
            0 => Self::RealTime,
            1 => Self::Interactive,
            _ => Self::Background,
        }
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
    let poster = Poster { shared: shared.clone(), holds: [Hold { generation: 0, held: Held::Free }; SLOTS] };
    Ok((poster, Noticeboard { shared }))
}

/// What the poster knows of a slot; the slot's word is only believed within these bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Free,
    /// Input and descriptor are written; nobody else sees it.
    Reserved,
    Posted,
    /// Withdrawn while a worker had it, and still read by the poster.
    Abandoned,
    /// As `Abandoned`, and the poster is through with it.
    OutOfUse,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Hold {
    generation: u32,
    held: Held,
}

/// Names one job of a [`Poster`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    slot: usize,
    generation: u32,
}

impl Ticket {
    /// The slot, for tables beside the board.
    #[must_use]
    pub fn slot(self) -> usize {
        self.slot
    }
}

/// How far a posted job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has it.
    Unclaimed,
    /// A worker has it and has finished so many slices.
    Running {
        /// Slices finished.
        slices: u32,
    },
    /// The output is there.
    Done {
        /// Execution time in microseconds.
        execution_us: u32,
    },
    /// The worker failed or died; or the word is none that this poster wrote.
    Lost,
}

/// The posting end: one thread.
pub struct Poster<'a, const SLOTS: usize> {
    shared: Shared<'a>,
    holds: [Hold; SLOTS],
}

// SAFETY: the poster reaches a slot's cells only while it is reserved or withdrawn, reads inputs only of jobs that it
// has, and outputs only after the claimer's release store of `Done`.
unsafe impl<const SLOTS: usize> Send for Poster<'_, SLOTS> {}

fn word(generation: u32, class: Class, owner: u32, phase: u32) -> u32 {
    (generation & GENERATION_MASK) << GENERATION_SHIFT
        | (owner % MAX_OWNERS) << OWNER_SHIFT
        | (class as u32) << CLASS_SHIFT
        | phase
}

fn generation_of(word: u32) -> u32 {
    word >> GENERATION_SHIFT
}

impl<const SLOTS: usize> Poster<'_, SLOTS> {
    /// Takes a free slot and lets `fill` write its input. `None` when all are in use.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn reserve(&mut self, descriptor: Descriptor, fill: impl FnOnce(&mut [f32])) -> Option<Ticket> {
        self.recover();
        let (slot, hold) = self.holds.iter_mut().enumerate().find(|(_, hold)| hold.held == Held::Free)?;
        hold.held = Held::Reserved;
        hold.generation = (hold.generation + 1) & GENERATION_MASK;
        let shared = &self.shared;
        // SAFETY: the slot is free: no worker has it, because the last owner has stored `Done` or `Lost`, which
        // `recover` or `stage` has seen with acquire, or it was never claimed.
        unsafe {
            shared.descriptors.write(slot, 1, |place| place.fill(descriptor));
            shared.inputs.write(slot * shared.input_samples, shared.input_samples, fill);
        }
        Some(Ticket { slot, generation: hold.generation })
    }

    /// Shows a reserved job to the workers. Among jobs of a class the earliest `deadline` goes first; deadlines wrap
    /// at 2³².
    ///
    /// # Real-time
    /// The poster's thread; wait-free: stores only, no wake-up.
    pub fn post(&mut self, ticket: Ticket, class: Class, deadline: u32) {
        let Some(slot) = self.shared.slots.get(ticket.slot) else { return };
        let Some(hold) = self.holds.get_mut(ticket.slot) else { return };
        if *hold != (Hold { generation: ticket.generation, held: Held::Reserved }) {
            return;
        }
        hold.held = Held::Posted;
        slot.deadline.store(deadline, Ordering::Relaxed);
        slot.progress.store(0, Ordering::Relaxed);
        slot.abandoned.store(WANTED, Ordering::Relaxed);
        slot.state.store(word(ticket.generation, class, 0, POSTED), Ordering::Release);
    }

    /// How far a posted job is.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    #[must_use]
    pub fn stage(&self, ticket: Ticket) -> Stage {
        let Some(slot) = self.shared.slots.get(ticket.slot) else { return Stage::Lost };
        let state = slot.state.load(Ordering::Acquire);
        if generation_of(state) != ticket.generation {
            return Stage::Lost;
        }
        match state & PHASE_MASK {
            POSTED => Stage::Unclaimed,
            CLAIMED => Stage::Running { slices: slot.progress.load(Ordering::Relaxed) },
            DONE => Stage::Done { execution_us: slot.execution_us.load(Ordering::Relaxed) },
            _ => Stage::Lost,
        }
    }

    /// Takes a posted job back: its result is not wanted from a worker any more. Its input stays readable until
    /// [`Poster::release`].
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn withdraw(&mut self, ticket: Ticket) {
        let Some(slot) = self.shared.slots.get(ticket.slot) else { return };
        let Some(hold) = self.holds.get_mut(ticket.slot) else { return };
        if *hold != (Hold { generation: ticket.generation, held: Held::Posted }) {
            return;
        }
        let state = slot.state.load(Ordering::Relaxed);
        let posted = generation_of(state) == ticket.generation && state & PHASE_MASK == POSTED;
        let free = word(ticket.generation, Class::RealTime, 0, FREE);
        if posted && slot.state.compare_exchange(state, free, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            hold.held = Held::Reserved;
        } else {
            slot.abandoned.store(ticket.generation, Ordering::Relaxed);
            hold.held = Held::Abandoned;
        }
    }

    /// Shows the input of a job that is not released.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn input<R>(&self, ticket: Ticket, show: impl FnOnce(&[f32]) -> R) -> Option<R> {
        let hold = self.holds.get(ticket.slot)?;
        let samples = self.shared.input_samples;
        let readable = hold.generation == ticket.generation && !matches!(hold.held, Held::Free | Held::OutOfUse);
        // SAFETY: workers only read inputs, and this thread, which alone writes them, is here.
        readable.then(|| unsafe { self.shared.inputs.read(ticket.slot * samples, samples, show) })
    }

    /// Shows the output of a job that is done; `None` if it is not.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn output<R>(&self, ticket: Ticket, show: impl FnOnce(&[f32]) -> R) -> Option<R> {
        let hold = self.holds.get(ticket.slot)?;
        let samples = self.shared.output_samples;
        let ours = *hold == Hold { generation: ticket.generation, held: Held::Posted };
        let done = ours && matches!(self.stage(ticket), Stage::Done { .. });
        // SAFETY: the job is done, seen with acquire: its owner does not write any more, and nobody else can claim it.
        done.then(|| unsafe { self.shared.outputs.read(ticket.slot * samples, samples, show) })
    }

    /// The poster is through with the job. Its slot is free at once, or when the worker that has it gives it up.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn release(&mut self, ticket: Ticket) {
        self.withdraw(ticket);
        let Some(hold) = self.holds.get_mut(ticket.slot).filter(|hold| hold.generation == ticket.generation) else {
            return;
        };
        hold.held = match hold.held {
            Held::Free | Held::Reserved => Held::Free,
            Held::Posted | Held::Abandoned | Held::OutOfUse => Held::OutOfUse,
        };
    }

    /// Slots that are free now.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn free_slots(&mut self) -> usize {
        self.recover();
        self.holds.iter().filter(|hold| hold.held == Held::Free).count()
    }

    /// Frees what was out of use and has been given up since.
    fn recover(&mut self) {
        for (hold, slot) in self.holds.iter_mut().zip(self.shared.slots) {
            let phase = || slot.state.load(Ordering::Acquire) & PHASE_MASK;
            if hold.held == Held::OutOfUse && matches!(phase(), DONE | LOST) {
                hold.held = Held::Free;
            }
        }
    }
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
        Claimer { shared: self.shared.clone(), owner: owner % MAX_OWNERS }
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

/// A job that waits to be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its place on the board.
    pub slot: usize,
    /// How urgent it is.
    pub class: Class,
    /// See [`Poster::post`].
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
    descriptor: Descriptor,
}

impl Claim {
    /// What is to be computed, as it was when it was claimed.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
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

impl Claimer<'_> {
    /// The jobs that wait.
    ///
    /// # Real-time
    /// Worker; wait-free.
    pub fn offers(&self) -> impl Iterator<Item = Offer> + '_ {
        self.shared.slots.iter().enumerate().filter_map(|(slot, words)| {
            let state = words.state.load(Ordering::Relaxed);
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
        Some(Claim { slot: offer.slot, state: claimed, descriptor })
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

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    const NOTHING: Descriptor = Descriptor { kind: 9, slices: 1, arguments: [0; 6] };

    fn small(memory: &mut Memory) -> (Poster<'_, 3>, Noticeboard<'_>) {
        board::<3>(&mut memory.arena(), 2, 2).unwrap()
    }

    fn post(poster: &mut Poster<'_, 3>, class: Class, deadline: u32, value: f32) -> Option<Ticket> {
        let ticket = poster.reserve(NOTHING, |input| input.fill(value))?;
        poster.post(ticket, class, deadline);
        Some(ticket)
    }

    fn first(claimer: &Claimer<'_>) -> Option<Offer> {
        claimer.offers().reduce(|best, offer| if offer.precedes(&best) { offer } else { best })
    }

    #[test]
    fn a_job_goes_there_and_comes_back() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = small(&mut memory);
        let mut claimer = notices.claimer(5);
        let ticket = post(&mut poster, Class::RealTime, 1, 21.0).unwrap();
        assert_eq!(poster.stage(ticket), Stage::Unclaimed);
        let claim = claimer.claim(first(&claimer).unwrap()).unwrap();
        assert_eq!((claim.descriptor(), notices.claimed_by(5)), (&NOTHING, 1));
        claimer.progress(&claim, 1);
        assert_eq!(poster.stage(ticket), Stage::Running { slices: 1 });
        assert_eq!(poster.output(ticket, |_| ()), None, "not done");
        claimer.compute(&claim, |_, input, output| output.fill(input[0] * 2.0));
        assert!(claimer.complete(claim, 7));
        assert_eq!(poster.stage(ticket), Stage::Done { execution_us: 7 });
        assert_eq!(poster.output(ticket, |output| output[1]), Some(42.0));
        poster.release(ticket);
        assert_eq!(poster.free_slots(), 3);
    }

    #[test]
    fn the_most_urgent_goes_first_and_deadlines_wrap() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = small(&mut memory);
        let mut claimer = notices.claimer(0);
        post(&mut poster, Class::Background, 0, 1.0).unwrap();
        post(&mut poster, Class::RealTime, 5, 2.0).unwrap();
        post(&mut poster, Class::RealTime, u32::MAX, 3.0).unwrap();
        let mut order = Vec::new();
        while let Some(offer) = first(&claimer) {
            let claim = claimer.claim(offer).unwrap();
            claimer.compute(&claim, |_, input, _| order.push(input[0]));
        }
        assert_eq!(order, [3.0, 2.0, 1.0]);
    }

    #[test]
    fn one_job_has_one_owner() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = small(&mut memory);
        let (mut a, mut b) = (notices.claimer(0), notices.claimer(1));
        post(&mut poster, Class::Interactive, 0, 0.0).unwrap();
        let offer = first(&b).unwrap();
        assert!(a.claim(offer).is_some());
        assert!(b.claim(offer).is_none());
    }

    #[test]
    fn an_unclaimed_job_taken_back_is_free_at_once() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = small(&mut memory);
        let mut claimer = notices.claimer(0);
        let ticket = post(&mut poster, Class::RealTime, 0, 4.0).unwrap();
        let offer = first(&claimer).unwrap();
        poster.withdraw(ticket);
        assert!(claimer.claim(offer).is_none());
        assert_eq!(poster.input(ticket, |input| input[0]), Some(4.0), "its input is still there");
        poster.release(ticket);
        assert_eq!(poster.free_slots(), 3);
    }

    #[test]
    fn an_abandoned_job_keeps_its_slot_until_its_owner_ends_or_is_buried() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = small(&mut memory);
        let (mut alive, mut dead) = (notices.claimer(1), notices.claimer(2));
        let tickets = [0, 1].map(|deadline| post(&mut poster, Class::RealTime, deadline, 0.0).unwrap());
        let claim = alive.claim(first(&alive).unwrap()).unwrap();
        core::mem::forget(dead.claim(first(&dead).unwrap()).unwrap());
        for ticket in tickets {
            poster.release(ticket);
        }
        assert_eq!(poster.free_slots(), 1);
        assert!(!alive.is_wanted(&claim));
        alive.fail(claim);
        assert_eq!(poster.free_slots(), 2);
        notices.bury(2);
        assert_eq!(poster.free_slots(), 3);
        assert!(tickets.iter().all(|&ticket| poster.input(ticket, |_| ()).is_none()));
    }

    #[test]
    fn a_late_result_is_not_taken_for_the_next_job() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, notices) = board::<1>(&mut memory.arena(), 1, 1).unwrap();
        let mut late = notices.claimer(3);
        let ticket = poster.reserve(NOTHING, |_| ()).unwrap();
        poster.post(ticket, Class::RealTime, 0);
        let claim = late.claim(first(&late).unwrap()).unwrap();
        poster.release(ticket);
        assert!(poster.reserve(NOTHING, |_| ()).is_none(), "the slot is still its owner's");
        notices.bury(3);
        let next = poster.reserve(NOTHING, |_| ()).unwrap();
        poster.post(next, Class::RealTime, 0);
        late.compute(&claim, |_, _, output| output.fill(6.0));
        assert!(!late.complete(claim, 0));
        assert_eq!(poster.stage(next), Stage::Unclaimed);
        assert_eq!(poster.stage(ticket), Stage::Lost);
    }

    #[test]
    fn a_full_board_refuses() {
        let mut memory = Memory::new(1 << 14);
        let (mut poster, _notices) = small(&mut memory);
        for deadline in 0..3 {
            assert!(post(&mut poster, Class::RealTime, deadline, 0.0).is_some());
        }
        assert!(post(&mut poster, Class::RealTime, 3, 0.0).is_none());
    }
}
