//! What the structures are built on when loom runs them in all orders: loom's cells and words, and a switch that
//! weakens one ordering, so that a test can show that it would have been noticed.

extern crate std;

use core::cell::{Cell, RefCell};
use core::mem::MaybeUninit;
use core::panic::Location;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::vec::Vec;

use bytemuck::Pod;
use loom::cell::UnsafeCell;

use super::Ordering;
use crate::config::ConfigError;
use crate::memory::Arena;

/// A word that can be made to hide nothing from loom's search; see [`remember_loads`].
#[derive(Debug)]
pub(super) struct Inner {
    gate: loom::sync::atomic::AtomicU32,
    word: loom::sync::atomic::AtomicU32,
}

impl Inner {
    pub fn new(value: u32) -> Self {
        Self { gate: loom::sync::atomic::AtomicU32::new(0), word: loom::sync::atomic::AtomicU32::new(value) }
    }

    fn word(&self) -> &loom::sync::atomic::AtomicU32 {
        if REMEMBERS_LOADS.get() {
            self.gate.store(0, Ordering::Relaxed);
        }
        &self.word
    }

    pub fn load(&self, order: Ordering) -> u32 {
        self.word().load(order)
    }

    pub fn store(&self, value: u32, order: Ordering) {
        self.word().store(value, order);
    }

    pub fn swap(&self, value: u32, order: Ordering) -> u32 {
        self.word().swap(value, order)
    }

    pub fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
        self.word().fetch_add(value, order)
    }

    pub fn fetch_sub(&self, value: u32, order: Ordering) -> u32 {
        self.word().fetch_sub(value, order)
    }

    pub fn fetch_or(&self, value: u32, order: Ordering) -> u32 {
        self.word().fetch_or(value, order)
    }

    pub fn fetch_and(&self, value: u32, order: Ordering) -> u32 {
        self.word().fetch_and(value, order)
    }

    pub fn compare_exchange(&self, current: u32, new: u32, success: Ordering, failure: Ordering) -> Result<u32, u32> {
        self.word().compare_exchange(current, new, success, failure)
    }
}

/// Which ordering of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    /// The only one, or that of a compare-exchange that succeeds.
    Success,
    /// That of a compare-exchange that fails.
    Failure,
}

/// One ordering in the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Path of the source file.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Which of the operation's orderings.
    pub half: Half,
    strength: u8,
}

const STRENGTHS: [Ordering; 5] =
    [Ordering::Relaxed, Ordering::Acquire, Ordering::Release, Ordering::AcqRel, Ordering::SeqCst];

impl Site {
    /// The ordering that the sources name.
    ///
    /// # Real-time
    /// Tests only.
    #[must_use]
    pub fn ordering(&self) -> Ordering {
        STRENGTHS[usize::from(self.strength)]
    }
}

std::thread_local! {
    static REMEMBERS_LOADS: Cell<bool> = const { Cell::new(false) };
    static SITES: RefCell<BTreeSet<Site>> = const { RefCell::new(BTreeSet::new()) };
    static WEAKENED: Cell<Option<(Site, Ordering)>> = const { Cell::new(None) };
}

/// Whether this thread's models from now on also find the orders that loom forgets.
///
/// Its search remembers one access of each word to come back to. A thread that loads a word and then stores to it makes
/// it forget what others loaded before (loom's issues 166 and 392). With this, each operation first stores to a word
/// beside it that nobody loads: stores are never forgotten, and they order nothing. That multiplies the orders, so it is
/// for structures whose threads do load what they store: not for those that keep their own index to themselves.
///
/// # Real-time
/// Tests only.
pub fn remember_loads(remember: bool) {
    REMEMBERS_LOADS.set(remember);
}

/// The orderings stronger than relaxed that this thread's models have used since the last call.
///
/// # Real-time
/// Tests only.
#[must_use]
pub fn take_sites() -> Vec<Site> {
    SITES.take().into_iter().collect()
}

/// From now on `site` has another ordering in this thread's models; `None` ends that.
///
/// # Real-time
/// Tests only.
pub fn weaken(change: Option<(Site, Ordering)>) {
    WEAKENED.set(change);
}

