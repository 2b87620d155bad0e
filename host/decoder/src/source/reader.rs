//! A source whose bytes arrive while codecs read from its cache.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::blob::BlobBytes;
use super::url::UrlBytes;
use super::{BLOCK_BYTES, BlockCache, ReadOutcome};
use crate::worker::Signal;

/// Blocks that are fetched ahead of the codec's position, the one it is in included.
const BLOCKS_AHEAD: u64 = 4;
/// Bytes that must be there before a codec decodes on: as much as a packet of a usual file has, so that it rarely comes upon a
/// missing byte in the middle and has to read the packet once more. On a slow network the first sound waits for so many.
const BYTES_AHEAD: u64 = 32 * 1024;

/// What is to be fetched next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Blocks from the first number up to and without the second, for the cache.
    Blocks(u64, u64),
    /// Bytes from this offset on, for the frame index.
    Index(u64),
}

/// Bytes for the frame index; they do not go through the cache, which would lose what the codec needs.
struct IndexBytes {
    offset: u64,
    bytes: Vec<u8>,
    complete: bool,
}

enum Origin {
    Blob(BlobBytes),
    Url(UrlBytes),
    /// Nothing to read from: the source has failed from the start, and stays so.
    Invalid,
}

/// What a source and those who fetch for it share.
pub(super) struct Shared {
    pub(super) cache: RefCell<BlockCache>,
    index: RefCell<Option<IndexBytes>>,
    position: Cell<u64>,
    active: Cell<bool>,
    failure: RefCell<Option<Failure>>,
    received: Cell<u64>,
    received_of_block: RefCell<Vec<u32>>,
    pub(super) closed: Cell<bool>,
    /// Raised when what is wanted may have changed.
    pub(super) wanted: Signal,
    /// Raised when bytes have arrived, or a failure.
    arrived: Signal,
}

impl Shared {
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

/// One source of the queue. Clones are the same source; when the last is dropped, nothing is fetched any more.
#[derive(Clone)]
pub struct Source(Rc<Handle>);

struct Handle {
    shared: Rc<Shared>,
    origin: Rc<Origin>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.closed.set(true);
        self.shared.wanted.raise();
        if let Origin::Url(url) = &*self.origin {
            url.abort();
        }
    }
}

impl Source {
    /// A source of `value`, a `Blob` or an address as a string. `arrived` is raised whenever bytes or failures come.
    #[must_use]
    pub fn new(value: &JsValue, arrived: Signal) -> Self {
        let origin = if let Some(blob) = value.dyn_ref::<Blob>() {
            Ok(Origin::Blob(BlobBytes::new(blob.clone())))
        } else if let Some(address) = value.as_string() {
            UrlBytes::new(&address).map(Origin::Url)
        } else {
            Err(Failure::new(ErrorCode::InvalidArgument, "The source is neither a Blob nor a string with an address."))
        };
        let (origin, refused) = match origin {
            Ok(origin) => (origin, None),
            Err(failure) => (Origin::Invalid, Some(failure)),
        };
        let shared = Rc::new(Shared {
            cache: RefCell::new(BlockCache::new()),
            index: RefCell::new(None),
            position: Cell::new(0),
            active: Cell::new(false),
            failure: RefCell::new(refused),
            received: Cell::new(0),
            received_of_block: RefCell::new(Vec::new()),
            closed: Cell::new(false),
            wanted: Signal::default(),
            arrived,
        });
        if let Origin::Blob(blob) = &origin {
            shared.set_total(blob.size());
            shared.received.set(blob.size());
        }
        let origin = Rc::new(origin);
        spawn_local(serve(Rc::clone(&shared), Rc::clone(&origin)));
        Self(Rc::new(Handle { shared, origin }))
    }

    /// Whether its bytes cost no network traffic.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(*self.0.origin, Origin::Blob(_))
    }

    /// Length in bytes, when known.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.0.shared.cache.borrow().total()
    }

    /// Bytes received so far, each counted once.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.shared.received.get()
    }

    /// Copies bytes from `offset` on; what is missing is fetched.
    pub fn read(&self, offset: u64, length: usize, take: impl FnOnce(&[u8])) -> ReadOutcome {
        let outcome = self.0.shared.cache.borrow_mut().with(offset, length, take);
        if outcome == ReadOutcome::Missing {
            self.0.shared.active.set(true);
            self.0.shared.wanted.raise();
        }
        outcome
    }

    /// The codec reads at `position` now: what follows is fetched. False while too little of it is there to decode on.
    #[must_use]
    pub fn reads_at(&self, position: u64) -> bool {
        let shared = &self.0.shared;
        shared.active.set(true);
        if shared.position.replace(position) / BLOCK_BYTES as u64 != position / BLOCK_BYTES as u64 {
            shared.wanted.raise();
        }
        let held = shared.cache.borrow().holds(position, BYTES_AHEAD);
        if !held {
            shared.wanted.raise();
        }
        held
    }

    /// The codec has what it needed.
    pub fn settle(&self) {
        self.0.shared.cache.borrow_mut().settle();
    }

    /// Whether nothing more arrives.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.0.shared.failure.borrow().is_some()
    }

    /// Why nothing more arrives. It is told once: the next read tries again, except what can never be fetched.
    #[must_use]
    pub fn take_failure(&self) -> Option<Failure> {
        let shared = &self.0.shared;
        let mut failure = shared.failure.borrow_mut();
        if matches!(*self.0.origin, Origin::Invalid) {
            return failure.clone();
        }
        if failure.is_some() {
            shared.active.set(false);
            shared.cache.borrow_mut().settle();
        }
        failure.take()
    }

    /// Bytes from `offset` on for the frame index, at low priority; none until they are there.
    #[must_use]
    pub fn index_bytes(&self, offset: u64) -> Option<Ref<'_, [u8]>> {
        let shared = &self.0.shared;
        let asked = shared.index.borrow().as_ref().is_some_and(|index| index.offset == offset);
        if !asked {
            *shared.index.borrow_mut() = Some(IndexBytes { offset, bytes: Vec::new(), complete: false });
            shared.wanted.raise();
        }
        Ref::filter_map(shared.index.borrow(), |index| {
            index.as_ref().filter(|index| index.complete).map(|index| index.bytes.as_slice())
        })
        .ok()
    }

    /// Frees what is in memory; it is fetched again if somebody reads.
    pub fn release(&self) {
        let shared = &self.0.shared;
        shared.active.set(false);
        shared.index.borrow_mut().take();
        shared.cache.borrow_mut().clear();
        shared.wanted.raise();
    }
}

/// Fetches what is wanted, until the source is closed.
async fn serve(shared: Rc<Shared>, origin: Rc<Origin>) {
    while !shared.closed.get() {
        let Some(want) = shared.want() else {
            shared.wanted.raised().await;
            continue;
        };
        let fetched = match &*origin {
            Origin::Blob(blob) => blob.fetch(&shared, want).await,
            Origin::Url(url) => url.fetch(&shared, want).await,
            Origin::Invalid => return,
        };
        if let Err(failure) = fetched {
            shared.fail(failure);
        }
    }
}
