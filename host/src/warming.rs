//! Warming: a worker of its own runs the engine's kernels once, so that the audio thread does not find them cold.
//!
//! It has the module but a memory of its own, which ends with it. Nobody waits for it, and nothing depends on how it ends.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::WebAssembly;
use rusty_audio_engine::warming::MEMORY_MEBIBYTES;
use rusty_audio_protocol::{WorkerCommand, WorkerEvent};
use wasm_bindgen::{JsCast, JsValue};

use crate::instance::pages;
use crate::owned_worker::OwnedWorker;
use crate::pool::message;
use crate::script::{Listener, Timer, object, set};

/// Far beyond what it takes on a slow phone.
const LIMIT_MS: i32 = 5_000;

/// What came of it.
#[derive(Default)]
struct Outcome {
    quanta: u32,
    milliseconds: f64,
    failure: Option<String>,
}

struct Running {
    _worker: OwnedWorker,
    _listeners: [Listener; 2],
    _limit: Timer,
}

/// The warming of one engine.
#[derive(Default)]
pub struct Warming {
    running: RefCell<Option<Running>>,
    outcome: RefCell<Option<Outcome>>,
}

impl Warming {
    /// Sends `worker` its first message.
    pub fn start(worker: OwnedWorker, module: &WebAssembly::Module, sample_rate: f32) -> Rc<Self> {
        let warming = Rc::new(Self::default());
        let [heard, failed, late] = [(); 3].map(|()| Rc::downgrade(&warming));
        let listeners = worker.listen(
            move |data| {
                if let Ok(WorkerEvent::Warmed { quanta, milliseconds }) = serde_wasm_bindgen::from_value(data) {
                    end(&heard, Outcome { quanta, milliseconds, failure: None });
                }
            },
            move |said| end(&failed, Outcome { failure: Some(format!("It threw: {said}.")), ..Outcome::default() }),
        );
        let limit = Timer::after(LIMIT_MS, move || {
            let failure = format!("It did not end within {} s.", LIMIT_MS / 1000);
            end(&late, Outcome { failure: Some(failure), ..Outcome::default() });
        });
        let command = message(&WorkerCommand::Warm { pages: pages(MEMORY_MEBIBYTES), sample_rate });
        set(command.unchecked_ref(), "module", module);
        // A module and plain data can always be posted to a worker.
        let _ = worker.worker().post_message(&command);
        let running = Running { _worker: worker, _listeners: listeners, _limit: limit };
        warming.running.replace(Some(running));
        warming
    }

    /// Ends it, if it has not ended; it has no outcome then.
    pub fn stop(&self) {
        self.running.take();
    }

    /// The `Warming` of the package's types; null while there is no outcome.
    pub fn report(&self) -> JsValue {
        match &*self.outcome.borrow() {
            None => JsValue::NULL,
            Some(Outcome { quanta, milliseconds, failure }) => object(&[
                ("quanta", (*quanta).into()),
                ("milliseconds", (*milliseconds).into()),
                ("failure", failure.as_deref().map_or(JsValue::NULL, JsValue::from)),
            ])
            .into(),
        }
    }
}

fn end(warming: &Weak<Warming>, outcome: Outcome) {
    if let Some(warming) = warming.upgrade() {
        warming.outcome.replace(Some(outcome));
        warming.running.take();
    }
}
