//! The player: its queue, transport, position and events.

mod context;
mod decoding;
mod jump;
mod position;
mod queue;
mod recovery;
mod transport;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use rusty_audio_protocol::{ErrorCode, Failure, TrackId};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioBuffer, AudioWorkletNode, MessagePort};

use self::context::Clock;
use self::recovery::Recovering;

use crate::adoption::Adoption;
use crate::chain::Chain;
use crate::decode_worker::DecodeWorker;
use crate::depth::{RING_FRAMES, check_buffer_seconds};
use crate::engine::Engine;
use crate::error::Result;
use crate::leaving::leave;
use crate::link::Link;
use crate::owned_worker::RUN_ON_MS;
use crate::pending::Pending;
use crate::place::{Place, Plan, Response};
use crate::script::{Listener, Timer, dispatch, set, sleep};
use crate::track::Track;

/// The effect that an impulse response is for.
const CONVOLVER: &str = "convolver";

/// How often telemetry is looked at. Drawing does not depend on it.
pub(crate) const POLL_MS: i32 = 33;

/// Distance of two `timeupdate` events.
pub(crate) const TIME_UPDATE_MS: i32 = 250;

/// How long `play()` waits for the context to run.
pub(crate) const RESUME_LIMIT_MS: i32 = 5_000;

/// A jump that was asked for and does not sound yet.
pub(crate) struct Jump {
    pub(crate) epoch: u32,
    pub(crate) track: TrackId,
    pub(crate) frame: u64,
    pub(crate) landed: Pending,
}

/// What a player does, as last seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It need not sound.
    Resting,
    /// It should sound, and there are no frames.
    Waiting,
    Sounding,
}

/// What changes while playing.
pub(crate) struct State {
    pub(crate) queue: Vec<Rc<Track>>,
    pub(crate) tracks: TrackId,
    pub(crate) epoch: u32,
    pub(crate) jump: Option<Jump>,
    /// Where the sound is, as last seen.
    pub(crate) track: Option<TrackId>,
    pub(crate) frame: u64,
    /// Frames to add to the positions of an epoch whose seek landed elsewhere than it said.
    pub(crate) relocation: (u32, i64),
    pub(crate) paused: bool,
    pub(crate) ended: bool,
    pub(crate) looping: bool,
    pub(crate) seeking: bool,
    pub(crate) activity: Activity,
    pub(crate) ms_since_update: i32,
    /// What the processors before this one have counted.
    pub(crate) counted: Counted,
    /// A fresh engine was adopted and its sound has not been heard yet.
    pub(crate) recovering: Option<Recovering>,
}

/// Figures of the audio thread that go on when its engine is replaced.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) processed_frames: u64,
    pub(crate) starved_frames: u32,
    pub(crate) starvation_events: u32,
}

pub(crate) struct Player {
    pub(crate) engine: Rc<Engine>,
    /// The engine's first is 0.
    pub(crate) number: u32,
    pub(crate) plan: RefCell<Plan>,
    pub(crate) class_name: String,
    pub(crate) place: RefCell<Rc<Place>>,
    pub(crate) decoder: RefCell<Option<DecodeWorker>>,
    /// Set by `attach`.
    pub(crate) node: RefCell<Option<AudioWorkletNode>>,
    pub(crate) link: RefCell<Option<Link>>,
    pub(crate) solo_port: RefCell<Option<MessagePort>>,
    pub(crate) state: RefCell<State>,
    pub(crate) alive: RefCell<Option<(Timer, [Listener; 4])>>,
    pub(crate) clock: RefCell<Clock>,
    pub(crate) adoption: Adoption,
    /// Messages to the worklet that it could not read.
    pub(crate) unreadable_messages: Cell<u32>,
    pub(crate) disposed: Cell<bool>,
}

impl Player {
    /// Takes memory and starts the decode worker. With an impulse response the first effect is a convolver that has it,
    /// unless the page names one. With `buffer_seconds` the page has fixed how far ahead of the sound is written.
    pub(crate) async fn prepare(
        engine: Rc<Engine>,
        effects: Array,
        response: Option<AudioBuffer>,
        buffer_seconds: Option<f64>,
    ) -> Result<Rc<Self>> {
        engine.steady().await;
        engine.check_open()?;
        let sample_rate = engine.context.sample_rate();
        check_buffer_seconds(buffer_seconds, sample_rate)?;
        let response = response.map(|buffer| Response::new(&buffer, sample_rate, false)).transpose()?;
        let mut chain = Chain::of_player(&engine.effects, &effects)?;
        if response.is_some() && chain.first(CONVOLVER).is_none() {
            effects.unshift(&CONVOLVER.into());
            chain = Chain::of_player(&engine.effects, &effects)?;
        }
        let class_name = engine.registrar.class_for(&chain).await?;
        let responses = chain.first(CONVOLVER).zip(response).into_iter().collect();
        let plan = Plan { chain, ring_frames: RING_FRAMES, buffer_seconds, learnt: None, responses };
        let place = Place::new(engine.core(), sample_rate, &plan)?;
        let number = engine.players_made.replace(engine.players_made.get() + 1);
        let player = Rc::new(Self {
            engine,
            number,
            plan: RefCell::new(plan),
            class_name,
            place: RefCell::new(Rc::new(place)),
            decoder: RefCell::default(),
            node: RefCell::default(),
            link: RefCell::default(),
            solo_port: RefCell::default(),
            state: RefCell::new(State {
                queue: Vec::new(),
                tracks: 0,
                epoch: 0,
                jump: None,
                track: None,
                frame: 0,
                relocation: (0, 0),
                paused: true,
                ended: false,
                looping: false,
                seeking: false,
                activity: Activity::Resting,
                ms_since_update: 0,
                counted: Counted::default(),
                recovering: None,
            }),
            alive: RefCell::default(),
            clock: RefCell::default(),
            adoption: Adoption::new(),
            unreadable_messages: Cell::new(0),
            disposed: Cell::new(false),
        });
        player.engine.players.borrow_mut().push(Rc::downgrade(&player));
        player.start_decoder().await?;
        Ok(player)
    }

    pub(crate) fn dispatch(&self, kind: &str, detail: &JsValue) {
        let node = self.node.borrow().clone();
        if let Some(node) = node {
            dispatch(&node, kind, detail);
        }
    }

    pub(crate) fn dispatch_error(&self, error: JsValue, track: Option<&Rc<Track>>) {
        if let Some(object) = error.dyn_ref::<js_sys::Object>() {
            set(object, "track", &track.map_or(JsValue::NULL, |track| JsValue::from(&track.view)));
        }
        self.dispatch("error", &error);
    }

    pub(crate) fn dispose(&self) {
        if self.disposed.replace(true) {
            return;
        }
        self.alive.take();
        self.link.take();
        let decoder = self.decoder.take();
        leave(self.node.take(), self.place.borrow().clone(), async move {
            // One that is only starting will write there, whenever that is.
            let Some(decoder) = decoder else { return false };
            if !decoder.shut_down().await {
                sleep(RUN_ON_MS).await;
            }
            true
        });
        let queue = core::mem::take(&mut self.state.borrow_mut().queue);
        for track in queue {
            track.opened.reject(&Failure::new(ErrorCode::Disposed, "The player was disposed of."));
        }
    }
}
