//! One engine: a memory, the module in the worklet, and the pool.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join;
use js_sys::{Array, Function, Object, Promise, WebAssembly};
use rusty_audio_engine::effects::{Gain, Parameter};
use rusty_audio_protocol::{ErrorCode, Failure};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, AudioWorkletNode, AudioWorkletNodeOptions, BaseAudioContext, Event, MessageEvent};

use crate::assets::{Assets, unexpected};
use crate::decode_worker::DecodeWorker;
use crate::error::{Result, to_js};
use crate::instance::{Instance, pages};
use crate::pending::Pending;
use crate::player::PlayerHost;
use crate::pool::{OwnedWorker, Pool};
use crate::script::{Listener, get_number, get_text, object, set, unless, within};
use crate::support::{Mode, cores, obstacle_to_sharing, problems};

/// The node class of players; its parameters are the engine's.
pub const PLAYER_NAME: &str = "rusty-audio-player";

const PLAYER_PARAMETERS: &[Parameter] = &[Gain::PARAMETER];

/// How long the worklet may take to answer in shared mode before solo mode is tried.
const SHARING_LIMIT_MS: i32 = 2_000;

/// Workers of a pool unless the page says otherwise.
const DEFAULT_WORKERS_AT_MOST: u32 = 4;

/// The options of `Engine.create`, checked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(default)]
    mode: RequestedMode,
    workers: Option<u32>,
    asset_base_url: String,
    #[serde(default = "default_memory_mebibytes")]
    memory_mebibytes: u32,
    #[serde(default = "default_timeout_seconds")]
    timeout_seconds: f64,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum RequestedMode {
    #[default]
    Auto,
    Solo,
}

fn default_memory_mebibytes() -> u32 {
    32
}

fn default_timeout_seconds() -> f64 {
    30.0
}

impl Options {
    fn parse(options: JsValue) -> Result<Self> {
        let options: Self = serde_wasm_bindgen::from_value(options)
            .map_err(|error| Failure::new(ErrorCode::InvalidArgument, format!("Engine.create: {error}.")))?;
        let wrong = |what: String| Err(Failure::new(ErrorCode::InvalidArgument, what));
        if options.workers.is_some_and(|workers| !(1..=8).contains(&workers)) {
            return wrong(String::from("The workers option must be 1 to 8."));
        }
        if !(4..=1024).contains(&options.memory_mebibytes) {
            return wrong(String::from("The memoryMebibytes option must be 4 to 1024."));
        }
        if !(0.1..=600.0).contains(&options.timeout_seconds) {
            return wrong(String::from("The timeoutSeconds option must be 0.1 to 600."));
        }
        Ok(options)
    }
}

/// What is going on while the engine starts, for the progress callback and for the time limit's message.
struct Progress {
    stage: Cell<&'static str>,
    done: Cell<u32>,
    callback: Option<Function>,
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
    pub mode: Mode,
    pub id: String,
    /// Shared mode only.
    pub instance: Option<Rc<Instance>>,
    reason: String,
    registrar: AudioWorkletNode,
    pool: RefCell<Option<Pool>>,
    spare_decode_worker: RefCell<Option<OwnedWorker>>,
    disposed: Cell<bool>,
}

thread_local! {
    static ENGINES: Cell<u32> = const { Cell::new(0) };
}

impl Engine {
    async fn start(context: BaseAudioContext, options: Options, progress: Rc<Progress>) -> Result<Rc<Self>> {
        if let Some(problem) = problems().into_iter().next() {
            return Err(problem);
        }
        let assets = Assets::new(options.asset_base_url);
        let asked = options.mode == RequestedMode::Solo;
        let obstacle = if asked { Some("Solo mode was asked for.") } else { obstacle_to_sharing() };
        progress.begin("engine module and worklet");
        // All scripts load side by side; the workers get their first message when there is a memory.
        let default_workers = cores().saturating_sub(2).clamp(1, DEFAULT_WORKERS_AT_MOST);
        let workers = match obstacle {
            None => Pool::spawn(&assets, options.workers.unwrap_or(default_workers))?,
            Some(_) => Vec::new(),
        };
        let spare_decode_worker = DecodeWorker::spawn(&assets)?;
        let worklet = assets.worklet(&context, "processor.js");
        let module = assets.module("engine.wasm");
        let (module, worklet) = join(module, worklet).await;
        let module = module?;
        progress.finish();
        worklet?;
        progress.finish();

        let id = ENGINES.with(|engines| {
            engines.set(engines.get() + 1);
            format!("engine-{}", engines.get())
        });
        progress.begin("worklet");
        let shared = match obstacle {
            None => Self::open_shared(&context, &module, &id, options.memory_mebibytes).await?,
            Some(_) => None,
        };
        let (instance, registrar, reason) = match (shared, obstacle) {
            (Some((instance, registrar)), _) => (
                Some(instance),
                registrar,
                String::from("The page is cross-origin isolated: all threads share one memory."),
            ),
            (None, obstacle) => {
                let registrar = Self::open_solo(&context, &module, &id, options.memory_mebibytes).await?;
                let reason = obstacle.unwrap_or("The browser did not pass shared memory to the worklet.");
                (None, registrar, String::from(reason))
            }
        };
        progress.finish();

        progress.begin("player node");
        register_player(&registrar).await?;
        progress.finish();

        progress.begin("workers");
        let pool = match &instance {
            Some(instance) => Some(Pool::start(workers, &module, instance).await?),
            None => None,
        };
        progress.finish();
        let mode = if instance.is_some() { Mode::Shared } else { Mode::Solo };
        Ok(Rc::new(Self {
            context,
            assets,
            module,
            mode,
            id,
            instance,
            reason,
            registrar,
            pool: RefCell::new(pool),
            spare_decode_worker: RefCell::new(Some(spare_decode_worker)),
            disposed: Cell::new(false),
        }))
    }

