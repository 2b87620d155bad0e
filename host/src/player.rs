//! The player: its queue, transport, position and events.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, Promise, Uint8Array};
use rusty_audio_engine::protocol::{State as ProcessorState, Telemetry};
use rusty_audio_protocol::{DecoderCommand, DecoderEvent, ErrorCode, Failure, TrackId};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{
    AbortSignal, AudioContext, AudioContextState, AudioWorkletNode, CustomEvent, CustomEventInit, Event,
    MessageChannel, MessageEvent, MessagePort,
};

use crate::assets::unexpected;
use crate::decode_worker::DecodeWorker;
use crate::engine::{Engine, PLAYER_NAME, aborted};
use crate::error::{Result, to_js};
use crate::instance::PlayerHandles;
use crate::link::Link;
use crate::pending::Pending;
use crate::script::{Listener, Timer, get, get_text, object, set, unless, within};
use crate::track::Track;

/// Frames of the source ring: 10.9 s at 48 kHz in 4 MiB. In WebKit a worker's requests and, in solo mode, its messages
/// to the worklet pass through the main thread, which may be blocked for seconds.
const RING_FRAMES: u32 = 1 << 19;

/// How often telemetry is looked at. Drawing does not depend on it.
const POLL_MS: i32 = 33;

/// Distance of two `timeupdate` events.
const TIME_UPDATE_MS: i32 = 250;

/// How long `play()` waits for the context to run.
const RESUME_LIMIT_MS: i32 = 5_000;

/// A jump that was asked for and does not sound yet.
struct Jump {
    epoch: u32,
    track: TrackId,
    frame: u64,
    landed: Pending,
}

/// What changes while playing.
struct State {
    queue: Vec<Rc<Track>>,
    tracks: TrackId,
    epoch: u32,
    jump: Option<Jump>,
    /// Where the sound is, as last seen.
    track: Option<TrackId>,
    frame: u64,
    /// Frames to add to the positions of an epoch whose seek landed elsewhere than it said.
    relocation: (u32, i64),
    paused: bool,
    ended: bool,
    looping: bool,
    seeking: bool,
    waiting: bool,
    ms_since_update: i32,
}

struct Player {
    engine: Rc<Engine>,
    handles: Option<PlayerHandles>,
    decode_stack_top: u32,
    decoder: RefCell<Option<DecodeWorker>>,
    /// Set by `attach`.
    node: RefCell<Option<AudioWorkletNode>>,
    link: RefCell<Option<Link>>,
    solo_port: RefCell<Option<MessagePort>>,
    state: RefCell<State>,
    alive: RefCell<Option<(Timer, Listener)>>,
    disposed: Cell<bool>,
}

/// What the `PlayerNode` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct PlayerHost(Rc<Player>);

impl PlayerHost {
    /// Takes memory and starts the decode worker.
    pub(crate) async fn prepare(engine: Rc<Engine>) -> Result<Self> {
        engine.check_open()?;
        let (handles, decode_stack_top) = match &engine.instance {
            Some(instance) => {
                let handles = instance.player(engine.context.sample_rate(), RING_FRAMES)?;
                (Some(handles), instance.stack()?)
            }
            None => (None, 0),
        };
        let player = Rc::new(Player {
            engine,
            handles,
            decode_stack_top,
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
                waiting: false,
                ms_since_update: 0,
            }),
            alive: RefCell::default(),
            disposed: Cell::new(false),
        });
        player.start_decoder().await?;
        Ok(Self(player))
    }
}

#[wasm_bindgen]
impl PlayerHost {
    /// Name of the node class.
    #[wasm_bindgen(getter, js_name = nodeName)]
    pub fn node_name(&self) -> String {
        PLAYER_NAME.into()
    }

