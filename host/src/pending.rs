//! A promise that is settled from elsewhere.

use js_sys::{Function, Promise};
use rusty_audio_protocol::Failure;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::error::to_js;

thread_local! {
    /// Whoever cares for the outcome has a handler of its own; without this one the browser would report a rejection
    /// that an event tells as well.
    static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
}

/// The promise and its two ends. Settling it twice does nothing.
#[derive(Clone)]
pub struct Pending {
    promise: Promise,
    ends: Option<(Function, Function)>,
}

impl Pending {
    /// A promise that nobody has settled.
    pub fn new() -> Self {
        let mut ends = None;
        let promise = Promise::new(&mut |resolve, reject| ends = Some((resolve, reject)));
        let _ = IGNORE.with(|ignore| promise.catch(ignore));
        Self { promise, ends }
    }

    /// What the caller waits for.
    pub fn promise(&self) -> Promise {
        self.promise.clone()
    }

    /// Fulfils it.
    pub fn resolve(&self, value: &JsValue) {
        if let Some((resolve, _)) = &self.ends {
            let _ = resolve.call1(&JsValue::UNDEFINED, value);
        }
    }

    /// Rejects it.
    pub fn reject(&self, failure: &Failure) {
        if let Some((_, reject)) = &self.ends {
            let _ = reject.call1(&JsValue::UNDEFINED, &to_js(failure));
        }
    }
}
