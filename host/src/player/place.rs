//! Where a player lives.

use std::rc::Rc;

use js_sys::{Float32Array, Object};
use rusty_audio_engine::config::{REGIONS, RESPONSE_FRAMES};
use rusty_audio_protocol::{ErrorCode, Failure};
use web_sys::{AudioBuffer, MessagePort};

use crate::assets::unexpected;
use crate::engine_core::Core;
use crate::error::Result;
use crate::instance::PlayerHandles;
use crate::link::Link;
use crate::script::{object, set};

use super::RING_FRAMES;

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

/// A player's part of an engine's core.
pub(crate) struct Place {
    pub(crate) core: Rc<Core>,
    /// Shared mode only; in solo mode the worklet has the handles.
    handles: Option<PlayerHandles>,
    decode_stack_top: u32,
    response: Option<Response>,
}

impl Place {
    /// Takes what a player at `sample_rate`, in Hz, needs of the core's memory.
    pub(crate) fn new(core: Rc<Core>, sample_rate: f32, response: Option<Response>) -> Result<Self> {
        let (handles, decode_stack_top) = match (&core.instance, core.pool()) {
            (Some(instance), Some(pool)) => {
                let put = |Response { left, right }: &Response| {
                    let message = format!(
                        "The engine has no room for another impulse response: {REGIONS} are the most, and each needs memory."
                    );
                    pool.put_response(left, right).ok_or_else(|| Failure::new(ErrorCode::MemoryFull, message))
                };
                let response = response.as_ref().map(put).transpose()?;
                (Some(instance.player(sample_rate, RING_FRAMES, response)?), instance.stack()?)
            }
            _ => (None, 0),
        };
        Ok(Self { core, handles, decode_stack_top, response })
    }

    /// What the node's processor is told: where it has to go.
    pub(crate) fn directions(&self) -> Object {
        let directions = object(&[("id", self.core.id.as_str().into())]);
        match self.handles {
            Some(handles) => set(&directions, "processor", &handles.processor.into()),
            None => {
                set(&directions, "ringFrames", &RING_FRAMES.into());
                if let Some(Response { left, right }) = &self.response {
                    set(&directions, "response", &object(&[("left", left.into()), ("right", right.into())]));
                }
            }
        }
        directions
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
}
