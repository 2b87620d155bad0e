//! Workers in solo mode: each with an instance and a memory of its own, started when there is work for it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::{Array, Float32Array, WebAssembly};
use rusty_audio_engine::lockfree::board::Class;
use rusty_audio_protocol::{ErrorCode, Failure, TaskId, WorkerCommand};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::assets::Assets;
use crate::error::Result;
use crate::instance::pages;
use crate::owned_worker::OwnedWorker;
use crate::script::{Listener, Timer, get, get_number, get_text, set};

use super::work::Task;
use super::{SCRIPT, message};

/// Memory of a worker: its pool, and room to spare.
pub const MEMORY_MEBIBYTES: u32 = 8;

/// A task that takes so long hangs: the longest that can be asked for takes a fraction of it, even on a slow phone.
const TASK_LIMIT_MS: i32 = 15_000;

/// Starts that may fail before the tasks that wait are given up.
const FAILED_STARTS: u32 = 3;

struct SoloWorker {
    id: u32,
    worker: Rc<OwnedWorker>,
    ready: bool,
    /// What it computes, and the limit of that.
    at_hand: Option<(Task, Timer)>,
    _listeners: [Listener; 2],
}

/// The workers of an engine in solo mode.
pub struct SoloPool {
    assets: Assets,
    module: WebAssembly::Module,
    sample_rate: f32,
    most: Cell<usize>,
    workers: RefCell<Vec<SoloWorker>>,
    waiting: RefCell<VecDeque<Task>>,
    started: Cell<u32>,
    failed_starts: Cell<u32>,
}

impl SoloPool {
    /// At most so many workers, none yet.
    pub fn new(assets: Assets, module: WebAssembly::Module, sample_rate: f32, most: usize) -> Rc<Self> {
        Rc::new(Self {
            assets,
            module,
            sample_rate,
            most: Cell::new(most),
            workers: RefCell::default(),
            waiting: RefCell::default(),
            started: Cell::new(0),
            failed_starts: Cell::new(0),
        })
    }

    /// Gives a task to a worker, or keeps it until one is free.
    pub fn submit(self: &Rc<Self>, mut task: Task) {
        task.work.keep();
        let mut waiting = self.waiting.borrow_mut();
        // The interactive ones go first.
        let place = match task.class {
            Class::Background => waiting.len(),
            Class::RealTime | Class::Interactive => {
                waiting.iter().position(|other| other.class == Class::Background).unwrap_or(waiting.len())
            }
        };
        waiting.insert(place, task);
        drop(waiting);
        self.distribute();
    }

    /// Forgets a task; a worker that computes it is not interrupted.
    pub fn cancel(&self, id: TaskId) {
        self.waiting.borrow_mut().retain(|task| task.id != id);
    }

    /// How many workers there may be.
    pub fn resize(self: &Rc<Self>, most: usize) {
        self.most.set(most);
        let leaving = {
            let mut workers = self.workers.borrow_mut();
            let from = most.min(workers.len());
            workers.split_off(from)
        };
        for worker in leaving {
            // Another does again what one of them has at hand.
            self.waiting.borrow_mut().extend(worker.at_hand.map(|(task, _)| task));
        }
        self.distribute();
    }

    /// Ends all. Returns the tasks that are not done.
    pub fn close(&self) -> Vec<Task> {
        let workers = core::mem::take(&mut *self.workers.borrow_mut());
        for worker in workers.iter().filter(|worker| worker.at_hand.is_none()) {
            // Plain data can always be posted.
            let _ = worker.worker.worker().post_message(&message(&WorkerCommand::ShutDown));
        }
        let at_hand = workers.into_iter().filter_map(|worker| worker.at_hand).map(|(task, _)| task);
        at_hand.chain(self.waiting.borrow_mut().drain(..)).collect()
    }

