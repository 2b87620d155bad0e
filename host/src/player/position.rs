//! The node, and where its sound is.

use std::rc::{Rc, Weak};

use js_sys::Uint8Array;
use rusty_audio_engine::protocol::{State as ProcessorState, Telemetry};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioWorkletNode, Event, MessageEvent};

use crate::assets::unexpected;
use crate::error::Result;
use crate::link::Link;
use crate::script::{Listener, Timer, get, get_number, get_text, on_processor_error};

use super::decoding::send_feeder;
use super::{Activity, POLL_MS, Player, TIME_UPDATE_MS};

impl Player {
    pub(crate) fn attach(self: &Rc<Self>, node: AudioWorkletNode) -> Result<()> {
        let port = node.port().map_err(unexpected("The node has no port"))?;
        let link = self.place.borrow().link(port.clone());
        let player = Rc::downgrade(self);
        let listener = Listener::new(&port, "message", move |event: Event| {
            if let Some(player) = Weak::upgrade(&player) {
                player.hear_node(&event.unchecked_into::<MessageEvent>().data());
            }
        });
        port.start();
        let player = Rc::downgrade(self);
        let [broken, failed] = on_processor_error(&node, move || {
            if let Some(player) = Weak::upgrade(&player) {
                player.adoption.broke();
            }
        });
        let player = Rc::downgrade(self);
        let timer = Timer::every(POLL_MS, move || {
            if let Some(player) = Weak::upgrade(&player) {
                player.poll();
                player.watch_clock();
            }
        });
        let player = Rc::downgrade(self);
        let context = Listener::new(&self.engine.context, "statechange", move |_| {
            if let Some(player) = Weak::upgrade(&player) {
                player.hear_context();
            }
        });
        if let Some(port) = self.solo_port.take() {
            send_feeder(&node, &port);
        }
        self.link.replace(Some(link));
        self.node.replace(Some(node));
        self.alive.replace(Some((timer, [listener, context, broken, failed])));
        Ok(())
    }

    pub(crate) fn hear_node(&self, data: &JsValue) {
        if self.adoption.hear(data) {
            self.place.borrow().core.hear_used_bytes(data);
            return;
        }
        match get_text(data, "type").as_str() {
            "telemetry" => {
                if let (Some(link), Ok(bytes)) = (&*self.link.borrow(), get(data, "bytes").dyn_into::<Uint8Array>()) {
                    link.receive(&bytes.to_vec());
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "a count")]
            "unreadable" => self.unreadable_messages.set(get_number(data, "count") as u32),
            _ => {}
        }
    }

    pub(crate) fn telemetry(&self) -> Telemetry {
        self.link.borrow().as_ref().map_or_else(bytemuck::Zeroable::zeroed, Link::telemetry)
    }

    /// Takes over where the sound is. A jump that has not been heard yet hides it.
    pub(crate) fn look(&self) -> Telemetry {
        let telemetry = self.telemetry();
        let mut state = self.state.borrow_mut();
        if telemetry.epoch == 0 || telemetry.epoch != state.epoch {
            return telemetry;
        }
        if state.jump.as_ref().is_some_and(|jump| jump.epoch == telemetry.epoch) && !state.seeking {
            state.jump = None;
        }
        if state.jump.is_none() {
            let offset = if state.relocation.0 == telemetry.epoch { state.relocation.1 } else { 0 };
            state.frame = telemetry.track_frame.saturating_add_signed(offset);
        }
        telemetry
    }

    pub(crate) fn poll(&self) {
        let telemetry = self.look();
        let (track_changed, ended, begun, update) = {
            let mut state = self.state.borrow_mut();
            let heard = telemetry.epoch != 0 && telemetry.epoch == state.epoch && state.jump.is_none();
            let track_changed = heard && state.track != Some(telemetry.track);
            if track_changed {
                state.track = Some(telemetry.track);
            }
            let is = |one: ProcessorState| !state.paused && telemetry.state == one as u32;
            let ended = heard && is(ProcessorState::Ended);
            let activity = if is(ProcessorState::Playing) {
                Activity::Sounding
            } else if is(ProcessorState::Priming) || is(ProcessorState::Starved) {
                Activity::Waiting
            } else {
                Activity::Resting
            };
            let begun = (core::mem::replace(&mut state.activity, activity) != activity).then_some(activity);
            state.ms_since_update += POLL_MS;
            let update = !state.paused && state.ms_since_update >= TIME_UPDATE_MS;
            if update {
                state.ms_since_update = 0;
            }
            (track_changed, ended, begun, update)
        };
        self.tell_of_recovery(&telemetry);
        if track_changed && let Some(entry) = self.current() {
            self.dispatch("trackchange", &entry.view);
        }
        match begun {
            Some(Activity::Waiting) => self.dispatch("waiting", &JsValue::NULL),
            Some(Activity::Sounding) => self.dispatch("playing", &JsValue::NULL),
            Some(Activity::Resting) | None => {}
        }
        if update {
            self.dispatch("timeupdate", &JsValue::NULL);
        }
        if ended {
            self.state.borrow_mut().ended = true;
            self.dispatch("timeupdate", &JsValue::NULL);
            self.pause();
            self.dispatch("ended", &JsValue::NULL);
        }
    }
}
