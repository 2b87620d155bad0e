//! Flight recorder: the last events of one thread, overwriting the oldest, readable while it writes.
//!
//! A sequence lock over the whole ring (Boehm 2012, "Can seqlocks get along with programming language memory models?")
//! with free-running numbers: `begun` is raised before an event's words are written, `finished` after. Event `n` lies at
//! `n mod capacity` until event `n + capacity` is begun. A reader copies its words, then looks at `begun`: if that event
//! had been begun, the copy may be torn and is thrown away. The words are atomics, written with release and read with
//! acquire, so a reader that saw a word of a later event also sees that it was begun.

use core::marker::PhantomData;

use bytemuck::Pod;

use crate::config::ConfigError;
use crate::lockfree::atomics::{AtomicU32, Ordering, words};
use crate::memory::Arena;

#[repr(C, align(128))]
struct Numbers {
    begun: AtomicU32,
    finished: AtomicU32,
}

struct Tape<'a, T> {
    numbers: &'a Numbers,
    /// `capacity` events one after the other.
    words: &'a [AtomicU32],
    capacity: u32,
    events: PhantomData<T>,
}

impl<T> Clone for Tape<'_, T> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'a, T: Pod> Tape<'a, T> {
    const WORDS: usize = {
        assert!(size_of::<T>().is_multiple_of(4) && align_of::<T>() >= 4, "an event is whole words");
        size_of::<T>() / 4
    };

    fn event(&self, number: u32) -> &'a [AtomicU32] {
        let start = (number & (self.capacity - 1)) as usize * Self::WORDS;
        self.words.get(start..start + Self::WORDS).unwrap_or_default()
    }
}

/// Makes a recorder that keeps the last `capacity` events of type `T`, a whole number of words long.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::NotPowerOfTwo`] unless `capacity` is a power of two up to 2³¹;
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn recorder<'a, T: Pod>(
    arena: &mut Arena<'a>,
    capacity: u32,
) -> Result<(Recorder<'a, T>, Replay<'a, T>), ConfigError> {
    recorder_from(arena, capacity, 0)
}

/// As [`recorder`], with `first` as the number of the first event.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// As [`recorder`].
#[doc(hidden)]
pub fn recorder_from<'a, T: Pod>(
    arena: &mut Arena<'a>,
    capacity: u32,
    first: u32,
) -> Result<(Recorder<'a, T>, Replay<'a, T>), ConfigError> {
    if !capacity.is_power_of_two() {
        return Err(ConfigError::NotPowerOfTwo { actual: capacity });
    }
    let numbers = &*arena.place(Numbers { begun: AtomicU32::new(first), finished: AtomicU32::new(first) })?;
    let words = words(arena, Tape::<T>::WORDS.saturating_mul(capacity as usize))?;
    let tape = Tape { numbers, words, capacity, events: PhantomData };
    Ok((Recorder { tape: tape.clone(), next: first }, Replay { tape, next: first, lost: 0 }))
}

/// The writing end.
pub struct Recorder<'a, T> {
    tape: Tape<'a, T>,
    /// The truth about both numbers, which only this end stores; never read back from shared memory.
    next: u32,
}

impl<T: Pod> Recorder<'_, T> {
    /// Records an event over the oldest.
    ///
    /// # Real-time
    /// The recording thread; wait-free.
    pub fn record(&mut self, event: T) {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.tape.numbers.begun.store(self.next, Ordering::Relaxed);
        for (word, &value) in self.tape.event(number).iter().zip(bytemuck::must_cast_slice::<T, u32>(&[event])) {
            word.store(value, Ordering::Release);
        }
        self.tape.numbers.finished.store(self.next, Ordering::Release);
    }
}

/// A reading end; there may be several, each with its own place on the tape.
pub struct Replay<'a, T> {
    tape: Tape<'a, T>,
    next: u32,
    lost: u32,
}

impl<T> Clone for Replay<'_, T> {
    fn clone(&self) -> Self {
        Self { tape: self.tape.clone(), ..*self }
    }
}

