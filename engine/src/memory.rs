//! The one place where memory comes from.

use core::marker::PhantomData;
use core::mem::{MaybeUninit, align_of, size_of};
use core::slice::{from_raw_parts, from_raw_parts_mut};

use bytemuck::Zeroable;

use crate::config::ConfigError;
use crate::lockfree::atomics::{reads, writes};

/// Every allocation starts on its own cache line, so that two threads never share one by accident.
pub const CACHE_LINE_BYTES: usize = 64;

/// Plots that can be lent out at once. Each can leave one gap more.
const MAX_PLOTS: usize = 30;

/// Tracts that can be in use: one for each effect whose jobs run on the pool, and a bit for each.
pub const MAX_TRACTS: usize = u64::BITS as usize;

/// Gaps that parcels leave, as far as they are remembered: beyond that what is given back is lost.
const MAX_PARCEL_GAPS: usize = 96;

/// Gaps: one before and one behind all plots, one between each two, and those of the parcels.
const MAX_GAPS: usize = MAX_PLOTS + 2 + MAX_PARCEL_GAPS;

/// Bytes from `start` to `end` of the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    start: usize,
    end: usize,
}

impl Extent {
    const NONE: Self = Self { start: 0, end: 0 };

    fn bytes(self) -> usize {
        self.end - self.start
    }
}

/// An allocator over one region. What is built is carved out from below and lives as long as the region does, but for what is
/// built as a parcel, which can be given back whole; plots are lent out from above and can be given back.
pub struct Arena<'a> {
    first: *mut u8,
    total_bytes: usize,
    /// What is free, in order: the first `gap_count`. No two of them touch.
    gaps: [Extent; MAX_GAPS],
    gap_count: usize,
    plots: usize,
    /// A bit for each number that a tract has.
    tracts: u64,
    region: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

// SAFETY: the region is the arena's alone, but for the parts that it has given away, which it does not touch.
unsafe impl Send for Arena<'_> {}

/// All that was built in one go, as a piece that can be given back: see [`Arena::parcel`].
#[derive(Debug)]
pub struct Parcel {
    extent: Extent,
    tracts: u64,
}

/// A part of an arena that can be given back. It is reached through the arena's `Ground`.
#[derive(Debug)]
pub struct Plot {
    extent: Extent,
    start: usize,
    samples: usize,
}

impl Plot {
    /// The first of its samples, as a place on the ground.
    #[must_use]
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }
}

/// A part of an arena that an effect keeps for its jobs. It is reached as one of the
/// [regions](crate::lockfree::regions::Regions).
pub struct Tract<'a> {
    ground: Ground<'a>,
    number: usize,
    start: usize,
    samples: usize,
}

impl Tract<'_> {
    /// Which of its arena's tracts it is; no other has the same.
    #[must_use]
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The first of its samples, as a place on the ground.
    #[must_use]
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }

    /// Whether it lies on that ground.
    #[must_use]
    pub(crate) fn lies_on(&self, ground: Ground<'_>) -> bool {
        self.ground.first == ground.first
    }
}

impl<'a> Arena<'a> {
    /// An arena over `region`.
    ///
    /// # Real-time
    /// Main thread only, while building.
    pub fn new(region: &'a mut [MaybeUninit<u8>]) -> Self {
        let total_bytes = region.len();
        let mut gaps = [Extent::NONE; MAX_GAPS];
        gaps[0] = Extent { start: 0, end: total_bytes };
        Self {
            first: region.as_mut_ptr().cast(),
            total_bytes,
            gaps,
            gap_count: 1,
            plots: 0,
            tracts: 0,
            region: PhantomData,
        }
    }

