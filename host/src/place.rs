//! Where a node lives: its part of an engine's core.

use std::rc::Rc;

use js_sys::{Array, Float32Array, Object};
use rusty_audio_engine::config::{REGIONS, RESPONSE_FRAMES};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsValue;
use web_sys::{AudioBuffer, MessagePort};

use crate::assets::unexpected;
use crate::chain::Chain;
use crate::depth::{Depth, Learnt};
use crate::engine_core::Core;
use crate::error::Result;
use crate::instance::{Instance, NodeHandles};
use crate::link::Link;
use crate::script::{object, set};

/// An impulse response at the context's sample rate.
#[derive(Clone)]
pub(crate) struct Response {
    /// One for both channels, one for each, or four: left to left, left to right, right to left, right to right.
    pub(crate) channels: Vec<Float32Array>,
    /// Whether it is scaled as a `ConvolverNode` does.
    pub(crate) normalize: bool,
}

impl Response {
    /// That of a buffer with one, two or four channels.
    pub(crate) fn new(buffer: &AudioBuffer, sample_rate: f32, normalize: bool) -> Result<Self> {
        let invalid = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        let (frames, count, rate) = (buffer.length(), buffer.number_of_channels(), buffer.sample_rate());
        if frames as usize > RESPONSE_FRAMES || !matches!(count, 1 | 2 | 4) {
            return invalid(format!(
                "The impulse response has {frames} frames of {count} channels; at most {RESPONSE_FRAMES} of one, two or four \
                 are possible."
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
        Ok(Self { channels: (0..count).map(plane).collect::<Result<_>>()?, normalize })
    }

    fn frames(&self) -> u32 {
        self.channels.first().map_or(0, Float32Array::length)
    }

    /// A message to a worklet that has the engine's memory to itself. With `now` the response is prepared at once.
    fn message(&self, effect: usize, now: bool) -> Object {
        let channels: Array = self.channels.iter().collect();
        object(&[
            ("effect", effect.into()),
            ("channels", channels.into()),
            ("normalize", self.normalize.into()),
            ("now", now.into()),
        ])
    }
}

/// An impulse response needs more bytes than there are.
pub(crate) fn no_room(needed: f64, free: f64) -> Failure {
    let message = format!(
        "The impulse response needs {needed} bytes of the engine's memory, of which {free} are left in one piece at most; \
         {REGIONS} responses are the most."
    );
    Failure::new(ErrorCode::MemoryFull, message)
}

/// What a node is built from, in whichever engine.
pub(crate) struct Plan {
    pub(crate) chain: Chain,
    /// Frames of a player's source ring; 0 for a node that processes its input.
    pub(crate) ring_frames: u32,
    /// The depth that the page has fixed for a player.
    pub(crate) buffer_seconds: Option<f64>,
    /// What a player has found out of its depth in the last engine.
    pub(crate) learnt: Option<Learnt>,
    /// Impulse responses, by the place of the convolver in the chain.
    pub(crate) responses: Vec<(usize, Response)>,
}

/// A node's part of an engine's core.
pub(crate) struct Place {
    pub(crate) core: Rc<Core>,
    /// Shared mode only; in solo mode the worklet has the handles.
    handles: Option<NodeHandles>,
    decode_stack_top: u32,
    sample_rate: f32,
    /// What is told to the worklet.
    directions: Object,
}

impl Place {
    /// Takes what a node at `sample_rate`, in Hz, needs of the core's memory.
    pub(crate) fn new(core: Rc<Core>, sample_rate: f32, plan: &Plan) -> Result<Self> {
        let directions = object(&[("id", core.id.as_str().into()), ("columns", plan.chain.columns().into())]);
        let depth =
            (plan.ring_frames > 0).then(|| Depth::new(core.mode, sample_rate, plan.buffer_seconds, plan.learnt));
        let mut place = Self { core, handles: None, decode_stack_top: 0, sample_rate, directions };
        if let Some(instance) = place.core.instance.clone() {
            let handles = instance.node(sample_rate, plan.ring_frames, &plan.chain)?;
            set(&place.directions, "processor", &handles.processor.into());
            place.handles = Some(handles);
            if let Err(failure) = place.furnish(&instance, handles, depth, plan) {
                place.release();
                return Err(failure);
            }
        } else {
            let responses: Array =
                plan.responses.iter().map(|(effect, response)| response.message(*effect, true)).collect();
            set(&place.directions, "plan", &plan.chain.plan());
            set(&place.directions, "ringFrames", &plan.ring_frames.into());
            set(&place.directions, "depth", &depth.map_or(JsValue::NULL, |depth| depth.to_js().into()));
            set(&place.directions, "responses", &responses);
        }
        Ok(place)
    }

    /// Shared mode: a player's stack and depth, and the responses.
    fn furnish(&mut self, instance: &Instance, handles: NodeHandles, depth: Option<Depth>, plan: &Plan) -> Result<()> {
        if let Some(depth) = depth {
            self.decode_stack_top = instance.stack()?;
            instance.limit(handles.feeder, depth);
        }
        plan.responses.iter().try_for_each(|(effect, response)| self.lend(*effect, response, true))
    }

    /// Shared mode: gives back what it takes of the memory, once nobody reaches that any more.
    pub(crate) fn release(&self) {
        if let (Some(instance), Some(handles)) = (&self.core.instance, &self.handles)
            && !self.core.failed.get()
        {
            instance.release(handles);
            if self.decode_stack_top > 0 {
                instance.return_stack(self.decode_stack_top);
            }
        }
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

    /// Shared mode: lends the convolver at `effect` of the node's list a response. With `now` it is prepared at once, else by
    /// the pool, while the sound goes on.
    fn lend(&self, effect: usize, response: &Response, now: bool) -> Result<()> {
        let (Some(instance), Some(handles), Some(pool)) = (&self.core.instance, self.handles, self.core.pool()) else {
            return Ok(());
        };
        let normalize_at = if response.normalize { self.sample_rate } else { 0.0 };
        let place = pool.put_response(&response.channels, normalize_at, now).ok_or_else(|| {
            let needed = pool.response_bytes(response.frames(), response.channels.len());
            let free = instance.memory_bytes().saturating_sub(instance.used_bytes().unsigned_abs());
            no_room(needed.into(), free.into())
        })?;
        instance.tell(handles.controller, effect, place);
        Ok(())
    }

    /// Gives the convolver at `effect` of the node's list another response; `port` is the node's. In solo mode the worklet
    /// answers with a message.
    pub(crate) fn give_response(
        &self,
        port: &MessagePort,
        effect: usize,
        response: &Response,
        now: bool,
    ) -> Result<()> {
        if self.handles.is_some() {
            return self.lend(effect, response, now);
        }
        let message = object(&[("type", "response".into()), ("response", response.message(effect, now).into())]);
        port.post_message(&message).map_err(unexpected("The node's port is closed"))
    }

    /// Shared mode: the region of the effect at `place` of the node's list, if the page may read what it keeps there.
    pub(crate) fn region(&self, place: u32) -> Option<u32> {
        self.core.instance.as_ref()?.region(self.handles?.processor, place)
    }

    /// Whether the worklet has the engine's memory to itself.
    pub(crate) fn is_solo(&self) -> bool {
        self.handles.is_none()
    }
}
