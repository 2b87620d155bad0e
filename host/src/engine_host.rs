//! `EngineHost`: what the `Engine` class carries its calls to.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Function, Object, Promise};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, AudioBuffer, BaseAudioContext};

use crate::assets::Assets;
use crate::error::to_js;
use crate::instance::Purpose;
use crate::monitor_host::MonitorHost;
use crate::node::Node;
use crate::node_host::NodeHost;
use crate::player::Player;
use crate::player_host::PlayerHost;
use crate::pool::Work;
use crate::script::{aborted, native_context, object, set, unless, within};
use crate::support::{Mode, obstacle_to_sharing, problems};

use crate::engine::{Engine, Options, Progress};

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
        context: JsValue,
        options: JsValue,
        assets: Object,
        onprogress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        future_to_promise(async move {
            let started = async {
                let context = native_context(context).unchecked_into::<BaseAudioContext>();
                let options = Options::parse(options)?;
                let progress =
                    Rc::new(Progress { stage: Cell::new("options"), done: Cell::new(0), callback: onprogress });
                #[expect(clippy::cast_possible_truncation, reason = "at most 600 s, by the check")]
                let limit_ms = (options.timeout_seconds * 1000.0) as i32;
                match within(limit_ms, Engine::start(context, options, Assets::new(assets), progress.clone())).await {
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
        self.0.core().mode.as_str().into()
    }

    /// Why this mode, in a sentence.
    #[wasm_bindgen(getter, js_name = modeReason)]
    pub fn mode_reason(&self) -> String {
        self.0.core().reason.clone()
    }

    /// What is known of each worker of the pool.
    #[wasm_bindgen(getter)]
    pub fn workers(&self) -> Array {
        self.0.core().pool().map_or_else(Array::new, |pool| pool.telemetry())
    }

    /// `Engine.effects`.
    #[wasm_bindgen(getter)]
    pub fn effects(&self) -> Array {
        self.0.effects.to_js()
    }

    /// `Engine.computeFft()`.
    #[wasm_bindgen(js_name = computeFft)]
    pub fn compute_fft(&self, samples: Float32Array, priority: &str, signal: Option<AbortSignal>) -> Promise {
        let submitted = Work::fft(samples).and_then(|work| self.0.submit(work, priority, signal));
        submitted.unwrap_or_else(|failure| Promise::reject(&to_js(&failure)))
    }

    /// `Engine.submit()`.
    #[wasm_bindgen]
    pub fn submit(&self, job: &JsValue, priority: &str, signal: Option<AbortSignal>) -> Promise {
        let submitted = Work::parse(job).and_then(|work| self.0.submit(work, priority, signal));
        submitted.unwrap_or_else(|failure| Promise::reject(&to_js(&failure)))
    }

    /// `Engine.resize()`.
    #[wasm_bindgen]
    pub fn resize(&self, workers: usize) -> Promise {
        future_to_promise(self.0.clone().resize(workers))
    }

    /// `Engine.killWorker()`: whether there was one.
    #[wasm_bindgen(js_name = killWorker)]
    pub fn kill_worker(&self, index: usize) -> bool {
        self.0.core().pool().is_some_and(|pool| pool.kill(index))
    }

    /// `Engine.memory()`.
    #[wasm_bindgen]
    pub fn memory(&self) -> JsValue {
        let engine = &self.0;
        let core = engine.core();
        let parts = object(&[]);
        let used = match &core.instance {
            Some(instance) => {
                let used = f64::from(instance.used_bytes());
                let mut rest = used;
                for (purpose, name) in Purpose::ALL {
                    let bytes = f64::from(instance.used_for(purpose));
                    set(&parts, name, &bytes.into());
                    rest -= bytes;
                }
                set(&parts, "other", &rest.into());
                used
            }
            None => core.solo_used_bytes.get(),
        };
        object(&[("totalBytes", engine.memory_bytes().into()), ("usedBytes", used.into()), ("parts", parts.into())])
            .into()
    }

    /// Everything a player needs before its node can be made: resolves with a `PlayerHost`. `response` is an impulse
    /// response: an `AudioBuffer` or null; `buffer_seconds` is the depth, to be found if null.
    #[wasm_bindgen(js_name = preparePlayer)]
    pub fn prepare_player(
        &self,
        effects: Array,
        response: Option<AudioBuffer>,
        buffer_seconds: Option<f64>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let engine = self.0.clone();
        future_to_promise(async move {
            match unless(aborted(signal), Player::prepare(engine, effects, response, buffer_seconds)).await {
                Ok(Ok(player)) => Ok(PlayerHost::from(player).into()),
                Ok(Err(failure)) | Err(failure) => Err(to_js(&failure)),
            }
        })
    }

    /// Everything a node needs before it can be made: resolves with a `NodeHost`.
    #[wasm_bindgen(js_name = prepareNode)]
    pub fn prepare_node(&self, effects: Array, constants: Object, signal: Option<AbortSignal>) -> Promise {
        let engine = self.0.clone();
        future_to_promise(async move {
            match unless(aborted(signal), Node::prepare(engine, effects, constants)).await {
                Ok(Ok(node)) => Ok(NodeHost::from(node).into()),
                Ok(Err(failure)) | Err(failure) => Err(to_js(&failure)),
            }
        })
    }

    /// `Engine.monitor`: undefined for an offline context.
    #[wasm_bindgen]
    pub fn monitor(&self) -> Option<MonitorHost> {
        self.0.monitor().map(MonitorHost::from)
    }

    /// The engine's part of `Engine.report()`.
    #[wasm_bindgen]
    pub fn report(&self) -> JsValue {
        let engine = &self.0;
        let core = engine.core();
        let report = object(&[
            ("version", env!("CARGO_PKG_VERSION").into()),
            ("mode", core.mode.as_str().into()),
            ("modeReason", core.reason.as_str().into()),
            ("sampleRate", engine.context.sample_rate().into()),
            ("faults", engine.history.borrow().report().into()),
        ]);
        set(&report, "memory", &self.memory());
        set(&report, "workers", &self.workers());
        set(&report, "warming", &engine.warming.as_ref().map_or(JsValue::NULL, |warming| warming.report()));
        if let Some(pool) = core.pool() {
            set(&report, "audioJobs", &pool.dispatched());
        }
        report.into()
    }

    /// Ends the workers and lets go of the worklet. Calling it again does nothing.
    #[wasm_bindgen]
    pub fn dispose(&self) -> Promise {
        let engine = self.0.clone();
        future_to_promise(async move {
            engine.dispose().await;
            Ok(JsValue::UNDEFINED)
        })
    }
}
