//! One engine: a memory, the module in the worklet, and the pool.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join;
use js_sys::{Array, Function, Object, WebAssembly};
use rusty_audio_engine::effects::{Gain, Parameter};
use rusty_audio_protocol::{ErrorCode, Failure};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioWorkletNode, AudioWorkletNodeOptions, BaseAudioContext, Event, MessageEvent};

use crate::assets::{Assets, unexpected};
use crate::decode_worker::DecodeWorker;
use crate::error::Result;
use crate::instance::{Instance, pages};
use crate::pending::Pending;
use crate::pool::{OwnedWorker, Pool};
use crate::script::{Listener, get_number, get_text, object, within};
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
pub(crate) struct Options {
    #[serde(default)]
    mode: RequestedMode,
    workers: Option<u32>,
    asset_base_url: String,
    #[serde(default = "default_memory_mebibytes")]
    memory_mebibytes: u32,
    #[serde(default = "default_timeout_seconds")]
    pub(crate) timeout_seconds: f64,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RequestedMode {
    #[default]
    Auto,
    Solo,
}

/// Three players and their threads' stacks, or one and what its effects need.
fn default_memory_mebibytes() -> u32 {
    16
}

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
    pub mode: Mode,
    pub id: String,
    /// Shared mode only.
    pub instance: Option<Rc<Instance>>,
    pub(crate) reason: String,
    pub(crate) registrar: AudioWorkletNode,
    pub(crate) pool: RefCell<Option<Pool>>,
    pub(crate) spare_decode_worker: RefCell<Option<OwnedWorker>>,
    pub(crate) disposed: Cell<bool>,
}

thread_local! {
    static ENGINES: Cell<u32> = const { Cell::new(0) };
}

impl Engine {
    pub(crate) async fn start(context: BaseAudioContext, options: Options, progress: Rc<Progress>) -> Result<Rc<Self>> {
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
