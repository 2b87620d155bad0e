//! The decode worker's side: what it is told, what it says, and its replacement.

use std::rc::{Rc, Weak};

use js_sys::Array;
use rusty_audio_protocol::{DecoderCommand, DecoderEvent, Failure};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AudioWorkletNode, MessageChannel, MessagePort};

use crate::assets::unexpected;
use crate::decode_worker::DecodeWorker;
use crate::error::{Result, to_js};
use crate::place::Place;
use crate::script::object;

use super::Player;

/// What a decode worker needs to write to a player's place.
struct Sink {
    /// Properties beside the command.
    beside: Vec<(&'static str, JsValue)>,
    /// Solo mode: its end of the way to the worklet.
    port: Option<MessagePort>,
}

impl Player {
    pub(crate) async fn start_decoder(self: &Rc<Self>) -> Result<()> {
        let engine = &self.engine;
        let place = self.place.borrow().clone();
        let (feeder, stack_top) = place.feeder();
        let Sink { beside, port } = self.sink(&place)?;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of Hz in every browser")]
        let sample_rate = engine.context.sample_rate() as u32;
        let codec_urls = engine.assets.codec_urls();
        let initialize = DecoderCommand::Initialize { sample_rate, feeder, stack_top, codec_urls };
        let player = Rc::downgrade(self);
        let heard = move |event| {
            if let Some(player) = Weak::upgrade(&player) {
                player.hear(event);
            }
        };
        let worker = engine.decode_worker()?;
        let decoder = DecodeWorker::start(worker, &initialize, &beside, port.as_ref(), heard).await?;
        self.decoder.replace(Some(decoder));
        if !Rc::ptr_eq(&place, &self.place.borrow()) {
            // The engine was replaced meanwhile.
            self.connect_decoder()?;
        }
        Ok(())
    }

    /// Has the decode worker write to the player's present place.
    pub(crate) fn connect_decoder(&self) -> Result<()> {
        let place = self.place.borrow().clone();
        let (feeder, stack_top) = place.feeder();
        if let Some(decoder) = &*self.decoder.borrow() {
            let Sink { beside, port } = self.sink(&place)?;
            decoder.send(&DecoderCommand::Connect { feeder, stack_top }, &beside, port.as_ref());
        }
        Ok(())
    }

    fn sink(&self, place: &Place) -> Result<Sink> {
        let module = ("module", JsValue::from(&self.engine.module));
        match &place.core.instance {
            Some(instance) => Ok(Sink { beside: vec![module, ("memory", instance.memory().into())], port: None }),
            None => {
                let channel = MessageChannel::new().map_err(unexpected("The browser made no message channel"))?;
                self.connect_solo(channel.port1());
                Ok(Sink { beside: vec![module], port: Some(channel.port2()) })
            }
        }
    }

    /// Solo mode: one end of the PCM's way goes to the worklet, as soon as there is a node.
    pub(crate) fn connect_solo(&self, port: MessagePort) {
        match &*self.node.borrow() {
            Some(node) => send_feeder(node, &port),
            None => {
                self.solo_port.replace(Some(port));
            }
        }
    }

    pub(crate) fn tell(&self, command: &DecoderCommand, beside: &[(&str, JsValue)]) {
        if let Some(decoder) = &*self.decoder.borrow() {
            decoder.send(command, beside, None);
        }
    }

    pub(crate) fn hear(self: &Rc<Self>, event: DecoderEvent) {
        match event {
            DecoderEvent::Ready { .. } | DecoderEvent::Closed => {}
            DecoderEvent::Described { track, description } => {
                if let Some(entry) = self.entry(track) {
                    let changed = entry.describe(&description);
                    self.dispatch("loadedmetadata", &entry.view);
                    if changed {
                        self.dispatch("durationchange", &entry.view);
                    }
                }
            }
            DecoderEvent::Landed { epoch, frame, exact, .. } => self.land(epoch, frame, exact),
            DecoderEvent::Relocated { epoch, offset } => self.state.borrow_mut().relocation = (epoch, offset),
            DecoderEvent::Progress { track, received_bytes, total_bytes } => {
                if let Some(entry) = self.entry(track) {
                    entry.received(received_bytes, total_bytes);
                    self.dispatch("progress", &entry.view);
                }
            }
            DecoderEvent::Failed { track, failure, .. } => {
                if let Some(entry) = self.entry(track) {
                    self.fail(&entry, &failure);
                }
            }
            DecoderEvent::Drained => self.give_up_jump(),
            DecoderEvent::Broken { failure } => self.replace_decoder(failure),
        }
    }

    /// The decode worker died: the track that it worked on fails, the rest of the queue goes to a new one, which writes to the same place.
    pub(crate) fn replace_decoder(self: &Rc<Self>, failure: Failure) {
        self.decoder.replace(None);
        let current = self.current();
        if let Some(entry) = &current {
            self.fail(entry, &failure);
        }
        let player = self.clone();
        spawn_local(async move {
            if let Err(failure) = player.start_decoder().await {
                player.dispatch_error(to_js(&failure), None);
                return;
            }
            let rest: Vec<_> = {
                let state = player.state.borrow();
                let after = current.and_then(|entry| state.queue.iter().position(|other| other.id == entry.id));
                state.queue.iter().skip(after.map_or(0, |index| index + 1)).cloned().collect()
            };
            player.tell(&DecoderCommand::Loop { enabled: player.state.borrow().looping }, &[]);
            for (index, track) in rest.iter().enumerate() {
                player.send_source(track, index == 0);
            }
        });
    }
}

pub(super) fn send_feeder(node: &AudioWorkletNode, port: &MessagePort) {
    if let Ok(node_port) = node.port() {
        let message = object(&[("type", "feeder".into())]);
        let _ = node_port.post_message_with_transferable(&message, &Array::of1(port));
    }
}
