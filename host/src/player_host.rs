//! `PlayerHost`: what the `PlayerNode` class carries its calls to.

use std::rc::Rc;

use js_sys::{Array, Promise};
use rusty_audio_engine::protocol::Telemetry;
use rusty_audio_protocol::{DecoderCommand, TrackId};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{AbortSignal, AudioWorkletNode};

use crate::error::to_js;
use crate::script::{aborted, object, unless};

use crate::player::Player;

/// What the `PlayerNode` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct PlayerHost(Rc<Player>);

impl From<Rc<Player>> for PlayerHost {
    fn from(player: Rc<Player>) -> Self {
        Self(player)
    }
}

#[wasm_bindgen]
impl PlayerHost {
    /// Name of the node class.
    #[wasm_bindgen(getter, js_name = nodeName)]
    pub fn node_name(&self) -> String {
        self.0.class_name.clone()
    }

    /// `AudioWorkletNodeOptions` for the node.
    #[wasm_bindgen(getter, js_name = nodeOptions)]
    pub fn node_options(&self) -> JsValue {
        object(&[
            ("numberOfInputs", 0.into()),
            ("numberOfOutputs", 1.into()),
            ("outputChannelCount", Array::of1(&2.into()).into()),
            ("processorOptions", self.0.place.borrow().directions()),
        ])
        .into()
    }

    /// Takes possession of the node, which has just been made. Resolves when its processor runs in the worklet.
    #[wasm_bindgen]
    pub fn attach(&self, node: AudioWorkletNode) -> Promise {
        let attached = self.0.attach(node);
        let player = self.0.clone();
        future_to_promise(async move {
            attached.map_err(|failure| to_js(&failure))?;
            player.adoption.begun().await
        })
    }

    /// `PlayerNode.load()`.
    #[wasm_bindgen]
    pub fn load(&self, source: JsValue, name: String, signal: Option<AbortSignal>) -> Promise {
        let opened = self.0.open(source, &name, true);
        self.0.clone().opening(opened, signal)
    }

    /// `PlayerNode.enqueue()`.
    #[wasm_bindgen]
    pub fn enqueue(&self, source: JsValue, name: String, signal: Option<AbortSignal>) -> Promise {
        match self.0.open(source, &name, false) {
            Ok(track) => {
                let view = JsValue::from(&track.view);
                let player = self.0.clone();
                spawn_local(async move {
                    if unless(aborted(signal), JsFuture::from(track.opened.promise())).await.is_err() {
                        player.remove(track.id);
                    }
                });
                Promise::resolve(&view)
            }
            Err(failure) => Promise::reject(&to_js(&failure)),
        }
    }

    /// The entries' objects, in order.
    #[wasm_bindgen(getter)]
    pub fn queue(&self) -> Array {
        self.0.state.borrow().queue.iter().map(|track| JsValue::from(&track.view)).collect()
    }

    /// The current entry's object, or null.
    #[wasm_bindgen(getter)]
    pub fn track(&self) -> JsValue {
        self.0.current().map_or(JsValue::NULL, |track| JsValue::from(&track.view))
    }

    /// Takes an entry out of the queue.
    #[wasm_bindgen]
    pub fn remove(&self, track: TrackId) {
        self.0.remove(track);
    }

    /// `PlayerNode.seekToFrame()`, in the given entry; resolves with where it landed.
    #[wasm_bindgen]
    pub fn seek(&self, track: TrackId, frame: f64) -> Promise {
        self.0.seek(track, frame)
    }

    /// `PlayerNode.play()`.
    #[wasm_bindgen]
    pub fn play(&self) -> Promise {
        let player = self.0.clone();
        if let Err(failure) = player.engine.check_open() {
            return Promise::reject(&to_js(&failure));
        }
        player.play();
        future_to_promise(async move {
            player.run_context().await.map_err(|failure| to_js(&failure))?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// `PlayerNode.pause()`.
    #[wasm_bindgen]
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Whether it is paused.
    #[wasm_bindgen(getter)]
    pub fn paused(&self) -> bool {
        self.0.state.borrow().paused
    }

    /// Whether the last frame has sounded and nothing follows.
    #[wasm_bindgen(getter)]
    pub fn ended(&self) -> bool {
        self.0.state.borrow().ended
    }

    /// Whether a jump has not landed yet.
    #[wasm_bindgen(getter)]
    pub fn seeking(&self) -> bool {
        self.0.state.borrow().seeking
    }

    /// Frame of the current track that sounds next.
    #[wasm_bindgen(getter, js_name = currentFrame)]
    pub fn current_frame(&self) -> f64 {
        self.0.look();
        self.0.state.borrow().frame as f64
    }

    /// Length of the current track in seconds, NaN when unknown.
    #[wasm_bindgen(getter)]
    pub fn duration(&self) -> f64 {
        self.0.current().map_or(f64::NAN, |track| track.duration_s())
    }

    /// Whether the current track starts again at its end.
    #[wasm_bindgen(getter, js_name = "loop")]
    pub fn looping(&self) -> bool {
        self.0.state.borrow().looping
    }

    /// Switches that.
    #[wasm_bindgen(setter, js_name = "loop")]
    pub fn set_looping(&self, enabled: bool) {
        self.0.state.borrow_mut().looping = enabled;
        self.0.tell(&DecoderCommand::Loop { enabled }, &[]);
    }

    /// `PlayerNode.telemetry`.
    #[wasm_bindgen(getter)]
    pub fn telemetry(&self) -> JsValue {
        let Telemetry { peak, mean_square, .. } = self.0.look();
        let telemetry = self.0.telemetry();
        let counted = self.0.counted(&telemetry);
        object(&[
            ("state", state_name(telemetry.state).into()),
            ("processedFrames", (counted.processed_frames as f64).into()),
            ("bufferedFrames", telemetry.buffered_frames.into()),
            ("capacityFrames", telemetry.capacity_frames.into()),
            ("targetFrames", telemetry.target_frames.into()),
            ("starvedFrames", counted.starved_frames.into()),
            ("starvationEvents", counted.starvation_events.into()),
            ("unreadableMessages", self.0.unreadable_messages.get().into()),
            ("peakLeft", peak[0].into()),
            ("peakRight", peak[1].into()),
            ("rmsLeft", mean_square[0].sqrt().into()),
            ("rmsRight", mean_square[1].sqrt().into()),
        ])
        .into()
    }

    /// What the effects measure.
    #[wasm_bindgen(getter)]
    pub fn readings(&self) -> JsValue {
        self.0.plan.borrow().chain.readings(&self.0.telemetry().readings).into()
    }

    /// The effects with their names and settings, without the volume.
    #[wasm_bindgen(getter)]
    pub fn effects(&self) -> Array {
        self.0.plan.borrow().chain.to_js(&self.0.engine.effects)
    }

    /// Ends the decode worker and the node. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn dispose(&self) {
        self.0.dispose();
    }
}

fn state_name(state: u32) -> &'static str {
    match state {
        1 => "priming",
        2 => "playing",
        3 => "paused",
        4 => "ended",
        5 => "starved",
        _ => "idle",
    }
}
