//! Going on in a fresh engine.

use std::rc::Rc;

use js_sys::Uint8Array;
use rusty_audio_engine::protocol::Telemetry;
use rusty_audio_protocol::{DecoderCommand, ErrorCode, Failure, TrackId};
use wasm_bindgen::JsCast;

use crate::assets::unexpected;
use crate::depth::Learnt;
use crate::engine_core::Core;
use crate::error::{Result, to_js};
use crate::pending::Pending;
use crate::place::Place;
use crate::script::{get, get_number, object};

use super::{Counted, Jump, Player};

/// A recovery whose sound has not been heard yet.
pub(crate) struct Recovering {
    reason: String,
    /// Frames that the node was without an engine.
    gap_frames: u64,
    /// Where the sound goes on: epoch and frame. None when nothing sounded.
    from: Option<(u32, u64)>,
}

impl Player {
    /// Goes on in `core`, at the frame where the sound stopped. `reason` is a sentence on what happened.
    pub(crate) async fn adopt(self: &Rc<Self>, core: Rc<Core>, reason: &str) {
        if let Err(failure) = self.move_to(core, reason).await {
            self.fall_silent(&failure);
        }
    }

    /// There is no engine any more.
    pub(crate) fn fall_silent(&self, failure: &Failure) {
        self.dispatch_error(to_js(failure), None);
        self.pause();
    }

    async fn move_to(self: &Rc<Self>, core: Rc<Core>, reason: &str) -> Result<()> {
        self.learn_depth();
        let place = Rc::new(Place::new(core, self.engine.context.sample_rate(), &self.plan.borrow())?);
        let Some(node) = self.node.borrow().clone() else {
            // Its node will be made for the new place.
            self.place.replace(place);
            return self.connect_decoder();
        };
        let port = node.port().map_err(unexpected("The node has no port"))?;
        let answer = self.adoption.send(&node, &place).await?;
        place.core.hear_used_bytes(&answer);
        if self.disposed.get() {
            return Ok(());
        }
        if let (Some(link), Ok(bytes)) = (&*self.link.borrow(), get(&answer, "telemetry").dyn_into::<Uint8Array>()) {
            link.receive(&bytes.to_vec());
        }
        // Takes over what the old engine published last: where the sound stopped, to the frame.
        self.poll();
        let last = self.telemetry();
        self.place.replace(place.clone());
        self.link.replace(Some(place.link(port)));
        self.connect_decoder()?;
        let from = self.resume_position();
        if !self.state.borrow().paused
            && let Some(link) = &*self.link.borrow()
        {
            link.play();
        }
        let mut state = self.state.borrow_mut();
        let counted = &mut state.counted;
        counted.processed_frames += last.processed_frames;
        counted.starved_frames = counted.starved_frames.wrapping_add(last.starved_frames);
        counted.starvation_events = counted.starvation_events.wrapping_add(last.starvation_events);
        // A fault before the sound of the last recovery was heard makes the same gap longer.
        let gap_before = state.recovering.take().map_or(0, |before| before.gap_frames + last.processed_frames);
        #[expect(clippy::cast_possible_truncation, reason = "a count of frames")]
        let gap_frames = gap_before + get_number(&answer, "bypassedFrames") as u64;
        state.recovering = Some(Recovering { reason: reason.into(), gap_frames, from });
        Ok(())
    }

    /// Keeps for the next engine what is known of the depth.
    fn learn_depth(&self) {
        let Telemetry { target_frames: target, needed_frames: needed, .. } = self.telemetry();
        // An engine that has rendered nothing has learnt nothing.
        if target > 0 {
            let mode = self.place.borrow().core.mode;
            self.plan.borrow_mut().learnt = Some(Learnt { mode, target, needed });
        }
    }

    /// Has the decode worker continue where the sound stopped, or with the jump that was under way. Returns epoch and
    /// frame from which it sounds.
    fn resume_position(&self) -> Option<(u32, u64)> {
        let (track, frame, epoch) = self.target()?;
        self.tell(&DecoderCommand::Seek { track, frame, epoch }, &[]);
        Some((epoch, frame))
    }

    fn target(&self) -> Option<(TrackId, u64, u32)> {
        if let Some(jump) = &self.state.borrow().jump {
            return Some((jump.track, jump.frame, jump.epoch));
        }
        if self.state.borrow().ended {
            // The decode worker knows, and tells the new engine.
            return None;
        }
        let track = self.current()?.id;
        let epoch = self.next_epoch();
        let mut state = self.state.borrow_mut();
        let frame = state.frame;
        // It hides the position until the sound goes on, but nobody asked for it: no event tells of it.
        state.jump = Some(Jump { epoch, track, frame, landed: Pending::new() });
        Some((track, frame, epoch))
    }

    /// The figures of all engines that the player has had.
    pub(crate) fn counted(&self, telemetry: &Telemetry) -> Counted {
        let before = self.state.borrow().counted;
        Counted {
            processed_frames: before.processed_frames + telemetry.processed_frames,
            starved_frames: before.starved_frames.wrapping_add(telemetry.starved_frames),
            starvation_events: before.starvation_events.wrapping_add(telemetry.starvation_events),
        }
    }

    /// Tells of a recovery when its sound is heard, or at once if none is to be heard.
    pub(crate) fn tell_of_recovery(&self, telemetry: &Telemetry) {
        let detail = {
            let mut state = self.state.borrow_mut();
            let paused = state.paused;
            let Some(recovering) = state.recovering.take_if(|recovering| {
                paused
                    || recovering.from.is_none_or(|(epoch, frame)| {
                        telemetry.epoch != 0 && (telemetry.epoch != epoch || telemetry.track_frame > frame)
                    })
            }) else {
                return;
            };
            let silent_frames =
                recovering.from.filter(|&(epoch, _)| epoch == telemetry.epoch && !paused).map_or(0, |(_, frame)| {
                    let sounded = telemetry.track_frame.saturating_sub(frame);
                    telemetry.processed_frames.saturating_sub(sounded)
                });
            let gap_frames = recovering.gap_frames + silent_frames;
            object(&[
                ("code", ErrorCode::AudioThreadFault.as_str().into()),
                ("reason", recovering.reason.as_str().into()),
                ("gap", (gap_frames as f64 / f64::from(self.engine.context.sample_rate())).into()),
            ])
        };
        self.dispatch("recovered", &detail);
    }
}
