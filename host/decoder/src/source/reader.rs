//! A source whose bytes arrive while codecs read from its cache.

use std::cell::Ref;
use std::rc::Rc;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::blob::BlobBytes;
use super::shared::{IndexBytes, Shared};
use super::url::UrlBytes;
use super::{BLOCK_BYTES, ReadOutcome};
use crate::timing::Signal;

/// Bytes that must be there before a codec decodes on: more than a packet of any usual file, so that it does
/// not come upon a missing byte in the middle. They are also what is in hand when the first sound comes.
const BYTES_AHEAD: u64 = 128 * 1024;

enum Origin {
    Blob(BlobBytes),
    Url(UrlBytes),
    /// Nothing to read from: the source has failed from the start, and stays so.
    Invalid,
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
        let shared = Rc::new(Shared::new(refused, arrived));
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
            *shared.index.borrow_mut() = Some(IndexBytes::from(offset));
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
