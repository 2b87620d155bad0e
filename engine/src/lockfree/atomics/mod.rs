//! The atomics and memory cells that every lock-free structure is built on: the one seam where a model checker, or a
//! test that kills a thread after any of its steps, takes their place.

#[cfg(not(loom))]
mod cells;
#[cfg(any(loom, feature = "step"))]
mod instrumented;
#[cfg(loom)]
pub mod model;
#[cfg(all(feature = "step", not(loom)))]
pub mod step;

use core::mem::MaybeUninit;

use crate::config::ConfigError;
use crate::memory::Arena;

#[cfg(not(loom))]
pub use cells::Cells;
#[cfg(not(loom))]
pub(crate) use cells::{reads, writes};
#[cfg(not(any(loom, feature = "step")))]
pub use core::sync::atomic::AtomicU32;
pub use core::sync::atomic::Ordering;
#[cfg(any(loom, feature = "step"))]
pub use instrumented::AtomicU32;
#[cfg(loom)]
pub use model::Cells;
#[cfg(loom)]
pub(crate) use model::{reads, writes};

/// `length` words of value 0.
///
/// # Real-time
/// Main thread only, while building.
///
/// # Errors
/// [`ConfigError::OutOfMemory`] when the arena has no room.
pub fn words<'a>(arena: &mut Arena<'a>, length: usize) -> Result<&'a [AtomicU32], ConfigError> {
    let words = arena.slice::<MaybeUninit<AtomicU32>>(length)?;
    for word in words.iter_mut() {
        word.write(AtomicU32::new(0));
    }
    // SAFETY: each word has just been written.
    Ok(unsafe { words.assume_init_ref() })
}