impl<'a, T: Pod> Replay<'a, T> {
    /// The oldest event that this end has not returned and that is still whole; `None` when there is no newer one.
    /// One call looks at no more events than the tape holds, however fast they come.
    ///
    /// # Real-time
    /// The reader's thread; lock-free: it starts over when it is overtaken.
    pub fn next_event(&mut self) -> Option<T> {
        for _ in 0..self.tape.capacity {
            let finished = self.tape.numbers.finished.load(Ordering::Acquire);
            let unread = finished.wrapping_sub(self.next);
            if unread == 0 {
                return None;
            }
            if unread > self.tape.capacity {
                // What has been overwritten since; or a word that somebody else has written.
                let skipped = unread - self.tape.capacity;
                self.lost = self.lost.wrapping_add(skipped);
                self.next = self.next.wrapping_add(skipped);
            }
            let number = self.next;
            self.next = number.wrapping_add(1);
            match self.copy(number) {
                Some(event) => return Some(event),
                None => self.lost = self.lost.wrapping_add(1),
            }
        }
        None
    }

    /// Another writing end, which goes on behind the last event that is whole.
    ///
    /// # Real-time
    /// Any thread; only when the writing end that there was is certainly used no more.
    #[must_use]
    pub fn successor(&self) -> Recorder<'a, T> {
        // Whoever knows that the other thread has ended sees its last store. What it had begun and not finished is begun anew.
        Recorder { next: self.tape.numbers.finished.load(Ordering::Relaxed), tape: self.tape.clone() }
    }

    /// Events that were overwritten before this end came to them, wrapping.
    ///
    /// # Real-time
    /// The reader's thread.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.lost
    }

    /// `None` when the event is being overwritten.
    fn copy(&self, number: u32) -> Option<T> {
        let mut event = T::zeroed();
        let copies = bytemuck::must_cast_slice_mut::<T, u32>(core::slice::from_mut(&mut event));
        for (copy, word) in copies.iter_mut().zip(self.tape.event(number)) {
            *copy = word.load(Ordering::Acquire);
        }
        let begun = self.tape.numbers.begun.load(Ordering::Relaxed);
        (begun.wrapping_sub(number) <= self.tape.capacity).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::memory::Memory;
    use std::vec::Vec;

    fn rest<T: Pod>(replay: &mut Replay<'_, T>) -> Vec<T> {
        core::iter::from_fn(|| replay.next_event()).collect()
    }

    #[test]
    fn the_last_ones_stay_and_the_others_are_counted() {
        let mut memory = Memory::new(4096);
        let (mut recorder, mut replay) = recorder::<[u32; 4]>(&mut memory.arena(), 4).unwrap();
        assert_eq!(replay.next_event(), None);
        (0..3).for_each(|n| recorder.record([n; 4]));
        let mut other = replay.clone();
        assert!(rest(&mut replay).into_iter().eq((0..3).map(|n| [n; 4])));
        (3..10).for_each(|n| recorder.record([n; 4]));
        assert!(rest(&mut replay).into_iter().eq((6..10).map(|n| [n; 4])));
        assert!(rest(&mut other).into_iter().eq((6..10).map(|n| [n; 4])));
        assert_eq!((replay.lost(), other.lost()), (3, 6));
    }

    #[test]
    fn a_successor_goes_on_where_the_last_whole_event_ends() {
        let mut memory = Memory::new(4096);
        let (mut recorder, mut replay) = recorder::<[u32; 4]>(&mut memory.arena(), 4).unwrap();
        (0..6).for_each(|n| recorder.record([n; 4]));
        // Its thread ended within the seventh.
        recorder.tape.numbers.begun.store(7, Ordering::Relaxed);
        recorder.tape.event(6)[0].store(99, Ordering::Relaxed);
        let mut successor = replay.successor();
        assert!(rest(&mut replay.clone()).into_iter().eq((3..6).map(|n| [n; 4])), "the third is half written over");
        successor.record([6; 4]);
        assert!(rest(&mut replay).into_iter().eq((3..7).map(|n| [n; 4])));
    }

    #[test]
    fn an_event_that_is_being_overwritten_is_not_returned() {
        let mut memory = Memory::new(4096);
        let (mut recorder, mut replay) = recorder::<[u32; 4]>(&mut memory.arena(), 2).unwrap();
        (0..2).for_each(|n| recorder.record([n; 4]));
        recorder.tape.numbers.begun.store(3, Ordering::Relaxed);
        recorder.tape.event(2)[0].store(2, Ordering::Relaxed);
        assert_eq!(replay.next_event(), Some([1; 4]));
        assert_eq!((replay.next_event(), replay.lost()), (None, 1));
    }
}
