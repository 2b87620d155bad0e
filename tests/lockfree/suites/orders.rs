//! Every structure in every order that the memory model allows, and the proof that each ordering is needed.
//!
//! Loom's search has a blind spot: a thread that loads a word and then stores to it hides what others loaded before.
//! So each scene says how many orders there are at least and what must have happened in some of them, each is played
//! with both roles on loom's first thread, and each ordering in the sources is weakened in turn: some scene must then
//! fail, or the ordering is in the list of those that make no difference, with the reason.
#![cfg(loom)]
#![expect(clippy::print_stdout, reason = "how many orders there were belongs to the proof")]

#[path = "orders/models.rs"]
mod models;
#[path = "orders/regions.rs"]
mod regions;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use models::{MODELS, Model, take_outcomes};
use rusty_audio_engine::lockfree::atomics::model::{Half, Site, remember_loads, take_sites, weaken};
use rusty_audio_lockfree_tests::region::Region;

/// Plays a model in all orders. Returns how many there were; panics in the first one that breaks a law.
fn explore(model: &Model, swapped: bool) -> usize {
    let region = Region::new(1 << 15);
    let orders = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = model.preemptions;
    builder.max_branches = 10_000;
    remember_loads(model.remember_loads);
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
            println!("{orders:>8} orders of {}{}", model.name, if swapped { ", roles swapped" } else { "" });
            assert!(orders >= model.orders, "{}: only {orders} orders", model.name);
            let seen = take_outcomes();
            for (number, outcome) in model.outcomes.iter().enumerate() {
                assert!(seen >> number & 1 == 1, "{}, swapped {swapped}: never {outcome}", model.name);
            }
        }
    }
}

/// An ordering that makes no difference when it is weakened: a piece of its line, the weaker ordering, and why.
struct Equivalent {
    line: &'static str,
    half: Half,
    weaker: Ordering,
    reason: &'static str,
}

const EQUIVALENT: &[Equivalent] = &[
    Equivalent {
        line: "compare_exchange(offer.state, claimed,",
        half: Half::Success,
        weaker: Ordering::Acquire,
        reason: "a claim publishes nothing: the output is published by its end",
    },
    Equivalent {
        line: "compare_exchange(offer.state, claimed,",
        half: Half::Success,
        weaker: Ordering::Release,
        reason: "the offer, which holds the same state, was acquired",
    },
    Equivalent {
        line: "compare_exchange(state, lost,",
        half: Half::Success,
        weaker: Ordering::Release,
        reason: "a dead owner publishes nothing; that it is dead is known, and ordered, by other means",
    },
    Equivalent {
        line: "compare_exchange(state, free,",
        half: Half::Success,
        weaker: Ordering::Acquire,
        reason: "a slot that is taken back is shown to nobody before it is posted again",
    },
    Equivalent {
        line: "compare_exchange(state, free,",
        half: Half::Success,
        weaker: Ordering::Release,
        reason: "the state that is replaced is the poster's own",
    },
    Equivalent {
        line: "compare_exchange(state, free,",
        half: Half::Failure,
        weaker: Ordering::Relaxed,
        reason: "an abandoned slot is acquired when it is recovered",
    },
];

/// What an ordering may become: each of its halves is taken away in turn.
fn weaker(order: Ordering) -> &'static [Ordering] {
    match order {
        Ordering::AcqRel => &[Ordering::Acquire, Ordering::Release],
        Ordering::SeqCst => &[Ordering::AcqRel],
        _ => &[Ordering::Relaxed],
    }
}

fn source_line(site: &Site) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../").to_owned() + site.file;
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().nth(site.line as usize - 1).unwrap_or_default().trim().to_owned()
}

/// Whether the model fails in some order.
fn kills(model: &Model, swapped: bool) -> bool {
    catch_unwind(AssertUnwindSafe(|| explore(model, swapped))).is_err()
}

#[test]
fn every_ordering_is_needed() {
    let scenes: Vec<(&Model, bool, Vec<Site>)> = MODELS
        .iter()
        .flat_map(|model| [(model, false), (model, true)])
        .map(|(model, swapped)| {
            _ = take_sites();
            explore(model, swapped);
            (model, swapped, take_sites())
        })
        .collect();
    let mut sites: Vec<Site> = scenes.iter().flat_map(|(.., sites)| sites.clone()).collect();
    sites.sort();
    sites.dedup();
    let mut unused: Vec<&Equivalent> = EQUIVALENT.iter().collect();
    let (mut survivors, mut killed) = (Vec::new(), 0);
    // A thousand panics are expected here, and no news.
    let hook = take_hook();
    set_hook(Box::new(|_| ()));
    for site in &sites {
        for &order in weaker(site.ordering()) {
            weaken(Some((*site, order)));
            let mut touched = scenes.iter().filter(|(.., sites)| sites.contains(site));
            let killer = touched.find(|(model, swapped, _)| kills(model, *swapped));
            weaken(None);
            let line = source_line(site);
            let mutant = format!("{}:{} `{line}`, {:?} to {order:?}", site.file, site.line, site.half);
            let listed =
                |each: &&Equivalent| line.contains(each.line) && each.half == site.half && each.weaker == order;
            match (killer, EQUIVALENT.iter().find(listed)) {
                (Some((model, ..)), None) => {
                    killed += 1;
                    println!("killed by {}: {mutant}", model.name);
                }
                (Some(_), Some(_)) => survivors.push(format!("listed as equivalent, and killed: {mutant}")),
                (None, Some(equivalent)) => {
                    unused.retain(|each| !std::ptr::eq(*each, equivalent));
                    println!("equivalent, {}: {mutant}", equivalent.reason);
                }
                (None, None) => survivors.push(format!("survived: {mutant}")),
            }
        }
    }
    set_hook(hook);
    survivors.extend(unused.iter().map(|each| format!("listed as equivalent, and not there: {}", each.line)));
    println!("{killed} weakened orderings killed, {} equivalent", EQUIVALENT.len() - unused.len());
    assert!(survivors.is_empty(), "\n{}", survivors.join("\n"));
    assert!(killed >= 20, "the sites are found");
}
