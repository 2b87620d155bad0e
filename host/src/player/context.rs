//! What becomes of the context while the player plays: it is interrupted, or its clock stands.

use std::rc::Rc;

use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioContext, AudioContextState};

use crate::error::{Result, to_js};
use crate::pending::Pending;
use crate::script::{Listener, get_text, now_ms, within};

use super::{POLL_MS, Player};

/// A state that is younger than the bindings: a call, a locked phone, another application that wants the loudspeaker.
const INTERRUPTED: &str = "interrupted";

/// A clock that has stood for so long will not go on by itself.
const STANDSTILL_MS: f64 = 2_000.0;

/// What one look counts at most: the page itself may have stood still, and with it what it sees of the clock.
const LONGEST_LOOK_MS: f64 = 4.0 * POLL_MS as f64;

/// How long a standing context may take to be suspended.
const SUSPEND_LIMIT_MS: i32 = 1_000;

/// The context's clock, as last seen.
#[derive(Default)]
pub(crate) struct Clock {
    time_s: f64,
    looked_ms: f64,
    stood_ms: f64,
    /// It stood, and the context was suspended and resumed for that.
    was_revived: bool,
    was_interrupted: bool,
}

impl Player {
    /// Waits while the context is interrupted. What is resumed meanwhile is refused, or runs with a clock that stands; the system ends it.
    pub(crate) async fn uninterrupted(&self, context: &AudioContext) {
        while context_state(context) == INTERRUPTED {
            let changed = Pending::new();
            let heard = changed.clone();
            let _listener = Listener::new(context, "statechange", move |_| heard.resolve(&JsValue::TRUE));
            let _ = JsFuture::from(changed.promise()).await;
        }
    }

    /// The context is in another state. After an interruption some browsers leave it suspended.
    pub(crate) fn hear_context(self: &Rc<Self>) {
        let Some(context) = self.engine.context.dyn_ref::<AudioContext>() else { return };
        let state = context_state(context);
        let ended = core::mem::replace(&mut self.clock.borrow_mut().was_interrupted, state == INTERRUPTED);
        if ended && state == "suspended" && !self.state.borrow().paused {
            spawn_local(self.clone().run_again(false));
        }
    }

    /// Looks whether the clock of a context that is said to run goes on. If it stands, the context is suspended and resumed, once;
    /// if that does not help there is an error.
    pub(crate) fn watch_clock(self: &Rc<Self>) {
        let Some(context) = self.engine.context.dyn_ref::<AudioContext>() else { return };
        let (now, time_s) = (now_ms(), context.current_time());
        let clock = &mut *self.clock.borrow_mut();
        let elapsed_ms = (now - core::mem::replace(&mut clock.looked_ms, now)).min(LONGEST_LOOK_MS);
        if time_s != clock.time_s {
            (clock.time_s, clock.stood_ms, clock.was_revived) = (time_s, 0.0, false);
        }
        if self.state.borrow().paused || context.state() != AudioContextState::Running {
            clock.stood_ms = 0.0;
            return;
        }
        clock.stood_ms += elapsed_ms;
        if clock.stood_ms < STANDSTILL_MS {
            return;
        }
        clock.stood_ms = 0.0;
        if core::mem::replace(&mut clock.was_revived, true) {
            let message =
                "The audio context says that it runs, but its clock stands, also after it was suspended and resumed.";
            self.fall_silent(&Failure::new(ErrorCode::AudioNotRunning, message));
        } else {
            spawn_local(self.clone().run_again(true));
        }
    }

    /// Has the context run again for a player that plays, and tells if it does not.
    async fn run_again(self: Rc<Self>, suspend: bool) {
        if suspend && let Some(Ok(suspended)) = self.engine.context.dyn_ref::<AudioContext>().map(AudioContext::suspend)
        {
            let _ = within(SUSPEND_LIMIT_MS, JsFuture::from(suspended)).await;
        }
        let outcome: Result<()> = self.run_context().await;
        if let Err(failure) = outcome {
            self.dispatch_error(to_js(&failure), None);
        }
    }
}

pub(crate) fn context_state(context: &AudioContext) -> String {
    get_text(context, "state")
}
