//! Regions: memory that the main thread lends to the audio thread and its jobs, and that comes home again.
//!
//! An effect that is built with a [`Tract`] of its own needs nobody to lend it one: the audio thread enters it in the table.
//!
//! A region's place in the table is all that crosses threads; where it lies is in the table's words. They carry a seal, so
//! that words which somebody else has written lead nowhere.
//!
//! ```text
//!   Vacant ── Registrar::lend ──> Filling ── send ──> Lent ── take ──> Taken ── give_back ──> Home ── reclaim ──> Vacant
//!   main                          main                                 audio, jobs            main
//! ```
//!
//! Who may write which part of a region when is for the audio thread's `Pipeline` to say: what a
//! job writes is nobody else's until the job has ended. A job that was abandoned may still *read* what is being written by
//! then. WebAssembly defines such reads, and what is computed from them is thrown away with the job.

use core::array;

use crate::config::{ConfigError, REGIONS};
use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::memory::{Arena, Ground, MAX_TRACTS, Plot, Tract};

/// Numbers that say what lies in a region; their meaning is its owner's affair.
pub type Shape = [u32; 3];

const VACANT: u32 = 0;
const FILLING: u32 = 1;
const LENT: u32 = 2;
const TAKEN: u32 = 3;
const HOME: u32 = 4;

/// Places of the table: those of the main thread's regions, then one for each tract.
const PLACES: usize = REGIONS + MAX_TRACTS;

struct Words {
    /// One of the above. Written by the main thread while vacant, filling or home, and by the audio thread otherwise; a
    /// tract's by the audio thread alone, from vacant to taken and back.
    state: AtomicU32,
    start: AtomicU32,
    samples: AtomicU32,
    shape: [AtomicU32; 3],
    seal: AtomicU32,
    /// How far whatever is done in the region once has come.
    journal: AtomicU32,
}

impl Words {
    fn new() -> Self {
        let word = || AtomicU32::new(0);
        Self {
            state: word(),
            start: word(),
            samples: word(),
            shape: array::from_fn(|_| word()),
            seal: word(),
            journal: word(),
        }
    }

    /// Says where a region lies, before its state does.
    fn enter(&self, start: u32, samples: u32, shape: Shape) {
        self.start.store(start, Ordering::Relaxed);
        self.samples.store(samples, Ordering::Relaxed);
        self.shape.iter().zip(shape).for_each(|(word, value)| word.store(value, Ordering::Relaxed));
        self.seal.store(seal(start, samples, shape), Ordering::Relaxed);
        self.journal.store(0, Ordering::Relaxed);
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn seal(start: u32, samples: u32, shape: Shape) -> u32 {
    let mix = |hash: u32, word: u32| (hash ^ word).wrapping_mul(0x9E37_79B1).rotate_left(15);
    shape.into_iter().fold(mix(mix(0x5EA1, start), samples), mix)
}

/// Makes the table.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn regions<'a>(arena: &mut Arena<'a>) -> Result<(Registrar<'a>, Regions<'a>), ConfigError> {
    let table = &*arena.place(array::from_fn(|_| Words::new()))?;
    let regions = Regions { ground: arena.ground(), table };
    Ok((Registrar { regions, plots: [const { None }; REGIONS] }, regions))
}

/// The main thread's end: lends regions out and takes them back.
pub struct Registrar<'a> {
    regions: Regions<'a>,
    plots: [Option<Plot>; REGIONS],
}

