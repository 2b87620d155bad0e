//! The laws after scripts that proptest shortens when one is broken.
#![cfg(not(any(loom, target_arch = "wasm32")))]

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestError, TestRunner};
use rusty_audio_lockfree_tests::laws::{self, Law};
use rusty_audio_lockfree_tests::script::words;

fn holds(law: Law) {
    if cfg!(miri) {
        (0..4).for_each(|seed| law(&words(seed, 60)));
        return;
    }
    let all = !cfg!(debug_assertions) || std::env::var_os("RUSTY_AUDIO_FULL").is_some();
    let cases = if all { 100_000 } else { 2_000 };
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, max_shrink_iters: 5_000, ..Config::with_cases(cases) });
    let result = runner.run(&vec(any::<u32>(), 0..300), |words| {
        law(&words);
        Ok(())
    });
    if let Err(TestError::Fail(reason, words)) = result {
        panic!("{reason} after {words:?}");
    }
}

#[test]
fn a_ring_is_a_bounded_queue() {
    holds(laws::ring);
}

#[test]
fn a_triple_buffer_shows_the_newest() {
    holds(laws::latest);
}

#[test]
fn a_board_gives_each_job_to_one() {
    holds(laws::board);
}

#[test]
fn a_recorder_keeps_the_last() {
    holds(laws::recorder);
}

#[test]
fn a_region_is_lent_to_one_and_comes_home() {
    holds(laws::regions);
}

#[test]
fn quantiles_are_at_most_a_quarter_above() {
    holds(laws::histogram);
}
