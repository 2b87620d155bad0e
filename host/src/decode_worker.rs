//! The decode worker: its start, what it is told and what it says.

use js_sys::{Array, Object};
use rusty_audio_protocol::{DecoderCommand, DecoderEvent, ErrorCode, Failure};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, MessagePort};

use crate::assets::Assets;
use crate::error::Result;
use crate::owned_worker::OwnedWorker;
use crate::script::{Listener, set};

/// The script with the worker's core.
const SCRIPT: &str = "decode-worker.js";

/// The worker's module.
const MODULE: &str = "decode-worker.wasm";

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
