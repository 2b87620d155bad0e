//! Random words in every shared word: a million seeds in a release build or with `RUSTY_AUDIO_FULL`, some of them
//! otherwise.
#![cfg(not(any(loom, miri, target_arch = "wasm32")))]

use rusty_audio_lockfree_tests::hostile::play;
use rusty_audio_lockfree_tests::region::Region;

#[test]
fn nothing_hangs_and_nothing_leaves_its_memory() {
    let all = !cfg!(debug_assertions) || std::env::var_os("RUSTY_AUDIO_FULL").is_some();
    play(0..if all { 1_000_000 } else { 5_000 });
}

/// What the trials rely on: a word beyond the region is noticed, and scribbles change words inside it.
#[test]
fn a_write_beyond_the_region_would_be_noticed() {
    let region = Region::new(2048);
    for place in 0..4096 {
        region.scribble(place, 7 + 8 * place);
    }
    assert!(region.is_intact());
    region.deface_guard();
    assert!(!region.is_intact());
}
