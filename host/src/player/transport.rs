//! Play and pause.

use std::rc::Rc;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState};

use crate::assets::unexpected;
use crate::error::Result;
use crate::script::within;

use super::context::context_state;
use super::{Activity, Player, RESUME_LIMIT_MS};

impl Player {
    pub(crate) fn play(self: &Rc<Self>) {
        let (was_paused, ended) = {
            let mut state = self.state.borrow_mut();
            (core::mem::replace(&mut state.paused, false), state.ended)
        };
        if ended && let Some(entry) = self.current() {
            drop(self.seek(entry.id, 0.0));
        }
        if let Some(link) = &*self.link.borrow() {
            link.play();
        }
        if was_paused {
            self.dispatch("play", &JsValue::NULL);
        }
    }

    pub(crate) fn pause(&self) {
        {
            let mut state = self.state.borrow_mut();
            if core::mem::replace(&mut state.paused, true) {
                return;
            }
            state.activity = Activity::Resting;
        }
        if let Some(link) = &*self.link.borrow() {
            link.pause();
        }
        self.dispatch("pause", &JsValue::NULL);
    }

    /// Waits until the context runs; an offline one does what it does.
    pub(crate) async fn run_context(&self) -> Result<()> {
        let Some(context) = self.engine.context.dyn_ref::<AudioContext>() else { return Ok(()) };
        self.uninterrupted(context).await;
        if context.state() == AudioContextState::Running {
            return Ok(());
        }
        let resumed = context.resume().map_err(unexpected("The audio context cannot run"))?;
        match within(RESUME_LIMIT_MS, JsFuture::from(resumed)).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) | None => {
                self.pause();
                let message = format!("The audio context is still {} after 5 s.", context_state(context));
                Err(Failure::new(ErrorCode::AudioNotRunning, message))
            }
        }
    }
}