    /// `AudioWorkletNodeOptions` for the node.
    #[wasm_bindgen(getter, js_name = nodeOptions)]
    pub fn node_options(&self) -> JsValue {
        let options = object(&[("id", self.0.engine.id.as_str().into())]);
        match self.0.handles {
            Some(handles) => set(&options, "processor", &handles.processor.into()),
            None => set(&options, "solo", &object(&[("ringFrames", RING_FRAMES.into())])),
        }
        object(&[
            ("numberOfInputs", 0.into()),
            ("numberOfOutputs", 1.into()),
            ("outputChannelCount", Array::of1(&2.into()).into()),
            ("processorOptions", options.into()),
        ])
        .into()
    }

    /// Takes possession of the node, which has just been made.
    #[wasm_bindgen]
    pub fn attach(&self, node: AudioWorkletNode) -> core::result::Result<(), JsValue> {
        self.0.attach(node).map_err(|failure| to_js(&failure))
    }

    /// `PlayerNode.load()`.
    #[wasm_bindgen]
    pub fn load(&self, source: JsValue, name: String, signal: Option<AbortSignal>) -> Promise {
        let opened = self.0.open(source, &name, true);
        self.0.clone().opening(opened, signal)
    }

    /// `PlayerNode.enqueue()`.
    #[wasm_bindgen]
    pub fn enqueue(&self, source: JsValue, name: String, signal: Option<AbortSignal>) -> Promise {
        match self.0.open(source, &name, false) {
            Ok(track) => {
                let view = JsValue::from(&track.view);
                let player = self.0.clone();
                spawn_local(async move {
                    if unless(aborted(signal), JsFuture::from(track.opened.promise())).await.is_err() {
                        player.remove(track.id);
                    }
                });
                Promise::resolve(&view)
            }
            Err(failure) => Promise::reject(&to_js(&failure)),
        }
    }

    /// The entries' objects, in order.
    #[wasm_bindgen(getter)]
    pub fn queue(&self) -> Array {
        self.0.state.borrow().queue.iter().map(|track| JsValue::from(&track.view)).collect()
    }

    /// The current entry's object, or null.
    #[wasm_bindgen(getter)]
    pub fn track(&self) -> JsValue {
        self.0.current().map_or(JsValue::NULL, |track| JsValue::from(&track.view))
    }

    /// Takes an entry out of the queue.
    #[wasm_bindgen]
    pub fn remove(&self, track: TrackId) {
        self.0.remove(track);
    }

    /// `PlayerNode.seekToFrame()`, in the given entry; resolves with where it landed.
    #[wasm_bindgen]
    pub fn seek(&self, track: TrackId, frame: f64) -> Promise {
        self.0.seek(track, frame)
    }