    /// `None` when the browser does not really share; the round trip through the worklet proves it.
    async fn open_shared(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        id: &str,
        memory_mebibytes: u32,
    ) -> Result<Option<(Rc<Instance>, AudioWorkletNode)>> {
        let instance = Instance::new(module, memory_mebibytes)?;
        let stack_top = instance.stack()?;
        let options = object(&[
            ("id", id.into()),
            ("module", module.clone().into()),
            ("memory", instance.memory().clone().into()),
            ("stackTop", stack_top.into()),
            ("arena", instance.arena().into()),
        ]);
        let Some(opened) = within(SHARING_LIMIT_MS, open_registrar(context, &options)).await else { return Ok(None) };
        Ok(match opened {
            Ok((registrar, used_bytes)) if used_bytes == f64::from(instance.used_bytes()) => {
                Some((Rc::new(instance), registrar))
            }
            _ => None,
        })
    }

    async fn open_solo(
        context: &BaseAudioContext,
        module: &WebAssembly::Module,
        id: &str,
        memory_mebibytes: u32,
    ) -> Result<AudioWorkletNode> {
        let options =
            object(&[("id", id.into()), ("module", module.clone().into()), ("pages", pages(memory_mebibytes).into())]);
        Ok(open_registrar(context, &options).await?.0)
    }

    /// A decode worker for a player: the first one has been loading since the start.
    pub fn decode_worker(&self) -> Result<OwnedWorker> {
        match self.spare_decode_worker.take() {
            Some(worker) => Ok(worker),
            None => DecodeWorker::spawn(&self.assets),
        }
    }

    /// Whether [`EngineHost::dispose`] was called.
    pub fn check_open(&self) -> Result<()> {
        match self.disposed.get() {
            true => Err(Failure::new(ErrorCode::Disposed, "This engine was disposed of.")),
            false => Ok(()),
        }
    }
}

/// Makes the node that opens the engine in the worklet's scope, and waits for its answer: the bytes in use that the
/// worklet sees.
async fn open_registrar(context: &BaseAudioContext, processor_options: &Object) -> Result<(AudioWorkletNode, f64)> {
    let options = AudioWorkletNodeOptions::new();
    options.set_number_of_inputs(0);
    options.set_number_of_outputs(1);
    options.set_processor_options(Some(processor_options));
    let node = AudioWorkletNode::new_with_options(context, "rusty-audio-registrar", &options)
        .map_err(unexpected("The worklet did not take the engine module"))?;
    let answer = Pending::new();
    let _opened = hear(&node, "opened", &answer);
    let _failed = Listener::new(&node, "processorerror", {
        let answer = answer.clone();
        move |_| answer.reject(&Failure::new(ErrorCode::WorkletFailed, "The engine did not start in the worklet."))
    });
    let data = JsFuture::from(answer.promise()).await.map_err(unexpected("The engine did not start in the worklet"))?;
    Ok((node, get_number(&data, "usedBytes")))
}

async fn register_player(registrar: &AudioWorkletNode) -> Result<()> {
    let parameters = Array::new();
    for parameter in PLAYER_PARAMETERS {
        parameters.push(&object(&[
            ("name", parameter.name.into()),
            ("defaultValue", parameter.default.into()),
            ("minValue", parameter.minimum.into()),
            ("maxValue", parameter.maximum.into()),
            ("automationRate", "a-rate".into()),
        ]));
    }
    let answer = Pending::new();
    let _registered = hear(registrar, "registered", &answer);
    let port = registrar.port().map_err(unexpected("The worklet has no port"))?;
    let message =
        object(&[("type", "register".into()), ("name", PLAYER_NAME.into()), ("parameters", parameters.into())]);
    port.post_message(&message).map_err(unexpected("The worklet's port is closed"))?;
    JsFuture::from(answer.promise()).await.map(drop).map_err(unexpected("The player node was not registered"))
}

/// Resolves `answer` with the node's first message of that type.
fn hear(node: &AudioWorkletNode, kind: &'static str, answer: &Pending) -> Option<Listener> {
    let port = node.port().ok()?;
    let answer = answer.clone();
    let listener = Listener::new(&port, "message", move |event: Event| {
        let data = event.unchecked_into::<MessageEvent>().data();
        if get_text(&data, "type") == kind {
            answer.resolve(&data);
        }
    });
    port.start();
    Some(listener)
}

