//! The main thread's jobs in shared memory: submitted, awaited, done again when their worker dies.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Atomics, Int32Array, Promise};
use rusty_audio_protocol::TaskId;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::script::{get, sleep};

use super::surface::{Stage, Surface};
use super::work::Task;

/// How often the jobs are looked at where a shared word cannot be awaited.
const LOOK_MS: i32 = 1;

struct Submitted {
    ticket: u32,
    task: Task,
}

/// The jobs on their way.
pub struct Jobs {
    surface: Rc<Surface>,
    submitted: RefCell<Vec<Submitted>>,
    /// Those that find no room yet.
    waiting: RefCell<VecDeque<Task>>,
    watched: Cell<bool>,
}

impl Jobs {
    /// No jobs yet.
    pub fn new(surface: Rc<Surface>) -> Self {
        Self { surface, submitted: RefCell::default(), waiting: RefCell::default(), watched: Cell::new(false) }
    }

    /// Gives a task to the workers, or keeps it until there is room.
    pub fn submit(self: &Rc<Self>, task: Task) {
        if let Err(mut task) = self.try_submit(task) {
            task.work.keep();
            self.waiting.borrow_mut().push_back(task);
        }
        if !self.watched.replace(true) {
            spawn_local(self.clone().watch());
        }
    }

    fn try_submit(&self, task: Task) -> Result<(), Task> {
        let Some(ticket) = self.surface.reserve(task.work.kind, task.work.arguments) else { return Err(task) };
        task.work.write(&self.surface.input(ticket, task.work.input_samples()));
        self.surface.submit(ticket, task.class);
        self.submitted.borrow_mut().push(Submitted { ticket, task });
        Ok(())
    }

    /// Forgets a task: a worker that has it stops at its next slice.
    pub fn cancel(&self, id: TaskId) {
        self.waiting.borrow_mut().retain(|task| task.id != id);
        self.submitted.borrow_mut().retain(|submitted| {
            let stays = submitted.task.id != id;
            if !stays {
                self.surface.release(submitted.ticket);
            }
            stays
        });
    }

    /// A worker has died: what is being computed may have been its own. Jobs are pure, so all of it is done again.
    pub fn worker_died(&self) {
        self.repeat(|stage| matches!(stage, Stage::Running | Stage::Lost));
    }

    /// Settles what is done, and submits what has waited.
    pub fn look(&self) {
        let is_done = |submitted: &mut Submitted| self.surface.stage(submitted.ticket) == Stage::Done;
        let done: Vec<_> = self.submitted.borrow_mut().extract_if(.., is_done).collect();
        for Submitted { ticket, task } in done {
            let output = self.surface.output(ticket, task.work.output_samples());
            task.outcome.resolve(&task.work.result(&output, self.surface.execution_ms(ticket)));
            self.surface.release(ticket);
        }
        self.repeat(|stage| stage == Stage::Lost);
        loop {
            let Some(task) = self.waiting.borrow_mut().pop_front() else { return };
            if let Err(task) = self.try_submit(task) {
                self.waiting.borrow_mut().push_front(task);
                return;
            }
        }
    }

    fn repeat(&self, is_meant: impl Fn(Stage) -> bool) {
        let is_meant = |submitted: &mut Submitted| is_meant(self.surface.stage(submitted.ticket));
        let meant: Vec<_> = self.submitted.borrow_mut().extract_if(.., is_meant).collect();
        for submitted in meant {
            if let Some(task) = self.withdraw(submitted).after_death() {
                self.waiting.borrow_mut().push_front(task);
            }
        }
    }

    /// Takes a job off the board, with its input.
    fn withdraw(&self, Submitted { ticket, mut task }: Submitted) -> Task {
        let samples = task.work.input_samples();
        task.work.restore(self.surface.input(ticket, samples).slice(0, samples));
        self.surface.release(ticket);
        task
    }

    /// Takes all that is not done, for another pool to do.
    pub fn take_all(&self) -> Vec<Task> {
        self.look();
        let submitted = core::mem::take(&mut *self.submitted.borrow_mut());
        let mut tasks: Vec<_> = submitted.into_iter().map(|submitted| self.withdraw(submitted)).collect();
        tasks.extend(self.waiting.borrow_mut().drain(..));
        tasks
    }

    /// Looks whenever a job has ended, until all have.
    async fn watch(self: Rc<Self>) {
        let (words, index) = self.surface.finished();
        loop {
            // The count is read first: what ends after the look changes it, and the wait returns at once.
            let seen = Atomics::load(&words, index).unwrap_or(0);
            self.look();
            if self.submitted.borrow().is_empty() && self.waiting.borrow().is_empty() {
                self.watched.set(false);
                return;
            }
            match changed(&words, index, seen) {
                Some(promise) => drop(JsFuture::from(promise).await),
                None => sleep(LOOK_MS).await,
            }
        }
    }

    /// Ends the watch of a pool that nobody will wake any more.
    pub fn close(&self) {
        let (words, index) = self.surface.finished();
        let _ = Atomics::notify(&words, index);
    }
}

/// Resolves when the word is no longer `seen`; `None` where that cannot be awaited.
fn changed(words: &Int32Array, index: u32, seen: i32) -> Option<Promise> {
    if get(&get(&js_sys::global(), "Atomics"), "waitAsync").is_undefined() {
        return None;
    }
    let waiting = Atomics::wait_async(words, index, seen).ok()?;
    let value = get(&waiting, "value");
    Some(value.dyn_into().unwrap_or_else(|_| Promise::resolve(&JsValue::UNDEFINED)))
}
