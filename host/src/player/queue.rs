//! The queue: entries come, fail and go.

use std::rc::Rc;

use js_sys::Promise;
use rusty_audio_protocol::{DecoderCommand, ErrorCode, Failure, TrackId};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

use crate::error::{Result, to_js};
use crate::script::{aborted, unless};
use crate::track::Track;

use super::Player;

impl Player {
    pub(crate) fn entry(&self, track: TrackId) -> Option<Rc<Track>> {
        self.state.borrow().queue.iter().find(|entry| entry.id == track).cloned()
    }

    pub(crate) fn current(&self) -> Option<Rc<Track>> {
        let track = self.state.borrow().track?;
        self.entry(track)
    }

    pub(crate) fn open(self: &Rc<Self>, source: JsValue, name: &str, replace: bool) -> Result<Rc<Track>> {
        if self.disposed.get() {
            return Err(Failure::new(ErrorCode::Disposed, "This player was disposed of."));
        }
        let (track, replaced) = {
            let mut state = self.state.borrow_mut();
            state.tracks += 1;
            let track = Rc::new(Track::new(state.tracks, source, name, f64::from(self.engine.context.sample_rate())));
            let replaced = if replace { core::mem::take(&mut state.queue) } else { Vec::new() };
            state.queue.push(track.clone());
            (track, replaced)
        };
        for entry in replaced {
            entry.opened.reject(&Failure::new(ErrorCode::Aborted, "Another source was loaded instead."));
        }
        let first = replace || self.state.borrow().queue.len() == 1;
        self.send_source(&track, first);
        self.dispatch("queuechange", &JsValue::NULL);
        if first {
            self.dispatch("trackchange", &track.view);
        }
        Ok(track)
    }

    /// Sends a source to the decode worker; the first of a queue starts a new epoch.
    pub(crate) fn send_source(&self, track: &Rc<Track>, first: bool) {
        let beside = [("source", track.source.clone())];
        if first {
            let epoch = self.begin_jump(track.id, 0);
            if let Some(link) = &*self.link.borrow() {
                link.discard(epoch);
            }
            self.tell(&DecoderCommand::Open { track: track.id, epoch }, &beside);
        } else {
            self.state.borrow_mut().ended = false;
            self.tell(&DecoderCommand::Enqueue { track: track.id }, &beside);
        }
    }

    pub(crate) fn opening(self: Rc<Self>, opened: Result<Rc<Track>>, signal: Option<AbortSignal>) -> Promise {
        future_to_promise(async move {
            let track = opened.map_err(|failure| to_js(&failure))?;
            match unless(aborted(signal), JsFuture::from(track.opened.promise())).await {
                Ok(outcome) => outcome,
                Err(failure) => {
                    self.remove(track.id);
                    Err(to_js(&failure))
                }
            }
        })
    }

    pub(crate) fn remove(self: &Rc<Self>, track: TrackId) {
        let next = {
            let state = self.state.borrow();
            let Some(index) = state.queue.iter().position(|entry| entry.id == track) else { return };
            let neighbour = state.queue.get(index + 1).map(|entry| entry.id);
            (state.track == Some(track)).then_some(neighbour)
        };
        match next {
            Some(Some(next)) => drop(self.seek(next, 0.0)),
            Some(None) => {
                self.pause();
                let epoch = self.next_epoch();
                if let Some(link) = &*self.link.borrow() {
                    link.discard(epoch);
                }
                let mut state = self.state.borrow_mut();
                (state.track, state.frame, state.jump, state.seeking) = (None, 0, None, false);
            }
            None => {}
        }
        self.tell(&DecoderCommand::Remove { track }, &[]);
        let removed = {
            let mut state = self.state.borrow_mut();
            let index = state.queue.iter().position(|entry| entry.id == track);
            index.map(|index| state.queue.remove(index))
        };
        if let Some(entry) = removed {
            entry.opened.reject(&Failure::new(ErrorCode::Aborted, "The track was taken out of the queue."));
        }
        self.dispatch("queuechange", &JsValue::NULL);
    }

    pub(crate) fn fail(&self, entry: &Rc<Track>, failure: &Failure) {
        let error = entry.fail(failure);
        self.dispatch_error(error, Some(entry));
    }
}
