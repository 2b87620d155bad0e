//! Jumps: open and seek, until their first frames are there.

use js_sys::Promise;
use rusty_audio_protocol::{DecoderCommand, ErrorCode, Failure, TrackId};
use wasm_bindgen::JsValue;

use crate::error::to_js;
use crate::pending::Pending;
use crate::script::object;

use super::{Jump, Player};

impl Player {
    pub(crate) fn next_epoch(&self) -> u32 {
        let mut state = self.state.borrow_mut();
        state.epoch = state.epoch.wrapping_add(1);
        state.epoch
    }

    pub(crate) fn begin_jump(&self, track: TrackId, frame: u64) -> u32 {
        let epoch = self.next_epoch();
        let jump = Jump { epoch, track, frame, landed: Pending::new() };
        let mut state = self.state.borrow_mut();
        if let Some(earlier) = state.jump.replace(jump) {
            earlier.landed.reject(&Failure::new(ErrorCode::Aborted, "Another jump was asked for."));
        }
        (state.track, state.frame, state.ended, state.seeking) = (Some(track), frame, false, true);
        epoch
    }

    pub(crate) fn seek(&self, track: TrackId, frame: f64) -> Promise {
        let refused = match self.entry(track) {
            None => Some("The track is not in the queue."),
            Some(_) if !frame.is_finite() => Some("The frame to seek to must be a finite number."),
            Some(_) => None,
        };
        if let Some(message) = refused {
            return Promise::reject(&to_js(&Failure::new(ErrorCode::InvalidArgument, message)));
        }
        let changes_track = self.state.borrow().track != Some(track);
        let length = self.entry(track).and_then(|entry| entry.frames());
        #[expect(clippy::cast_possible_truncation, reason = "a negative one becomes 0, and the length is the limit")]
        let frame = (frame.round() as u64).min(length.unwrap_or(u64::MAX));
        let epoch = self.begin_jump(track, frame);
        // While it sounds the old place goes on until the new one is there. Paused it must not: in solo mode the order to play
        // may overtake the frames.
        if self.state.borrow().paused
            && let Some(link) = &*self.link.borrow()
        {
            link.discard(epoch);
        }
        let promise = self.state.borrow().jump.as_ref().map(|jump| jump.landed.promise());
        self.tell(&DecoderCommand::Seek { track, frame, epoch }, &[]);
        if changes_track && let Some(entry) = self.entry(track) {
            self.dispatch("trackchange", &entry.view);
        }
        self.dispatch("seeking", &JsValue::NULL);
        self.dispatch("timeupdate", &JsValue::NULL);
        promise.unwrap_or_else(|| Promise::resolve(&JsValue::UNDEFINED))
    }

    /// The decode worker has the first frames of a jump in the ring.
    pub(crate) fn land(&self, epoch: u32, frame: u64, exact: bool) {
        let was_seeking = {
            let mut state = self.state.borrow_mut();
            let Some(jump) = state.jump.as_mut().filter(|jump| jump.epoch == epoch) else { return };
            jump.frame = frame;
            let landed = object(&[("frame", (frame as f64).into()), ("exact", exact.into())]);
            jump.landed.resolve(&landed);
            state.frame = frame;
            core::mem::replace(&mut state.seeking, false)
        };
        if was_seeking {
            self.dispatch("seeked", &JsValue::NULL);
            self.dispatch("timeupdate", &JsValue::NULL);
        }
    }

    /// Nothing more will come: a jump that has not landed never will.
    pub(crate) fn give_up_jump(&self) {
        let failed = {
            let state = self.state.borrow();
            let jump = state.jump.as_ref().filter(|_| state.seeking);
            let failure = jump.and_then(|jump| {
                let entry = state.queue.iter().find(|entry| entry.id == jump.track)?;
                entry.failure.borrow().clone()
            });
            jump.zip(failure).map(|(jump, failure)| (jump.landed.clone(), failure))
        };
        if let Some((landed, failure)) = failed {
            landed.reject(&failure);
            let was_playing = {
                let mut state = self.state.borrow_mut();
                (state.jump, state.seeking, state.ended) = (None, false, true);
                !state.paused
            };
            self.pause();
            if was_playing {
                self.dispatch("ended", &JsValue::NULL);
            }
        }
    }
}
