//! A whole body, received once from beginning to end and kept as `Blob` parts, which browsers can move to disk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Blob, Response};

use super::BLOCK_BYTES;
use super::blob::read_slice;
use super::body::Body;
use super::request::{BACK_OFF_MILLISECONDS, Trouble, answer, header, refused, stalled};
use super::shared::{Shared, Want};
use crate::exception::describe;
use crate::timing::pause;

/// A download and what it has received.
pub struct Download {
    address: String,
    controller: Rc<RefCell<Option<AbortController>>>,
    /// Whole blocks.
    parts: RefCell<Vec<Blob>>,
    /// The block after them, as far as it has arrived.
    pending: RefCell<Vec<u8>>,
    failure: RefCell<Option<Failure>>,
    finished: Cell<bool>,
}

impl Download {
    /// Starts to receive the body of `response`.
    pub fn start(
        shared: &Rc<Shared>,
        address: &str,
        controller: Rc<RefCell<Option<AbortController>>>,
        response: Response,
    ) -> Rc<Self> {
        let download = Rc::new(Self {
            address: address.to_owned(),
            controller,
            parts: RefCell::default(),
            pending: RefCell::default(),
            failure: RefCell::default(),
            finished: Cell::new(false),
        });
        spawn_local(Rc::clone(&download).run(Rc::clone(shared), response));
        download
    }

    /// Gives what has been received of `want` to the cache, or waits until more has come.
    pub async fn serve(&self, shared: &Shared, want: Want) -> Result<(), Failure> {
        let start = match want {
            Want::Blocks(first, _) => first * BLOCK_BYTES as u64,
            Want::Index(offset) => offset,
        };
        let block = usize::try_from(start / BLOCK_BYTES as u64).unwrap_or(usize::MAX);
        let within = start % BLOCK_BYTES as u64;
        let part = self.parts.borrow().get(block).cloned();
        let bytes = if let Some(part) = part {
            read_slice(&part, within, BLOCK_BYTES as u64).await.map_err(|error| {
                Failure::new(
                    ErrorCode::NetworkFailed,
                    format!("What was received of {} is gone: {}.", self.address, describe(&error)),
                )
            })?
        } else if block == self.parts.borrow().len() {
            let pending = self.pending.borrow();
            let from = usize::try_from(within).unwrap_or(usize::MAX).min(pending.len());
            pending[from..].to_vec()
        } else {
            Vec::new()
        };
        let known = match want {
            Want::Blocks(first, _) => shared.cache.borrow().block_length(first),
            Want::Index(_) => 0,
        };
        if bytes.len() > known {
            match want {
                Want::Blocks(..) => shared.deliver(start, &bytes),
                Want::Index(_) => shared.deliver_index(start, &bytes),
            }
            return Ok(());
        }
        if let Some(failure) = self.failure.borrow().clone() {
            return Err(failure);
        }
        if !self.finished.get() {
            shared.wanted.raised().await;
        }
        Ok(())
    }

    fn received(&self) -> u64 {
        (self.parts.borrow().len() * BLOCK_BYTES + self.pending.borrow().len()) as u64
    }

    fn keep(&self, bytes: &[u8]) {
        let mut pending = self.pending.borrow_mut();
        pending.extend_from_slice(bytes);
        while pending.len() >= BLOCK_BYTES {
            let rest = pending.split_off(BLOCK_BYTES);
            let part = Array::of1(&Uint8Array::from(pending.as_slice()));
            if let Ok(blob) = Blob::new_with_u8_array_sequence(&part) {
                self.parts.borrow_mut().push(blob);
            }
            *pending = rest;
        }
    }

    async fn run(self: Rc<Self>, shared: Rc<Shared>, response: Response) {
        let mut response = Some(response);
        let mut failed_tries = 0;
        let mut stalls = 0;
        let failure = loop {
            let before = self.received();
            let Err(trouble) = self.receive(&shared, response.take()).await else {
                shared.set_total(self.received());
                break None;
            };
            if shared.closed.get() {
                return;
            }
            if self.received() > before {
                (failed_tries, stalls) = (0, 0);
            }
            match trouble {
                Trouble::Fatal(failure) => break Some(failure),
                Trouble::Stalled if stalls == 0 => stalls = 1,
                Trouble::Stalled => break Some(stalled(&self.address)),
                Trouble::Broken(_) if failed_tries < BACK_OFF_MILLISECONDS.len() => {
                    pause(BACK_OFF_MILLISECONDS[failed_tries]).await;
                    failed_tries += 1;
                }
                Trouble::Broken(how) => {
                    break Some(Failure::new(
                        ErrorCode::NetworkFailed,
                        format!("{} broke off after {} bytes: {how}.", self.address, self.received()),
                    ));
                }
                Trouble::Cancelled => return,
            }
        };
        self.finished.set(failure.is_none());
        *self.failure.borrow_mut() = failure;
        shared.set_received(self.received());
    }

    /// Receives `response`, or asks anew and passes over what is known.
    async fn receive(&self, shared: &Shared, response: Option<Response>) -> Result<(), Trouble> {
        let response = match response {
            Some(response) => response,
            None => answer(&self.address, "GET", None, &self.controller).await?,
        };
        if response.status() != 200 {
            return Err(Trouble::Fatal(refused(&self.address, &response)));
        }
        let length = header(&response, "Content-Length").and_then(|length| length.parse::<u64>().ok());
        let encoded = header(&response, "Content-Encoding").is_some_and(|encoding| encoding != "identity");
        if let Some(length) = length.filter(|_| !encoded) {
            if shared.cache.borrow().total().is_some_and(|total| total != length) {
                return Err(Trouble::Fatal(Failure::new(
                    ErrorCode::SourceChanged,
                    format!("{} changed on the server while it was being read.", self.address),
                )));
            }
            shared.set_total(length);
        }
        let Some(body) = Body::of(&response) else {
            return Ok(());
        };
        let mut known = self.received();
        while let Some(bytes) = body.chunk().await? {
            let skipped = usize::try_from(known).map_or(bytes.len(), |known| known.min(bytes.len()));
            known -= skipped as u64;
            self.keep(&bytes[skipped..]);
            shared.set_received(self.received());
        }
        Ok(())
    }
}
