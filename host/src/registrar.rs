//! The node that speaks for the worklet's scope: opens engines there, registers node classes, tells of faults.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use js_sys::{Object, WebAssembly};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioWorkletNode, AudioWorkletNodeOptions, BaseAudioContext, Event, MessageEvent, MessagePort};

use crate::assets::unexpected;
use crate::chain::Chain;
use crate::error::Result;
use crate::pending::Pending;
use crate::script::{Listener, get_number, get_text, object, on_processor_error, set};

thread_local! {
    /// Node classes that this page has registered: several engines may share one worklet's scope.
    static CLASSES: Cell<u32> = const { Cell::new(0) };
}

/// What the worklet says of an engine that has failed there.
pub struct Fault {
    /// Which engine.
    pub id: String,
    /// Frame of the context when it failed.
    pub frame: f64,
    /// What was thrown.
    pub message: String,
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
        let node = AudioWorkletNode::new_with_options(context, "rusty-audio-registrar", &options)
            .map_err(unexpected("The worklet did not take the engine module"))?;
        let port = node.port().map_err(unexpected("The worklet has no port"))?;
        let registrar = Self { node, port, classes: RefCell::default() };
        let used_bytes = registrar.answer("opened", None).await?;
        Ok((registrar, get_number(&used_bytes, "usedBytes")))
    }

    /// Opens another engine. Returns the bytes in use that the worklet sees.
    pub async fn open(&self, opening: &Object) -> Result<f64> {
        set(opening, "type", &"open".into());
        Ok(get_number(&self.answer("opened", Some(opening)).await?, "usedBytes"))
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
        CLASSES.set(CLASSES.get() + 1);
        let name = format!("rusty-audio-node-{}", CLASSES.get());
        let message = object(&[
            ("type", "register".into()),
            ("name", name.as_str().into()),
            ("parameters", chain.descriptors().into()),
        ]);
        self.answer("registered", Some(&message)).await?;
        self.classes.borrow_mut().insert(signature, name.clone());
        Ok(name)
    }

    /// Tells `heard` of every fault from now on.
    pub fn on_fault(&self, mut heard: impl FnMut(Fault) + 'static) -> Listener {
        Listener::new(&self.port, "message", move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            if get_text(&data, "type") == "fault" {
                let (id, message) = (get_text(&data, "id"), get_text(&data, "message"));
                heard(Fault { id, frame: get_number(&data, "frame"), message });
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

    /// Posts a message, if there is one, and waits for the answer of type `kind`.
    async fn answer(&self, kind: &'static str, message: Option<&Object>) -> Result<JsValue> {
        let answer = Pending::new();
        let failed = |what: &str| Failure::new(ErrorCode::WorkletFailed, what);
        let _heard = Listener::new(&self.port, "message", {
            let answer = answer.clone();
            move |event: Event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                match get_text(&data, "type").as_str() {
                    "failed" => answer.reject(&failed(&format!("The worklet says: {}.", get_text(&data, "message")))),
                    said if said == kind => answer.resolve(&data),
                    _ => {}
                }
            }
        });
        let _broken = on_processor_error(&self.node, {
            let answer = answer.clone();
            move || answer.reject(&failed("The engine did not start in the worklet."))
        });
        self.port.start();
        if let Some(message) = message {
            self.port.post_message(message).map_err(unexpected("The worklet's port is closed"))?;
        }
        JsFuture::from(answer.promise()).await.map_err(unexpected("The worklet refused"))
    }
}
