//! Reading an address: by ranges where the server allows them, else as one stream that is kept on disk.
//!
//! The first request asks for the first block. `206` means that ranges work; `200` that the body is all there
//! will be. Whatever stands still can be cancelled: when something else is wanted, or the source is closed.

use std::cell::RefCell;
use std::rc::Rc;

use rusty_audio_protocol::{ErrorCode, Failure};
use web_sys::{AbortController, Response};

use super::BLOCK_BYTES;
use super::body::Body;
use super::download::Download;
use super::request::{BACK_OFF_MILLISECONDS, Trouble, answer, header, refused, stalled};
use super::shared::{Shared, Want};
use crate::timing::{either, pause};

/// What identifies a version of the file. Headers that another origin's server does not expose are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Identity {
    etag: Option<String>,
    last_modified: Option<String>,
    total: Option<u64>,
}

impl Identity {
    fn differs(&self, other: &Self) -> bool {
        fn differ<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            matches!((a, b), (Some(a), Some(b)) if a != b)
        }
        differ(self.etag.as_ref(), other.etag.as_ref())
            || differ(self.last_modified.as_ref(), other.last_modified.as_ref())
            || differ(self.total.as_ref(), other.total.as_ref())
    }
}

#[derive(Clone)]
enum Mode {
    /// No answer yet. The flag says whether the request is made without a range, because one with a range failed.
    Unknown { plain: bool },
    /// The server answers ranges.
    Ranged(Identity),
    /// It does not: the whole body is received.
    Whole(Rc<Download>),
}

/// The bytes behind an address.
pub struct UrlBytes {
    address: String,
    mode: RefCell<Mode>,
    controller: Rc<RefCell<Option<AbortController>>>,
}

impl UrlBytes {
    /// Reads `address`, which must be absolute.
    pub fn new(address: &str) -> Result<Self, Failure> {
        let scheme = web_sys::Url::new(address).map(|url| url.protocol()).unwrap_or_default();
        if !matches!(scheme.as_str(), "http:" | "https:" | "blob:" | "data:") {
            return Err(Failure::new(
                ErrorCode::InvalidUrl,
                format!("'{address}' is not an address that can be fetched."),
            ));
        }
        Ok(Self {
            address: address.to_owned(),
            mode: RefCell::new(Mode::Unknown { plain: false }),
            controller: Rc::default(),
        })
    }

    /// Ends the request that runs.
    pub fn abort(&self) {
        if let Some(controller) = self.controller.borrow_mut().take() {
            controller.abort();
        }
    }

    /// Gets what is wanted, piece by piece, until it is there or something else is wanted.
    pub async fn fetch(&self, shared: &Rc<Shared>, want: Want) -> Result<(), Failure> {
        let mode = self.mode.borrow().clone();
        if let Mode::Whole(download) = mode {
            return download.serve(shared, want).await;
        }
        let mut failed_tries = 0;
        let mut stalls = 0;
        loop {
            let before = self.start_of(shared, want);
            let trouble = match self.request(shared, want).await {
                Ok(()) | Err(Trouble::Cancelled) => return Ok(()),
                Err(trouble) => trouble,
            };
            self.abort();
            if self.start_of(shared, want) > before {
                (failed_tries, stalls) = (0, 0);
            }
            match trouble {
                Trouble::Fatal(failure) => return Err(failure),
                Trouble::Stalled if stalls == 0 => stalls = 1,
                Trouble::Stalled => return Err(stalled(&self.address)),
                Trouble::Broken(_) if failed_tries < BACK_OFF_MILLISECONDS.len() => {
                    if either(pause(BACK_OFF_MILLISECONDS[failed_tries]), unwanted(shared, want)).await.is_err() {
                        return Ok(());
                    }
                    failed_tries += 1;
                }
                Trouble::Broken(how) => {
                    return Err(Failure::new(
                        ErrorCode::NetworkFailed,
                        format!(
                            "{} broke off at byte {} in {} tries: {how}.",
                            self.address,
                            self.start_of(shared, want),
                            failed_tries + 1
                        ),
                    ));
                }
                Trouble::Cancelled => return Ok(()),
            }
        }
    }

    /// The first byte of `want` that has not arrived.
    fn start_of(&self, shared: &Shared, want: Want) -> u64 {
        match want {
            Want::Blocks(first, end) => {
                let cache = shared.cache.borrow();
                let block = (first..end).find(|&block| !cache.is_complete(block)).unwrap_or(end);
                block * BLOCK_BYTES as u64 + cache.block_length(block) as u64
            }
            Want::Index(_) => shared.index_end().unwrap_or(0),
        }
    }

