//! Work of the page that workers do: `Engine.computeFft()`, `Engine.submit()`, `Engine.resize()`.

use std::rc::Rc;

use js_sys::Promise;
use rusty_audio_protocol::{ErrorCode, Failure, TaskId};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

use crate::engine::Engine;
use crate::error::{Result, to_js};
use crate::pool::{SoloPool, Task, Work};
use crate::script::{aborted, unless};
use crate::support::Mode;

impl Engine {
    /// Gives work to a worker at once. The promise is fulfilled with its result.
    pub(crate) fn submit(self: &Rc<Self>, work: Work, priority: &str, signal: Option<AbortSignal>) -> Result<Promise> {
        self.check_open()?;
        let id = self.tasks.get();
        self.tasks.set(id.wrapping_add(1));
        let task = Task::new(id, work, crate::pool::class(priority)?);
        let outcome = task.outcome.promise();
        self.assign(task);
        let Some(signal) = signal else { return Ok(outcome) };
        let engine = self.clone();
        Ok(future_to_promise(async move {
            match unless(aborted(Some(signal)), JsFuture::from(outcome)).await {
                Ok(settled) => settled,
                Err(failure) => {
                    engine.cancel(id);
                    Err(to_js(&failure))
                }
            }
        }))
    }

    /// Gives a task to the workers that there are.
    pub(crate) fn assign(&self, task: Task) {
        let core = self.core();
        match (core.pool(), core.mode) {
            (Some(pool), _) => pool.jobs().submit(task),
            (None, Mode::Solo) => self.solo_pool().submit(task),
            // The engine is being replaced.
            (None, Mode::Shared) => self.unassigned.borrow_mut().push(task),
        }
    }

    fn cancel(&self, id: TaskId) {
        self.unassigned.borrow_mut().retain(|task| task.id != id);
        if let Some(pool) = self.core().pool() {
            pool.jobs().cancel(id);
        }
        if let Some(pool) = &*self.solo_pool.borrow() {
            pool.cancel(id);
        }
    }

    fn solo_pool(&self) -> Rc<SoloPool> {
        let make =
            || SoloPool::new(self.assets.clone(), self.module.clone(), self.context.sample_rate(), self.workers.get());
        self.solo_pool.borrow_mut().get_or_insert_with(make).clone()
    }

    /// Changes how many workers there are.
    pub(crate) async fn resize(self: Rc<Self>, count: usize) -> core::result::Result<JsValue, JsValue> {
        self.check_open().map_err(|failure| to_js(&failure))?;
        if !(1..=8).contains(&count) {
            let failure = Failure::new(ErrorCode::InvalidArgument, "The number of workers must be 1 to 8.");
            return Err(to_js(&failure));
        }
        self.workers.set(count);
        if let Some(pool) = self.core().pool() {
            pool.resize(count).await;
        } else if let Some(pool) = &*self.solo_pool.borrow() {
            pool.resize(count);
        }
        Ok(JsValue::UNDEFINED)
    }
}
