//! The real-time core of Rusty Audio: no `std`, no allocator, no lock.
//!
//! # Threads
//!
//! | handle | thread | does |
//! |---|---|---|
//! | [`Controller`] | main thread | builds everything, sends commands, reads telemetry, replays a player's events |
//! | [`Feeder`] | decode worker | writes PCM and segment marks into the source ring |
//! | [`Processor`] | audio rendering thread | renders a node's sound, one render quantum at a time |
//! | [`Dispatcher`] | audio rendering thread | posts jobs, and computes itself what no worker brings in time |
//! | [`Worker`] | pool workers | keep time and compute jobs |
//! | [`PoolController`] | main thread | posts jobs of the page, seats and buries workers, replays the pool's events |
//!
//! [`player`], [`node`], [`pool`] and [`PoolController::worker`] make the handles, one per thread; each is `Send` and not `Sync`. All memory is
//! taken from an [`Arena`] while building; nothing allocates afterwards.
//!
//! # Glossary
//!
//! - *frame*: one sample for each channel. All counts are frames unless a name says otherwise.
//! - *render quantum*: the frames of one call of the processor; 128 by default, any length in truth.
//! - *source ring*: the ring of PCM between the decode worker and the audio thread.
//! - *segment*: a run of frames of one track that follow each other without a gap.
//! - *mark*: says at which index of the source ring a segment begins or the stream ends.
//! - *epoch*: counts the jumps (open, seek); frames of an older epoch are never played after a newer one.
//! - *join*: how a segment meets what was written before it: follow, jump now, jump at an index.
//! - *priming*: waiting for the first frames of a segment; not starvation.
//! - *starvation*: frames that should have sounded and were not there.
//! - *hole*: where a stream's frames are not there, starvation or not; it is concealed.
//! - *underrun*: the device ran out of frames; the browser's number, never mixed with starvation.
//! - *board*: where jobs are posted and claimed.
//! - *slack*: frames from the posting of a job to the moment its result is needed.
//! - *seat*: a worker's number, with its words in shared memory and its stack.
//! - *tail*: the late part of a convolution.
//! - *chain*: the effects of a node, in their order.
//! - *control point*: a multiple of 32 frames since a node was made; AudioParams are read there.
//! - *run*: consecutive frames that an effect processes at once; part of a quantum.
//! - *plane*: the samples of one channel, contiguous.
//! - *event*: what one thread noted down of its work, with the time; [`events`] has them all.
//! - *flight recorder*: the last events of every thread, to find out afterwards why frames were missing.
//! - *pulse*: an event that comes at a steady rate and says that all is well.
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", feature(stdarch_wasm_atomic_wait))]
#![cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), feature(asm_experimental_arch))]

pub mod buffering;
mod burst;
pub mod chain;
mod concealment;
pub mod config;
mod controller;
mod dispatcher;
pub mod dsp;
#[macro_use]
#[path = "effects/table.rs"]
mod effects_table;
pub mod effects;
pub mod events;
mod feeder;
mod frame_clock;
pub mod job;
#[allow(unsafe_code, reason = "rings and boards hand memory from thread to thread")]
pub mod lockfree;
mod log;
#[allow(unsafe_code, reason = "an arena hands out disjoint parts of one region")]
pub mod memory;
mod pacing;
mod pipeline;
mod playback;
mod pool;
mod processor;
pub mod protocol;
mod quantum;
mod seats;
mod split;
pub mod warming;
mod worker;

pub use chain::Chain;
pub use config::{ConfigError, Entry, NodeConfig};
pub use controller::{Controller, PlayerTape};
pub use dispatcher::{Collected, Dispatcher, Otherwise, Task};
pub use feeder::Feeder;
#[cfg(feature = "alloc")]
pub use memory::Memory;
pub use memory::{Arena, Parcel};
pub use pool::{Loss, PoolController, Tape};
pub use processor::Processor;
pub use quantum::Quantum;
pub use split::{node, player, pool};
pub use worker::{Turn, Worker};
