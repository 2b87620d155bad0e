//! What a source and those who fetch for it share: what is wanted, and what has arrived.

use std::cell::{Cell, RefCell};

use rusty_audio_protocol::Failure;

use super::{BLOCK_BYTES, BlockCache};
use crate::timing::Signal;

/// Blocks that are fetched ahead of the codec's position, the one it is in included.
const BLOCKS_AHEAD: u64 = 4;

/// What is to be fetched next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Blocks from the first number up to and without the second, for the cache.
    Blocks(u64, u64),
    /// Bytes from this offset on, for the frame index.
    Index(u64),
}

/// Bytes for the frame index; they do not go through the cache, which would lose what the codec needs.
pub(super) struct IndexBytes {
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) complete: bool,
}

impl IndexBytes {
    /// None yet of those from `offset` on.
    pub(super) const fn from(offset: u64) -> Self {
        Self { offset, bytes: Vec::new(), complete: false }
    }
}

/// What a source and those who fetch for it share.
pub(super) struct Shared {
    pub(super) cache: RefCell<BlockCache>,
    pub(super) index: RefCell<Option<IndexBytes>>,
    pub(super) position: Cell<u64>,
    pub(super) active: Cell<bool>,
    pub(super) failure: RefCell<Option<Failure>>,
    pub(super) received: Cell<u64>,
    received_of_block: RefCell<Vec<u32>>,
    pub(super) closed: Cell<bool>,
    /// Raised when what is wanted may have changed.
    pub(super) wanted: Signal,
    /// Raised when bytes have arrived, or a failure.
    arrived: Signal,
}

impl Shared {
    /// Nothing is wanted yet and nothing has arrived; with a failure nothing ever will. `arrived` is raised when that changes.
    pub(super) fn new(failure: Option<Failure>, arrived: Signal) -> Self {
        Self {
            cache: RefCell::new(BlockCache::new()),
            index: RefCell::new(None),
            position: Cell::new(0),
            active: Cell::new(false),
            failure: RefCell::new(failure),
            received: Cell::new(0),
            received_of_block: RefCell::new(Vec::new()),
            closed: Cell::new(false),
            wanted: Signal::default(),
            arrived,
        }
    }

    pub(super) fn want(&self) -> Option<Want> {
        if self.closed.get() || self.failure.borrow().is_some() {
            return None;
        }
        let cache = self.cache.borrow();
        let blocks = cache.total().map(|total| total.div_ceil(BLOCK_BYTES as u64));
        if let Some(missed) = cache.missed() {
            return Some(Want::Blocks(missed, self.run_end(&cache, missed, missed + 1)));
        }
        let first = self.position.get() / BLOCK_BYTES as u64;
        let end = (first + BLOCKS_AHEAD).min(blocks.unwrap_or(u64::MAX));
        if self.active.get()
            && let Some(block) = (first..end).find(|&block| !cache.is_complete(block))
        {
            return Some(Want::Blocks(block, self.run_end(&cache, block, end)));
        }
        let index = self.index.borrow();
        let index = index.as_ref().filter(|index| !index.complete)?;
        Some(Want::Index(index.offset + index.bytes.len() as u64))
    }

    fn run_end(&self, cache: &BlockCache, first: u64, end: u64) -> u64 {
        (first + 1..end).find(|&block| cache.block_length(block) > 0).unwrap_or(end)
    }

    /// Whether fetching `want` still makes sense.
    pub(super) fn is_wanted(&self, want: Want) -> bool {
        match (want, self.want()) {
            (_, None) => false,
            (Want::Blocks(first, end), Some(Want::Blocks(now, _))) => (first..end).contains(&now),
            (Want::Index(_), Some(now)) => matches!(now, Want::Index(_)),
            (Want::Blocks(..), Some(Want::Index(_))) => false,
        }
    }

    /// Bytes of the file from `offset` on have arrived for the cache.
    pub(super) fn deliver(&self, mut offset: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let index = offset / BLOCK_BYTES as u64;
            let within = usize::try_from(offset % BLOCK_BYTES as u64).unwrap_or(0);
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK_BYTES - within));
            self.cache.borrow_mut().append(index, within, now);
            offset += now.len() as u64;
            bytes = later;
        }
        self.arrived.raise();
    }

    /// Bytes of the file from `offset` on have arrived for the frame index.
    pub(super) fn deliver_index(&self, offset: u64, bytes: &[u8]) {
        if let Some(index) = &mut *self.index.borrow_mut()
            && index.offset + index.bytes.len() as u64 == offset
        {
            let room = BLOCK_BYTES - index.bytes.len();
            index.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
            let end = index.offset + index.bytes.len() as u64;
            index.complete = index.bytes.len() == BLOCK_BYTES || self.cache.borrow().total() == Some(end);
        }
        self.arrived.raise();
    }

    /// The first byte for the frame index that has not arrived.
    pub(super) fn index_end(&self) -> Option<u64> {
        self.index.borrow().as_ref().map(|index| index.offset + index.bytes.len() as u64)
    }

    /// Counts bytes from `start` to `end` as received, each byte of the file once.
    pub(super) fn count(&self, start: u64, end: u64) {
        let mut lengths = self.received_of_block.borrow_mut();
        for block in start / BLOCK_BYTES as u64..end.div_ceil(BLOCK_BYTES as u64) {
            let (Ok(place), Ok(length)) =
                (usize::try_from(block), u32::try_from((end - block * BLOCK_BYTES as u64).min(BLOCK_BYTES as u64)))
            else {
                return;
            };
            if lengths.len() <= place {
                lengths.resize(place + 1, 0);
            }
            if lengths[place] < length {
                self.received.set(self.received.get() + u64::from(length - lengths[place]));
                lengths[place] = length;
            }
        }
    }

    /// All the bytes up to `received` have been received, wherever they are kept.
    pub(super) fn set_received(&self, received: u64) {
        self.received.set(received);
        self.arrived.raise();
        self.wanted.raise();
    }

    /// The length of the file has become known.
    pub(super) fn set_total(&self, total: u64) {
        self.cache.borrow_mut().set_total(total);
        self.arrived.raise();
    }

    /// Nothing more will arrive until somebody opens the source again.
    pub(super) fn fail(&self, failure: Failure) {
        *self.failure.borrow_mut() = Some(failure);
        self.arrived.raise();
    }
}
