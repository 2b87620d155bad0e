//! One engine: its start, and what its players share.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::future::join;
use js_sys::{Function, WebAssembly};
use rusty_audio_protocol::{ErrorCode, Failure, TaskId};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AudioContext, AudioContextState, BaseAudioContext};

use crate::assets::Assets;
use crate::decode_worker::DecodeWorker;
use crate::effect_table::EffectTable;
use crate::engine_core::{Core, shared_opening, solo_opening};
use crate::error::Result;
use crate::instance::Instance;
use crate::monitor::Monitor;
use crate::node::Node;
use crate::owned_worker::OwnedWorker;
use crate::player::Player;
use crate::pool::{Parts, Pool, SCRIPT, SoloPool, Task, Telemetry};
use crate::recovery::History;
use crate::registrar::{Registrar, Said};
use crate::script::{Listener, object, unique_name, within};
use crate::support::{default_workers, engine_file, obstacle_to_sharing, problems};
use crate::warming::Warming;

/// How long the worklet may take to answer in shared mode before solo mode is tried.
const SHARING_LIMIT_MS: i32 = 2_000;

/// The options of `Engine.create`, checked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    #[serde(default)]
    mode: RequestedMode,
    workers: Option<u32>,
    memory_mebibytes: Option<u32>,
    #[serde(default = "default_timeout_seconds")]
    pub(crate) timeout_seconds: f64,
    #[serde(default)]
    telemetry: Telemetry,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RequestedMode {
    #[default]
    Auto,
    Solo,
}

/// Sizes of the engine's memory, in the order in which they are tried unless the page says one: three players and their threads' stacks,
/// or one and what its effects need; two; one. Phones refuse what others have plenty of.
const MEMORY_MEBIBYTES: [u32; 3] = [20, 15, 11];

fn default_timeout_seconds() -> f64 {
    30.0
}

impl Options {
    pub(crate) fn parse(options: JsValue) -> Result<Self> {
        let options: Self = serde_wasm_bindgen::from_value(options)
            .map_err(|error| Failure::new(ErrorCode::InvalidArgument, format!("Engine.create: {error}.")))?;
        let wrong = |what: String| Err(Failure::new(ErrorCode::InvalidArgument, what));
        if options.workers.is_some_and(|workers| !(1..=8).contains(&workers)) {
            return wrong(String::from("The workers option must be 1 to 8."));
        }
        if options.memory_mebibytes.is_some_and(|mebibytes| !(11..=1024).contains(&mebibytes)) {
            return wrong(String::from("The memoryMebibytes option must be 11 to 1024."));
        }
        if !(0.1..=600.0).contains(&options.timeout_seconds) {
            return wrong(String::from("The timeoutSeconds option must be 0.1 to 600."));
        }
        Ok(options)
    }
}

fn check_context(context: &BaseAudioContext) -> Result<()> {
    match context.state() {
        AudioContextState::Closed => Err(Failure::new(ErrorCode::ContextClosed, "The audio context was closed.")),
        _ => Ok(()),
    }
}

/// What is going on while the engine starts, for the progress callback and for the time limit's message.
pub(crate) struct Progress {
    pub(crate) stage: Cell<&'static str>,
    pub(crate) done: Cell<u32>,
    pub(crate) callback: Option<Function>,
}

impl Progress {
    const STAGES: u32 = 5;

    fn begin(&self, stage: &'static str) {
        self.stage.set(stage);
        self.tell();
    }

    fn finish(&self) {
        self.done.set(self.done.get() + 1);
        self.tell();
    }

    fn tell(&self) {
        if let Some(callback) = &self.callback {
            let progress = object(&[
                ("stage", self.stage.get().into()),
                ("loaded", (f64::from(self.done.get()) / f64::from(Self::STAGES)).into()),
                ("total", 1.into()),
            ]);
            // A callback that throws is the page's own fault and must not stop the start.
            let _ = callback.call1(&JsValue::UNDEFINED, &progress);
        }
    }
}