impl<'a> Registrar<'a> {
    /// Finds room for a region of `samples` zeroed samples. `None` when all places are taken.
    ///
    /// # Real-time
    /// Main thread only.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn lend(&mut self, arena: &mut Arena<'a>, samples: usize, shape: Shape) -> Result<Option<u32>, ConfigError> {
        self.reclaim(arena);
        let vacant = (0..).zip(&mut self.plots).zip(self.regions.table).find(|((_, plot), _)| plot.is_none());
        let Some(((place, slot), words)) = vacant else { return Ok(None) };
        let plot = arena.lend(samples)?;
        words.enter(number(plot.start()), number(plot.samples()), shape);
        words.state.store(FILLING, Ordering::Relaxed);
        *slot = Some(plot);
        Ok(Some(place))
    }

    /// The region at `place`, until it is sent.
    ///
    /// # Real-time
    /// Main thread.
    pub fn filling(&mut self, place: u32) -> Option<Region<'a>> {
        self.regions.in_state(place, FILLING)
    }

    /// Changes the shape of a region that is not sent yet.
    ///
    /// # Real-time
    /// Main thread.
    pub fn reshape(&mut self, place: u32, shape: Shape) {
        let Some(words) = self.regions.table.get(place as usize) else { return };
        let Some(plot) = self.plots.get(place as usize).and_then(Option::as_ref) else { return };
        if words.state.load(Ordering::Relaxed) != FILLING {
            return;
        }
        words.shape.iter().zip(shape).for_each(|(word, value)| word.store(value, Ordering::Relaxed));
        words.seal.store(seal(number(plot.start()), number(plot.samples()), shape), Ordering::Relaxed);
    }

    /// The region at `place` is filled: the audio thread may take it.
    ///
    /// # Real-time
    /// Main thread.
    pub fn send(&mut self, place: u32) {
        self.pass(place, FILLING, LENT);
    }

    /// Takes back a region that the audio thread was never told of.
    ///
    /// # Real-time
    /// Main thread.
    pub fn discard(&mut self, arena: &mut Arena<'a>, place: u32) {
        self.pass(place, FILLING, HOME);
        self.pass(place, LENT, HOME);
        self.reclaim(arena);
    }

    /// Takes back what has come home. Returns how many regions are still out.
    ///
    /// # Real-time
    /// Main thread.
    pub fn reclaim(&mut self, arena: &mut Arena<'a>) -> usize {
        for (plot, words) in self.plots.iter_mut().zip(self.regions.table) {
            if words.state.load(Ordering::Acquire) == HOME {
                words.seal.store(0, Ordering::Relaxed);
                words.state.store(VACANT, Ordering::Relaxed);
                if let Some(plot) = plot.take() {
                    arena.take_back(plot);
                }
            }
        }
        self.plots.iter().flatten().count()
    }

    fn pass(&self, place: u32, from: u32, to: u32) {
        if let Some(words) = self.regions.table.get(place as usize)
            && words.state.load(Ordering::Relaxed) == from
        {
            words.state.store(to, Ordering::Release);
        }
    }
}

/// The place of a tract in the table.
pub(crate) fn place_of_tract(tract: &Tract<'_>) -> u32 {
    number(REGIONS + tract.number())
}

/// The table as the audio thread and the workers see it.
#[derive(Clone, Copy)]
pub struct Regions<'a> {
    ground: Ground<'a>,
    table: &'a [Words; PLACES],
}

impl<'a> Regions<'a> {
    /// Takes the region at `place`, once.
    ///
    /// # Real-time
    /// Audio thread; wait-free.
    pub fn take(self, place: u32) -> Option<Region<'a>> {
        let region = self.in_state(place, LENT)?;
        region.words.state.store(TAKEN, Ordering::Relaxed);
        Some(region)
    }

    /// The region that a tract is, entered in the table with that shape if it is not there. `None` for a tract of another
    /// arena.
    ///
    /// # Real-time
    /// Audio thread; wait-free.
    pub fn of_tract(self, tract: &Tract<'_>, shape: Shape) -> Option<Region<'a>> {
        let place = place_of_tract(tract);
        let words = self.table.get(place as usize).filter(|_| tract.lies_on(self.ground))?;
        if words.state.load(Ordering::Relaxed) == VACANT {
            words.enter(number(tract.start()), number(tract.samples()), shape);
            words.state.store(TAKEN, Ordering::Relaxed);
        }
        self.taken(place)
    }

    /// Strikes a tract out of the table, whose jobs have all ended.
    ///
    /// # Real-time
    /// Audio thread; wait-free.
    pub fn leave(self, tract: &Tract<'_>) {
        if let Some(words) = self.table.get(place_of_tract(tract) as usize).filter(|_| tract.lies_on(self.ground)) {
            words.seal.store(0, Ordering::Relaxed);
            words.state.store(VACANT, Ordering::Release);
        }
    }

    /// The region at `place`, for a job of whoever has taken it.
    ///
    /// # Real-time
    /// Audio thread or worker; wait-free.
    pub fn taken(self, place: u32) -> Option<Region<'a>> {
        self.in_state(place, TAKEN)
    }

    fn in_state(self, place: u32, state: u32) -> Option<Region<'a>> {
        let words = self.table.get(place as usize)?;
        if words.state.load(Ordering::Acquire) != state {
            return None;
        }
        let (start, samples) = (words.start.load(Ordering::Relaxed), words.samples.load(Ordering::Relaxed));
        let [a, b, c] = &words.shape;
        let shape = [a, b, c].map(|word| word.load(Ordering::Relaxed));
        if words.seal.load(Ordering::Relaxed) != seal(start, samples, shape) {
            return None;
        }
        let (start, samples) = (start as usize, samples as usize);
        let lies_there = start <= self.ground.samples() && samples <= self.ground.samples() - start;
        lies_there.then_some(Region { ground: self.ground, words, place, start, samples, shape })
    }
}