    /// Bytes that are in use, padding included.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.total_bytes - self.free().iter().map(|gap| gap.bytes()).sum::<usize>()
    }

    /// Bytes of the region.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    /// Moves `value` into the arena.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the region has no room for it.
    pub fn place<T>(&mut self, value: T) -> Result<&'a mut T, ConfigError> {
        let slot = self.carve(size_of::<T>(), align_of::<T>())?.cast::<T>();
        // SAFETY: `carve` returned `size_of::<T>()` bytes at an address aligned for `T` that nobody else has.
        unsafe {
            slot.write(value);
            Ok(&mut *slot)
        }
    }

    /// `length` zeroed elements.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the region has no room for them.
    pub fn slice<T: Zeroable>(&mut self, length: usize) -> Result<&'a mut [T], ConfigError> {
        let needed_bytes = length.saturating_mul(size_of::<T>());
        let first = self.carve(needed_bytes, align_of::<T>())?;
        // SAFETY: the bytes are as many as the elements need, aligned for them, nobody else's, and all zero, which
        // `Zeroable` says is a valid `T`.
        unsafe {
            first.write_bytes(0, needed_bytes);
            Ok(from_raw_parts_mut(first.cast::<T>(), length))
        }
    }

    /// Has `build` take all that it takes out of one piece of the memory. Of a build that fails nothing is kept; it is tried in every
    /// gap.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// That of `build`, of the largest gap.
    pub fn parcel<T>(
        &mut self,
        mut build: impl FnMut(&mut Self) -> Result<T, ConfigError>,
    ) -> Result<(T, Parcel), ConfigError> {
        let mut failure = ConfigError::OutOfMemory { needed_bytes: 0, available_bytes: 0 };
        let mut largest = 0;
        for index in 0..self.gap_count {
            let gap = self.gaps[index];
            let mut gaps = [Extent::NONE; MAX_GAPS];
            gaps[0] = gap;
            let mut part = Self { gaps, gap_count: 1, ..*self };
            match build(&mut part) {
                Ok(built) => {
                    let end = if part.gap_count == 0 { gap.end } else { part.gaps[0].start };
                    let parcel =
                        Parcel { extent: Extent { start: gap.start, end }, tracts: part.tracts & !self.tracts };
                    self.tracts = part.tracts;
                    self.gaps[index].start = end;
                    if end == gap.end {
                        self.close(index);
                    }
                    return Ok((built, parcel));
                }
                Err(error @ ConfigError::OutOfMemory { .. }) if gap.bytes() >= largest => {
                    (failure, largest) = (error, gap.bytes());
                }
                Err(ConfigError::OutOfMemory { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    /// Takes a parcel back.
    ///
    /// # Real-time
    /// Main thread only.
    ///
    /// # Safety
    /// It is this arena's, and nobody reaches what was built in it any more: no thread, and no job on its way.
    pub unsafe fn take_back_parcel(&mut self, parcel: Parcel) {
        self.tracts &= !parcel.tracts;
        self.open(parcel.extent);
    }

    /// Lends out `samples` zeroed samples.
    ///
    /// # Real-time
    /// Main thread only.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when no gap is as large, or 30 plots are lent out.
    pub(crate) fn lend(&mut self, samples: usize) -> Result<Plot, ConfigError> {
        let needed_bytes = samples.saturating_mul(size_of::<f32>());
        let largest = self.free().iter().map(|gap| gap.bytes()).max().unwrap_or(0);
        let full = ConfigError::OutOfMemory { needed_bytes, available_bytes: largest };
        let misaligned = self.misaligned();
        for index in (0..self.gap_count).rev() {
            let gap = self.gaps[index];
            let Some(unaligned) = gap.end.checked_sub(needed_bytes) else { continue };
            let start = (unaligned + misaligned) / CACHE_LINE_BYTES * CACHE_LINE_BYTES;
            let Some(start) = start.checked_sub(misaligned).filter(|&start| start >= gap.start) else { continue };
            if self.plots == MAX_PLOTS {
                return Err(full);
            }
            self.plots += 1;
            self.gaps[index].end = start;
            if start == gap.start {
                self.close(index);
            }
            let first = self.first.wrapping_add(start).cast::<f32>();
            writes(first, samples);
            // SAFETY: the bytes were free.
            unsafe { first.write_bytes(0, samples) };
            let line = (start + misaligned) / CACHE_LINE_BYTES - misaligned.div_ceil(CACHE_LINE_BYTES);
            let start_sample = line * (CACHE_LINE_BYTES / size_of::<f32>());
            return Ok(Plot { extent: Extent { start, end: gap.end }, start: start_sample, samples });
        }
        Err(full)
    }

    /// Takes a plot back; nobody may reach it any more.
    ///
    /// # Real-time
    /// Main thread only.
    pub(crate) fn take_back(&mut self, plot: Plot) {
        self.plots -= 1;
        self.open(plot.extent);
    }

    /// What is free again joins the gaps that it touches.
    fn open(&mut self, extent: Extent) {
        let Extent { start, end } = extent;
        let next = self.free().iter().position(|gap| gap.start >= end).unwrap_or(self.gap_count);
        let joins_next = next < self.gap_count && self.gaps[next].start == end;
        match next.checked_sub(1).filter(|&before| self.gaps[before].end == start) {
            Some(before) if joins_next => {
                self.gaps[before].end = self.gaps[next].end;
                self.close(next);
            }
            Some(before) => self.gaps[before].end = end,
            None if joins_next => self.gaps[next].start = start,
            None if self.gap_count < MAX_GAPS => {
                self.gaps.copy_within(next..self.gap_count, next + 1);
                self.gaps[next] = extent;
                self.gap_count += 1;
            }
            None => {}
        }
    }

    /// A tract of `samples` zeroed samples.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when there is no room for it, [`ConfigError::Count`] when there are
    /// [`MAX_TRACTS`] already.
    pub fn tract(&mut self, samples: usize) -> Result<Tract<'a>, ConfigError> {
        let number = self.tracts.trailing_ones() as usize;
        if number == MAX_TRACTS {
            return Err(ConfigError::count(MAX_TRACTS + 1, 0, MAX_TRACTS));
        }
        let needed_bytes = samples.saturating_mul(size_of::<f32>());
        let first = self.carve(needed_bytes, CACHE_LINE_BYTES)?.cast::<f32>();
        writes(first, samples);
        // SAFETY: `carve` returned so many bytes that nobody else has.
        unsafe { first.write_bytes(0, samples) };
        self.tracts |= 1 << number;
        let ground = self.ground();
        let start = first.addr().saturating_sub(ground.first.addr()) / size_of::<f32>();
        Ok(Tract { ground, number, start, samples })
    }

    /// All of the memory, for the plots in it.
    ///
    /// # Real-time
    /// Main thread only, while building.
    #[must_use]
    pub(crate) fn ground(&self) -> Ground<'a> {
        let padding = self.first.align_offset(CACHE_LINE_BYTES).min(self.total_bytes);
        let samples = (self.total_bytes - padding) / size_of::<f32>();
        Ground { first: self.first.wrapping_add(padding).cast(), samples, region: PhantomData }
    }

    fn free(&self) -> &[Extent] {
        &self.gaps[..self.gap_count]
    }

    fn close(&mut self, index: usize) {
        self.gaps.copy_within(index + 1..self.gap_count, index);
        self.gap_count -= 1;
    }

    /// Bytes from the last cache line's start to the region's.
    fn misaligned(&self) -> usize {
        self.first.addr() % CACHE_LINE_BYTES
    }

    fn carve(&mut self, bytes: usize, align: usize) -> Result<*mut u8, ConfigError> {
        let align = align.max(CACHE_LINE_BYTES);
        let misaligned = self.misaligned();
        let mut least_bytes = usize::MAX;
        for index in 0..self.gap_count {
            let gap = self.gaps[index];
            let padding = self.first.wrapping_add(gap.start).align_offset(align);
            let needed_bytes = padding.saturating_add(bytes);
            if needed_bytes <= gap.bytes() {
                // Whole lines, so that what is built is as large wherever it lies.
                let end = (misaligned + gap.start + needed_bytes).next_multiple_of(CACHE_LINE_BYTES) - misaligned;
                self.gaps[index].start = end.min(gap.end);
                if end >= gap.end {
                    self.close(index);
                }
                return Ok(self.first.wrapping_add(gap.start + padding));
            }
            least_bytes = least_bytes.min(needed_bytes);
        }
        let largest = self.free().iter().map(|gap| gap.bytes()).max().unwrap_or(0);
        Err(ConfigError::OutOfMemory { needed_bytes: least_bytes.max(bytes), available_bytes: largest })
    }
}

/// The samples of an arena's memory as all threads see them: by number, from its first whole cache line on.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    first: *mut f32,
    samples: usize,
    region: PhantomData<&'a ()>,
}

// SAFETY: it is only reached through `reach`, whose caller answers for exclusion.
unsafe impl Send for Ground<'_> {}
// SAFETY: as above.
unsafe impl Sync for Ground<'_> {}

impl Ground<'_> {
    /// How many there are.
    pub(crate) fn samples(self) -> usize {
        self.samples
    }

    /// Samples to be read; none when they do not lie on the ground.
    ///
    /// # Safety
    /// They are initialised, and nobody writes them during `'s`.
    pub(crate) unsafe fn read<'s>(self, start: usize, count: usize) -> &'s [f32] {
        if start <= self.samples && count <= self.samples - start {
            reads(self.first.wrapping_add(start), count);
            // SAFETY: they lie within the region; the caller answers for the rest.
            unsafe { from_raw_parts(self.first.add(start), count) }
        } else {
            &[]
        }
    }

    /// Samples to be written; none when they do not lie on the ground.
    ///
    /// # Safety
    /// They are initialised, and nobody else reads or writes them during `'s`.
    pub(crate) unsafe fn write<'s>(self, start: usize, count: usize) -> &'s mut [f32] {
        if start <= self.samples && count <= self.samples - start {
            writes(self.first.wrapping_add(start), count);
            // SAFETY: they lie within the region; the caller answers for the rest.
            unsafe { from_raw_parts_mut(self.first.add(start), count) }
        } else {
            &mut []
        }
    }
}