    fn distribute(self: &Rc<Self>) {
        let mut workers = self.workers.borrow_mut();
        for worker in workers.iter_mut().filter(|worker| worker.ready && worker.at_hand.is_none()) {
            let Some(task) = self.waiting.borrow_mut().pop_front() else { break };
            let command = message(&task.work.command(task.id));
            let input = Float32Array::new_with_length(task.work.input_samples());
            task.work.write(&input);
            set(command.unchecked_ref(), "samples", &input);
            // Plain data and an array of our own can always be posted.
            let _ = worker.worker.worker().post_message_with_transfer(&command, &Array::of1(&input.buffer()));
            let (pool, id) = (Rc::downgrade(self), worker.id);
            let limit = Timer::after(TASK_LIMIT_MS, move || {
                if let Some(pool) = Weak::upgrade(&pool) {
                    pool.lose(id);
                }
            });
            worker.at_hand = Some((task, limit));
        }
        let starting = workers.iter().filter(|worker| !worker.ready).count();
        let wanted =
            self.waiting.borrow().len().saturating_sub(starting).min(self.most.get().saturating_sub(workers.len()));
        drop(workers);
        for _ in 0..wanted {
            if let Err(failure) = self.start() {
                self.give_up(&failure);
            }
        }
    }

    fn start(self: &Rc<Self>) -> Result<()> {
        let worker = Rc::new(OwnedWorker::spawn(&self.assets, SCRIPT)?);
        let id = self.started.get();
        self.started.set(id + 1);
        let (heard, failed) = (Rc::downgrade(self), Rc::downgrade(self));
        let listeners = worker.listen(
            move |data| {
                if let Some(pool) = heard.upgrade() {
                    pool.hear(id, &data);
                }
            },
            move |_| {
                if let Some(pool) = failed.upgrade() {
                    pool.lose(id);
                }
            },
        );
        let entry = SoloWorker { id, worker: worker.clone(), ready: false, at_hand: None, _listeners: listeners };
        self.workers.borrow_mut().push(entry);
        let command = WorkerCommand::InitializeSolo { pages: pages(MEMORY_MEBIBYTES), sample_rate: self.sample_rate };
        let first = message(&command);
        set(first.unchecked_ref(), "module", &self.module);
        let pool = Rc::downgrade(self);
        spawn_local(async move {
            let begun = worker.begin(&first, &Array::new()).await;
            let Some(pool) = Weak::upgrade(&pool) else { return };
            match begun {
                Ok(()) => pool.welcome(id),
                Err(failure) => {
                    pool.workers.borrow_mut().retain(|worker| worker.id != id);
                    pool.failed_starts.set(pool.failed_starts.get() + 1);
                    if pool.failed_starts.get() >= FAILED_STARTS {
                        pool.give_up(&failure);
                    }
                    pool.distribute();
                }
            }
        });
        Ok(())
    }

    fn welcome(self: &Rc<Self>, id: u32) {
        self.failed_starts.set(0);
        if let Some(worker) = self.workers.borrow_mut().iter_mut().find(|worker| worker.id == id) {
            worker.ready = true;
        }
        self.distribute();
    }

    fn hear(self: &Rc<Self>, id: u32, data: &JsValue) {
        match get_text(data, "type").as_str() {
            "taskComplete" => {
                let task = self.take(id);
                if let (Some(task), Ok(output)) = (task, get(data, "output").dyn_into::<Float32Array>()) {
                    let milliseconds = get_number(data, "executionMilliseconds");
                    task.outcome.resolve(&task.work.result(&output, milliseconds));
                }
                self.distribute();
            }
            "taskFailed" => self.lose(id),
            _ => {}
        }
    }

    fn take(&self, id: u32) -> Option<Task> {
        let mut workers = self.workers.borrow_mut();
        let worker = workers.iter_mut().find(|worker| worker.id == id)?;
        worker.at_hand.take().map(|(task, _)| task)
    }

    /// A worker has died, and its memory with it. Another may do its task.
    fn lose(self: &Rc<Self>, id: u32) {
        let task = self.take(id);
        let was_ready = self.workers.borrow().iter().any(|worker| worker.id == id && worker.ready);
        if !was_ready {
            // Its start has failed, which is told where that is awaited.
            return;
        }
        self.workers.borrow_mut().retain(|worker| worker.id != id);
        if let Some(task) = task.and_then(Task::after_death) {
            self.waiting.borrow_mut().push_front(task);
        }
        self.distribute();
    }

    fn give_up(&self, failure: &Failure) {
        for task in self.waiting.borrow_mut().drain(..) {
            task.outcome.reject(&Failure::new(ErrorCode::WorkerFailed, failure.message.clone()));
        }
    }
}
