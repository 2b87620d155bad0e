//! Starting and stopping workers.

use js_sys::{Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker};

use crate::assets::Assets;
use crate::error::Result;
use crate::instance::Instance;
use crate::pending::Pending;
use crate::script::{Listener, get, get_text, object, within};

use rusty_audio_protocol::{ErrorCode, Failure};

/// How long a worker may take to answer; far beyond what a loaded phone needs.
const START_LIMIT_MS: i32 = 10_000;

/// A worker that is terminated when dropped.
pub struct OwnedWorker(Worker);

impl OwnedWorker {
    /// Starts `script` and sends it `first_message`. The second value resolves when it has answered
    /// `{ type: 'ready' }`, or `{ type: 'broken', failure }`.
    pub fn spawn(assets: &Assets, script: &'static str, first_message: &JsValue, transfer: &Array) -> Result<(Self, Starting)> {
        let worker = Worker::new(&assets.url(script)).map_err(|reason| {
            crate::error::because(ErrorCode::WorkerFailed, &format!("{script} was refused"), &reason)
        })?;
        let answer = Pending::new();
        let listeners = [
            Listener::new(&worker, "message", {
                let answer = answer.clone();
                move |event: Event| {
                    let data = event.unchecked_into::<MessageEvent>().data();
                    match get_text(&data, "type").as_str() {
                        "ready" => answer.resolve(&JsValue::TRUE),
                        "broken" => answer.resolve(&get(&data, "failure")),
                        _ => {}
                    }
                }
            }),
            Listener::new(&worker, "error", {
                let answer = answer.clone();
                move |event: Event| {
                    event.prevent_default();
                    let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                    let said = if said.is_empty() { String::from("its script could not be run") } else { said };
                    answer.resolve(&said.into());
                }
            }),
        ];
        worker.post_message_with_transfer(first_message, transfer).map_err(|reason| {
            crate::error::because(ErrorCode::WorkerFailed, &format!("{script} cannot take its first message"), &reason)
        })?;
        Ok((Self(worker), Starting { script, assets: assets.clone(), answer, _listeners: listeners }))
    }

    /// The worker itself.
    pub fn worker(&self) -> &Worker {
        &self.0
    }
}

impl Drop for OwnedWorker {
    fn drop(&mut self) {
        self.0.terminate();
    }
}

/// A worker that has not answered yet.
pub struct Starting {
    script: &'static str,
    assets: Assets,
    answer: Pending,
    _listeners: [Listener; 2],
}

impl Starting {
    /// Waits for the answer.
    pub async fn ready(self) -> Result<()> {
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
}

/// The pool of an engine in shared mode.
pub struct Pool {
    controller: u32,
    workers: Vec<OwnedWorker>,
}

impl Pool {
    /// Starts `count` workers and waits until all have answered.
    pub async fn start(assets: &Assets, module: &WebAssembly::Module, instance: &Instance, count: u32) -> Result<Self> {
        let (controller, handles) = instance.pool(count)?;
        let mut workers = Vec::new();
        let mut starting = Vec::new();
        for handle in handles {
            let message = object(&[
                ("module", module.clone().into()),
                ("memory", instance.memory().clone().into()),
                ("stackTop", instance.stack()?.into()),
                ("worker", handle.into()),
            ]);
            let (worker, start) = OwnedWorker::spawn(assets, "worker.js", &message, &Array::new())?;
            workers.push(worker);
            starting.push(start);
        }
        for start in starting {
            start.ready().await?;
        }
        Ok(Self { controller, workers })
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.workers.len()
    }

    /// Turns that each worker has taken.
    pub fn turns(&self, instance: &Instance) -> Vec<u32> {
        (0..).zip(&self.workers).map(|(slot, _)| instance.worker_turns(self.controller, slot)).collect()
    }

    /// Lets every worker end by itself.
    pub fn stop(&self, instance: &Instance) {
        instance.stop_pool(self.controller);
    }
}
