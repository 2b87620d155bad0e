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

/// Tracts that can be taken: one for each effect whose jobs run on the pool.
pub const MAX_TRACTS: usize = 64;

/// Gaps: one before and one behind all plots, and one between each two.
const MAX_GAPS: usize = MAX_PLOTS + 2;

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

/// An allocator over one region. What is built is carved out from below and lives as long as the region does; plots are lent
/// out from above and can be given back.
pub struct Arena<'a> {
    first: *mut u8,
    total_bytes: usize,
    /// What is free, in order: the first `gap_count`. No two of them touch.
    gaps: [Extent; MAX_GAPS],
    gap_count: usize,
    plots: usize,
    tracts: usize,
    region: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

// SAFETY: the region is the arena's alone, but for the parts that it has given away, which it does not touch.
unsafe impl Send for Arena<'_> {}

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
        let Extent { start, end } = plot.extent;
        self.plots -= 1;
        let next = self.free().iter().position(|gap| gap.start >= end).unwrap_or(self.gap_count);
        let joins_next = next < self.gap_count && self.gaps[next].start == end;
        match next.checked_sub(1).filter(|&before| self.gaps[before].end == start) {
            Some(before) if joins_next => {
                self.gaps[before].end = self.gaps[next].end;
                self.close(next);
            }
            Some(before) => self.gaps[before].end = end,
            None if joins_next => self.gaps[next].start = start,
            None => {
                self.gaps.copy_within(next..self.gap_count, next + 1);
                self.gaps[next] = plot.extent;
                self.gap_count += 1;
            }
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
        let number = self.tracts;
        if number == MAX_TRACTS {
            return Err(ConfigError::count(MAX_TRACTS + 1, 0, MAX_TRACTS));
        }
        let needed_bytes = samples.saturating_mul(size_of::<f32>());
        let first = self.carve(needed_bytes, CACHE_LINE_BYTES)?.cast::<f32>();
        writes(first, samples);
        // SAFETY: `carve` returned so many bytes that nobody else has.
        unsafe { first.write_bytes(0, samples) };
        self.tracts += 1;
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
        let mut least_bytes = usize::MAX;
        for index in 0..self.gap_count {
            let gap = self.gaps[index];
            let padding = self.first.wrapping_add(gap.start).align_offset(align);
            let needed_bytes = padding.saturating_add(bytes);
            if needed_bytes <= gap.bytes() {
                self.gaps[index].start += needed_bytes;
                if needed_bytes == gap.bytes() {
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
    fn absurd_lengths_do_not_wrap() {
        let mut memory = Memory::new(256);
        assert!(memory.arena().slice::<u64>(usize::MAX / 4).is_err());
    }
}
