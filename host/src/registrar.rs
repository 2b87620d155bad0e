//! The node that speaks for the worklet's scope: opens engines there, registers node classes, tells of faults.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Object, WebAssembly};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioWorkletNode, AudioWorkletNodeOptions, BaseAudioContext, Event, MessageEvent, MessagePort};

use crate::assets::{processor_name, unexpected};
use crate::chain::Chain;
use crate::error::{Result, from_js};
use crate::owned_worker::check_version;
use crate::pending::Pending;
use crate::script::{Listener, get, get_number, get_text, object, on_processor_error, set, unique_name};

/// What the worklet says of an engine that has failed there.
pub struct Fault {
    /// Which engine.
    pub id: String,
    /// Frame of the context when it failed.
    pub frame: f64,
    /// What was thrown.
    pub message: String,
}

/// What the worklet says unasked.
pub enum Said {
    /// An engine has failed there.
    Fault(Fault),
    /// How much of the audio thread's time an engine has taken since the last time, in solo mode.
    Load {
        /// The worklet's clock, in ms.
        clock_ms: f64,
        /// How much, in ms.
        inside_ms: f64,
    },
}

/// The registrar node.
pub struct Registrar {
    node: AudioWorkletNode,
    port: MessagePort,
    /// Names of the node classes that were registered, by their AudioParams.
    classes: RefCell<HashMap<String, String>>,
}

impl Registrar {
    /// Makes the node, which opens an engine. Returns it with the bytes in use that the worklet sees.
    pub async fn start(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        opening: &Object,
    ) -> Result<(Self, f64)> {
        set(opening, "module", module);
        let options = AudioWorkletNodeOptions::new();
        options.set_number_of_inputs(0);
        options.set_number_of_outputs(1);
        options.set_processor_options(Some(opening));
        let node = AudioWorkletNode::new_with_options(context, &processor_name("registrar"), &options)
            .map_err(unexpected("The worklet did not take the engine module"))?;
        let port = node.port().map_err(unexpected("The worklet has no port"))?;
        let registrar = Self { node, port, classes: RefCell::default() };
        let used_bytes = used_bytes(&registrar.answer("opened", None).await?)?;
        Ok((registrar, used_bytes))
    }

    /// Opens another engine. Returns the bytes in use that the worklet sees.
    pub async fn open(&self, opening: &Object) -> Result<f64> {
        set(opening, "type", &"open".into());
        used_bytes(&self.answer("opened", Some(opening)).await?)
    }

    /// Lets go of an engine.
    pub fn forget(&self, id: &str) {
        self.post(&object(&[("type", "forget".into()), ("id", id.into())]));
    }

    /// Name of the node class that has the AudioParams of `chain`, registered if it is new.
    pub async fn class_for(&self, chain: &Chain) -> Result<String> {
        let signature = chain.signature();
        if let Some(name) = self.classes.borrow().get(&signature) {
            return Ok(name.clone());
        }
        // Several engines may share one worklet's scope.
        let name = unique_name("rusty-audio-node");
        let message = object(&[
            ("type", "register".into()),
            ("name", name.as_str().into()),
            ("parameters", chain.descriptors().into()),
        ]);
        self.answer("registered", Some(&message)).await?;
        self.classes.borrow_mut().insert(signature, name.clone());
        Ok(name)
    }

    /// Tells `heard` of all that the worklet says unasked from now on.
    pub fn listen(&self, mut heard: impl FnMut(Said) + 'static) -> Listener {
        Listener::new(&self.port, "message", move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            match get_text(&data, "type").as_str() {
                "fault" => {
                    let (id, message) = (get_text(&data, "id"), get_text(&data, "message"));
                    heard(Said::Fault(Fault { id, frame: get_number(&data, "frame"), message }));
                }
                "load" => {
                    let (clock_ms, inside_ms) = (get_number(&data, "clock"), get_number(&data, "inside"));
                    heard(Said::Load { clock_ms, inside_ms });
                }
                _ => {}
            }
        })
    }

    /// Ends the node.
    pub fn close(&self) {
        self.post(&object(&[("type", "close".into())]));
    }

    fn post(&self, message: &Object) {
        // Texts and numbers can always be posted.
        let _ = self.port.post_message(message);
    }

    /// Posts a message, if there is one, and waits for the answer of type `kind` with the message's name: others may be under way.
    async fn answer(&self, kind: &'static str, message: Option<&Object>) -> Result<JsValue> {
        let answer = Pending::new();
        let name = message.map_or_else(String::new, |message| get_text(message, "name"));
        let _heard = Listener::new(&self.port, "message", {
            let answer = answer.clone();
            move |event: Event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                if get_text(&data, "name") != name {
                    return;
                }
                match get_text(&data, "type").as_str() {
                    "failed" => answer.reject(&refusal(&data)),
                    said if said == kind => answer.resolve(&data),
                    _ => {}
                }
            }
        });
        let _broken = on_processor_error(&self.node, {
            let answer = answer.clone();
            move || {
                let what = "The engine did not start in the worklet.";
                answer.reject(&Failure::new(ErrorCode::WorkletFailed, what));
            }
        });
        self.port.start();
        if let Some(message) = message {
            self.port.post_message(message).map_err(unexpected("The worklet's port is closed"))?;
        }
        JsFuture::from(answer.promise()).await.map_err(|reason| from_js(&reason, "The worklet refused"))
    }
}

/// Why the worklet did not do what it was asked.
fn refusal(data: &JsValue) -> Failure {
    let code = match get(data, "isOutOfMemory") == JsValue::TRUE {
        true => ErrorCode::OutOfMemory,
        false => ErrorCode::WorkletFailed,
    };
    Failure::new(code, format!("The worklet says: {}.", get_text(data, "message").trim_end_matches('.')))
}

/// The bytes in use that a worklet of the same version has told.
fn used_bytes(opened: &JsValue) -> Result<f64> {
    check_version("processor.js", get_number(opened, "abi"))?;
    Ok(get_number(opened, "usedBytes"))
}
