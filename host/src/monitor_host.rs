//! `MonitorHost`: what the `Monitor` class carries its calls to.

use std::rc::Rc;

use js_sys::{Float64Array, Object};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AudioContext;

use crate::assets::Assets;
use crate::error::to_js;
use crate::monitor::Monitor;
use crate::script::native_context;

/// What the `Monitor` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct MonitorHost(Rc<Monitor>);

impl From<Rc<Monitor>> for MonitorHost {
    fn from(monitor: Rc<Monitor>) -> Self {
        Self(monitor)
    }
}

#[wasm_bindgen]
impl MonitorHost {
    /// `Monitor.attach()`, after the module has loaded.
    #[wasm_bindgen]
    pub async fn attach(context: JsValue, assets: Object) -> Result<MonitorHost, JsValue> {
        let Ok(context) = native_context(context).dyn_into::<AudioContext>() else {
            let message = "Monitor.attach: the context must be an AudioContext of this page.";
            return Err(to_js(&Failure::new(ErrorCode::InvalidArgument, message)));
        };
        let monitor = Monitor::start(context, None);
        monitor.listen(Assets::new(assets)).await;
        Ok(Self(monitor))
    }

    /// `Monitor.context`.
    #[wasm_bindgen(getter)]
    pub fn context(&self) -> AudioContext {
        self.0.context().clone()
    }

    /// `Monitor.readFigures()`.
    #[wasm_bindgen(js_name = readFigures)]
    pub fn read_figures(&self, target: &Float64Array) {
        self.0.read_figures(target);
    }

    /// `Monitor.state()`.
    #[wasm_bindgen]
    pub fn state(&self) -> Object {
        self.0.state()
    }

    /// `Monitor.report()`.
    #[wasm_bindgen]
    pub fn report(&self) -> Object {
        self.0.report()
    }

    /// `Monitor.trace()`.
    #[wasm_bindgen]
    pub fn trace(&self) -> String {
        self.0.trace()
    }

    /// `Monitor.recording()`.
    #[wasm_bindgen]
    pub fn recording(&self) -> String {
        self.0.recording_json()
    }

    /// `Monitor.reset()`.
    #[wasm_bindgen]
    pub fn reset(&self) {
        self.0.reset();
    }

    /// An animation frame began at `now_ms` of the page's clock.
    #[wasm_bindgen]
    pub fn frame(&self, now_ms: f64) {
        self.0.frame(now_ms);
    }

    /// The browser tells of a long task.
    #[wasm_bindgen]
    pub fn task(&self, start_ms: f64, duration_ms: f64) {
        self.0.task(start_ms, duration_ms);
    }

    /// No frames are told of for now.
    #[wasm_bindgen]
    pub fn rest(&self) {
        self.0.rest();
    }

    /// Looks once a second only, or ten times again.
    #[wasm_bindgen(js_name = setSlow)]
    pub fn set_slow(&self, slow: bool) {
        self.0.set_slow(slow);
    }

    /// Ends it. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn close(&self) {
        self.0.close();
    }
}
