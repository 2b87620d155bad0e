//! Reading in solo mode: the worklet fills arrays of the page with the newest frames, and a worker computes their spectra by the
//! job that computes them in shared mode. The arrays travel there and back, and one request is under way at a time.

use std::cell::{Cell, RefCell};
use std::rc::Weak;

use js_sys::{Array, Float32Array};
use rusty_audio_protocol::WorkerCommand;
use wasm_bindgen::{JsCast, JsValue};

use crate::engine::Engine;
use crate::instance::pages;
use crate::node::Node;
use crate::owned_worker::OwnedWorker;
use crate::pool::{MEMORY_MEBIBYTES, SCRIPT, message};
use crate::script::{Listener, get, get_text, now_ms, object, set};

use super::{SpectrumReader, Subject};

/// A request that takes so long is lost, and its arrays with it: it takes milliseconds.
const LIMIT_MS: f64 = 5_000.0;

/// From the start of a worker that has died to that of the next.
const RESTART_MS: f64 = 1_000.0;

/// Where an array is.
#[derive(Clone, Copy, PartialEq)]
enum Whereabouts {
    /// With the page: nothing new in it.
    Home,
    /// In the worklet.
    Worklet,
    /// With the worker.
    Worker,
    /// With the page again, to be read.
    Back,
}

/// Arrays that travel, and where they are.
struct Errand {
    whereabouts: Cell<Whereabouts>,
    since_ms: Cell<f64>,
    /// Frames, plane after plane.
    samples: RefCell<Option<Float32Array>>,
    /// The end of the frames that were read last, or are on their way.
    end: Cell<Option<u32>>,
}

impl Errand {
    fn new() -> Self {
        Self {
            whereabouts: Cell::new(Whereabouts::Home),
            since_ms: Cell::new(0.0),
            samples: RefCell::default(),
            end: Cell::new(None),
        }
    }

    /// Whether what went away is back to be read; it is at home then.
    fn has_come(&self) -> bool {
        let came = self.whereabouts.get() == Whereabouts::Back;
        if came || now_ms() - self.since_ms.get() > LIMIT_MS {
            self.whereabouts.set(Whereabouts::Home);
        }
        came
    }

    fn go(&self, whereabouts: Whereabouts) {
        self.whereabouts.set(whereabouts);
        self.since_ms.set(now_ms());
    }

    /// Sends for the newest frames, if nothing is under way. `purpose` is what the answer is known by.
    fn send(&self, subject: Subject, node: &Node, purpose: &str) {
        let node = node.node.borrow();
        let Some(port) = node.as_ref().and_then(|node| node.port().ok()) else { return };
        if self.whereabouts.get() != Whereabouts::Home {
            return;
        }
        let samples = self.samples.take().unwrap_or_else(|| Float32Array::new_with_length(2 * subject.size));
        let request = object(&[
            ("type", "frames".into()),
            ("reader", subject.reader.into()),
            ("purpose", purpose.into()),
            ("effect", subject.effect.into()),
            ("samples", samples.clone().into()),
        ]);
        if port.post_message_with_transferable(&request, &Array::of1(&samples.buffer())).is_ok() {
            self.go(Whereabouts::Worklet);
        }
    }

    /// Takes frames in that the worklet has sent. Returns whether they are others than before.
    fn receive(&self, answer: &JsValue) -> bool {
        if self.whereabouts.get() != Whereabouts::Worklet {
            return false;
        }
        self.whereabouts.set(Whereabouts::Home);
        self.samples.replace(get(answer, "samples").dyn_into().ok());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of 32 bits")]
        let end = get(answer, "end").as_f64().map(|end| end as u32);
        end.is_some() && self.end.replace(end) != end
    }
}

const FRAMES: &str = "frames";
const POWER: &str = "power";

/// What is under way.
pub(super) struct Solo {
    reader: Weak<SpectrumReader>,
    frames: Errand,
    power: Errand,
    /// Spectra, plane after plane.
    spectra: RefCell<Option<Float32Array>>,
    worker: RefCell<Option<SpectrumWorker>>,
    started_ms: Cell<Option<f64>>,
}

/// A worker that computes spectra and nothing else.
struct SpectrumWorker {
    worker: OwnedWorker,
    _listeners: [Listener; 2],
}

impl Solo {
    /// Of `reader`; nothing is under way.
    pub(super) fn new(reader: Weak<SpectrumReader>) -> Self {
        Self {
            reader,
            frames: Errand::new(),
            power: Errand::new(),
            spectra: RefCell::default(),
            worker: RefCell::default(),
            started_ms: Cell::new(None),
        }
    }