pub(super) fn ordering(place: &'static Location<'static>, half: Half, order: Ordering) -> Ordering {
    let Some(strength) = (0u8..).zip(STRENGTHS).find_map(|(strength, each)| (each == order).then_some(strength)) else {
        return order;
    };
    if strength == 0 {
        return order;
    }
    let site = Site { file: place.file(), line: place.line(), column: place.column(), half, strength };
    SITES.with_borrow_mut(|sites| sites.insert(site));
    match WEAKENED.get() {
        Some((weakened, order)) if weakened == site => order,
        _ => order,
    }
}

pub(super) fn passed<T>(value: T) -> T {
    value
}

loom::lazy_static! {
    /// A cell for each sample of the ground that was ever reached, by its address: loom sees what is done to it.
    static ref SAMPLES: Mutex<BTreeMap<usize, UnsafeCell<()>>> = Mutex::new(BTreeMap::new());
}

fn touch(first: *const f32, count: usize, access: impl Fn(&UnsafeCell<()>)) {
    let Ok(mut samples) = SAMPLES.lock() else { return };
    for sample in 0..count {
        access(samples.entry(first.wrapping_add(sample).addr()).or_default());
    }
}

/// Panics unless every write of these samples happened before.
pub(crate) fn reads(first: *const f32, count: usize) {
    touch(first, count, |sample| sample.with(|_| ()));
}

/// Panics unless every access of these samples happened before.
pub(crate) fn writes(first: *const f32, count: usize) {
    touch(first, count, |sample| sample.with_mut(|_| ()));
}

/// Stands for the shared cells of a real build: loom sees each access of each element.
pub struct Cells<'a, T> {
    cells: &'a [UnsafeCell<T>],
}

impl<T> Clone for Cells<'_, T> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

// SAFETY: cells are only reached through `read` and `write`, whose callers answer for exclusion; loom checks them.
unsafe impl<T: Pod + Send> Send for Cells<'_, T> {}
// SAFETY: as for `Send`.
unsafe impl<T: Pod + Send> Sync for Cells<'_, T> {}

impl<'a, T: Pod> Cells<'a, T> {
    /// `length` zeroed elements.
    ///
    /// # Real-time
    /// Tests only.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn carve(arena: &mut Arena<'a>, length: usize) -> Result<Self, ConfigError> {
        let cells = arena.slice::<MaybeUninit<UnsafeCell<T>>>(length)?;
        for cell in cells.iter_mut() {
            cell.write(UnsafeCell::new(T::zeroed()));
        }
        // SAFETY: each cell has just been written.
        Ok(Self { cells: unsafe { cells.assume_init_ref() } })
    }

    /// How many elements there are.
    ///
    /// # Real-time
    /// Tests only.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    ///
    /// # Real-time
    /// Tests only.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn run(&self, start: usize, count: usize) -> &'a [UnsafeCell<T>] {
        let rest = self.cells.get(start..).unwrap_or_default();
        &rest[..count.min(rest.len())]
    }

    /// Shows `count` elements from `start` on; what lies beyond the end is left out.
    ///
    /// # Real-time
    /// Tests only.
    ///
    /// # Safety
    /// Nobody writes these elements while `show` runs.
    pub unsafe fn read<R>(&self, start: usize, count: usize, show: impl FnOnce(&[T]) -> R) -> R {
        // SAFETY: loom panics unless every write of the element happened before.
        let copies = self.run(start, count).iter().map(|cell| cell.with(|element| unsafe { *element }));
        show(&copies.collect::<Vec<T>>())
    }

    /// Lets `fill` write `count` elements from `start` on; what lies beyond the end is left out.
    ///
    /// # Real-time
    /// Tests only.
    ///
    /// # Safety
    /// Nobody else reads or writes these elements while `fill` runs.
    pub unsafe fn write<R>(&self, start: usize, count: usize, fill: impl FnOnce(&mut [T]) -> R) -> R {
        let run = self.run(start, count);
        // SAFETY: loom panics unless every access of the element happened before.
        let mut copies: Vec<T> = run.iter().map(|cell| cell.with_mut(|element| unsafe { *element })).collect();
        let result = fill(&mut copies);
        for (cell, copy) in run.iter().zip(copies) {
            // SAFETY: as above.
            cell.with_mut(|element| unsafe { *element = copy });
        }
        result
    }
}
