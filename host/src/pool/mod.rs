//! The pool of an engine in shared mode: its workers, and what happens when one dies.
//!
//! A worker that throws, or takes no turn for [`SILENT_MS`], is dead: it is terminated, and another takes a free seat. A
//! terminated thread may run on for a while, so the seat that it had, with its stack and its claims, rests for three seconds.
//! One that has thrown runs nothing any more.

mod jobs;
mod member;
mod seats;
mod solo;
mod spectra;
mod surface;
mod telemetry;
mod work;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::future::join_all;
use js_sys::{Array, Float32Array, WebAssembly};
use rusty_audio_protocol::WorkerCommand;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::assets::Assets;
use crate::error::Result;
use crate::instance::Instance;
use crate::owned_worker::OwnedWorker;
use crate::script::{Timer, get_text, now_ms, set, sleep};

use jobs::Jobs;
use member::{Member, Place};
use seats::Seats;
use spectra::Spectra;

pub use solo::{MEMORY_MEBIBYTES, SoloPool};
pub use spectra::ReaderId;
pub use surface::{Stage, Surface};
pub use telemetry::{Telemetry, dispatch_telemetry};
pub use work::{Task, Work, class};

/// A worker's script.
pub(crate) const SCRIPT: &str = "worker.js";

/// How often the workers are looked at.
const LOOK_MS: i32 = 25;

/// A worker that takes no turn for so long is dead. An idle one takes one at least every 10 ms, a busy one every 0.1 ms.
const SILENT_MS: f64 = 100.0;

/// What one look counts at most as silence: the page itself may have stood still, and its workers with it.
const LONGEST_LOOK_MS: f64 = 2.0 * LOOK_MS as f64;

/// How long a replacement may take to be ready.
const START_LIMIT_MS: f64 = 1_000.0;

/// How long a worker may take to end by itself.
const END_LIMIT_MS: i32 = 1_000;

/// How a worker died.
enum Death {
    /// It threw: its thread has left the engine.
    Thrown(String),
    /// Its thread may still run.
    Unknown(String),
}

impl Death {
    fn reason(&self) -> &str {
        match self {
            Self::Thrown(reason) | Self::Unknown(reason) => reason,
        }
    }
}

/// All workers together.
#[derive(Clone, Copy)]
pub struct Crew {
    /// How many work.
    pub working: u32,
    /// Share of the last second in which the busiest one computed.
    pub busiest_share: f64,
}

/// What a pool is made of.
pub struct Parts {
    /// Where the scripts are.
    pub assets: Assets,
    /// The engine module.
    pub module: WebAssembly::Module,
    /// The engine's memory.
    pub instance: Rc<Instance>,
    /// What is measured.
    pub telemetry: Telemetry,
}

/// The pool.
pub struct Pool {
    assets: Assets,
    module: WebAssembly::Module,
    surface: Rc<Surface>,
    jobs: Rc<Jobs>,
    spectra: Spectra,
    seats: Seats,
    members: RefCell<Vec<Member>>,
    /// A worker whose script has loaded, for the next death.
    spare: RefCell<Option<OwnedWorker>>,
    timer: RefCell<Option<Timer>>,
    looked_ms: Cell<f64>,
    /// Names each worker that ever sat down.
    incarnations: Cell<u32>,
    deaths: Cell<u32>,
    closed: Cell<bool>,
}

impl Pool {
    /// The scripts of `count` workers, loading.
    pub fn spawn(assets: &Assets, count: u32) -> Result<Vec<OwnedWorker>> {
        (0..count).map(|_| OwnedWorker::spawn(assets, SCRIPT)).collect()
    }

