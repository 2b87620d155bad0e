//! Every structure in every order that the memory model allows, and the proof that each ordering is needed.
//!
//! Loom's search has a blind spot: a thread that loads a word and then stores to it hides what others loaded before.
//! So each scene says how many orders there are at least and what must have happened in some of them, each is played
//! with both roles on loom's first thread, and each ordering in the sources is weakened in turn: some scene must then
//! fail, or the ordering is in the list of those that make no difference, with the reason.
#![cfg(loom)]

#[path = "orders/models.rs"]
mod models;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use models::{MODELS, Model, take_outcomes};
use rusty_audio_engine::lockfree::atomics::model::{Half, Site, take_sites, weaken};
use rusty_audio_lockfree_tests::region::Region;

/// Plays a model in all orders. Returns how many there were; panics in the first one that breaks a law.
fn explore(model: &Model, swapped: bool) -> usize {
    let region = Region::new(4096);
    let orders = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = model.preemptions;
    builder.max_branches = 10_000;
    let (count, play) = (orders.clone(), model.play);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the order before has ended, and with it all that was built in the region.
        play(&mut unsafe { region.arena() }, swapped);
    });
    orders.load(Ordering::Relaxed)
}

#[test]
fn no_order_breaks_a_law() {
    for model in MODELS {
        for swapped in [false, true] {
            take_outcomes();
            let orders = explore(model, swapped);
            println!("{:>8} orders of {}{}", orders, model.name, if swapped { ", roles swapped" } else { "" });
            assert!(orders >= model.orders, "{}: only {orders} orders", model.name);
            let seen = take_outcomes();
            for (number, outcome) in model.outcomes.iter().enumerate() {
                assert!(seen >> number & 1 == 1, "{}, swapped {swapped}: never {outcome}", model.name);
            }
        }
    }
}