    /// Copies the newest frames that have come to `target`, and sends for newer ones. Returns their end.
    pub(super) fn read_frames(&self, subject: Subject, node: &Node, target: &Float32Array) -> Option<u32> {
        let came = self.frames.has_come();
        if let (true, Some(samples)) = (came, &*self.frames.samples.borrow()) {
            let frames = target.length() / 2;
            for plane in 0..2 {
                let end = (plane + 1) * subject.size;
                target.set(&samples.subarray(end - frames, end), plane * frames);
            }
        }
        self.frames.send(subject, node, FRAMES);
        self.frames.end.get().filter(|_| came)
    }

    /// Copies the newest spectra that have come to `target`, and sends for newer ones. Returns their end.
    pub(super) fn read_power(&self, subject: Subject, node: &Node, target: &Float32Array) -> Option<u32> {
        let was_computing = self.power.whereabouts.get() == Whereabouts::Worker;
        let came = self.power.has_come();
        if let (true, Some(spectra)) = (came, &*self.spectra.borrow()) {
            target.set(&spectra.subarray(0, target.length()), 0);
        }
        if was_computing && self.power.whereabouts.get() == Whereabouts::Home {
            // It hangs, or was ended from outside, which nobody tells.
            self.worker.take();
        }
        self.power.send(subject, node, POWER);
        self.power.end.get().filter(|_| came)
    }

    /// Takes in frames that the worklet has sent.
    pub(super) fn hear(&self, subject: Subject, engine: &Engine, answer: &JsValue) {
        match get_text(answer, "purpose").as_str() {
            FRAMES if self.frames.receive(answer) => self.frames.go(Whereabouts::Back),
            POWER if self.power.receive(answer) => self.compute(subject, engine),
            _ => {}
        }
    }

    pub(super) fn close(&self) {
        self.worker.take();
    }

    /// Sends the frames that have come to the worker.
    fn compute(&self, subject: Subject, engine: &Engine) {
        if self.worker.borrow().is_none() {
            self.start(engine);
        }
        let worker = self.worker.borrow();
        let (Some(SpectrumWorker { worker, .. }), Some(samples)) = (&*worker, self.power.samples.take()) else {
            return;
        };
        let spectra = self.spectra.take().unwrap_or_else(|| Float32Array::new_with_length(2 * subject.bins()));
        let command = message(&WorkerCommand::ComputeSpectra { size: subject.size, window: subject.window });
        set(command.unchecked_ref(), "samples", &samples);
        set(command.unchecked_ref(), "spectra", &spectra);
        // Plain data and arrays of our own can always be posted.
        let transfer = Array::of2(&samples.buffer(), &spectra.buffer());
        let _ = worker.worker().post_message_with_transfer(&command, &transfer);
        self.power.go(Whereabouts::Worker);
    }

    /// Starts a worker, if the last one did not start just now.
    fn start(&self, engine: &Engine) {
        let now = now_ms();
        if self.started_ms.get().is_some_and(|started| now - started < RESTART_MS) {
            return;
        }
        self.started_ms.set(Some(now));
        let Ok(worker) = OwnedWorker::spawn(&engine.assets, SCRIPT) else { return };
        let (heard, failed) = (self.reader.clone(), self.reader.clone());
        let listeners = worker.listen(
            move |data| {
                if let Some(reader) = heard.upgrade() {
                    reader.solo.take_in(&data);
                }
            },
            move |_| {
                if let Some(reader) = failed.upgrade() {
                    reader.solo.lose();
                }
            },
        );
        let (pages, sample_rate) = (pages(MEMORY_MEBIBYTES), engine.context.sample_rate());
        let first = message(&WorkerCommand::InitializeSolo { pages, sample_rate });
        set(first.unchecked_ref(), "module", &engine.module);
        // A module and plain data can always be posted to a worker.
        let _ = worker.worker().post_message(&first);
        self.worker.replace(Some(SpectrumWorker { worker, _listeners: listeners }));
    }

    /// Takes in spectra that the worker has computed.
    fn take_in(&self, data: &JsValue) {
        if get_text(data, "type") == "spectra" && self.power.whereabouts.get() == Whereabouts::Worker {
            self.power.samples.replace(get(data, "samples").dyn_into().ok());
            self.spectra.replace(get(data, "spectra").dyn_into().ok());
            self.power.go(Whereabouts::Back);
        }
    }

    /// The worker has died, and the arrays that it had with it.
    fn lose(&self) {
        self.worker.take();
        if self.power.whereabouts.get() == Whereabouts::Worker {
            self.power.whereabouts.set(Whereabouts::Home);
        }
    }
}