    /// A pool of `count` workers that are still to come.
    pub fn new(parts: Parts, count: usize) -> Rc<Self> {
        let surface = Rc::new(Surface::new(parts.instance));
        surface.sample_every(parts.telemetry.period());
        Rc::new(Self {
            assets: parts.assets,
            module: parts.module,
            jobs: Rc::new(Jobs::new(surface.clone())),
            spectra: Spectra::new(surface.clone()),
            seats: Seats::new(surface.clone()),
            surface,
            members: RefCell::new((0..count).map(|_| Member::new()).collect()),
            spare: RefCell::default(),
            timer: RefCell::default(),
            looked_ms: Cell::new(now_ms()),
            incarnations: Cell::new(0),
            deaths: Cell::new(0),
            closed: Cell::new(false),
        })
    }

    /// Starts with these workers, and waits until all have answered.
    pub async fn start(self: &Rc<Self>, workers: Vec<OwnedWorker>) -> Result<()> {
        let seated = workers.into_iter().enumerate().map(|(index, worker)| self.seat(index, worker));
        // Each sends its message when it is called, so that all start side by side.
        let starts: Vec<_> = seated.collect::<Result<_>>()?;
        for started in join_all(starts).await {
            started?;
        }
        self.look_after();
        Ok(())
    }

    /// From now on a worker that is missing is replaced.
    pub fn look_after(self: &Rc<Self>) {
        let pool = Rc::downgrade(self);
        self.timer.replace(Some(Timer::every(LOOK_MS, move || {
            if let Some(pool) = Weak::upgrade(&pool) {
                pool.look();
            }
        })));
        self.look();
    }

    /// The jobs of the main thread.
    pub fn jobs(&self) -> &Rc<Jobs> {
        &self.jobs
    }

    /// The spectra that readers ask for.
    pub fn spectra(&self) -> &Spectra {
        &self.spectra
    }

    /// What the module has for the pool.
    pub fn surface(&self) -> &Surface {
        &self.surface
    }

    /// Lends an impulse response to the audio thread: its place in the table, or `None` when there is no room. It is scaled as by
    /// a `ConvolverNode` at `normalize_at` Hz, or not if that is 0; with `now` it is prepared at once.
    pub fn put_response(&self, channels: &[Float32Array], normalize_at: f32, now: bool) -> Option<u32> {
        self.surface.put_response(channels, normalize_at, now)
    }

    /// Bytes that an impulse response needs in all.
    pub fn response_bytes(&self, frames: u32, channels: usize) -> i32 {
        self.surface.response_bytes(frames, channels)
    }

    /// Puts a worker on a free seat in the place of member `index`. The future is ready when it is at work.
    fn seat(self: &Rc<Self>, index: usize, worker: OwnedWorker) -> Result<impl Future<Output = Result<()>> + use<>> {
        let seat = self.seats.take()?;
        let worker = Rc::new(worker);
        let incarnation = self.incarnations.get() + 1;
        self.incarnations.set(incarnation);
        let message = self.first_message(seat)?;
        // Before its first turn: whoever sat there last may have been told to end.
        self.surface.take_seat(seat);
        if let Some(member) = self.members.borrow_mut().get_mut(index) {
            member.incarnation = incarnation;
            member.place = Place::Starting { seat, worker: worker.clone(), since_ms: now_ms() };
        }
        let pool = Rc::downgrade(self);
        Ok(async move {
            let started = worker.begin(&message, &Array::new()).await;
            let Some(pool) = Weak::upgrade(&pool) else { return Ok(()) };
            match &started {
                Ok(()) => pool.welcome(index, incarnation),
                Err(failure) => pool.lose(index, incarnation, &Death::Unknown(failure.message.clone())),
            }
            started
        })
    }

    fn first_message(&self, seat: u32) -> Result<JsValue> {
        let instance = self.surface.instance();
        let worker = instance.seats.get(seat as usize).copied().unwrap_or(0);
        let command = WorkerCommand::Initialize { worker, stack_top: self.seats.stack_top(seat)? };
        let message = message(&command);
        set(message.unchecked_ref(), "module", &self.module);
        set(message.unchecked_ref(), "memory", instance.memory());
        Ok(message)
    }

