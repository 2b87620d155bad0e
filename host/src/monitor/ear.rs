//! The node that hears when the audio thread is called.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Float64Array;
use rusty_audio_monitor::Stamp;
use wasm_bindgen::JsCast;
use web_sys::{AudioWorkletNode, AudioWorkletNodeOptions, BaseAudioContext, Event, MessageEvent, MessagePort};

use crate::assets::{Assets, processor_name, unexpected};
use crate::error::Result;
use crate::script::Listener;

/// The script that brings the node's class into a worklet's scope. Loading it again does nothing: browsers keep modules by their address.
const SCRIPT: &str = "meter.js";

/// From one message of stamps to the next, in ms, as the page wants it now.
pub(super) type Interval = Rc<Cell<i32>>;

/// The node. It is connected to nothing: browsers call such a processor all the same.
pub(super) struct Ear {
    port: MessagePort,
    interval: Interval,
    _node: AudioWorkletNode,
    _heard: Listener,
}

impl Ear {
    /// Makes the node; `heard` is told whether stamps are missing before those that it gets.
    pub(super) async fn listen(
        assets: &Assets,
        context: &BaseAudioContext,
        interval: Interval,
        mut heard: impl FnMut(bool, Vec<Stamp>) + 'static,
    ) -> Result<Self> {
        assets.worklet(context, SCRIPT).await?;
        let options = AudioWorkletNodeOptions::new();
        options.set_number_of_inputs(0);
        options.set_number_of_outputs(1);
        let node = AudioWorkletNode::new_with_options(context, &processor_name("meter"), &options)
            .map_err(unexpected("The worklet did not take the meter"))?;
        let port = node.port().map_err(unexpected("The meter has no port"))?;
        let (answer, wanted) = (port.clone(), Rc::clone(&interval));
        let listener = Listener::new(&port, "message", move |event: Event| {
            let Ok(data) = event.unchecked_into::<MessageEvent>().data().dyn_into::<Float64Array>() else { return };
            // This lets the meter go on.
            let _ = answer.post_message(&wanted.get().into());
            let numbers = data.to_vec();
            let Some((&dropped, stamps)) = numbers.split_first() else { return };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a frame of the context's clock"
            )]
            let stamps = stamps.chunks_exact(2).map(|pair| Stamp { frame: pair[0] as u64, wall_ms: pair[1] });
            heard(dropped != 0.0, stamps.collect());
        });
        port.start();
        Ok(Self { port, interval, _node: node, _heard: listener })
    }

    /// Tells the meter that the interval is another one.
    pub(super) fn tell_interval(&self) {
        let _ = self.port.post_message(&self.interval.get().into());
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.port.post_message(&"close".into());
    }
}