/// What the engine's nodes and players share.
pub struct Engine {
    pub context: BaseAudioContext,
    pub assets: Assets,
    pub module: WebAssembly::Module,
    pub(crate) memory_mebibytes: u32,
    /// Workers that a pool is to have.
    pub(crate) workers: Cell<usize>,
    pub(crate) telemetry: Telemetry,
    /// Solo mode, when there was work for it.
    pub(crate) solo_pool: RefCell<Option<Rc<SoloPool>>>,
    /// Names given to tasks.
    pub(crate) tasks: Cell<TaskId>,
    /// Tasks that wait for a fresh pool.
    pub(crate) unassigned: RefCell<Vec<Task>>,
    pub(crate) registrar: Registrar,
    /// Live contexts only.
    pub(crate) warming: Option<Rc<Warming>>,
    /// The effects of the module.
    pub(crate) effects: EffectTable,
    /// Replaced after a fault of the audio thread.
    pub(crate) core: RefCell<Rc<Core>>,
    pub(crate) players: RefCell<Vec<Weak<Player>>>,
    /// How many there have been.
    pub(crate) players_made: Cell<u32>,
    pub(crate) nodes: RefCell<Vec<Weak<Node>>>,
    pub(crate) history: RefCell<History>,
    pub(crate) spare_decode_worker: RefCell<Option<OwnedWorker>>,
    /// Since somebody has asked for it.
    pub(crate) monitor: RefCell<Option<Rc<Monitor>>>,
    pub(crate) disposed: Cell<bool>,
    worklet_listener: RefCell<Option<Listener>>,
}

impl Engine {
    pub(crate) async fn start(
        context: BaseAudioContext,
        options: Options,
        assets: Assets,
        progress: Rc<Progress>,
    ) -> Result<Rc<Self>> {
        if let Some(problem) = problems().into_iter().next() {
            return Err(problem);
        }
        check_context(&context)?;
        let asked = options.mode == RequestedMode::Solo;
        let obstacle = if asked { Some("Solo mode was asked for.") } else { obstacle_to_sharing() };
        progress.begin("engine module and worklet");
        // All scripts load side by side; the workers get their first message when there is a memory.
        let worker_count = options.workers.unwrap_or_else(default_workers);
        let workers = match obstacle {
            None => Pool::spawn(&assets, worker_count)?,
            Some(_) => Vec::new(),
        };
        let spare_decode_worker = DecodeWorker::spawn(&assets)?;
        // An offline context has time to compile, and no quantum that could be late.
        let warmer = context.dyn_ref::<AudioContext>().and_then(|_| OwnedWorker::spawn(&assets, SCRIPT).ok());
        let worklet = assets.worklet(&context, "processor.js");
        let module = assets.module(engine_file());
        let (module, worklet) = join(module, worklet).await;
        let module = module?;
        let warming = warmer.map(|worker| Warming::start(worker, &module, context.sample_rate()));
        progress.finish();
        worklet?;
        progress.finish();

        progress.begin("effects");
        let effects = EffectTable::new(&module)?;
        progress.finish();

        progress.begin("worklet");
        let sizes = options.memory_mebibytes.map_or(MEMORY_MEBIBYTES.to_vec(), |mebibytes| vec![mebibytes]);
        let (core, registrar, memory_mebibytes) = Self::open_largest(&context, &module, obstacle, sizes).await?;
        progress.finish();

        progress.begin("workers");
        if let Some(instance) = &core.instance {
            let parts = Parts {
                assets: assets.clone(),
                module: module.clone(),
                instance: instance.clone(),
                telemetry: options.telemetry,
            };
            let pool = Pool::new(parts, workers.len());
            pool.start(workers).await?;
            core.pool.replace(Some(pool));
        }
        progress.finish();
        let engine = Rc::new(Self {
            context,
            assets,
            module,
            memory_mebibytes,
            workers: Cell::new(worker_count as usize),
            telemetry: options.telemetry,
            solo_pool: RefCell::default(),
            tasks: Cell::new(0),
            unassigned: RefCell::default(),
            registrar,
            warming,
            effects,
            core: RefCell::new(Rc::new(core)),
            players: RefCell::default(),
            players_made: Cell::new(0),
            nodes: RefCell::default(),
            history: RefCell::default(),
            spare_decode_worker: RefCell::new(Some(spare_decode_worker)),
            monitor: RefCell::default(),
            disposed: Cell::new(false),
            worklet_listener: RefCell::default(),
        });
        let heard = Rc::downgrade(&engine);
        engine.worklet_listener.replace(Some(engine.registrar.listen(move |said| {
            let Some(engine) = heard.upgrade() else { return };
            match said {
                Said::Fault(fault) => engine.hear_fault(&fault),
                Said::Load { clock_ms, inside_ms } => {
                    if let Some(monitor) = &*engine.monitor.borrow() {
                        monitor.hear_load(clock_ms, inside_ms);
                    }
                }
            }
        })));
        Ok(engine)
    }

    /// Opens an engine with the first of `sizes`, in MiB, that the browser has memory for. Returns that size too.
    async fn open_largest(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        obstacle: Option<&str>,
        sizes: Vec<u32>,
    ) -> Result<(Core, Registrar, u32)> {
        let mut sizes = sizes.into_iter().peekable();
        loop {
            let mebibytes = sizes.next().unwrap_or_default();
            match Self::open_one(context, module, obstacle, mebibytes).await {
                Err(failure) if failure.code == ErrorCode::OutOfMemory && sizes.peek().is_some() => {}
                opened => return opened.map(|(core, registrar)| (core, registrar, mebibytes)),
            }
        }
    }

