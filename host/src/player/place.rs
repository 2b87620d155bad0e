//! Where a player lives.

use std::rc::Rc;

use js_sys::Object;
use web_sys::MessagePort;

use crate::engine_core::Core;
use crate::error::Result;
use crate::instance::PlayerHandles;
use crate::link::Link;
use crate::script::{object, set};

use super::RING_FRAMES;

/// A player's part of an engine's core.
pub(crate) struct Place {
    pub(crate) core: Rc<Core>,
    /// Shared mode only; in solo mode the worklet has the handles.
    handles: Option<PlayerHandles>,
    decode_stack_top: u32,
}

impl Place {
    /// Takes what a player at `sample_rate`, in Hz, needs of the core's memory.
    pub(crate) fn new(core: Rc<Core>, sample_rate: f32) -> Result<Self> {
        let (handles, decode_stack_top) = match &core.instance {
            Some(instance) => (Some(instance.player(sample_rate, RING_FRAMES)?), instance.stack()?),
            None => (None, 0),
        };
        Ok(Self { core, handles, decode_stack_top })
    }

    /// What the node's processor is told: where it has to go.
    pub(crate) fn directions(&self) -> Object {
        let directions = object(&[("id", self.core.id.as_str().into())]);
        match self.handles {
            Some(handles) => set(&directions, "processor", &handles.processor.into()),
            None => set(&directions, "ringFrames", &RING_FRAMES.into()),
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
