//! Kills a thread after any of its atomic steps, as `terminate()` does to a worker, or holds it there: natively, and in tests only.

extern crate std;

use core::cell::{Cell, RefCell};
use core::panic::Location;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Ordering;

pub(super) use core::sync::atomic::AtomicU32 as Inner;

pub(super) enum Half {
    Success,
    Failure,
}

pub(super) fn ordering(_: &'static Location<'static>, half: Half, order: Ordering) -> Ordering {
    match half {
        Half::Success | Half::Failure => order,
    }
}

std::thread_local! {
    /// Steps that this thread may still take; `None` without limit.
    static STEPS_LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    /// What happens after the last of them, if the thread is not to die.
    static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

struct Abandoned;

/// Runs `run` until it has taken `steps` atomic steps: the last one takes effect, and nothing after it happens.
/// `None` if that ended it; what `run` returns if it took fewer.
///
/// # Real-time
/// Tests only.
pub fn abandon_after<R>(steps: u32, run: impl FnOnce() -> R) -> Option<R> {
    if steps == 0 {
        return None;
    }
    let before = STEPS_LEFT.replace(Some(steps));
    let result = catch_unwind(AssertUnwindSafe(run));
    STEPS_LEFT.set(before);
    match result {
        Ok(value) => Some(value),
        Err(payload) if payload.is::<Abandoned>() => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// Runs `run`, and `meanwhile` after the first `steps` atomic steps of it: what other threads do there may come at just that
/// moment. Returns what `run` does, and whether it took so many steps.
///
/// # Real-time
/// Tests only.
pub fn hold_after<R>(steps: u32, run: impl FnOnce() -> R, meanwhile: impl FnOnce() + 'static) -> (R, bool) {
    MEANWHILE.set(Some(Box::new(meanwhile)));
    STEPS_LEFT.set(Some(steps));
    let result = run();
    STEPS_LEFT.set(None);
    (result, MEANWHILE.take().is_none())
}

pub(super) fn passed<T>(value: T) -> T {
    if let Some(steps) = STEPS_LEFT.get() {
        if steps == 1
            && let Some(meanwhile) = MEANWHILE.take()
        {
            STEPS_LEFT.set(None);
            meanwhile();
            return value;
        }
        STEPS_LEFT.set(Some(steps.saturating_sub(1)));
        // A dying thread that still touches a word while it unwinds must not die twice.
        if steps == 1 && !std::thread::panicking() {
            resume_unwind(Box::new(Abandoned));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfree::atomics::AtomicU32;

    #[test]
    fn each_step_takes_effect_and_nothing_after_the_last() {
        for steps in 0..=3 {
            let word = AtomicU32::new(0);
            let run = || (0..3).for_each(|_| _ = word.fetch_add(1, Ordering::Relaxed));
            assert_eq!(abandon_after(steps, run).is_some(), steps > 3);
            assert_eq!(word.load(Ordering::Relaxed), steps);
        }
        for steps in 1..=4 {
            let word = &*Box::leak(Box::new(AtomicU32::new(0)));
            let run = || (0..3).for_each(|_| _ = word.fetch_add(1, Ordering::Relaxed));
            let ((), held) = hold_after(steps, run, move || assert_eq!(word.fetch_add(10, Ordering::Relaxed), steps));
            assert_eq!((held, word.load(Ordering::Relaxed)), if steps < 4 { (true, 13) } else { (false, 3) });
        }
        let word = AtomicU32::new(5);
        assert_eq!(abandon_after(2, || word.load(Ordering::Relaxed)), Some(5));
    }
}
