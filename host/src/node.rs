//! A node that processes its input.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::future::ready;
use js_sys::{Array, Float32Array, Object, Uint8Array};
use rusty_audio_engine::effects::{Effect, Equalizer};
use rusty_audio_engine::protocol::Telemetry;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, AudioBuffer, AudioWorkletNode, Event, MessageEvent};

use crate::adoption::Adoption;
use crate::assets::unexpected;
use crate::chain::Chain;
use crate::engine::Engine;
use crate::engine_core::Core;
use crate::error::{Result, to_js};
use crate::leaving::leave;
use crate::link::Link;
use crate::pending::Pending;
use crate::place::{Place, Plan, Response, no_room};
use crate::script::{Listener, aborted, dispatch, get, get_number, get_text, object, on_processor_error, unless};
use crate::spectrum_reader::SpectrumReader;

/// A node of the page and what is behind it.
pub(crate) struct Node {
    pub(crate) engine: Rc<Engine>,
    pub(crate) plan: RefCell<Plan>,
    pub(crate) class_name: String,
    pub(crate) place: RefCell<Rc<Place>>,
    /// Set by `attach`.
    pub(crate) node: RefCell<Option<AudioWorkletNode>>,
    pub(crate) link: RefCell<Option<Link>>,
    pub(crate) adoption: Adoption,
    /// Settled by the worklet's answer to an impulse response, in solo mode.
    answered: RefCell<Option<Pending>>,
    listeners: RefCell<Option<(Listener, [Listener; 2])>>,
    /// Those of its analysers.
    pub(crate) readers: RefCell<Vec<Weak<SpectrumReader>>>,
    /// Frames by which the output is late, and frames that it goes on to sound, as the processor told.
    pub(crate) latency_and_tail: Cell<(f64, f64)>,
    /// Frames rendered in the engines before this one.
    rendered_before: Cell<u64>,
    /// Messages to the worklet that it could not read.
    pub(crate) unreadable_messages: Cell<u32>,
    pub(crate) disposed: Cell<bool>,
}

impl Node {
    /// Takes memory for the effects, and has the node's class registered.
    pub(crate) async fn prepare(engine: Rc<Engine>, effects: Array, constants: Object) -> Result<Rc<Self>> {
        engine.steady().await;
        engine.check_open()?;
        let chain = Chain::parse(&engine.effects, &effects, &constants)?;
        let class_name = engine.registrar.class_for(&chain).await?;
        let plan = Plan { chain, ring_frames: 0, buffer_seconds: None, learnt: None, responses: Vec::new() };
        let place = Place::new(engine.core(), engine.context.sample_rate(), &plan)?;
        let node = Rc::new(Self {
            engine,
            plan: RefCell::new(plan),
            class_name,
            place: RefCell::new(Rc::new(place)),
            node: RefCell::default(),
            link: RefCell::default(),
            adoption: Adoption::new(),
            answered: RefCell::default(),
            listeners: RefCell::default(),
            readers: RefCell::default(),
            latency_and_tail: Cell::new((0.0, 0.0)),
            rendered_before: Cell::new(0),
            unreadable_messages: Cell::new(0),
            disposed: Cell::new(false),
        });
        node.engine.nodes.borrow_mut().push(Rc::downgrade(&node));
        Ok(node)
    }

    /// Takes possession of the page's node, which has just been made.
    pub(crate) fn attach(self: &Rc<Self>, node: AudioWorkletNode) -> Result<()> {
        let port = node.port().map_err(unexpected("The node has no port"))?;
        let link = self.place.borrow().link(port.clone());
        let weak = Rc::downgrade(self);
        let heard = Listener::new(&port, "message", move |event: Event| {
            if let Some(node) = Weak::upgrade(&weak) {
                node.hear(&event.unchecked_into::<MessageEvent>().data());
            }
        });
        port.start();
        let weak = Rc::downgrade(self);
        let broken = on_processor_error(&node, move || {
            if let Some(node) = Weak::upgrade(&weak) {
                node.adoption.broke();
            }
        });
        self.link.replace(Some(link));
        self.node.replace(Some(node));
        self.listeners.replace(Some((heard, broken)));
        Ok(())
    }

    fn hear(&self, data: &JsValue) {
        if self.adoption.hear(data) {
            self.place.borrow().core.hear_used_bytes(data);
            if get_text(data, "type") == "opened" {
                self.latency_and_tail.set((get_number(data, "latencyFrames"), get_number(data, "tailFrames")));
            }
            return;
        }
        match get_text(data, "type").as_str() {
            "telemetry" => self.receive_telemetry(data, "bytes"),
            "frames" => {
                let id = get_number(data, "reader");
                let readers = self.living_readers();
                if let Some(reader) = readers.iter().find(|reader| f64::from(reader.subject.reader) == id) {
                    reader.hear(data);
                }
            }
            "response" => {
                if let Some(answered) = self.answered.take() {
                    answered.resolve(data);
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "a count")]
            "unreadable" => self.unreadable_messages.set(get_number(data, "count") as u32),
            _ => {}
        }
    }

    fn receive_telemetry(&self, message: &JsValue, property: &str) {
        if let (Some(link), Ok(bytes)) = (&*self.link.borrow(), get(message, property).dyn_into::<Uint8Array>()) {
            link.receive(&bytes.to_vec());
        }
    }

    /// Readers that the page still has.
    fn living_readers(&self) -> Vec<Rc<SpectrumReader>> {
        let mut readers = self.readers.borrow_mut();
        readers.retain(|reader| reader.strong_count() > 0);
        readers.iter().filter_map(Weak::upgrade).collect()
    }

