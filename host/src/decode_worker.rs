//! The decode worker: its start, what it is told and what it says.

use js_sys::{Array, Object};
use rusty_audio_protocol::{DecoderCommand, DecoderEvent, ErrorCode, Failure};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, Event, MessageEvent, MessagePort};

use crate::assets::Assets;
use crate::error::Result;
use crate::owned_worker::OwnedWorker;
use crate::pending::Pending;
use crate::script::{Listener, set, within};

/// The script with the worker's core.
const SCRIPT: &str = "decode-worker.js";

/// The worker's module.
const MODULE: &str = "decode-worker.wasm";

/// How long it may go on with what it does.
const SHUT_DOWN_LIMIT_MS: i32 = 2_000;

/// A running decode worker.
pub struct DecodeWorker {
    worker: OwnedWorker,
    _listeners: [Listener; 2],
}

impl DecodeWorker {
    /// Its script and its module, loading.
    pub fn spawn(assets: &Assets) -> Result<OwnedWorker> {
        let worker = OwnedWorker::spawn(assets, SCRIPT)?;
        // A text can always be posted.
        let _ = worker.worker().post_message(&assets.url(MODULE).into());
        Ok(worker)
    }

    /// Initializes it and waits for its answer; from then on `heard` gets every event. `beside` are the properties that
    /// ride beside `Initialize`; `port` is handed over in solo mode.
    pub async fn start(
        worker: OwnedWorker,
        initialize: &DecoderCommand,
        beside: &[(&str, JsValue)],
        port: Option<&MessagePort>,
        heard: impl FnMut(DecoderEvent) + Clone + 'static,
    ) -> Result<Self> {
        let (first, transfer) = message(initialize, beside, port);
        worker.begin(&first, &transfer).await?;
        let listeners = [
            Listener::new(worker.worker(), "message", {
                let mut heard = heard.clone();
                move |event: Event| {
                    let data = event.unchecked_into::<MessageEvent>().data();
                    if let Ok(event) = serde_wasm_bindgen::from_value(data) {
                        heard(event);
                    }
                }
            }),
            Listener::new(worker.worker(), "error", {
                let mut heard = heard;
                move |event: Event| {
                    event.prevent_default();
                    let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                    let message = format!("The decode worker stopped: {said}.");
                    heard(DecoderEvent::Broken { failure: Failure::new(ErrorCode::DecoderFault, message) });
                }
            }),
        ];
        Ok(Self { worker, _listeners: listeners })
    }

    /// Has it end when it is through with what it does now. Returns whether it has told so: then it writes nothing any more. In any case
    /// it is terminated, and has ended [`RUN_ON_MS`](crate::owned_worker::RUN_ON_MS) later.
    pub async fn shut_down(self) -> bool {
        let closed = Pending::new();
        let heard = closed.clone();
        let _listener = Listener::new(self.worker.worker(), "message", move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            if let Ok(DecoderEvent::Closed) = serde_wasm_bindgen::from_value(data) {
                heard.resolve(&JsValue::TRUE);
            }
        });
        self.send(&DecoderCommand::Shutdown, &[], None);
        within(SHUT_DOWN_LIMIT_MS, JsFuture::from(closed.promise())).await.is_some()
    }

    /// Sends a command, with further properties beside it, and a port to hand over.
    pub fn send(&self, command: &DecoderCommand, beside: &[(&str, JsValue)], port: Option<&MessagePort>) {
        let (message, transfer) = message(command, beside, port);
        // What rides beside a command is a Blob, a text, a module, its memory or a port: all can be posted.
        let _ = self.worker.worker().post_message_with_transfer(&message, &transfer);
    }
}

/// The message, and what it hands over.
fn message(command: &DecoderCommand, beside: &[(&str, JsValue)], port: Option<&MessagePort>) -> (Object, Array) {
    // Numbers that a double holds exactly travel as numbers: no frame of a file comes near 2⁵³.
    let serializer = Serializer::json_compatible();
    let message = command.serialize(&serializer).unwrap_or(JsValue::UNDEFINED).unchecked_into::<Object>();
    for (name, value) in beside {
        set(&message, name, value);
    }
    let transfer = Array::new();
    if let Some(port) = port {
        set(&message, "port", port);
        transfer.push(port);
    }
    (message, transfer)
}
