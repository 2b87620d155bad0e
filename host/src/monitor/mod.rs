//! What a page can know of an audio context, with or without an engine of ours in it.
//!
//! The meters are in the crate `rusty-audio-monitor`, the causes of underruns in `rusty-audio-recorder`; here they are told what
//! browser, worklet and engine say. All of it happens ten times a second, in [`Monitor::beat`], and when an event comes.

mod browser;
mod ear;
mod meters;
mod tapes;
mod told;
mod trouble;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Float64Array, Object};
use rusty_audio_engine::events::PageState;
use rusty_audio_monitor::{Figures, Stamp};
use rusty_audio_recorder::{PageLog, Recording, trace};
use wasm_bindgen::JsCast;
use web_sys::{AudioContext, Event, EventTarget};

use crate::assets::Assets;
use crate::engine::Engine;
use crate::error::Result;
use crate::round_trip::remembered;
use crate::script::{Listener, Timer, get, now_ms, time_origin_ms};

use browser::{context_state, is_hidden};
use ear::{Ear, Interval};
use meters::Meters;
use tapes::Tapes;
use trouble::Troubles;

/// From one look at everything to the next: the beat that a [`PageLog`] expects.
#[expect(clippy::cast_possible_truncation, reason = "100")]
const BEAT_MS: i32 = rusty_audio_recorder::BEAT_MS as i32;

/// The same while nobody looks.
#[expect(clippy::cast_possible_truncation, reason = "1000")]
const SLOW_BEAT_MS: i32 = rusty_audio_recorder::SLOW_BEAT_MS as i32;

/// `playbackStats` change once a second at most. They are asked at that beat which is nearest to a second later.
const DEVICE_MS: f64 = 1000.0 - rusty_audio_recorder::BEAT_MS / 2.0;

/// What happened, of an engine's context and of any other.
pub struct Monitor {
    context: AudioContext,
    /// None for a context of others.
    engine: Option<Weak<Engine>>,
    log: RefCell<PageLog>,
    tapes: RefCell<Tapes>,
    meters: RefCell<Meters>,
    troubles: RefCell<Troubles>,
    /// When `playbackStats` were last asked.
    asked_ms: Cell<f64>,
    /// From one beat to the next, in ms.
    interval: Interval,
    /// When counting began, at the recorder's clock.
    since_ms: Cell<f64>,
    /// The page's clock at 0, in ms since 1970.
    origin_ms: f64,
    ear: RefCell<Option<Ear>>,
    /// Why nobody hears when the audio thread is called.
    deafness: RefCell<Option<String>>,
    alive: RefCell<Option<(Timer, Vec<Listener>)>>,
}

impl Monitor {
    /// Begins to watch. Gaps are heard after [`Monitor::listen`].
    pub(crate) fn start(context: AudioContext, engine: Option<&Rc<Engine>>) -> Rc<Self> {
        let monitor = Rc::new(Self {
            meters: RefCell::new(Meters::new(f64::from(context.sample_rate()))),
            engine: engine.map(Rc::downgrade),
            log: RefCell::default(),
            tapes: RefCell::default(),
            troubles: RefCell::default(),
            asked_ms: Cell::new(f64::NEG_INFINITY),
            interval: Rc::new(Cell::new(BEAT_MS)),
            since_ms: Cell::new(0.0),
            origin_ms: time_origin_ms(),
            ear: RefCell::default(),
            deafness: RefCell::default(),
            alive: RefCell::default(),
            context,
        });
        if is_hidden() {
            monitor.log.borrow_mut().page(monitor.clock_ms(), PageState::Hidden);
        }
        monitor.hear_context();
        // What was counted before is not of what is counted since.
        monitor.meters.borrow_mut().look(&monitor.context, engine.map(Rc::as_ref), monitor.clock_ms());
        monitor.reset();
        monitor.alive.replace(Some((Self::timer(&monitor), Self::listeners(&monitor))));
        monitor
    }