/// Memory for an [`Arena`] where there is an allocator: native programs and tests.
#[cfg(feature = "alloc")]
pub struct Memory(owned::Bytes);

#[cfg(feature = "alloc")]
impl Memory {
    /// Allocates `bytes`.
    ///
    /// # Real-time
    /// Main thread only, allocates.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(owned::uninitialised(bytes))
    }

    /// An arena over all of it.
    ///
    /// # Real-time
    /// Main thread only, while building.
    pub fn arena(&mut self) -> Arena<'_> {
        Arena::new(&mut self.0)
    }
}

#[cfg(feature = "alloc")]
mod owned {
    extern crate alloc;
    use core::mem::MaybeUninit;

    pub type Bytes = alloc::boxed::Box<[MaybeUninit<u8>]>;

    pub fn uninitialised(bytes: usize) -> Bytes {
        alloc::boxed::Box::new_uninit_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn parts_are_disjoint_aligned_and_counted() {
        let mut memory = Memory::new(1024);
        let mut arena = memory.arena();
        let a = arena.slice::<u8>(3).unwrap();
        let b = arena.slice::<u64>(2).unwrap();
        a.fill(0xff);
        assert_eq!(b, [0, 0]);
        assert_eq!(b.as_ptr().addr() % CACHE_LINE_BYTES, 0);
        assert!(arena.used_bytes() >= 19);
    }

    #[test]
    fn what_does_not_fit_names_the_bytes() {
        let mut memory = Memory::new(256);
        let mut arena = memory.arena();
        match arena.slice::<f32>(1000) {
            Err(ConfigError::OutOfMemory { needed_bytes, available_bytes }) => {
                assert!(needed_bytes >= 4000);
                assert_eq!(available_bytes, 256);
            }
            other => panic!("{other:?}"),
        }
        assert!(arena.slice::<f32>(16).is_ok());
    }

    #[test]
    fn plots_come_back_and_are_lent_again() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        arena.place(0u8).unwrap();
        let before = arena.used_bytes();
        let largest = |arena: &mut Arena<'_>| match arena.lend(1 << 20) {
            Err(ConfigError::OutOfMemory { available_bytes, .. }) => available_bytes,
            other => panic!("{other:?}"),
        };
        let all = largest(&mut arena);
        // Every order of giving three back joins what is free again.
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut plots = [100, 17, 640].map(|samples| Some(arena.lend(samples).unwrap()));
            let ground = arena.ground();
            for (number, plot) in (1u8..).zip(plots.iter().flatten()) {
                assert_eq!(plot.start() % 16, 0);
                // SAFETY: nobody else has the plots.
                let samples = unsafe { ground.write(plot.start(), plot.samples()) };
                assert_eq!(samples, std::vec![0.0; plot.samples()]);
                samples.fill(f32::from(number));
            }
            arena.place(1u8).unwrap();
            let used = arena.used_bytes();
            for index in order {
                arena.take_back(plots[index].take().unwrap());
            }
            assert!(arena.used_bytes() < used);
        }
        assert_eq!(arena.used_bytes() - before, 6 * 64, "what was placed, each on its line");
        assert_eq!(largest(&mut arena), all - 6 * 64);
    }

    #[test]
    fn tracts_stay_where_they_are() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        arena.place(0u8).unwrap();
        let (one, two) = (arena.tract(100).unwrap(), arena.tract(17).unwrap());
        assert_eq!((one.number(), two.number(), one.samples(), two.samples()), (0, 1, 100, 17));
        assert!(one.start() + 100 <= two.start() && one.lies_on(arena.ground()));
        let ground = arena.ground();
        for (tract, value) in [(&one, 1.0), (&two, 2.0)] {
            // SAFETY: nobody else has the tracts.
            let samples = unsafe { ground.write(tract.start(), tract.samples()) };
            assert!(samples.iter().all(|&sample| sample == 0.0));
            samples.fill(value);
        }
        // SAFETY: nobody writes.
        assert_eq!(unsafe { ground.read(one.start(), 100) }, [1.0; 100]);
        let mut other = Memory::new(256);
        assert!(!one.lies_on(other.arena().ground()));
        assert!(matches!(arena.tract(5_000), Err(ConfigError::OutOfMemory { .. })));
        (2..MAX_TRACTS).for_each(|_| _ = arena.tract(1).unwrap());
        assert!(matches!(arena.tract(1), Err(ConfigError::Count { .. })));
    }

    #[test]
    fn parcels_come_back_with_their_tracts_and_are_built_upon_again() {
        let mut memory = Memory::new(1 << 14);
        let mut arena = memory.arena();
        arena.place(0u8).unwrap();
        let before = arena.used_bytes();
        let build = |bytes: usize| {
            move |arena: &mut Arena<'_>| {
                arena.slice::<u8>(bytes)?.fill(7);
                let tract = arena.tract(16)?;
                arena.place(1u8)?;
                Ok((tract.number(), tract.start()))
            }
        };
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut parcels = [1000, 64, 3000].map(|bytes| Some(arena.parcel(build(bytes)).unwrap()));
            let numbers = parcels.each_ref().map(|parcel| parcel.as_ref().unwrap().0.0);
            assert_eq!(numbers, [0, 1, 2]);
            for index in order {
                // SAFETY: nothing of it was kept.
                unsafe { arena.take_back_parcel(parcels[index].take().unwrap().1) };
            }
            assert_eq!(arena.used_bytes(), before);
        }
        // What fits into a gap goes there; what does not goes behind.
        let (first, parcel) = arena.parcel(build(1000)).unwrap();
        let (second, _) = arena.parcel(build(1000)).unwrap();
        // SAFETY: as above.
        unsafe { arena.take_back_parcel(parcel) };
        let (third, large) = arena.parcel(build(2000)).unwrap();
        let (fourth, _) = arena.parcel(build(1000)).unwrap();
        assert_eq!((third.0, fourth.0), (0, 2), "numbers that are free are given again");
        assert!(third.1 > second.1 && fourth.1 == first.1);
        // SAFETY: as above.
        unsafe { arena.take_back_parcel(large) };
        // Of what fails nothing is kept.
        let used = arena.used_bytes();
        assert!(
            matches!(arena.parcel(build(1 << 14)), Err(ConfigError::OutOfMemory { needed_bytes, .. }) if needed_bytes >= 1 << 14)
        );
        assert!(arena.parcel(|arena| arena.tract(16).and(arena.slice::<u8>(1 << 20)).map(|_| ())).is_err());
        assert_eq!((arena.used_bytes(), arena.parcel(build(8)).unwrap().0.0), (used, 0));
    }

    #[test]
    fn gaps_that_cannot_be_remembered_are_lost_and_nothing_else() {
        let mut memory = Memory::new(1 << 16);
        let mut arena = memory.arena();
        // From here on each fills its line.
        arena.place([0u8; CACHE_LINE_BYTES]).unwrap();
        let build = |arena: &mut Arena<'_>| arena.place([0u8; CACHE_LINE_BYTES]).map(|_| ());
        let parcels: std::vec::Vec<_> = (0..2 * MAX_GAPS + 2).map(|_| arena.parcel(build).unwrap().1).collect();
        let used = arena.used_bytes();
        for parcel in parcels.into_iter().step_by(2) {
            // SAFETY: nothing of it was kept.
            unsafe { arena.take_back_parcel(parcel) };
        }
        assert_eq!(used - arena.used_bytes(), (MAX_GAPS - 1) * CACHE_LINE_BYTES);
        assert!(arena.slice::<u8>(4_096).is_ok());
    }

    #[test]
    fn absurd_lengths_do_not_wrap() {
        let mut memory = Memory::new(256);
        assert!(memory.arena().slice::<u64>(usize::MAX / 4).is_err());
    }
}