/// Resolves when the signal fires; never without one.
pub async fn aborted(signal: Option<AbortSignal>) -> Failure {
    let pending = Pending::new();
    let _listener = signal.as_ref().map(|signal| {
        if signal.aborted() {
            pending.resolve(&JsValue::TRUE);
        }
        let pending = pending.clone();
        Listener::new(signal, "abort", move |_| pending.resolve(&JsValue::TRUE))
    });
    let _ = JsFuture::from(pending.promise()).await;
    Failure::new(ErrorCode::Aborted, "The caller's signal was aborted.")
}

/// What the `Engine` class of `host/web` carries its calls to.
#[wasm_bindgen]
pub struct EngineHost(Rc<Engine>);

#[wasm_bindgen]
impl EngineHost {
    /// `Engine.support()`.
    #[wasm_bindgen]
    pub fn support() -> JsValue {
        let problems = problems();
        let mode = match (problems.is_empty(), obstacle_to_sharing()) {
            (false, _) => "none",
            (true, None) => Mode::Shared.as_str(),
            (true, Some(_)) => Mode::Solo.as_str(),
        };
        let list: Array = problems
            .iter()
            .map(|problem| {
                object(&[
                    ("code", problem.code.as_str().into()),
                    ("message", problem.message.as_str().into()),
                    ("advice", problem.code.advice().into()),
                ])
            })
            .collect();
        let reason = obstacle_to_sharing().unwrap_or("The page is cross-origin isolated.");
        object(&[("mode", mode.into()), ("modeReason", reason.into()), ("problems", list.into())]).into()
    }

    /// `Engine.create()`: resolves with an `EngineHost`.
    #[wasm_bindgen]
    pub fn create(
        context: BaseAudioContext,
        options: JsValue,
        onprogress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        future_to_promise(async move {
            let started = async {
                let options = Options::parse(options)?;
                let progress =
                    Rc::new(Progress { stage: Cell::new("options"), done: Cell::new(0), callback: onprogress });
                #[expect(clippy::cast_possible_truncation, reason = "at most 600 s, by the check")]
                let limit_ms = (options.timeout_seconds * 1000.0) as i32;
                match within(limit_ms, Engine::start(context, options, progress.clone())).await {
                    Some(outcome) => outcome,
                    None => Err(Failure::new(
                        ErrorCode::StartTimeout,
                        format!("The {} did not start within {} s.", progress.stage.get(), limit_ms / 1000),
                    )),
                }
            };
            match unless(aborted(signal), started).await {
                Ok(Ok(engine)) => Ok(Self(engine).into()),
                Ok(Err(failure)) | Err(failure) => Err(to_js(&failure)),
            }
        })
    }

    /// `shared` or `solo`.
    #[wasm_bindgen(getter)]
    pub fn mode(&self) -> String {
        self.0.mode.as_str().into()
    }

    /// Why this mode, in a sentence.
    #[wasm_bindgen(getter, js_name = modeReason)]
    pub fn mode_reason(&self) -> String {
        self.0.reason.clone()
    }

    /// Workers of the pool.
    #[wasm_bindgen(getter)]
    pub fn workers(&self) -> usize {
        self.0.pool.borrow().as_ref().map_or(0, Pool::count)
    }

    /// Everything a player needs before its node can be made: resolves with a `PlayerHost`.
    #[wasm_bindgen(js_name = preparePlayer)]
    pub fn prepare_player(&self, signal: Option<AbortSignal>) -> Promise {
        let engine = self.0.clone();
        future_to_promise(async move {
            match unless(aborted(signal), PlayerHost::prepare(engine)).await {
                Ok(Ok(player)) => Ok(player.into()),
                Ok(Err(failure)) | Err(failure) => Err(to_js(&failure)),
            }
        })
    }

    /// The engine's part of `Engine.report()`.
    #[wasm_bindgen]
    pub fn report(&self) -> JsValue {
        let engine = &self.0;
        let report = object(&[
            ("version", env!("CARGO_PKG_VERSION").into()),
            ("mode", engine.mode.as_str().into()),
            ("modeReason", engine.reason.as_str().into()),
            ("sampleRate", engine.context.sample_rate().into()),
        ]);
        if let Some(instance) = &engine.instance {
            set(&report, "memoryUsedBytes", &instance.used_bytes().into());
            let turns = engine.pool.borrow().as_ref().map(|pool| pool.turns(instance)).unwrap_or_default();
            let turns: Array = turns.into_iter().map(JsValue::from).collect();
            set(&report, "workerTurns", &turns);
        }
        report.into()
    }

    /// Ends the workers and lets go of the worklet. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn dispose(&self) {
        let engine = &self.0;
        if engine.disposed.replace(true) {
            return;
        }
        if let Some(instance) = &engine.instance
            && let Some(pool) = engine.pool.take()
        {
            pool.stop(instance);
        }
        engine.spare_decode_worker.take();
        if let Ok(port) = engine.registrar.port() {
            let _ = port.post_message(&object(&[("type", "close".into())]));
        }
    }
}
