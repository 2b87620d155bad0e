//! One request, and what can go wrong with it.

use std::cell::RefCell;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, Response, WorkerGlobalScope};

use crate::exception::describe;
use crate::timing::within;

/// After this long without a byte a server counts as stalled.
pub(super) const STALL_MILLISECONDS: i32 = 10_000;
/// Pauses before the second, third and fourth try of a request that broke.
pub(super) const BACK_OFF_MILLISECONDS: [i32; 3] = [250, 1_000, 2_500];

/// Why a request gave nothing more.
pub(super) enum Trouble {
    /// Another try cannot help.
    Fatal(Failure),
    /// No byte for [`STALL_MILLISECONDS`].
    Stalled,
    /// The connection broke; the sentence says how.
    Broken(String),
    /// It is not wanted any more.
    Cancelled,
}

/// Sends a request and waits for the head of its answer. `controller` can end it.
pub(super) async fn answer(
    address: &str,
    method: &str,
    range: Option<(u64, u64)>,
    controller: &RefCell<Option<AbortController>>,
) -> Result<Response, Trouble> {
    let broken = |error: JsValue| Trouble::Broken(describe(&error));
    let init = RequestInit::new();
    init.set_method(method);
    // The block cache is the cache; the browser's would make requests for one address wait for each other.
    init.set_cache(RequestCache::NoStore);
    let abort = AbortController::new().map_err(broken)?;
    init.set_signal(Some(&abort.signal()));
    *controller.borrow_mut() = Some(abort);
    if let Some((start, end)) = range {
        let headers = web_sys::Headers::new().map_err(broken)?;
        headers.set("Range", &format!("bytes={start}-{}", end - 1)).map_err(broken)?;
        init.set_headers(&headers);
    }
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let promise = scope.fetch_with_str_and_init(address, &init);
    let response =
        within(STALL_MILLISECONDS, JsFuture::from(promise)).await.ok_or(Trouble::Stalled)?.map_err(broken)?;
    Ok(response.unchecked_into())
}

pub(super) fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

pub(super) fn refused(address: &str, response: &Response) -> Failure {
    let answer = format!("{} {}", response.status(), response.status_text());
    Failure::new(ErrorCode::HttpStatus, format!("The server answered {} for {address}.", answer.trim_end()))
}

pub(super) fn stalled(address: &str) -> Failure {
    Failure::new(
        ErrorCode::NetworkStalled,
        format!("The server of {address} sent nothing for {} seconds, twice.", STALL_MILLISECONDS / 1000),
    )
}
