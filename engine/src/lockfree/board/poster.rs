//! The posting end of a job board.

use super::{
    CLAIMED, Class, DONE, Descriptor, FREE, GENERATION_MASK, LOST, OWNER_SHIFT, PHASE_MASK, POSTED, Shared, WANTED,
    generation_of, word,
};
use crate::config::MAX_OWNERS;
use crate::lockfree::atomics::Ordering;

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

/// Boards have at most 32 slots.
const SLOT_BITS: u32 = 5;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;

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

    /// The ticket as a number of 28 bits, for callers that have only numbers.
    #[must_use]
    pub fn to_word(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "five bits")]
        let slot = self.slot as u32 & SLOT_MASK;
        self.generation << SLOT_BITS | slot
    }

    /// The ticket with that number; of one that was never given out nobody knows.
    #[must_use]
    pub fn from_word(word: u32) -> Self {
        Self { slot: (word & SLOT_MASK) as usize, generation: word >> SLOT_BITS }
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

impl<'a, const SLOTS: usize> Poster<'a, SLOTS> {
    pub(super) fn new(shared: Shared<'a>) -> Self {
        Self { shared, holds: [Hold { generation: 0, held: Held::Free }; SLOTS] }
    }

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

    /// Who has claimed a posted job, if anybody has.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    #[must_use]
    pub fn owner(&self, ticket: Ticket) -> Option<u32> {
        let state = self.shared.slots.get(ticket.slot)?.state.load(Ordering::Relaxed);
        let claimed = generation_of(state) == ticket.generation && matches!(state & PHASE_MASK, CLAIMED | DONE | LOST);
        claimed.then_some((state >> OWNER_SHIFT) % MAX_OWNERS)
    }

    /// Takes a posted job back: its result is not wanted from a worker any more. Its input stays readable until
    /// [`Poster::release`]. Returns whether nobody had it, and nobody will.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn withdraw(&mut self, ticket: Ticket) -> bool {
        let Some(slot) = self.shared.slots.get(ticket.slot) else { return false };
        let Some(hold) = self.holds.get_mut(ticket.slot) else { return false };
        if *hold != (Hold { generation: ticket.generation, held: Held::Posted }) {
            return false;
        }
        let state = slot.state.load(Ordering::Relaxed);
        let posted = generation_of(state) == ticket.generation && state & PHASE_MASK == POSTED;
        let free = word(ticket.generation, Class::RealTime, 0, FREE);
        if posted && slot.state.compare_exchange(state, free, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            hold.held = Held::Reserved;
            true
        } else {
            slot.abandoned.store(ticket.generation, Ordering::Relaxed);
            hold.held = Held::Abandoned;
            false
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

    /// Whether nobody has a released job any more: it was never claimed, or whoever had it has ended it or is buried.
    ///
    /// # Real-time
    /// The poster's thread; wait-free.
    pub fn has_ended(&mut self, ticket: Ticket) -> bool {
        self.recover();
        let hold = self.holds.get(ticket.slot);
        hold.is_none_or(|hold| hold.generation != ticket.generation || hold.held == Held::Free)
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
