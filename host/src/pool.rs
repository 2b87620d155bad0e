//! Starting and stopping workers.

use futures_util::future::join_all;
use js_sys::{Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker};

use crate::assets::Assets;
use crate::error::{Result, because};
use crate::instance::Instance;
use crate::pending::Pending;
use crate::script::{Listener, get, get_text, object, within};

use rusty_audio_protocol::{ErrorCode, Failure};

/// How long a worker may take to answer; far beyond what a loaded phone needs.
pub const START_LIMIT_MS: i32 = 10_000;

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
        let worker = Worker::new(&assets.url(script))
            .map_err(|reason| because(ErrorCode::WorkerFailed, &format!("{script} was refused"), &reason))?;
        let answer = Pending::new();
        let heard = answer.clone();
        let message = Listener::new(&worker, "message", move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            match get_text(&data, "type").as_str() {
                "ready" => heard.resolve(&JsValue::TRUE),
                "broken" => heard.resolve(&get(&data, "failure")),
                _ => {}
            }
        });
        let heard = answer.clone();
        let error = Listener::new(&worker, "error", move |event: Event| {
            event.prevent_default();
            let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            let said = if said.is_empty() { String::from("its script could not be run") } else { said };
            heard.resolve(&said.into());
        });
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

    /// The worker itself.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }
}

impl Drop for OwnedWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// The pool of an engine in shared mode.
pub struct Pool {
    workers: Vec<OwnedWorker>,
}

impl Pool {
    /// The scripts of `count` workers, loading.
    pub fn spawn(assets: &Assets, count: u32) -> Result<Vec<OwnedWorker>> {
        (0..count).map(|_| OwnedWorker::spawn(assets, "worker.js")).collect()
    }

    /// Lets `workers` into the engine's memory and waits until all have answered.
    pub async fn start(workers: Vec<OwnedWorker>, module: &WebAssembly::Module, instance: &Instance) -> Result<Self> {
        let mut messages = Vec::new();
        for (handle, seat) in instance.seats.into_iter().zip(0..).take(workers.len()) {
            instance.take_seat(seat);
            messages.push(object(&[
                ("module", module.clone().into()),
                ("memory", instance.memory().clone().into()),
                ("stackTop", instance.stack()?.into()),
                ("worker", handle.into()),
            ]));
        }
        let nothing = Array::new();
        let answers = workers.iter().zip(&messages).map(|(worker, message)| worker.begin(message, &nothing));
        // The first poll of each sends its message, so that all start side by side.
        for answer in join_all(answers).await {
            answer?;
        }
        Ok(Self { workers })
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.workers.len()
    }

    /// Turns that each worker has taken.
    pub fn turns(&self, instance: &Instance) -> Vec<u32> {
        (0..).zip(&self.workers).map(|(seat, _)| instance.seat_telemetry(seat).beats).collect()
    }

    /// Lets every worker end by itself.
    pub fn stop(&self, instance: &Instance) {
        for (seat, _) in (0..).zip(&self.workers) {
            instance.retire_seat(seat);
        }
    }
}
