//! `SpectrumReaderHost`: what the `SpectrumReader` class carries its calls to.

use std::rc::Rc;

use js_sys::Float32Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::to_js;
use crate::spectrum_reader::SpectrumReader;

/// What the `SpectrumReader` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct SpectrumReaderHost(Rc<SpectrumReader>);

impl From<Rc<SpectrumReader>> for SpectrumReaderHost {
    fn from(reader: Rc<SpectrumReader>) -> Self {
        Self(reader)
    }
}

#[wasm_bindgen]
impl SpectrumReaderHost {
    /// `SpectrumReader.binCount`.
    #[wasm_bindgen(getter, js_name = binCount)]
    pub fn bin_count(&self) -> u32 {
        self.0.subject.bins()
    }

    /// `SpectrumReader.windowShape`.
    #[wasm_bindgen(getter, js_name = windowShape)]
    pub fn window_shape(&self) -> Float32Array {
        self.0.window_shape()
    }

    /// `SpectrumReader.readPower()`.
    #[wasm_bindgen(js_name = readPower)]
    pub fn read_power(&self, target: &Float32Array) -> Result<bool, JsValue> {
        self.0.read_power(target).map_err(|failure| to_js(&failure))
    }

    /// `SpectrumReader.readFrames()`.
    #[wasm_bindgen(js_name = readFrames)]
    pub fn read_frames(&self, target: &Float32Array) -> Result<bool, JsValue> {
        self.0.read_frames(target).map_err(|failure| to_js(&failure))
    }

    /// `SpectrumReader.endFrame`.
    #[wasm_bindgen(getter, js_name = endFrame)]
    pub fn end_frame(&self) -> f64 {
        self.0.end_frame()
    }

    /// `SpectrumReader.close()`.
    #[wasm_bindgen]
    pub fn close(&self) {
        self.0.close();
    }
}
