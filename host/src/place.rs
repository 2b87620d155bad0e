//! Where a node lives: its part of an engine's core.

use std::rc::Rc;

use js_sys::{Array, Float32Array, Object};
use rusty_audio_engine::config::RESPONSE_FRAMES;
use rusty_audio_engine::job::RESPONSES;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsValue;
use web_sys::{AudioBuffer, MessagePort};

use crate::assets::unexpected;
use crate::chain::Chain;
use crate::engine_core::Core;
use crate::error::Result;
use crate::instance::NodeHandles;
use crate::link::Link;
use crate::script::{object, set};

/// An impulse response at the context's sample rate.
#[derive(Clone)]
pub(crate) struct Response {
    left: Float32Array,
    right: Float32Array,
}

impl Response {
    /// That of a buffer with one or two channels.
    pub(crate) fn new(buffer: &AudioBuffer, sample_rate: f32) -> Result<Self> {
        let invalid = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        let (frames, channels, rate) = (buffer.length(), buffer.number_of_channels(), buffer.sample_rate());
        if frames as usize > RESPONSE_FRAMES || channels > 2 {
            return invalid(format!(
                "The impulse response has {frames} frames of {channels} channels; at most {RESPONSE_FRAMES} of two are possible."
            ));
        }
        if rate != sample_rate {
            return invalid(format!("The impulse response is at {rate} Hz, the context at {sample_rate} Hz."));
        }
        let plane = |channel: u32| {
            let samples =
                buffer.get_channel_data(channel).map_err(unexpected("The impulse response cannot be read"))?;
            Ok(Float32Array::from(samples.as_slice()))
        };
        Ok(Self { left: plane(0)?, right: plane(channels.saturating_sub(1))? })
    }
}

/// What a node is built from, in whichever engine.
pub(crate) struct Plan {
    pub(crate) chain: Chain,
    /// Frames of a player's source ring; 0 for a node that processes its input.
    pub(crate) ring_frames: u32,
    /// Impulse responses, by the place of the convolver in the chain.
    pub(crate) responses: Vec<(usize, Response)>,
}

/// A node's part of an engine's core.
pub(crate) struct Place {
    pub(crate) core: Rc<Core>,
    /// Shared mode only; in solo mode the worklet has the handles.
    handles: Option<NodeHandles>,
    decode_stack_top: u32,
    /// What is told to the worklet.
    directions: Object,
}

impl Place {
    /// Takes what a node at `sample_rate`, in Hz, needs of the core's memory.
    pub(crate) fn new(core: Rc<Core>, sample_rate: f32, plan: &Plan) -> Result<Self> {
        let directions = object(&[("id", core.id.as_str().into()), ("columns", plan.chain.columns().into())]);
        let mut place = Self { core, handles: None, decode_stack_top: 0, directions };
        if let Some(instance) = place.core.instance.clone() {
            let handles = instance.node(sample_rate, plan.ring_frames, &plan.chain)?;
            set(&place.directions, "processor", &handles.processor.into());
            place.handles = Some(handles);
            if plan.ring_frames > 0 {
                place.decode_stack_top = instance.stack()?;
            }
            for (effect, response) in &plan.responses {
                place.give_response(None, *effect, response)?;
            }
        } else {
            let responses: Array =
                plan.responses.iter().map(|(effect, response)| solo_response(*effect, response)).collect();
            set(&place.directions, "plan", &plan.chain.plan());
            set(&place.directions, "ringFrames", &plan.ring_frames.into());
            set(&place.directions, "responses", &responses);
        }
        Ok(place)
    }

    /// What the node's processor is told: where it has to go.
    pub(crate) fn directions(&self) -> JsValue {
        self.directions.clone().into()
    }

    /// The same, as a message to a node that moves.
    pub(crate) fn moving(&self) -> Object {
        Object::assign(&object(&[("type", "adopt".into())]), &self.directions)
    }

    /// Address of the feeder and top of the decode worker's stack; zeros in solo mode.
    pub(crate) fn feeder(&self) -> (u32, u32) {
        (self.handles.map_or(0, |handles| handles.feeder), self.decode_stack_top)
    }

    /// The main thread's way to the processor; `port` is the node's.
    pub(crate) fn link(&self, port: MessagePort) -> Link {
        match (&self.core.instance, self.handles) {
            (Some(instance), Some(handles)) => {
                Link::Shared { instance: instance.clone(), controller: handles.controller }
            }
            _ => Link::solo(port),
        }
    }

    /// Gives the convolver at `effect` of the node's list its response; `link` is the node's.
    pub(crate) fn give_response(&self, link: Option<&Link>, effect: usize, response: &Response) -> Result<()> {
        let Response { left, right } = response;
        match (&self.core.instance, self.handles, self.core.pool()) {
            (Some(instance), Some(handles), Some(pool)) => {
                let full = || {
                    let message =
                        format!("The engine has no room for another impulse response: {RESPONSES} are the most.");
                    Failure::new(ErrorCode::MemoryFull, message)
                };
                let place = pool.put_response(left, right).ok_or_else(full)?;
                instance.tell(handles.controller, effect, place);
            }
            _ => {
                if let Some(Link::Solo { port, .. }) = link {
                    let response = solo_response(effect, response);
                    let message = object(&[("type", "response".into()), ("response", response.into())]);
                    port.post_message(&message).map_err(unexpected("The node's port is closed"))?;
                }
            }
        }
        Ok(())
    }
}

fn solo_response(effect: usize, Response { left, right }: &Response) -> Object {
    object(&[("effect", effect.into()), ("left", left.into()), ("right", right.into())])
}
