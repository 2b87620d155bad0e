//! What threads share.
//!
//! | structure | writer | reader | which store pairs with which load |
//! |---|---|---|---|
//! | [`ring`] | one producer | one consumer | producer's `Release` store of `write` with the consumer's `Acquire` load; consumer's `Release` store of `read` with the producer's `Acquire` load |
//! | [`latest`] | one publisher | one reader | `AcqRel` exchange of the middle buffer's number on both sides |
//! | [`board`] | one poster; claimers | claimers; the poster | poster's `Release` store of `Posted` with the claimer's `Acquire` load of the offer; claimer's `Release` exchange to `Done` or `Lost`, and that of whoever buries it, with the poster's `Acquire` load |
//! | [`recorder`] | one recorder | any number of replays | recorder's `Release` store of `finished` with a replay's `Acquire` load; `Release` store of each word with its `Acquire` load, which makes `begun` visible |
//! | [`regions`] | main thread, then the audio thread and its jobs | the same | main thread's `Release` store of `Lent` with the audio thread's `Acquire` load; audio thread's `Release` store of `Home` with the main thread's `Acquire` load; `Release` store of a journal with its `Acquire` load; between the audio thread and its jobs, the [`board`]'s |
//! | [`counter`], [`demand`], [`histogram`] | one thread each | any | none: each word counts for itself, all `Relaxed` |
//! | [`park`] | anyone | workers | a counter that is bumped before `notify` and compared by the timed wait |
//!
//! Loom plays every one of them in all orders, and each ordering is weakened in turn to see that a scene fails: see
//! `tests/lockfree`.
//!
//! In the browser all of it lies in shared memory that any script of the page can write. So a word from another
//! thread is masked or clamped before it is used as an index or a length, and no address is ever read from
//! memory that another thread writes.

pub mod atomics;
pub mod board;
pub mod counter;
pub mod demand;
pub mod histogram;
pub mod latest;
pub mod park;
pub mod recorder;
pub mod regions;
pub mod ring;
