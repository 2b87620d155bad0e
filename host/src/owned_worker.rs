//! A worker: its script, its first message, its end.

use js_sys::Array;
use rusty_audio_protocol::{ABI, ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker};

use crate::assets::Assets;
use crate::error::{Result, because, to_js};
use crate::pending::Pending;
use crate::script::{Listener, get, get_number, get_text, within};

const _: () = assert!(ABI == rusty_audio_engine::protocol::ABI, "all crates speak one version");

/// How long a worker may take to answer; far beyond what a loaded phone needs.
pub const START_LIMIT_MS: i32 = 10_000;

/// How long the thread of a terminated worker may run on: after that it has certainly ended. Chromium lets one that does not return to
/// its event loop run on for two seconds.
pub const RUN_ON_MS: i32 = 3_000;

/// A worker that is terminated when dropped.
///
/// Its script starts to load when it is spawned; its first message may follow later.
pub struct OwnedWorker {
    worker: Worker,
    script: &'static str,
    assets: Assets,
    answer: Pending,
    _listeners: [Listener; 2],
}

impl OwnedWorker {
    /// Starts `script`.
    pub fn spawn(assets: &Assets, script: &'static str) -> Result<Self> {
        let worker = assets.worker(script)?;
        let answer = Pending::new();
        let heard = answer.clone();
        let message = Listener::new(&worker, "message", move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            match get_text(&data, "type").as_str() {
                "ready" => heard.resolve(&same_version(&data)),
                "broken" => heard.resolve(&get(&data, "failure")),
                _ => {}
            }
        });
        let heard = answer.clone();
        let error = Listener::new(&worker, "error", move |event: Event| heard.resolve(&thrown(&event).into()));
        Ok(Self { worker, script, assets: assets.clone(), answer, _listeners: [message, error] })
    }

    /// Sends its first message and waits for the answer: `{ type: 'ready' }`, or `{ type: 'broken', failure }`.
    pub async fn begin(&self, first_message: &JsValue, transfer: &Array) -> Result<()> {
        self.worker.post_message_with_transfer(first_message, transfer).map_err(|reason| {
            because(ErrorCode::WorkerFailed, &format!("{} cannot take its first message", self.script), &reason)
        })?;
        match within(START_LIMIT_MS, JsFuture::from(self.answer.promise())).await {
            Some(Ok(answer)) if answer == JsValue::TRUE => Ok(()),
            Some(Ok(said) | Err(said)) => Err(match serde_wasm_bindgen::from_value(said.clone()) {
                Ok(failure) => failure,
                Err(_) => self.assets.worker_failure(self.script, &said.as_string().unwrap_or_default()).await,
            }),
            None => Err(Failure::new(
                ErrorCode::StartTimeout,
                format!("{} did not answer within {} s.", self.script, START_LIMIT_MS / 1000),
            )),
        }
    }

    /// Tells `heard` of every message from now on, and `failed` of what the worker throws.
    pub fn listen(
        &self,
        mut heard: impl FnMut(JsValue) + 'static,
        mut failed: impl FnMut(String) + 'static,
    ) -> [Listener; 2] {
        [
            Listener::new(&self.worker, "message", move |event: Event| {
                heard(event.unchecked_into::<MessageEvent>().data());
            }),
            Listener::new(&self.worker, "error", move |event: Event| failed(thrown(&event))),
        ]
    }

    /// Ends it at once, whatever it does. Its thread may run on for [`RUN_ON_MS`].
    pub fn terminate(&self) {
        self.worker.terminate();
    }

    /// The worker itself.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }
}

/// True, or what is wrong with a script that says that it is ready.
fn same_version(data: &JsValue) -> JsValue {
    check_version("A worker's script", get_number(data, "abi"))
        .map_or_else(|failure| to_js(&failure), |()| JsValue::TRUE)
}

/// Whether a file of the package, which says that it is of version `abi`, is of this one.
pub fn check_version(what: &str, abi: f64) -> Result<()> {
    if abi == f64::from(ABI) {
        return Ok(());
    }
    let message = format!("{what} is of version {abi} of the package's protocol, the host module of version {ABI}.");
    Err(Failure::new(ErrorCode::VersionMismatch, message))
}

/// What a worker has thrown, which goes no further.
fn thrown(event: &Event) -> String {
    event.prevent_default();
    let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
    if said.is_empty() { String::from("its script could not be run") } else { said }
}

impl Drop for OwnedWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