    /// A worker has answered: it is looked after from now on.
    fn welcome(self: &Rc<Self>, index: usize, incarnation: u32) {
        let mut members = self.members.borrow_mut();
        let Some(member) = members.get_mut(index).filter(|member| member.incarnation == incarnation) else { return };
        let Place::Starting { seat, worker, .. } = &member.place else { return };
        let (seat, worker) = (*seat, worker.clone());
        let before = self.surface.seat_telemetry(seat);
        let (heard, failed) = (Rc::downgrade(self), Rc::downgrade(self));
        let listeners = worker.listen(
            move |data| {
                if let Some(pool) = heard.upgrade()
                    && get_text(&data, "type") == "shuttingDown"
                {
                    pool.seats.release(seat, incarnation);
                }
            },
            move |said| {
                if let Some(pool) = failed.upgrade() {
                    pool.lose(index, incarnation, &Death::Thrown(format!("It threw: {said}.")));
                }
            },
        );
        member.begin(seat, worker, listeners, before);
    }

    /// A worker is dead.
    fn lose(self: &Rc<Self>, index: usize, incarnation: u32, death: &Death) {
        let mut members = self.members.borrow_mut();
        let Some(member) = members.get_mut(index).filter(|member| member.incarnation == incarnation) else { return };
        let beats = member.seat().map_or(0, |seat| self.surface.beats(seat));
        if let Some((seat, worker)) = member.die(death.reason(), beats) {
            self.deaths.set(self.deaths.get() + 1);
            // A browser may take seconds to end it.
            self.surface.dismiss_seat(seat, matches!(death, Death::Thrown(_)));
            worker.terminate();
            match death {
                Death::Thrown(_) => self.seats.free_again(seat),
                Death::Unknown(_) => self.seats.rest(seat),
            }
            drop(members);
            self.jobs.worker_died();
            self.spectra.worker_died();
            self.jobs.look();
            self.replace();
        }
    }

    /// A look at everybody.
    fn look(self: &Rc<Self>) {
        let now = now_ms();
        let elapsed_ms = (now - self.looked_ms.replace(now)).min(LONGEST_LOOK_MS);
        let mut dead = Vec::new();
        for (index, member) in self.members.borrow_mut().iter_mut().enumerate() {
            let incarnation = member.incarnation;
            match &mut member.place {
                Place::Vacant { .. } => {}
                Place::Starting { since_ms, .. } => {
                    if self.timer.borrow().is_some() && now - *since_ms >= START_LIMIT_MS {
                        dead.push((index, incarnation, format!("It was not ready within {START_LIMIT_MS} ms.")));
                    }
                }
                Place::Working(working) => {
                    let telemetry = self.surface.seat_telemetry(working.seat);
                    if working.hear(&telemetry, now, elapsed_ms) >= SILENT_MS {
                        dead.push((index, incarnation, format!("It took no turn for {SILENT_MS} ms.")));
                    }
                }
            }
        }
        for (index, incarnation, reason) in dead {
            self.lose(index, incarnation, &Death::Unknown(reason));
        }
        self.seats.look(now);
        self.jobs.look();
        self.spectra.look();
        self.replace();
    }

    /// Puts somebody on every vacant place whose time has come.
    fn replace(self: &Rc<Self>) {
        if self.closed.get() || self.timer.borrow().is_none() {
            return;
        }
        let now = now_ms();
        let due = |member: &Member| matches!(member.place, Place::Vacant { until_ms } if until_ms <= now);
        let vacant: Vec<_> = self
            .members
            .borrow()
            .iter()
            .enumerate()
            .filter(|(_, member)| due(member))
            .map(|(index, _)| index)
            .collect();
        for index in vacant {
            if !self.seats.has_free() {
                break;
            }
            let worker = match self.spare.take() {
                Some(worker) => Ok(worker),
                None => OwnedWorker::spawn(&self.assets, SCRIPT),
            };
            match worker.and_then(|worker| self.seat(index, worker)) {
                // Why it fails is told by `lose`.
                Ok(started) => spawn_local(async move { drop(started.await) }),
                Err(failure) => {
                    if let Some(member) = self.members.borrow_mut().get_mut(index) {
                        member.fail_to_start(&failure.message);
                    }
                }
            }
        }
        if self.spare.borrow().is_none() {
            // Without one a replacement takes the longer way.
            self.spare.replace(OwnedWorker::spawn(&self.assets, SCRIPT).ok());
        }
    }