    async fn request(&self, shared: &Rc<Shared>, want: Want) -> Result<(), Trouble> {
        let start = self.start_of(shared, want);
        let mode = self.mode.borrow().clone();
        let end = match (want, &mode) {
            (Want::Blocks(first, _), Mode::Unknown { .. }) => (first + 1) * BLOCK_BYTES as u64,
            (Want::Blocks(_, end), _) => end * BLOCK_BYTES as u64,
            (Want::Index(_), _) => (start / BLOCK_BYTES as u64 + 1) * BLOCK_BYTES as u64,
        };
        let end = shared.cache.borrow().total().map_or(end, |total| end.min(total));
        if start >= end {
            return Ok(());
        }
        let plain = matches!(mode, Mode::Unknown { plain: true });
        let range = (!plain).then_some((start, end));
        let response = match either(self.answer("GET", range), unwanted(shared, want)).await {
            Ok(Ok(response)) => response,
            Ok(Err(Trouble::Broken(how))) if matches!(mode, Mode::Unknown { .. }) => {
                if !plain {
                    *self.mode.borrow_mut() = Mode::Unknown { plain: true };
                    return Box::pin(self.request(shared, want)).await;
                }
                return Err(Trouble::Fatal(Failure::new(
                    ErrorCode::NetworkFailed,
                    format!("{} could not be fetched: {how}.", self.address),
                )));
            }
            Ok(Err(trouble)) => return Err(trouble),
            Err(()) => {
                self.abort();
                return Err(Trouble::Cancelled);
            }
        };
        match (response.status(), &mode) {
            (206, _) if !plain => {}
            (200, Mode::Unknown { .. }) => {
                let download = Download::start(shared, &self.address, Rc::clone(&self.controller), response);
                *self.mode.borrow_mut() = Mode::Whole(download);
                return Ok(());
            }
            (416, Mode::Unknown { plain: false }) => {
                // An empty file has no first byte; without a range it can be seen to be empty.
                *self.mode.borrow_mut() = Mode::Unknown { plain: true };
                return Box::pin(self.request(shared, want)).await;
            }
            (416, _) if shared.cache.borrow().total().is_none() => {
                shared.set_total(start);
                return Ok(());
            }
            (200 | 206 | 416, _) => return Err(Trouble::Fatal(self.changed())),
            (status @ (429 | 500..=599), Mode::Ranged(_)) => {
                return Err(Trouble::Broken(format!("the server answered {status}")));
            }
            _ => return Err(Trouble::Fatal(refused(&self.address, &response))),
        }
        let answered = content_range(&response);
        let received_length = header(&response, "Content-Length").and_then(|length| length.parse::<u64>().ok());
        let mut identity = Identity {
            etag: header(&response, "ETag"),
            last_modified: header(&response, "Last-Modified"),
            total: answered.and_then(|(_, total)| total),
        };
        if answered.is_some_and(|(first, _)| first != start) {
            return Err(Trouble::Fatal(self.changed()));
        }
        if let Mode::Ranged(known) = &mode {
            if known.differs(&identity) {
                return Err(Trouble::Fatal(self.changed()));
            }
        } else {
            if identity.total.is_none() {
                // The server of another origin hides Content-Range; lengths are always readable.
                identity.total = match received_length {
                    Some(length) if length < end - start => Some(start + length),
                    _ => self.asked_length().await,
                };
            }
            if let Some(total) = identity.total {
                shared.set_total(total);
            }
            *self.mode.borrow_mut() = Mode::Ranged(identity);
        }
        self.receive(shared, want, start, end, &response).await
    }

    async fn receive(
        &self,
        shared: &Rc<Shared>,
        want: Want,
        start: u64,
        end: u64,
        response: &Response,
    ) -> Result<(), Trouble> {
        let Some(body) = Body::of(response) else {
            return Err(Trouble::Broken("the answer has no body".into()));
        };
        let end = shared.cache.borrow().total().map_or(end, |total| end.min(total));
        let mut offset = start;
        while offset < end {
            let chunk = match either(body.chunk(), unwanted(shared, want)).await {
                Ok(chunk) => chunk?,
                Err(()) => {
                    self.abort();
                    return Err(Trouble::Cancelled);
                }
            };
            let Some(bytes) = chunk else { break };
            match want {
                Want::Blocks(..) => shared.deliver(offset, &bytes),
                Want::Index(_) => shared.deliver_index(offset, &bytes),
            }
            shared.count(offset, offset + bytes.len() as u64);
            offset += bytes.len() as u64;
        }
        if offset < end {
            if shared.cache.borrow().total().is_some() {
                return Err(Trouble::Broken("the answer was shorter than the range".into()));
            }
            shared.set_total(offset);
        }
        Ok(())
    }

    /// The length that a `HEAD` request tells.
    async fn asked_length(&self) -> Option<u64> {
        let controller = self.controller.borrow().clone();
        let response = self.answer("HEAD", None).await.ok();
        *self.controller.borrow_mut() = controller;
        response.filter(Response::ok).and_then(|response| header(&response, "Content-Length")?.parse().ok())
    }

    async fn answer(&self, method: &str, range: Option<(u64, u64)>) -> Result<Response, Trouble> {
        answer(&self.address, method, range, &self.controller).await
    }

    fn changed(&self) -> Failure {
        Failure::new(
            ErrorCode::SourceChanged,
            format!("{} changed on the server while it was being read.", self.address),
        )
    }
}

/// Resolves when `want` is no longer wanted.
async fn unwanted(shared: &Shared, want: Want) {
    while shared.is_wanted(want) {
        shared.wanted.raised().await;
    }
}

/// First byte and total length of `bytes 0-99/1234`; the total may be `*`.
fn content_range(response: &Response) -> Option<(u64, Option<u64>)> {
    let value = header(response, "Content-Range")?;
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, total.trim().parse().ok()))
}