    async fn open_one(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        obstacle: Option<&str>,
        memory_mebibytes: u32,
    ) -> Result<(Core, Registrar)> {
        if obstacle.is_none()
            && let Some(shared) = Self::open_shared(context, module, memory_mebibytes).await?
        {
            return Ok(shared);
        }
        let core = Core::solo(
            unique_name("engine"),
            obstacle.unwrap_or("The browser did not pass shared memory to the worklet."),
        );
        let opening = solo_opening(&core.id, memory_mebibytes);
        let (registrar, used_bytes) = Registrar::start(context, module, &opening).await?;
        core.solo_used_bytes.set(used_bytes);
        Ok((core, registrar))
    }

    /// `None` when the browser does not really share; the round trip through the worklet proves it.
    async fn open_shared(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        memory_mebibytes: u32,
    ) -> Result<Option<(Core, Registrar)>> {
        let instance = Instance::new(module, memory_mebibytes, context.sample_rate())?;
        let id = unique_name("engine");
        let opening = shared_opening(&id, &instance)?;
        let started = Registrar::start(context, module, &opening);
        let (registrar, used_bytes) = match within(SHARING_LIMIT_MS, started).await {
            Some(Ok(started)) => started,
            Some(Err(failure)) if failure.code == ErrorCode::VersionMismatch => return Err(failure),
            Some(Err(_)) | None => return Ok(None),
        };
        if used_bytes != f64::from(instance.used_bytes()) {
            return Ok(None);
        }
        let reason = "The page is cross-origin isolated: all threads share one memory.";
        Ok(Some((Core::shared(id, Rc::new(instance), reason), registrar)))
    }

    /// Size of the engine's memory.
    pub(crate) fn memory_bytes(&self) -> f64 {
        f64::from(self.memory_mebibytes) * f64::from(1 << 20)
    }

    /// Bytes of that memory in use, and all of it.
    pub(crate) fn memory_use(&self) -> (f64, f64) {
        let core = self.core();
        let used = core.instance.as_ref().map(|instance| f64::from(instance.used_bytes()));
        (used.unwrap_or_else(|| core.solo_used_bytes.get()), self.memory_bytes())
    }

    /// What watches the engine and its context, which begins now if it has not; `None` for an offline context.
    pub(crate) fn monitor(self: &Rc<Self>) -> Option<Rc<Monitor>> {
        let context = self.context.dyn_ref::<AudioContext>()?;
        let begin = || {
            let monitor = Monitor::start(context.clone(), Some(self));
            spawn_local(monitor.listen(self.assets.clone()));
            monitor
        };
        Some(self.monitor.borrow_mut().get_or_insert_with(begin).clone())
    }

    /// Frames by which the output of the node is late that is latest.
    pub(crate) fn latest_frames(&self) -> f64 {
        self.living_nodes().iter().map(|node| node.latency_and_tail.get().0).fold(0.0, f64::max)
    }

    /// What the engine runs on now.
    pub fn core(&self) -> Rc<Core> {
        self.core.borrow().clone()
    }

    /// A decode worker for a player: the first one has been loading since the start.
    pub fn decode_worker(&self) -> Result<OwnedWorker> {
        match self.spare_decode_worker.take() {
            Some(worker) => Ok(worker),
            None => DecodeWorker::spawn(&self.assets),
        }
    }

    /// Whether there can be sound: not after [`EngineHost::dispose`], not in a context that was closed, and not when the audio thread
    /// failed too often.
    pub fn check_open(&self) -> Result<()> {
        if self.disposed.get() {
            return Err(Failure::new(ErrorCode::Disposed, "This engine was disposed of."));
        }
        // An offline context is closed when it has rendered, and what came of that can still be read.
        if self.context.is_instance_of::<AudioContext>() {
            check_context(&self.context)?;
        }
        self.history.borrow().given_up.clone().map_or(Ok(()), Err)
    }

    /// Ends the workers and lets go of the worklet. Ready when all have ended. Calling it again does nothing.
    pub async fn dispose(&self) {
        if self.disposed.replace(true) {
            return;
        }
        self.worklet_listener.take();
        let core = self.core();
        self.spare_decode_worker.take();
        self.registrar.forget(&core.id);
        self.registrar.close();
        if let Some(warming) = &self.warming {
            warming.stop();
        }
        self.unassigned.take().iter().for_each(Task::abandon);
        if let Some(pool) = self.solo_pool.take() {
            pool.close().iter().for_each(Task::abandon);
        }
        let pool = core.pool.take();
        if let Some(pool) = pool {
            pool.close().iter().for_each(Task::abandon);
            pool.shut_down().await;
        }
    }
}
