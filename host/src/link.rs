//! How a player's commands and telemetry travel: over shared memory, or as messages to the worklet.

use std::cell::RefCell;
use std::rc::Rc;

use bytemuck::Zeroable;
use rusty_audio_engine::events::Event;
use rusty_audio_engine::protocol::Telemetry;
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::instance::Instance;
use crate::script::object;

/// The main thread's end of one player.
pub enum Link {
    /// Shared mode: the engine's own instance on this thread.
    Shared {
        /// That instance.
        instance: Rc<Instance>,
        /// The player's controller.
        controller: u32,
    },
    /// Solo mode: the node's port.
    Solo {
        /// The port.
        port: MessagePort,
        /// The newest telemetry that the worklet has sent.
        newest: Box<RefCell<Telemetry>>,
    },
}

impl Link {
    /// Messages to the node's port, nothing heard yet.
    pub fn solo(port: MessagePort) -> Self {
        Self::Solo { port, newest: Box::new(RefCell::new(Telemetry::zeroed())) }
    }

    /// Lets the source sound.
    pub fn play(&self) {
        match self {
            Self::Shared { instance, controller } => instance.play(*controller),
            Self::Solo { port, .. } => command(port, "controller_play", 0),
        }
    }

    /// Fades out and holds the position.
    pub fn pause(&self) {
        match self {
            Self::Shared { instance, controller } => instance.pause(*controller),
            Self::Solo { port, .. } => command(port, "controller_pause", 0),
        }
    }

    /// Drops every frame older than `epoch`.
    pub fn discard(&self, epoch: u32) {
        match self {
            Self::Shared { instance, controller } => instance.discard(*controller, epoch),
            Self::Solo { port, .. } => command(port, "controller_discard", epoch),
        }
    }

    /// Takes in what the worklet sent, in solo mode.
    pub fn receive(&self, bytes: &[u8]) {
        if let Self::Solo { newest, .. } = self
            && bytes.len() == size_of::<Telemetry>()
        {
            newest.replace(bytemuck::pod_read_unaligned(bytes));
        }
    }

    /// What one of the player's threads has noted down since the last call: 0 is the source, 1 the decode worker. `None` in solo mode.
    pub fn events(&self, tape: u32) -> Option<Vec<Event>> {
        match self {
            Self::Shared { instance, controller } => Some(instance.player_events(*controller, tape)),
            Self::Solo { .. } => None,
        }
    }

    /// The newest telemetry.
    pub fn telemetry(&self) -> Telemetry {
        match self {
            Self::Shared { instance, controller } => {
                let bytes = instance.telemetry(*controller);
                bytemuck::try_pod_read_unaligned(&bytes).unwrap_or_else(|_| Telemetry::zeroed())
            }
            Self::Solo { newest, .. } => *newest.borrow(),
        }
    }
}

fn command(port: &MessagePort, name: &str, argument: u32) {
    let message = object(&[("type", "command".into()), ("name", name.into()), ("argument", argument.into())]);
    // Plain numbers and texts can always be posted.
    let _ = port.post_message(&JsValue::from(message));
}
