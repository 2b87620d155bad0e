//! Memory that a test shares with the structures in it, as a page shares the engine's memory with its scripts.

#![allow(unsafe_code, reason = "it hands out the same bytes twice, which is what hostile scripts have")]

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, Ordering};

use rusty_audio_engine::Arena;

const GUARD_WORDS: usize = 64;
const GUARD: u32 = 0x5afe_c0de;

/// Words between two guard zones. Never freed, so that threads without a scope can have it.
pub struct Region {
    words: &'static [AtomicU32],
}

impl Region {
    /// A region of `bytes` for structures.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let words: Box<[AtomicU32]> = (0..bytes / 4 + 2 * GUARD_WORDS).map(|_| AtomicU32::new(GUARD)).collect();
        Self { words: Box::leak(words) }
    }

    fn inner(&self) -> &'static [AtomicU32] {
        &self.words[GUARD_WORDS..self.words.len() - GUARD_WORDS]
    }

    /// An arena over the region. What an earlier one handed out is gone.
    ///
    /// # Safety
    /// Nobody uses what was built in the region before.
    #[must_use]
    pub unsafe fn arena(&self) -> Arena<'static> {
        let inner = self.inner();
        let first = inner.as_ptr().cast_mut().cast::<MaybeUninit<u8>>();
        // SAFETY: the words live for ever and may be written through a shared reference; the caller answers for
        // what was handed out before.
        Arena::new(unsafe { core::slice::from_raw_parts_mut(first, size_of_val(inner)) })
    }

    /// Overwrites one word with something that a script of the page might write there: anything, a neighbour of what
    /// it held, or a bit of it turned.
    pub fn scribble(&self, place: u32, value: u32) {
        let inner = self.inner();
        let word = &inner[place as usize % inner.len()];
        let held = word.load(Ordering::Relaxed);
        let scribbled = match value & 7 {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << 31,
            3 => held.wrapping_add(1),
            4 => held.wrapping_sub(1),
            5 => held ^ 1 << (value >> 3 & 31),
            6 => value >> 3 & 15,
            _ => value,
        };
        word.store(scribbled, Ordering::Relaxed);
    }

    /// Does what [`is_intact`](Self::is_intact) must notice.
    pub fn deface_guard(&self) {
        self.words[self.words.len() - GUARD_WORDS].store(0, Ordering::Relaxed);
    }

    /// Whether nobody has written outside of the region.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let guards = self.words.iter().take(GUARD_WORDS).chain(self.words.iter().rev().take(GUARD_WORDS));
        guards.into_iter().all(|word| word.load(Ordering::Relaxed) == GUARD)
    }
}
