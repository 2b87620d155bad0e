//! Timed waiting on a shared word, for workers only.
//!
//! The audio thread never calls anything here: it neither waits nor wakes.

use crate::lockfree::atomics::AtomicU32;

/// Waits until `word` is no longer `expected`, somebody calls [`wake`], or `timeout_us` have passed.
/// May return early.
///
/// # Real-time
/// Worker only; blocks.
#[cfg(target_arch = "wasm32")]
pub fn wait(word: &AtomicU32, expected: u32, timeout_us: u32) {
    // SAFETY: the address is that of a live atomic in shared memory.
    unsafe {
        core::arch::wasm32::memory_atomic_wait32(
            word.as_ptr().cast::<i32>(),
            expected.cast_signed(),
            i64::from(timeout_us) * 1000,
        );
    }
}

/// Wakes whoever waits on `word`.
///
/// # Real-time
/// Worker or main thread.
#[cfg(target_arch = "wasm32")]
pub fn wake(word: &AtomicU32) {
    // SAFETY: the address is that of a live atomic in shared memory.
    unsafe { core::arch::wasm32::memory_atomic_notify(word.as_ptr().cast::<i32>(), u32::MAX) };
}

/// Natively the wait is a spin that gives way: exact wake-ups matter to browsers only, the order of loads and
/// stores to both.
///
/// # Real-time
/// Worker only; blocks.
#[cfg(not(target_arch = "wasm32"))]
pub fn wait(word: &AtomicU32, expected: u32, timeout_us: u32) {
    use crate::lockfree::atomics::Ordering;
    for _ in 0..timeout_us.min(64) {
        if word.load(Ordering::Acquire) != expected {
            return;
        }
        core::hint::spin_loop();
    }
}

/// Nothing to do: native waiters look at the word themselves.
///
/// # Real-time
/// Worker or main thread.
#[cfg(not(target_arch = "wasm32"))]
pub fn wake(_word: &AtomicU32) {}
