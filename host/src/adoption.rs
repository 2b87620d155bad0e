//! The way of a node's processor into another engine.

use std::cell::RefCell;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AudioWorkletNode;

use crate::assets::unexpected;
use crate::error::{Result, to_js};
use crate::owned_worker::START_LIMIT_MS;
use crate::pending::Pending;
use crate::place::Place;
use crate::script::{get_number, get_text, within};

/// What a node's processor answers to where it was sent.
pub(crate) struct Adoption {
    /// Settled by the answer to the new node.
    pub(crate) opened: Pending,
    /// Settled by the answer of a node that moves.
    moved: RefCell<Option<Pending>>,
}

impl Adoption {
    /// Nothing was answered yet.
    pub(crate) fn new() -> Self {
        Self { opened: Pending::new(), moved: RefCell::default() }
    }

    /// Takes in a message of the processor. Returns whether it was an answer.
    pub(crate) fn hear(&self, data: &JsValue) -> bool {
        match get_text(data, "type").as_str() {
            "opened" => self.opened.resolve(data),
            "broken" => {
                let message = format!("The node did not start in the worklet: {}.", get_text(data, "message"));
                self.opened.reject(&Failure::new(ErrorCode::WorkletFailed, message));
            }
            "adopted" => {
                if let Some(moved) = self.moved.take() {
                    moved.resolve(data);
                }
            }
            "refused" => {
                let mut message = String::from("The engine's memory in the worklet has no room for another node");
                let needed = get_number(data, "neededBytes");
                if needed > 0.0 {
                    message += &format!(", whose impulse responses need {needed} bytes");
                }
                message += ".";
                let answered = self.moved.take().unwrap_or_else(|| self.opened.clone());
                answered.reject(&Failure::new(ErrorCode::MemoryFull, message));
            }
            _ => return false,
        }
        true
    }

    /// The processor threw when it was made.
    pub(crate) fn broke(&self) {
        self.opened.reject(&Failure::new(ErrorCode::WorkletFailed, "The node did not start in the worklet."));
    }

    /// Waits until the new node's processor runs.
    pub(crate) async fn begun(&self) -> core::result::Result<JsValue, JsValue> {
        match within(START_LIMIT_MS, JsFuture::from(self.opened.promise())).await {
            Some(opened) => opened,
            None => {
                let message = format!("The node did not start within {} s.", START_LIMIT_MS / 1000);
                Err(to_js(&Failure::new(ErrorCode::StartTimeout, message)))
            }
        }
    }

    /// Sends a node's processor to its new place. Resolves with its answer.
    pub(crate) async fn send(&self, node: &AudioWorkletNode, place: &Place) -> Result<JsValue> {
        let moved = Pending::new();
        self.moved.replace(Some(moved.clone()));
        let port = node.port().map_err(unexpected("The node has no port"))?;
        port.post_message(&place.moving()).map_err(unexpected("The node's port is closed"))?;
        match within(START_LIMIT_MS, JsFuture::from(moved.promise())).await {
            Some(answer) => {
                let message = "The fresh engine has no room for the node.";
                answer.map_err(|_| Failure::new(ErrorCode::MemoryFull, message))
            }
            None => {
                let message = format!("The node did not answer within {} s.", START_LIMIT_MS / 1000);
                Err(Failure::new(ErrorCode::StartTimeout, message))
            }
        }
    }
}