    fn timer(monitor: &Rc<Self>) -> Timer {
        let beating = Rc::downgrade(monitor);
        Timer::every(monitor.interval.get(), move || {
            if let Some(monitor) = beating.upgrade() {
                monitor.beat();
            }
        })
    }

    fn listeners(monitor: &Rc<Self>) -> Vec<Listener> {
        let document: EventTarget = get(&js_sys::global(), "document").unchecked_into();
        let on = |target: &EventTarget, kind: &'static str, heard: fn(&Self)| {
            let monitor = Rc::downgrade(monitor);
            Listener::new(target, kind, move |_: Event| {
                if let Some(monitor) = Weak::upgrade(&monitor) {
                    heard(&monitor);
                }
            })
        };
        vec![
            on(&monitor.context, "statechange", Self::hear_context),
            on(&document, "visibilitychange", |monitor| {
                monitor.hear_page(if is_hidden() { PageState::Hidden } else { PageState::Visible });
            }),
            on(&document, "freeze", |monitor| monitor.hear_page(PageState::Frozen)),
            on(&document, "resume", |monitor| monitor.hear_page(PageState::Hidden)),
        ]
    }

    /// Loads the meter's script, and hears gaps from then on.
    pub(crate) fn listen(self: &Rc<Self>, assets: Assets) -> impl Future<Output = ()> + use<> {
        let (monitor, hearing) = (Rc::downgrade(self), Rc::downgrade(self));
        let (context, interval) = (self.context.clone(), Rc::clone(&self.interval));
        async move {
            let ear = Ear::listen(&assets, &context, interval, move |dropped, stamps| {
                if let Some(monitor) = hearing.upgrade() {
                    monitor.hear_stamps(dropped, &stamps);
                }
            });
            let ear: Result<Ear> = ear.await;
            let Some(monitor) = monitor.upgrade().filter(|monitor| monitor.alive.borrow().is_some()) else { return };
            match ear {
                Ok(ear) => drop(monitor.ear.replace(Some(ear))),
                Err(failure) => drop(monitor.deafness.replace(Some(failure.message))),
            }
        }
    }

    /// The context that it watches.
    pub(crate) fn context(&self) -> &AudioContext {
        &self.context
    }

    /// The recorder's clock: `performance.timeOrigin + performance.now()`.
    fn clock_ms(&self) -> f64 {
        self.origin_ms + now_ms()
    }

    fn engine(&self) -> Option<Rc<Engine>> {
        self.engine.as_ref().and_then(Weak::upgrade)
    }

    fn hear_context(&self) {
        let (now_ms, state) = (self.clock_ms(), context_state(&self.context));
        self.log.borrow_mut().context(now_ms, state);
        self.meters.borrow_mut().context(now_ms, state);
    }

    fn hear_page(&self, state: PageState) {
        self.log.borrow_mut().page(self.clock_ms(), state);
        self.meters.borrow_mut().interrupt();
    }

    fn hear_stamps(&self, dropped: bool, stamps: &[Stamp]) {
        // What the audio thread did while the page was not seen is nobody's concern.
        if !is_hidden() {
            self.meters.borrow_mut().stamps(dropped, stamps);
        }
    }

    /// In solo mode the worklet tells how much of its time the engine has taken, at a clock of its own.
    pub(crate) fn hear_load(&self, clock_ms: f64, inside_ms: f64) {
        self.meters.borrow_mut().load(clock_ms, inside_ms);
    }

    /// The audio thread has trapped; what its recorder holds is read before the engine goes.
    pub(crate) fn hear_trap(&self, frame: u64) {
        self.log.borrow_mut().trap(self.clock_ms(), frame);
        self.collect();
    }

    fn collect(&self) {
        if let Some(engine) = self.engine() {
            let meters = &self.meters;
            self.tapes.borrow_mut().collect(&engine, self.clock_ms(), |thread, event| {
                meters.borrow_mut().event(thread, event);
            });
        }
    }

    /// Looks at everything that does not tell of itself.
    fn beat(&self) {
        let now_ms = self.clock_ms();
        self.log.borrow_mut().beat(now_ms);
        self.collect();
        let mut meters = self.meters.borrow_mut();
        meters.look(&self.context, self.engine().as_deref(), now_ms);
        if now_ms - self.asked_ms.get() >= DEVICE_MS {
            self.asked_ms.set(now_ms);
            if let Some(device) = browser::device(&self.context) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
                self.log.borrow_mut().device(now_ms, device.events as u32, device.duration_ms);
                meters.device(device);
            }
            meters.round_trip_ms = remembered(&self.context).map(|remembered| remembered.milliseconds);
            let mut troubles = self.troubles.borrow_mut();
            if troubles.are_due(now_ms, meters.trouble()) {
                troubles.look(&self.recording(), now_ms);
            }
            let gaps = meters.take_gaps();
            // With shared memory they are in the recording, each with its cause.
            if self.engine().is_none_or(|engine| engine.core().instance.is_none()) {
                troubles.hear_gaps(&gaps, self.since_ms.get());
            }
        }
    }

    fn recording(&self) -> Recording {
        self.tapes.borrow().recording(&self.log.borrow(), f64::from(self.context.sample_rate()))
    }

    /// An animation frame has begun; the time is the page's.
    pub(crate) fn frame(&self, now_ms: f64) {
        self.meters.borrow_mut().frame(now_ms);
    }

    /// The browser tells of a long task of the main thread.
    pub(crate) fn task(&self, start_ms: f64, duration_ms: f64) {
        self.meters.borrow_mut().task(start_ms, duration_ms);
    }

    /// Nobody watches the frames for now.
    pub(crate) fn rest(&self) {
        self.meters.borrow_mut().rest();
    }

    /// Looks once a second only, or ten times again. Nothing is lost meanwhile, but what an engine tells of itself is told less
    /// finely, so this is for contexts of others.
    pub(crate) fn set_slow(self: &Rc<Self>, slow: bool) {
        let interval_ms = if slow { SLOW_BEAT_MS } else { BEAT_MS };
        if self.interval.replace(interval_ms) == interval_ms {
            return;
        }
        self.beat();
        self.log.borrow_mut().slow(slow);
        if let Some((timer, _)) = &mut *self.alive.borrow_mut() {
            *timer = Self::timer(self);
        }
        if let Some(ear) = &*self.ear.borrow() {
            ear.tell_interval();
        }
    }

    /// Copies the figures, in the order of the table.
    pub(crate) fn read_figures(&self, target: &Float64Array) {
        let figures = self.figures();
        let values: &[f64] = bytemuck::must_cast_slice(core::slice::from_ref(&figures));
        let room = values.len().min(target.length() as usize);
        target.subarray(0, u32::try_from(room).unwrap_or(u32::MAX)).copy_from(&values[..room]);
    }

    fn figures(&self) -> Figures {
        self.meters.borrow().figures(&self.context, self.engine().as_deref(), now_ms())
    }

    /// `Monitor.state()`.
    pub(crate) fn state(&self) -> Object {
        told::state(self)
    }

    /// `Monitor.report()`.
    pub(crate) fn report(&self) -> Object {
        self.collect();
        told::report(self)
    }

    /// A trace file of the last seconds.
    pub(crate) fn trace(&self) -> String {
        self.collect();
        let recording = self.recording();
        trace(&recording, &rusty_audio_recorder::underruns(&recording))
    }

    /// All events of the last seconds as JSON.
    pub(crate) fn recording_json(&self) -> String {
        self.collect();
        self.recording().to_json()
    }

    /// Counts from now on.
    pub(crate) fn reset(&self) {
        let now_ms = self.clock_ms();
        self.since_ms.set(now_ms);
        self.meters.borrow_mut().reset(now_ms);
        self.troubles.borrow_mut().reset(now_ms);
    }

    /// Ends it. Calling it again does nothing.
    pub(crate) fn close(&self) {
        self.alive.take();
        self.ear.take();
    }
}
