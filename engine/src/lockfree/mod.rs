//! What threads share.
//!
//! | structure | writer | reader | the pair that makes it safe |
//! |---|---|---|---|
//! | [`ring`] | one producer | one consumer | producer's `Release` store of `write` with the consumer's `Acquire` load; consumer's `Release` store of `read` with the producer's `Acquire` load |
//! | [`latest`] | one publisher | one reader | `AcqRel` exchange of the middle buffer's number on both sides |
//! | [`park`] | anyone | workers | a counter that is bumped before `notify` and compared by the timed wait |
//!
//! In the browser all of it lies in shared memory that any script of the page can write. So a word from another
//! thread is masked or clamped before it is used as an index or a length, and no address is ever read from
//! memory that another thread writes.

pub mod atomics;
pub mod board;
pub mod latest;
pub mod park;
pub mod ring;
pub mod shelf;
