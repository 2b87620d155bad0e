//! The engine module: the raw `extern "C"` surface that every thread of the browser calls.
//!
//! All threads instantiate the same module over the same shared memory. Numbers cross the border, samples lie at
//! fixed addresses. Exports are named after the thread that may call them:
//!
//! | prefix | thread | file |
//! |---|---|---|
//! | `controller_` | main thread; in solo mode the audio thread, outside `process` | `controller.rs`, `node.rs`, `pool.rs` |
//! | `feeder_` | decode worker; in solo mode the audio thread, outside `process` | `feeder.rs` |
//! | `rt_` | audio thread, inside `process` | `node.rs` |
//! | `worker_` | pool worker | `worker.rs` |
//! | `warm` | a worker, over a memory of its own | `node.rs` |
//! | `fault` | any, to be harmed on request | `fault.rs` |
//!
//! This crate is a library: a `cdylib` becomes a module by naming its table of effects to [`engine_module!`], as
//! `worklet/module` does with the engine's own and `tests/own_effect/module` with one more.
//!
//! Handles are addresses that `controller_*` gave out; `handle.rs` checks each one before it becomes a reference.
//! The module has no allocator: memory beyond the arena does not exist for it.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]
#![deny(unsafe_code)]
#![feature(asm_experimental_arch)]

mod answer;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod controller;
#[allow(unsafe_code, reason = "what WebAssembly defines as a trap, Rust can only write as assembly")]
mod fault;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod feeder;
#[allow(unsafe_code, reason = "addresses become references here and nowhere else")]
mod handle;
pub mod node;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod pool;
#[allow(unsafe_code, reason = "exporting under a plain name is an unsafe attribute; the functions are safe")]
mod worker;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
