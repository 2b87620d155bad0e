//! The block cache: what is there is read, what is not is noted, and the oldest goes first.

use rusty_audio_decoder::source::{BLOCK_BYTES, BlockCache, ReadOutcome};

fn block(number: u8) -> Vec<u8> {
    vec![number; BLOCK_BYTES]
}

fn offset(block: u64) -> u64 {
    block * BLOCK_BYTES as u64
}

#[test]
fn reads_end_at_blocks_and_at_the_end_of_the_file() {
    let mut cache = BlockCache::new();
    cache.set_total(BLOCK_BYTES as u64 + 10);
    cache.append(0, 0, &block(1));
    cache.append(1, 0, &[2; 10]);
    let mut target = [0; 64];
    assert_eq!(cache.read(offset(1) - 4, &mut target), ReadOutcome::Bytes(4));
    assert_eq!(cache.read(offset(1), &mut target), ReadOutcome::Bytes(10));
    assert_eq!(target[..10], [2; 10]);
    assert_eq!(cache.read(offset(1) + 10, &mut target), ReadOutcome::End);
    assert!(cache.holds(0, u64::MAX / 2));
    assert!(cache.is_complete(1));
}

#[test]
fn a_partial_block_grows_only_at_its_end() {
    let mut cache = BlockCache::new();
    cache.set_total(offset(3));
    cache.append(0, 0, &[1; 100]);
    cache.append(0, 200, &[3; 100]);
    assert_eq!(cache.block_length(0), 100, "a hole must not be filled");
    cache.append(0, 50, &[2; 100]);
    assert_eq!(cache.block_length(0), 150);
    let mut target = [0; 150];
    assert_eq!(cache.read(0, &mut target), ReadOutcome::Bytes(150));
    assert_eq!((target[99], target[100]), (1, 2), "known bytes stay");
    assert_eq!(cache.read(150, &mut target), ReadOutcome::Missing);
    assert_eq!(cache.missed(), Some(0));
    assert!(cache.holds(0, 150) && !cache.holds(0, 151));
    cache.append(0, 150, &block(4));
    assert_eq!(cache.block_length(0), BLOCK_BYTES);
    assert_eq!(cache.missed(), None, "it is complete now");
}

#[test]
fn the_least_recently_used_block_goes() {
    let mut cache = BlockCache::new();
    for number in 0..16 {
        cache.append(number, 0, &block(0));
    }
    assert_eq!(cache.read(0, &mut [0]), ReadOutcome::Bytes(1));
    cache.append(16, 0, &block(0));
    assert!(cache.is_complete(0) && !cache.is_complete(1) && cache.is_complete(2));
}

#[test]
fn an_opening_that_needs_more_blocks_than_usual_gets_them() {
    let mut cache = BlockCache::new();
    // A call that starts anew after each miss and needs 30 blocks at once.
    let mut fetched = 0;
    while let Some(missing) = (0..30).find(|&number| cache.read(offset(number), &mut [0]) == ReadOutcome::Missing) {
        cache.append(missing, 0, &block(0));
        fetched += 1;
        assert!(fetched < 200, "the blocks chase each other out");
    }
    cache.settle();
    cache.clear();
    for number in 0..20 {
        cache.append(number, 0, &block(0));
    }
    assert!(!cache.is_complete(0), "after clearing it is small again");
}
