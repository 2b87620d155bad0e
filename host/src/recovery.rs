//! After a trap on the audio thread: a fresh core, which every player's node adopts.
//!
//! The shell in the worklet catches the trap, fades the sound out and tells. Node, AudioParams, automation and connections
//! stay as they are; only what is behind the node is new. Faults that come too often are not survived for ever.

use std::rc::{Rc, Weak};

use futures_util::future::{join, join_all};
use js_sys::{Array, Object};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::engine::Engine;
use crate::engine_core::{Core, shared_opening, solo_opening};
use crate::error::Result;
use crate::instance::Instance;
use crate::node::Node;
use crate::owned_worker::START_LIMIT_MS;
use crate::pending::Pending;
use crate::player::Player;
use crate::pool::{Parts, Pool};
use crate::registrar::Fault;
use crate::script::{now_ms, object, time_origin_ms, unique_name, within};
use crate::support::Mode;

/// Faults that a mode survives within [`WINDOW_MS`]; the next one ends it.
const FAULTS_SURVIVED: usize = 3;

const WINDOW_MS: f64 = 60_000.0;

/// Faults that are remembered for the report.
const REMEMBERED: usize = 64;

/// One fault of the audio thread.
struct Remembered {
    message: String,
    mode: Mode,
    /// On the page's clock.
    heard_ms: f64,
    recovery_ms: Option<f64>,
}

/// What has happened, and what is going on.
#[derive(Default)]
pub struct History {
    faults: Vec<Remembered>,
    /// Settled when the recovery under way has ended.
    pub under_way: Option<Pending>,
    /// Why there is no sound any more.
    pub given_up: Option<Failure>,
}

impl History {
    /// The list for the report.
    pub fn report(&self) -> Array {
        let entry = |fault: &Remembered| {
            object(&[
                ("code", ErrorCode::AudioThreadFault.as_str().into()),
                ("message", fault.message.as_str().into()),
                ("at", (time_origin_ms() + fault.heard_ms).into()),
                ("recoveryMilliseconds", fault.recovery_ms.into()),
            ])
        };
        self.faults.iter().map(entry).collect()
    }

    /// How many there were; of very many only the last are remembered.
    pub fn count(&self) -> usize {
        self.faults.len()
    }

    /// The longest time until there was sound again.
    pub fn worst_recovery_ms(&self) -> Option<f64> {
        self.faults.iter().filter_map(|fault| fault.recovery_ms).reduce(f64::max)
    }

    fn remember(&mut self, fault: Remembered) {
        if self.faults.len() == REMEMBERED {
            self.faults.remove(0);
        }
        self.faults.push(fault);
    }

    /// Faults in `mode` within the window that ends now.
    fn recent(&self, mode: Mode) -> usize {
        let since = now_ms() - WINDOW_MS;
        self.faults.iter().filter(|fault| fault.mode == mode && fault.heard_ms >= since).count()
    }

    fn last_message(&self) -> String {
        self.faults.last().map(|fault| fault.message.clone()).unwrap_or_default()
    }
}