    /// `PlayerNode.play()`.
    #[wasm_bindgen]
    pub fn play(&self) -> Promise {
        let player = self.0.clone();
        player.play();
        future_to_promise(async move {
            player.run_context().await.map_err(|failure| to_js(&failure))?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// `PlayerNode.pause()`.
    #[wasm_bindgen]
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Whether it is paused.
    #[wasm_bindgen(getter)]
    pub fn paused(&self) -> bool {
        self.0.state.borrow().paused
    }

    /// Whether the last frame has sounded and nothing follows.
    #[wasm_bindgen(getter)]
    pub fn ended(&self) -> bool {
        self.0.state.borrow().ended
    }

    /// Whether a jump has not landed yet.
    #[wasm_bindgen(getter)]
    pub fn seeking(&self) -> bool {
        self.0.state.borrow().seeking
    }

    /// Frame of the current track that sounds next.
    #[wasm_bindgen(getter, js_name = currentFrame)]
    pub fn current_frame(&self) -> f64 {
        self.0.look();
        self.0.state.borrow().frame as f64
    }

    /// Length of the current track in seconds, NaN when unknown.
    #[wasm_bindgen(getter)]
    pub fn duration(&self) -> f64 {
        self.0.current().map_or(f64::NAN, |track| track.duration_s())
    }

    /// Whether the current track starts again at its end.
    #[wasm_bindgen(getter, js_name = "loop")]
    pub fn looping(&self) -> bool {
        self.0.state.borrow().looping
    }

    /// Switches that.
    #[wasm_bindgen(setter, js_name = "loop")]
    pub fn set_looping(&self, enabled: bool) {
        self.0.state.borrow_mut().looping = enabled;
        self.0.tell(&DecoderCommand::Loop { enabled }, &[]);
    }

    /// `PlayerNode.telemetry`.
    #[wasm_bindgen(getter)]
    pub fn telemetry(&self) -> JsValue {
        let Telemetry { peak, mean_square, .. } = self.0.look();
        let telemetry = self.0.telemetry();
        object(&[
            ("state", state_name(telemetry.state).into()),
            ("processedFrames", (telemetry.processed_frames as f64).into()),
            ("bufferedFrames", telemetry.buffered_frames.into()),
            ("capacityFrames", telemetry.capacity_frames.into()),
            ("starvedFrames", telemetry.starved_frames.into()),
            ("starvationEvents", telemetry.starvation_events.into()),
            ("peakLeft", peak[0].into()),
            ("peakRight", peak[1].into()),
            ("rmsLeft", mean_square[0].sqrt().into()),
            ("rmsRight", mean_square[1].sqrt().into()),
        ])
        .into()
    }

    /// Ends the decode worker and the node. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn dispose(&self) {
        self.0.dispose();
    }
}

impl Player {
    // The decode worker.

    async fn start_decoder(self: &Rc<Self>) -> Result<()> {
        let engine = &self.engine;
        let mut beside = vec![("module", JsValue::from(&engine.module))];
        let mut port = None;
        match &engine.instance {
            Some(instance) => beside.push(("memory", instance.memory().into())),
            None => {
                let channel = MessageChannel::new().map_err(unexpected("The browser made no message channel"))?;
                port = Some(channel.port2());
                self.connect_solo(channel.port1());
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of Hz in every browser")]
        let sample_rate = engine.context.sample_rate() as u32;
        let initialize = DecoderCommand::Initialize {
            sample_rate,
            feeder: self.handles.map_or(0, |handles| handles.feeder),
            stack_top: self.decode_stack_top,
            asset_base_url: engine.assets.base_url().into(),
        };
        let player = Rc::downgrade(self);
        let heard = move |event| {
            if let Some(player) = Weak::upgrade(&player) {
                player.hear(event);
            }
        };
        let worker = engine.decode_worker()?;
        let decoder = DecodeWorker::start(worker, &initialize, &beside, port.as_ref(), heard).await?;
        self.decoder.replace(Some(decoder));
        Ok(())
    }

    /// Solo mode: one end of the PCM's way goes to the worklet, as soon as there is a node.
    fn connect_solo(&self, port: MessagePort) {
        match &*self.node.borrow() {
            Some(node) => send_feeder(node, &port),
            None => {
                self.solo_port.replace(Some(port));
            }
        }
    }

    fn tell(&self, command: &DecoderCommand, beside: &[(&str, JsValue)]) {
        if let Some(decoder) = &*self.decoder.borrow() {
            decoder.send(command, beside);
        }
    }

    fn hear(self: &Rc<Self>, event: DecoderEvent) {
        match event {
            DecoderEvent::Ready => {}
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

    /// The decode worker died: the track that it worked on fails, the rest of the queue goes to a new one.
    fn replace_decoder(self: &Rc<Self>, failure: Failure) {
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

    // The queue.

    fn entry(&self, track: TrackId) -> Option<Rc<Track>> {
        self.state.borrow().queue.iter().find(|entry| entry.id == track).cloned()
    }

    fn current(&self) -> Option<Rc<Track>> {
        let track = self.state.borrow().track?;
        self.entry(track)
    }

    fn open(self: &Rc<Self>, source: JsValue, name: &str, replace: bool) -> Result<Rc<Track>> {
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
    fn send_source(&self, track: &Rc<Track>, first: bool) {
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

    fn opening(self: Rc<Self>, opened: Result<Rc<Track>>, signal: Option<AbortSignal>) -> Promise {
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

    fn remove(self: &Rc<Self>, track: TrackId) {
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

    fn fail(&self, entry: &Rc<Track>, failure: &Failure) {
        let error = entry.fail(failure);
        self.dispatch_error(error, Some(entry));
    }

    // Jumps.

    fn next_epoch(&self) -> u32 {
        let mut state = self.state.borrow_mut();
        state.epoch = state.epoch.wrapping_add(1);
        state.epoch
    }

    fn begin_jump(&self, track: TrackId, frame: u64) -> u32 {
        let epoch = self.next_epoch();
        let jump = Jump { epoch, track, frame, landed: Pending::new() };
        let mut state = self.state.borrow_mut();
        if let Some(earlier) = state.jump.replace(jump) {
            earlier.landed.reject(&Failure::new(ErrorCode::Aborted, "Another jump was asked for."));
        }
        (state.track, state.frame, state.ended, state.seeking) = (Some(track), frame, false, true);
        epoch
    }

    fn seek(&self, track: TrackId, frame: f64) -> Promise {
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
    fn land(&self, epoch: u32, frame: u64, exact: bool) {
        {
            let mut state = self.state.borrow_mut();
            let Some(jump) = state.jump.as_mut().filter(|jump| jump.epoch == epoch) else { return };
            jump.frame = frame;
            let landed = object(&[("frame", (frame as f64).into()), ("exact", exact.into())]);
            jump.landed.resolve(&landed);
            state.frame = frame;
            state.seeking = false;
        }
        self.dispatch("seeked", &JsValue::NULL);
        self.dispatch("timeupdate", &JsValue::NULL);
    }

    /// Nothing more will come: a jump that has not landed never will.
    fn give_up_jump(&self) {
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

    // Transport.

    fn play(self: &Rc<Self>) {
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

    fn pause(&self) {
        if core::mem::replace(&mut self.state.borrow_mut().paused, true) {
            return;
        }
        if let Some(link) = &*self.link.borrow() {
            link.pause();
        }
        self.dispatch("pause", &JsValue::NULL);
    }

    /// Waits until the context runs; an offline one does what it does.
    async fn run_context(&self) -> Result<()> {
        let Some(context) = self.engine.context.dyn_ref::<AudioContext>() else { return Ok(()) };
        if context.state() == AudioContextState::Running {
            return Ok(());
        }
        let resumed = context.resume().map_err(unexpected("The audio context cannot run"))?;
        match within(RESUME_LIMIT_MS, JsFuture::from(resumed)).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) | None => {
                self.pause();
                let message = format!("The audio context is still {:?} after 5 s.", context.state());
                Err(Failure::new(ErrorCode::AudioNotRunning, message))
            }
        }
    }

    // The node and the poll.

    fn attach(self: &Rc<Self>, node: AudioWorkletNode) -> Result<()> {
        let port = node.port().map_err(unexpected("The node has no port"))?;
        let link = match (&self.engine.instance, self.handles) {
            (Some(instance), Some(handles)) => {
                Link::Shared { instance: instance.clone(), controller: handles.controller }
            }
            _ => Link::solo(port.clone()),
        };
        let player = Rc::downgrade(self);
        let listener = Listener::new(&port, "message", move |event: Event| {
            if let Some(player) = Weak::upgrade(&player) {
                player.hear_node(&event.unchecked_into::<MessageEvent>().data());
            }
        });
        port.start();
        let player = Rc::downgrade(self);
        let timer = Timer::every(POLL_MS, move || {
            if let Some(player) = Weak::upgrade(&player) {
                player.poll();
            }
        });
        if let Some(port) = self.solo_port.take() {
            send_feeder(&node, &port);
        }
        self.link.replace(Some(link));
        self.node.replace(Some(node));
        self.alive.replace(Some((timer, listener)));
        Ok(())
    }

    fn hear_node(&self, data: &JsValue) {
        match get_text(data, "type").as_str() {
            "telemetry" => {
                if let (Some(link), Ok(bytes)) = (&*self.link.borrow(), get(data, "bytes").dyn_into::<Uint8Array>()) {
                    link.receive(&bytes.to_vec());
                }
            }
            "fault" => {
                let message = format!("The audio thread stopped: {}.", get_text(data, "message"));
                self.dispatch_error(to_js(&Failure::new(ErrorCode::AudioThreadFault, message)), None);
                self.pause();
            }
            _ => {}
        }
    }

    fn telemetry(&self) -> Telemetry {
        self.link.borrow().as_ref().map_or_else(bytemuck::Zeroable::zeroed, Link::telemetry)
    }

    /// Takes over where the sound is. A jump that has not been heard yet hides it.
    fn look(&self) -> Telemetry {
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

    fn poll(&self) {
        let telemetry = self.look();
        let (track_changed, ended, waiting_changed, update) = {
            let mut state = self.state.borrow_mut();
            let heard = telemetry.epoch != 0 && telemetry.epoch == state.epoch && state.jump.is_none();
            let track_changed = heard && state.track != Some(telemetry.track);
            if track_changed {
                state.track = Some(telemetry.track);
            }
            let ended = heard && !state.paused && telemetry.state == ProcessorState::Ended as u32;
            let waiting = !state.paused
                && (telemetry.state == ProcessorState::Priming as u32
                    || telemetry.state == ProcessorState::Starved as u32);
            let waiting_changed = (waiting != state.waiting).then_some(waiting);
            state.waiting = waiting;
            state.ms_since_update += POLL_MS;
            let update = !state.paused && state.ms_since_update >= TIME_UPDATE_MS;
            if update {
                state.ms_since_update = 0;
            }
            (track_changed, ended, waiting_changed, update)
        };
        if track_changed && let Some(entry) = self.current() {
            self.dispatch("trackchange", &entry.view);
        }
        match waiting_changed {
            Some(true) => self.dispatch("waiting", &JsValue::NULL),
            Some(false) if !self.state.borrow().paused => self.dispatch("playing", &JsValue::NULL),
            _ => {}
        }
        if update {
            self.dispatch("timeupdate", &JsValue::NULL);
        }
        if ended {
            self.state.borrow_mut().ended = true;
            self.pause();
            self.dispatch("timeupdate", &JsValue::NULL);
            self.dispatch("ended", &JsValue::NULL);
        }
    }

    fn dispatch(&self, kind: &str, detail: &JsValue) {
        let Some(node) = self.node.borrow().clone() else { return };
        let init = CustomEventInit::new();
        init.set_detail(detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict(kind, &init) {
            let _ = node.dispatch_event(&event);
        }
    }

    fn dispatch_error(&self, error: JsValue, track: Option<&Rc<Track>>) {
        if let Some(object) = error.dyn_ref::<js_sys::Object>() {
            set(object, "track", &track.map_or(JsValue::NULL, |track| JsValue::from(&track.view)));
        }
        self.dispatch("error", &error);
    }

    fn dispose(&self) {
        if self.disposed.replace(true) {
            return;
        }
        self.alive.take();
        self.decoder.take();
        if let Some(node) = self.node.take() {
            let _ = node.disconnect();
            if let Ok(port) = node.port() {
                let _ = port.post_message(&object(&[("type", "close".into())]));
            }
        }
        let queue = core::mem::take(&mut self.state.borrow_mut().queue);
        for track in queue {
            track.opened.reject(&Failure::new(ErrorCode::Disposed, "The player was disposed of."));
        }
    }
}

fn send_feeder(node: &AudioWorkletNode, port: &MessagePort) {
    if let Ok(node_port) = node.port() {
        let message = object(&[("type", "feeder".into())]);
        let _ = node_port.post_message_with_transferable(&message, &Array::of1(port));
    }
}

fn state_name(state: u32) -> &'static str {
    match state {
        1 => "priming",
        2 => "playing",
        3 => "paused",
        4 => "ended",
        5 => "starved",
        _ => "idle",
    }
}
