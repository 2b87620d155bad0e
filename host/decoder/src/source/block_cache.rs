//! The blocks of a file that are in memory, least recently used first out.

use std::collections::HashMap;

/// Bytes of a block: large enough that a request costs little beside its bytes, small enough that the first sound
/// comes soon.
pub const BLOCK_BYTES: usize = 256 * 1024;
/// Blocks kept while nothing asks for more: 4 MiB.
const USUAL_BLOCKS: usize = 16;
/// Blocks kept at most: 16 MiB. Only a file whose opening needs more than the usual number at once comes here.
const MOST_BLOCKS: usize = 64;

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// So many bytes were copied, at least 1.
    Bytes(usize),
    /// The file ends at or before the offset.
    End,
    /// The byte at the offset is not in memory; the block of it has been noted as missed.
    Missing,
}

struct Block {
    bytes: Vec<u8>,
    used: u64,
}

/// Some blocks of one file.
///
/// A block may be partial while it arrives: it holds the first bytes of its range, never a later part alone.
#[derive(Default)]
pub struct BlockCache {
    blocks: HashMap<u64, Block>,
    /// Blocks that had to go since the last [`BlockCache::settle`]; needing one of them again is thrashing.
    evicted: Vec<u64>,
    capacity: usize,
    clock: u64,
    total: Option<u64>,
    missed: Option<u64>,
}

impl BlockCache {
    /// An empty cache of a file of unknown length.
    #[must_use]
    pub fn new() -> Self {
        Self { capacity: USUAL_BLOCKS, ..Self::default() }
    }

    /// Length of the file in bytes, when known.
    #[must_use]
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The length of the file has become known.
    pub const fn set_total(&mut self, total: u64) {
        self.total = Some(total);
    }

    /// Copies bytes from `offset` on into `target`, fewer than asked for at the end of a block.
    pub fn read(&mut self, offset: u64, target: &mut [u8]) -> ReadOutcome {
        self.with(offset, target.len(), |bytes| target[..bytes.len()].copy_from_slice(bytes))
    }

    /// Hands at most `length` bytes from `offset` on to `take`, fewer at the end of a block.
    pub fn with(&mut self, offset: u64, length: usize, take: impl FnOnce(&[u8])) -> ReadOutcome {
        if self.total.is_some_and(|total| offset >= total) {
            return ReadOutcome::End;
        }
        if length == 0 {
            return ReadOutcome::Bytes(0);
        }
        let (index, within) = locate(offset);
        self.clock += 1;
        if let Some(block) = self.blocks.get_mut(&index)
            && within < block.bytes.len()
        {
            block.used = self.clock;
            let end = block.bytes.len().min(within + length);
            take(&block.bytes[within..end]);
            return ReadOutcome::Bytes(end - within);
        }
        self.missed = Some(index);
        ReadOutcome::Missing
    }

    /// Whether all bytes from `offset` to `offset + length`, or to the end of the file, are in memory.
    #[must_use]
    pub fn holds(&self, offset: u64, length: u64) -> bool {
        let end = self.total.map_or(offset + length, |total| total.min(offset + length));
        let mut at = offset;
        while at < end {
            let (index, within) = locate(at);
            let Some(block) = self.blocks.get(&index) else {
                return false;
            };
            if block.bytes.len() <= within {
                return false;
            }
            at += (block.bytes.len() - within) as u64;
        }
        true
    }

    /// Whether a block is there from its first byte to its last.
    #[must_use]
    pub fn is_complete(&self, index: u64) -> bool {
        let start = index * BLOCK_BYTES as u64;
        let length = self.total.map_or(BLOCK_BYTES as u64, |total| total.saturating_sub(start).min(BLOCK_BYTES as u64));
        self.blocks.get(&index).map_or(length == 0, |block| block.bytes.len() as u64 >= length)
    }

    /// Bytes of a block that are there.
    #[must_use]
    pub fn block_length(&self, index: u64) -> usize {
        self.blocks.get(&index).map_or(0, |block| block.bytes.len())
    }

    /// The block that a read missed last and that has not become complete since.
    #[must_use]
    pub fn missed(&self) -> Option<u64> {
        self.missed.filter(|&index| !self.is_complete(index))
    }

    /// Appends bytes to a block that starts with them or holds those before them; `within` is their place in it.
    /// Bytes that do not continue the block are not taken.
    pub fn append(&mut self, index: u64, within: usize, bytes: &[u8]) {
        self.clock += 1;
        if !self.blocks.contains_key(&index) {
            self.make_room(index);
        }
        let clock = self.clock;
        let block = self.blocks.entry(index).or_insert_with(|| Block { bytes: Vec::new(), used: clock });
        block.used = clock;
        let known = block.bytes.len();
        if within <= known && within + bytes.len() > known {
            let room = BLOCK_BYTES - known;
            let new = &bytes[known - within..];
            block.bytes.extend_from_slice(&new[..new.len().min(room)]);
        }
    }

    /// What needed bytes is done: nothing is missed, and blocks that go from now on were not needed by it.
    pub fn settle(&mut self) {
        self.evicted.clear();
        self.missed = None;
    }

    /// Forgets all bytes.
    pub fn clear(&mut self) {
        self.blocks = HashMap::new();
        self.evicted.clear();
        self.capacity = USUAL_BLOCKS;
        self.missed = None;
    }

    fn make_room(&mut self, index: u64) {
        if self.evicted.contains(&index) {
            self.evicted.clear();
            self.capacity = (self.capacity * 2).min(MOST_BLOCKS);
        }
        while self.blocks.len() >= self.capacity {
            let Some(oldest) = self.blocks.iter().min_by_key(|(_, block)| block.used).map(|(&index, _)| index) else {
                return;
            };
            self.blocks.remove(&oldest);
            self.evicted.push(oldest);
            if self.evicted.len() > USUAL_BLOCKS {
                self.evicted.remove(0);
            }
        }
    }
}

/// The block of a byte, and the byte's place in it.
#[expect(clippy::cast_possible_truncation, reason = "the remainder is below BLOCK_BYTES")]
const fn locate(offset: u64) -> (u64, usize) {
    (offset / BLOCK_BYTES as u64, (offset % BLOCK_BYTES as u64) as usize)
}