impl Engine {
    /// The worklet tells that a core has failed.
    pub(crate) fn hear_fault(self: &Rc<Self>, fault: &Fault) {
        let core = self.core();
        if core.id != fault.id || self.disposed.get() || core.failed.replace(true) {
            return;
        }
        if let Some(monitor) = &*self.monitor.borrow() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a frame of the context's clock"
            )]
            monitor.hear_trap(fault.frame as u64);
        }
        let mut history = self.history.borrow_mut();
        history.remember(Remembered {
            message: format!("The audio thread failed: {}.", fault.message.trim_end_matches('.')),
            mode: core.mode,
            heard_ms: now_ms(),
            recovery_ms: None,
        });
        if history.under_way.is_none() {
            history.under_way = Some(Pending::new());
            spawn_local(self.clone().recover());
        }
    }

    /// Waits until no recovery is under way.
    pub(crate) async fn steady(&self) {
        loop {
            let Some(under_way) = self.history.borrow().under_way.clone() else { return };
            let _ = JsFuture::from(under_way.promise()).await;
        }
    }

    async fn recover(self: Rc<Self>) {
        while self.core().failed.get() && !self.disposed.get() {
            if let Err(failure) = self.rebuild().await {
                self.give_up(failure);
                break;
            }
            let mut history = self.history.borrow_mut();
            for fault in history.faults.iter_mut().filter(|fault| fault.recovery_ms.is_none()) {
                fault.recovery_ms = Some(now_ms() - fault.heard_ms);
            }
        }
        if let Some(under_way) = self.history.borrow_mut().under_way.take() {
            under_way.resolve(&true.into());
        }
    }

    /// Puts a fresh core in the place of the one that failed.
    async fn rebuild(self: &Rc<Self>) -> Result<()> {
        let failed = self.core();
        // Its workers are as sound as before, but their memory is not.
        let unfinished = failed.pool.take().map(|pool| pool.close()).unwrap_or_default();
        self.unassigned.borrow_mut().extend(unfinished);
        let reason = self.history.borrow().last_message();
        let core = Rc::new(self.fresh_core(&failed).await?);
        self.core.replace(core.clone());
        if let Some(instance) = &core.instance {
            // The sound does not wait for the workers: the audio thread does their work until they are there.
            let parts = Parts {
                assets: self.assets.clone(),
                module: self.module.clone(),
                instance: instance.clone(),
                telemetry: self.telemetry,
            };
            let pool = Pool::new(parts, self.workers.get());
            pool.look_after();
            core.pool.replace(Some(pool));
        }
        for task in self.unassigned.take() {
            self.assign(task);
        }
        let players = self.living_players();
        let nodes = self.living_nodes();
        let players = join_all(players.iter().map(|player| player.adopt(core.clone(), &reason)));
        join(players, join_all(nodes.iter().map(|node| node.adopt(core.clone(), &reason)))).await;
        self.registrar.forget(&failed.id);
        Ok(())
    }

    async fn fresh_core(&self, failed: &Core) -> Result<Core> {
        let tripped = self.history.borrow().recent(failed.mode) > FAULTS_SURVIVED;
        let last = self.history.borrow().last_message();
        let times = FAULTS_SURVIVED + 1;
        let because = match (failed.mode, tripped) {
            (Mode::Solo, true) => {
                let message = format!("The audio thread failed {times} times within a minute in solo mode. {last}");
                return Err(Failure::new(ErrorCode::AudioThreadFault, message));
            }
            (Mode::Solo, false) => failed.reason.clone(),
            (Mode::Shared, true) => format!("The audio thread failed {times} times within a minute. {last}"),
            (Mode::Shared, false) => match self.fresh_shared_core(&failed.reason).await {
                Ok(core) => return Ok(core),
                Err(failure) => format!("After a fault there was no shared memory any more: {}", failure.message),
            },
        };
        let core = Core::solo(unique_name("engine"), because);
        core.solo_used_bytes.set(self.open(&solo_opening(&core.id, self.memory_mebibytes)).await?);
        Ok(core)
    }

    async fn fresh_shared_core(&self, reason: &str) -> Result<Core> {
        let instance = Instance::new(&self.module, self.memory_mebibytes, self.context.sample_rate())?;
        let id = unique_name("engine");
        self.open(&shared_opening(&id, &instance)?).await?;
        Ok(Core::shared(id, Rc::new(instance), reason))
    }

    async fn open(&self, opening: &Object) -> Result<f64> {
        match within(START_LIMIT_MS, self.registrar.open(opening)).await {
            Some(opened) => opened,
            None => {
                let message = format!("The worklet did not open an engine within {} s.", START_LIMIT_MS / 1000);
                Err(Failure::new(ErrorCode::StartTimeout, message))
            }
        }
    }

    /// There is no sound any more, and no further attempt.
    fn give_up(&self, failure: Failure) {
        for task in self.unassigned.take() {
            task.outcome.reject(&failure);
        }
        for player in self.living_players() {
            player.fall_silent(&failure);
        }
        for node in self.living_nodes() {
            node.fall_silent(&failure);
        }
        self.history.borrow_mut().given_up = Some(failure);
    }

    /// Nodes that have not been disposed of.
    pub(crate) fn living_nodes(&self) -> Vec<Rc<Node>> {
        let mut nodes = self.nodes.borrow_mut();
        nodes.retain(|node| node.upgrade().is_some_and(|node| !node.disposed.get()));
        nodes.iter().filter_map(Weak::upgrade).collect()
    }

    /// Players that have not been disposed of.
    pub(crate) fn living_players(&self) -> Vec<Rc<Player>> {
        let mut players = self.players.borrow_mut();
        players.retain(|player| player.upgrade().is_some_and(|player| !player.disposed.get()));
        players.iter().filter_map(Weak::upgrade).collect()
    }
}