    /// The newest figures, those of the engines before this one included.
    pub(crate) fn telemetry(&self) -> Telemetry {
        let mut telemetry = self.link.borrow().as_ref().map_or_else(bytemuck::Zeroable::zeroed, Link::telemetry);
        telemetry.processed_frames += self.rendered_before.get();
        telemetry
    }

    /// Gives a convolver its response; the label is the effect's in this node. A signal that fires before it is given prevents it.
    pub(crate) async fn set_response(
        &self,
        label: String,
        buffer: AudioBuffer,
        normalize: bool,
        signal: Option<AbortSignal>,
    ) -> Result<()> {
        unless(aborted(signal), self.engine.steady()).await?;
        let response = Response::new(&buffer, self.engine.context.sample_rate(), normalize)?;
        let effect = {
            let chain = &self.plan.borrow().chain;
            chain.place_of(&label).filter(|&place| chain.links[place].effect == "convolver")
        };
        let disposed = || Failure::new(ErrorCode::Disposed, "The node was disposed of.");
        let Some(effect) = effect else {
            let message = format!("The node has no convolver called \"{label}\".");
            return Err(Failure::new(ErrorCode::InvalidArgument, message));
        };
        let node = self.node.borrow().clone().ok_or_else(disposed)?;
        let port = node.port().map_err(unexpected("The node has no port"))?;
        // The first response is there with the next quantum; later ones are prepared while the sound goes on.
        let first = self.plan.borrow().responses.iter().all(|(other, _)| *other != effect);
        let place = self.place.borrow().clone();
        let answered = Pending::new();
        self.answered.replace(place.is_solo().then(|| answered.clone()));
        place.give_response(&port, effect, &response, first)?;
        if place.is_solo() {
            let answer = JsFuture::from(answered.promise()).await.map_err(unexpected("The worklet did not answer"))?;
            place.core.hear_used_bytes(&answer);
            if !get(&answer, "taken").is_truthy() {
                let free = self.engine.memory_bytes() - get_number(&answer, "usedBytes");
                return Err(no_room(get_number(&answer, "neededBytes"), free));
            }
        }
        let responses = &mut self.plan.borrow_mut().responses;
        responses.retain(|(other, _)| *other != effect);
        responses.push((effect, response));
        Ok(())
    }

    /// Writes how much an equalizer as it is set now raises each frequency in Hz, as a factor.
    pub(crate) fn magnitude_response(
        &self,
        label: &str,
        frequencies_hz: &Float32Array,
        magnitudes: &Float32Array,
    ) -> Result<()> {
        let invalid = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        if magnitudes.length() != frequencies_hz.length() {
            return invalid(format!(
                "There are {} frequencies and room for {} magnitudes: the arrays must be of one length.",
                frequencies_hz.length(),
                magnitudes.length()
            ));
        }
        let plan = self.plan.borrow();
        let place = plan.chain.place_of(label).filter(|&place| plan.chain.links[place].effect == Equalizer::NAME);
        let (Some(place), Some(node)) = (place, self.node.borrow().clone()) else {
            return invalid(format!("The node has no equalizer called \"{label}\"."));
        };
        let parameters = node.parameters().map_err(unexpected("The node has no AudioParams"))?;
        let value_of = |name: &str| parameters.get(name).map_or(0.0, |parameter| parameter.value());
        let mut values = plan.chain.values(&self.engine.effects, place, value_of);
        values.pop(); // the bypass
        let rate = self.engine.context.sample_rate();
        let mut answers = frequencies_hz.to_vec();
        for answer in &mut answers {
            let decibels = Equalizer::response_db(&values, rate, f64::from(*answer));
            #[expect(clippy::cast_possible_truncation, reason = "a factor")]
            (*answer = 10f64.powf(decibels / 20.0) as f32);
        }
        magnitudes.copy_from(&answers);
        Ok(())
    }

    /// Goes on in `core`. `reason` is a sentence on what happened.
    pub(crate) async fn adopt(self: &Rc<Self>, core: Rc<Core>, reason: &str) {
        if let Err(failure) = self.move_to(core, reason).await {
            self.fall_silent(&failure);
        }
    }

    async fn move_to(&self, core: Rc<Core>, reason: &str) -> Result<()> {
        let sample_rate = self.engine.context.sample_rate();
        let place = Rc::new(Place::new(core, sample_rate, &self.plan.borrow())?);
        let Some(node) = self.node.borrow().clone() else {
            // Its node will be made for the new place.
            self.place.replace(place);
            return Ok(());
        };
        let answer = self.adoption.send(&node, &place).await?;
        self.receive_telemetry(&answer, "telemetry");
        self.rendered_before.set(self.telemetry().processed_frames);
        place.core.hear_used_bytes(&answer);
        let port = node.port().map_err(unexpected("The node has no port"))?;
        self.link.replace(Some(place.link(port)));
        self.place.replace(place);
        let gap_s = get_number(&answer, "bypassedFrames") / f64::from(sample_rate);
        let detail = object(&[
            ("code", ErrorCode::AudioThreadFault.as_str().into()),
            ("reason", reason.into()),
            ("gap", gap_s.into()),
        ]);
        dispatch(&node, "recovered", &detail);
        Ok(())
    }

    /// There is no engine any more: the input passes through.
    pub(crate) fn fall_silent(&self, failure: &Failure) {
        if let Some(node) = &*self.node.borrow() {
            dispatch(node, "error", &to_js(failure));
        }
    }

    pub(crate) fn dispose(&self) {
        if self.disposed.replace(true) {
            return;
        }
        self.listeners.take();
        self.link.take();
        self.living_readers().iter().for_each(|reader| reader.close());
        leave(self.node.take(), self.place.borrow().clone(), ready(true));
    }
}