/// Samples of a region, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first of them.
    pub start: usize,
    /// How many there are.
    pub samples: usize,
}

impl Span {
    /// `samples` samples from `start` on.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(start: usize, samples: usize) -> Self {
        Self { start, samples }
    }

    /// Where it ends.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn end(self) -> usize {
        self.start.saturating_add(self.samples)
    }

    fn is_apart_from(self, other: Self) -> bool {
        self.end() <= other.start || other.end() <= self.start
    }
}

/// One region.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    ground: Ground<'a>,
    words: &'a Words,
    place: u32,
    start: usize,
    samples: usize,
    shape: Shape,
}

impl Region<'_> {
    /// Its place in the table.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn place(&self) -> u32 {
        self.place
    }

    /// What lies in it.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How far what is done in it once has come: what was written before that was noted is there to be read.
    ///
    /// # Real-time
    /// Audio thread or worker; wait-free.
    #[must_use]
    pub fn journal(&self) -> u32 {
        self.words.journal.load(Ordering::Acquire)
    }

    /// Notes how far it has come.
    ///
    /// # Real-time
    /// Audio thread or worker; wait-free.
    pub fn note(&self, progress: u32) {
        self.words.journal.store(progress, Ordering::Release);
    }

    /// Lets `work` write some of its samples and read others. `None` when they do not lie in it, or when one that is written
    /// is named twice.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[inline]
    pub(crate) fn reach<const W: usize, const R: usize, T>(
        &self,
        writes: [Span; W],
        reads: [Span; R],
        work: impl FnOnce([&mut [f32]; W], [&[f32]; R]) -> T,
    ) -> Option<T> {
        // SAFETY: the main thread reaches what it has not sent; after that the pipeline gives what is written to one job at a
        // time.
        unsafe { self.reach_unguarded(writes, reads, work) }
    }

    /// Lets `work` do the same for those who have no pipeline.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    ///
    /// # Safety
    /// The region has not gone home. While `work` runs nobody else reaches what it writes, and nobody writes what it reads.
    #[inline]
    pub unsafe fn reach_unguarded<const W: usize, const R: usize, T>(
        &self,
        writes: [Span; W],
        reads: [Span; R],
        work: impl FnOnce([&mut [f32]; W], [&[f32]; R]) -> T,
    ) -> Option<T> {
        let lie_here = writes.iter().chain(&reads).all(|span| span.end() <= self.samples);
        let apart = writes.iter().enumerate().all(|(index, span)| {
            let others = writes.iter().skip(index + 1).chain(&reads);
            others.into_iter().all(|other| span.is_apart_from(*other))
        });
        if !lie_here || !apart {
            return None;
        }
        let (ground, start) = (self.ground, self.start);
        // SAFETY: the samples lie on the ground and no two of them overlap where one is written; they were zeroed when they
        // were lent. For other threads the caller answers.
        let written = writes.map(|span| unsafe { ground.write(start + span.start, span.samples) });
        // SAFETY: as above.
        let read = reads.map(|span| unsafe { ground.read(start + span.start, span.samples) });
        Some(work(written, read))
    }

    /// Its owner is through with it, and so are all its jobs: it goes home.
    ///
    /// # Real-time
    /// Audio thread; wait-free.
    pub fn give_back(self) {
        self.words.state.store(HOME, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn a_region_goes_there_and_comes_home() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        let (mut registrar, regions) = regions(&mut arena).unwrap();
        let used = arena.used_bytes();
        for round in 0..100 {
            let place = registrar.lend(&mut arena, 1000, [round, 2, 3]).unwrap().unwrap();
            assert!(regions.take(place).is_none(), "not sent yet");
            registrar.filling(place).unwrap().reach([Span::new(0, 1000)], [], |[all], []| all.fill(1.0)).unwrap();
            registrar.send(place);
            let region = regions.take(place).unwrap();
            assert!(regions.take(place).is_none(), "it can be taken once");
            assert_eq!((region.shape(), region.place()), ([round, 2, 3], place));
            let sum =
                regions.taken(place).unwrap().reach([], [Span::new(990, 10)], |[], [read]| read.iter().sum::<f32>());
            assert_eq!(sum, Some(10.0));
            assert_eq!(registrar.reclaim(&mut arena), 1);
            region.give_back();
            assert_eq!((registrar.reclaim(&mut arena), arena.used_bytes()), (0, used));
            assert!(regions.taken(place).is_none());
        }
    }

    #[test]
    fn what_overlaps_or_lies_outside_is_refused() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        let (mut registrar, _) = regions(&mut arena).unwrap();
        let place = registrar.lend(&mut arena, 100, [0; 3]).unwrap().unwrap();
        let region = registrar.filling(place).unwrap();
        let reach = |write, read| region.reach([write], [read], |_, _| ()).is_some();
        assert!(reach(Span::new(0, 50), Span::new(50, 50)));
        assert!(!reach(Span::new(0, 51), Span::new(50, 50)));
        assert!(!reach(Span::new(0, 50), Span::new(50, 51)));
        assert!(!reach(Span::new(usize::MAX, 50), Span::new(0, 1)));
        assert!(region.reach([Span::new(0, 2), Span::new(1, 2)], [], |_, _| ()).is_none());
    }

    #[test]
    fn a_tract_is_a_region_from_the_start() {
        let mut memory = Memory::new(1 << 15);
        let mut arena = memory.arena();
        let (mut registrar, regions) = regions(&mut arena).unwrap();
        let (one, two) = (arena.tract(100).unwrap(), arena.tract(100).unwrap());
        let shape = [7, 8, 9];
        let place = regions.of_tract(&one, shape).unwrap().place();
        let other = regions.of_tract(&two, shape).unwrap();
        assert_ne!(place, other.place());
        regions.of_tract(&one, shape).unwrap().reach([Span::new(0, 100)], [], |[all], []| all.fill(1.0)).unwrap();
        assert_eq!(regions.taken(place).unwrap().reach([], [Span::new(99, 1)], |[], [read]| read[0]), Some(1.0));
        assert_eq!(other.reach([], [Span::new(0, 100)], |[], [read]| read.iter().sum::<f32>()), Some(0.0));
        assert_eq!(regions.taken(place).unwrap().shape(), shape);
        // It is nobody's to take, to send or to take back.
        assert!(regions.take(place).is_none() && registrar.filling(place).is_none());
        registrar.discard(&mut arena, place);
        assert!(regions.taken(place).is_some());
        let mut elsewhere = Memory::new(1 << 12);
        assert!(regions.of_tract(&elsewhere.arena().tract(1).unwrap(), shape).is_none());
    }

    #[test]
    fn a_corrupted_table_leads_nowhere() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        let (mut registrar, regions) = regions(&mut arena).unwrap();
        let place = registrar.lend(&mut arena, 100, [0; 3]).unwrap().unwrap();
        registrar.send(place);
        let words = &regions.table[place as usize];
        words.start.store(7, Ordering::Relaxed);
        assert!(regions.take(place).is_none());
        // Not even a seal that is right leads beyond the ground.
        let ground = number(regions.ground.samples());
        for (start, samples) in [(0, ground + 1), (ground, 1), (ground + 1, 0), (u32::MAX, 1), (1, u32::MAX)] {
            words.enter(start, samples, [0; 3]);
            assert!(regions.take(place).is_none(), "{samples} from {start} on");
        }
        words.enter(0, ground, [0; 3]);
        assert!(regions.take(place).is_some());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        let (mut registrar, _) = regions(&mut arena).unwrap();
        let Err(ConfigError::OutOfMemory { needed_bytes, available_bytes }) = registrar.lend(&mut arena, 5000, [0; 3])
        else {
            panic!("it has no room")
        };
        assert_eq!(needed_bytes, 20_000);
        assert!(available_bytes > 12_000);
        for _ in 0..REGIONS {
            assert!(registrar.lend(&mut arena, 1, [0; 3]).unwrap().is_some());
        }
        assert_eq!(registrar.lend(&mut arena, 1, [0; 3]), Ok(None), "all places are taken");
    }
}