    /// Changes how many workers there are. Ready when those that are new work; those that are too many end after the job at hand.
    pub async fn resize(self: &Rc<Self>, count: usize) {
        let leaving = {
            let mut members = self.members.borrow_mut();
            let staying = count.min(members.len());
            let leaving = members.split_off(staying);
            members.resize_with(count, Member::new);
            leaving
        };
        for member in leaving {
            self.retire(member);
        }
        self.replace();
        while !self.closed.get() && self.members.borrow().iter().any(Member::is_coming) {
            sleep(LOOK_MS).await;
        }
    }

    fn retire(&self, member: Member) {
        match member.place {
            Place::Vacant { .. } => {}
            Place::Starting { seat, worker, .. } => {
                self.surface.retire_seat(seat);
                worker.terminate();
                self.seats.rest(seat);
            }
            Place::Working(working) => {
                self.surface.retire_seat(working.seat);
                self.seats.retire(working, member.incarnation);
            }
        }
    }

    /// Ends worker `index` as a crash would, without a word to whoever looks after it.
    pub fn kill(&self, index: usize) -> bool {
        let members = self.members.borrow();
        let place = members.get(index).map(|member| &member.place);
        match place {
            Some(Place::Starting { worker, .. }) => worker.terminate(),
            Some(Place::Working(working)) => working.worker.terminate(),
            Some(Place::Vacant { .. }) | None => return false,
        }
        true
    }

    /// Lets every worker end after the job at hand. Ready when all have.
    pub async fn shut_down(&self) {
        self.close();
        let members = core::mem::take(&mut *self.members.borrow_mut());
        for member in members {
            self.retire(member);
        }
        let mut waited_ms = 0;
        while self.seats.is_anybody_leaving() && waited_ms < END_LIMIT_MS {
            sleep(LOOK_MS).await;
            waited_ms += LOOK_MS;
        }
        self.seats.clear();
    }

    /// Replaces nobody any more. Returns the tasks that are not done.
    pub fn close(&self) -> Vec<Task> {
        self.closed.set(true);
        self.timer.take();
        self.spare.take();
        let tasks = self.jobs.take_all();
        self.jobs.close();
        tasks
    }

    /// Workers that have died.
    pub fn deaths(&self) -> u32 {
        self.deaths.get()
    }

    /// What is known of all workers together.
    pub fn crew(&self) -> Crew {
        let members = self.members.borrow();
        let shares = members.iter().filter_map(|member| match &member.place {
            Place::Working(working) => Some(working.busy_share),
            Place::Starting { .. } | Place::Vacant { .. } => None,
        });
        let nobody = Crew { working: 0, busiest_share: 0.0 };
        shares.fold(nobody, |crew, share| Crew {
            working: crew.working + 1,
            busiest_share: crew.busiest_share.max(share),
        })
    }

    /// What is known of each worker.
    pub fn telemetry(&self) -> Array {
        self.members.borrow().iter().map(|member| telemetry::of_member(member, &self.surface)).collect()
    }

    /// Where the audio thread's jobs ran.
    pub fn dispatched(&self) -> JsValue {
        dispatch_telemetry(&self.surface.dispatch_telemetry())
    }
}

/// A command as an object, beside which further properties can be set.
pub(crate) fn message(command: &WorkerCommand) -> JsValue {
    // Plain data always serializes.
    command.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
