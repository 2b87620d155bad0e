//! `NodeHost`: what the `EngineNode` class carries its calls to.

use std::rc::Rc;

use js_sys::{Array, Float32Array, Promise};
use rusty_audio_engine::protocol::Telemetry;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, AudioBuffer, AudioWorkletNode};

use crate::error::to_js;
use crate::node::Node;
use crate::script::object;
use crate::spectrum_reader::SpectrumReader;
use crate::spectrum_reader_host::SpectrumReaderHost;

/// What the `EngineNode` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct NodeHost(Rc<Node>);

impl From<Rc<Node>> for NodeHost {
    fn from(node: Rc<Node>) -> Self {
        Self(node)
    }
}

#[wasm_bindgen]
impl NodeHost {
    /// Name of the node class.
    #[wasm_bindgen(getter, js_name = nodeName)]
    pub fn node_name(&self) -> String {
        self.0.class_name.clone()
    }

    /// `AudioWorkletNodeOptions` for the node.
    #[wasm_bindgen(getter, js_name = nodeOptions)]
    pub fn node_options(&self) -> JsValue {
        object(&[
            ("numberOfInputs", 1.into()),
            ("numberOfOutputs", 1.into()),
            ("outputChannelCount", Array::of1(&2.into()).into()),
            ("channelCount", 2.into()),
            ("channelCountMode", "explicit".into()),
            ("channelInterpretation", "speakers".into()),
            ("processorOptions", self.0.place.borrow().directions()),
        ])
        .into()
    }

    /// Takes possession of the node, which has just been made. Resolves when its processor runs in the worklet.
    #[wasm_bindgen]
    pub fn attach(&self, node: AudioWorkletNode) -> Promise {
        let attached = self.0.attach(node);
        let node = self.0.clone();
        future_to_promise(async move {
            attached.map_err(|failure| to_js(&failure))?;
            node.adoption.begun().await
        })
    }

    /// Frames by which the output is late.
    #[wasm_bindgen(getter, js_name = latencyFrames)]
    pub fn latency_frames(&self) -> f64 {
        self.0.latency_and_tail.get().0
    }

    /// Frames that it goes on to sound after its input has fallen silent, -1 if it may sound for ever.
    #[wasm_bindgen(getter, js_name = tailFrames)]
    pub fn tail_frames(&self) -> f64 {
        self.0.latency_and_tail.get().1
    }

    /// The effects with their names and settings.
    #[wasm_bindgen(getter)]
    pub fn effects(&self) -> Array {
        self.0.plan.borrow().chain.to_js(&self.0.engine.effects)
    }

    /// Parameters that keep their value.
    #[wasm_bindgen(getter)]
    pub fn constants(&self) -> JsValue {
        self.0.plan.borrow().chain.constants().into()
    }

    /// What the effects measure.
    #[wasm_bindgen(getter)]
    pub fn readings(&self) -> JsValue {
        self.0.plan.borrow().chain.readings(&self.0.telemetry().readings).into()
    }

    /// `EngineNode.telemetry`.
    #[wasm_bindgen(getter)]
    pub fn telemetry(&self) -> JsValue {
        let Telemetry {
            processed_frames,
            peak,
            mean_square,
            not_finite_samples,
            denormal_samples,
            clipped_samples,
            ..
        } = self.0.telemetry();
        object(&[
            ("processedFrames", (processed_frames as f64).into()),
            ("notFiniteSamples", not_finite_samples.into()),
            ("denormalSamples", denormal_samples.into()),
            ("clippedSamples", clipped_samples.into()),
            ("unreadableMessages", self.0.unreadable_messages.get().into()),
            ("peakLeft", peak[0].into()),
            ("peakRight", peak[1].into()),
            ("rmsLeft", mean_square[0].sqrt().into()),
            ("rmsRight", mean_square[1].sqrt().into()),
        ])
        .into()
    }

    /// `EngineNode.setImpulseResponse()`.
    #[wasm_bindgen(js_name = setImpulseResponse)]
    pub fn set_impulse_response(
        &self,
        buffer: AudioBuffer,
        effect: String,
        normalize: bool,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let node = self.0.clone();
        future_to_promise(async move {
            let given = node.set_response(effect, buffer, normalize, signal).await;
            given.map(|()| JsValue::UNDEFINED).map_err(|failure| to_js(&failure))
        })
    }

    /// `EngineNode.getMagnitudeResponse()`.
    #[wasm_bindgen(js_name = getMagnitudeResponse)]
    pub fn magnitude_response(
        &self,
        frequencies_hz: &Float32Array,
        magnitudes: &Float32Array,
        effect: &str,
    ) -> Result<(), JsValue> {
        self.0.magnitude_response(effect, frequencies_hz, magnitudes).map_err(|failure| to_js(&failure))
    }

    /// `EngineNode.createSpectrumReader()`.
    #[wasm_bindgen(js_name = createSpectrumReader)]
    pub fn create_spectrum_reader(
        &self,
        effect: &str,
        fft_size: f64,
        window: &str,
    ) -> Result<SpectrumReaderHost, JsValue> {
        let reader = SpectrumReader::new(&self.0, effect, fft_size, window);
        reader.map(SpectrumReaderHost::from).map_err(|failure| to_js(&failure))
    }

    /// Lets go of the node. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn dispose(&self) {
        self.0.dispose();
    }
}
