//! The worker itself: messages in, messages out, and the loop between.

mod codec_instance;
mod engine_sink;
mod message;
mod module_library;
mod port_sink;
mod progress;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Reflect, WebAssembly};
use rusty_audio_codec::Family;
use rusty_audio_protocol::{ABI, DecoderCommand, DecoderEvent, ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use codec_instance::SourceMedia;
use engine_sink::EngineSink;
use module_library::ModuleLibrary;
use port_sink::PortSink;
use progress::ProgressReport;

use crate::exception::describe;
use crate::source::Source;
use crate::timing::{Signal, pause, within};
use crate::{Conductor, Segment, Sink, Step};

/// How long the worker works before it looks at its messages.
const TURN_MILLISECONDS: f64 = 4.0;
/// How often a full ring is looked at while it is being read, in milliseconds: in shared memory nobody tells that it was.
const FULL_MILLISECONDS: i32 = 20;
/// How often it is looked at while nobody reads it.
const PAUSED_MILLISECONDS: i32 = 100;
/// When the progress of sources is looked at again while there is something left to tell, in milliseconds.
const PROGRESS_MILLISECONDS: i32 = 200;

enum AnySink {
    Engine(EngineSink),
    Port(PortSink),
}

impl AnySink {
    /// The sink that rides beside a command; `moved` is raised when a ring behind a port was read.
    fn new(data: &JsValue, feeder: u32, stack_top: u32, moved: &Signal) -> Result<Self, Failure> {
        let beside = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let memory = beside("memory");
        if memory.is_undefined() || memory.is_null() {
            let port = beside("port").dyn_into::<MessagePort>().map_err(|_| {
                Failure::new(ErrorCode::InvalidArgument, "A sink needs the property memory or the property port.")
            })?;
            return Ok(Self::Port(PortSink::new(port, moved.clone())));
        }
        let refuse = |error: JsValue| {
            let what = describe(&error);
            Failure::new(ErrorCode::AssetFailed, format!("The engine module could not be instantiated: {what}."))
        };
        let module = beside("module").dyn_into::<WebAssembly::Module>().map_err(refuse)?;
        Ok(Self::Engine(EngineSink::new(&module, &memory, stack_top, feeder).map_err(refuse)?))
    }

    /// Has the flight recorder note down that bytes are waited for, or are there. In solo mode there is none.
    fn note(&self, waits: bool) {
        if let Self::Engine(sink) = self {
            sink.note(waits);
        }
    }

    fn sink(&self) -> &dyn Sink {
        match self {
            Self::Engine(sink) => sink,
            Self::Port(sink) => sink,
        }
    }

    fn sink_mut(&mut self) -> &mut dyn Sink {
        match self {
            Self::Engine(sink) => sink,
            Self::Port(sink) => sink,
        }
    }
}

impl Sink for AnySink {
    fn capacity(&self) -> u32 {
        self.sink().capacity()
    }

    fn written(&self) -> u32 {
        self.sink().written()
    }

    fn read(&self) -> u32 {
        self.sink().read()
    }

    fn target(&self) -> u32 {
        self.sink().target()
    }

    fn begin(&mut self, segment: Segment) -> bool {
        self.sink_mut().begin(segment)
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        self.sink_mut().push(left, right)
    }

    fn end(&mut self) -> bool {
        self.sink_mut().end()
    }
}

/// How long the loop may rest.
enum Rest {
    /// Until the messages that wait are handled.
    Turn,
    /// So long, if nothing wakes it before.
    Milliseconds(i32),
    /// Until something wakes it.
    UntilWoken,
}

struct Worker {
    conductor: Conductor<SourceMedia>,
    sink: AnySink,
    library: ModuleLibrary,
    progress: ProgressReport,
    /// Where the ring was read up to at the last look.
    read: u32,
    /// Whether bytes are waited for.
    waits: bool,
    wake: Signal,
}

/// Starts the worker in its global scope. `messages` are the data of the messages that came before, oldest first; the first
/// of all must be `initialize`.
#[wasm_bindgen(js_name = startDecodeWorker)]
pub fn start_decode_worker(messages: &Array) {
    let worker: Rc<RefCell<Option<Worker>>> = Rc::default();
    for message in messages.iter() {
        receive(&worker, &message);
    }
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| receive(&worker, &event.data()));
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn receive(worker: &Rc<RefCell<Option<Worker>>>, data: &JsValue) {
    match obey(worker, data) {
        Ok(true) => {}
        Ok(false) => end(worker, &DecoderEvent::Closed),
        Err(failure) => end(worker, &DecoderEvent::Broken { failure }),
    }
}

/// Does what a message says. Returns whether the worker goes on.
fn obey(worker: &Rc<RefCell<Option<Worker>>>, data: &JsValue) -> Result<bool, Failure> {
    let command = message::command(data)?;
    if let DecoderCommand::Initialize { sample_rate, feeder, stack_top, codec_urls } = command {
        *worker.borrow_mut() = Some(Worker::new(data, sample_rate, feeder, stack_top, codec_urls)?);
        spawn_local(run(Rc::clone(worker)));
        message::post(&DecoderEvent::Ready { abi: ABI });
    } else if let DecoderCommand::Shutdown = command {
        return Ok(false);
    } else if let Some(worker) = &mut *worker.borrow_mut() {
        worker.obey(command, data)?;
    }
    Ok(true)
}

/// Ends the worker: after its last word it writes nothing any more.
fn end(worker: &Rc<RefCell<Option<Worker>>>, last_word: &DecoderEvent) {
    // Whoever runs it finds nobody to run.
    drop(worker.take());
    message::post(last_word);
    scope().close();
}

/// Steps the conductor for the life of the worker.
async fn run(worker: Rc<RefCell<Option<Worker>>>) {
    let Some(wake) = worker.borrow().as_ref().map(|worker| worker.wake.clone()) else {
        return;
    };
    loop {
        let rest = match &mut *worker.borrow_mut() {
            Some(worker) => worker.work(),
            None => return,
        };
        match rest {
            Rest::Turn => pause(0).await,
            Rest::Milliseconds(most) => drop(within(most, wake.raised()).await),
            Rest::UntilWoken => wake.raised().await,
        }
    }
}

impl Worker {
    fn new(
        data: &JsValue,
        sample_rate: u32,
        feeder: u32,
        stack_top: u32,
        codec_urls: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let wake = Signal::default();
        Ok(Self {
            conductor: Conductor::new(sample_rate),
            sink: AnySink::new(data, feeder, stack_top, &wake)?,
            library: ModuleLibrary::new(codec_urls, wake.clone()),
            progress: ProgressReport::default(),
            read: 0,
            waits: false,
            wake,
        })
    }

    fn obey(&mut self, command: DecoderCommand, data: &JsValue) -> Result<(), Failure> {
        let media = |worker: &Self| {
            let value = Reflect::get(data, &"source".into()).unwrap_or(JsValue::UNDEFINED);
            // An address, or a file.
            let name = value.as_string().or_else(|| Reflect::get(&value, &"name".into()).ok()?.as_string());
            if let Some(family) = name.as_deref().and_then(Family::promised) {
                // It begins to load; how that goes is told to who needs it.
                let _ = worker.library.module(family);
            }
            SourceMedia::new(Source::new(&value, worker.wake.clone()), worker.library.clone())
        };
        match command {
            DecoderCommand::Connect { feeder, stack_top } => {
                let sink = AnySink::new(data, feeder, stack_top, &self.wake)?;
                self.conductor.change_sink();
                (self.sink, self.read, self.waits) = (sink, 0, false);
            }
            DecoderCommand::Open { track, epoch } => {
                let media = media(self);
                self.conductor.open(track, media, epoch);
            }
            DecoderCommand::Enqueue { track } => {
                let media = media(self);
                self.conductor.enqueue(track, media, &self.sink);
            }
            DecoderCommand::Remove { track } => self.conductor.remove(track, &self.sink),
            DecoderCommand::Seek { track, frame, epoch } => self.conductor.seek(track, frame, epoch),
            DecoderCommand::Loop { enabled } => self.conductor.set_loop(enabled, &self.sink),
            DecoderCommand::Initialize { .. } | DecoderCommand::Shutdown => {}
        }
        self.wake.raise();
        Ok(())
    }

    /// Steps until there is nothing to do or the worker's other messages have waited long enough. They get their
    /// turn by a timer: in WebKit a message to oneself would wait for the main thread.
    fn work(&mut self) -> Rest {
        let start = js_sys::Date::now();
        loop {
            match self.step() {
                Rest::Turn if js_sys::Date::now() - start < TURN_MILLISECONDS => {}
                rest => return rest,
            }
        }
    }

    fn step(&mut self) -> Rest {
        let step = self.conductor.step(&mut self.sink);
        for event in self.conductor.take_events() {
            message::post(&event);
        }
        let unreported = self.progress.report(self.conductor.media().map(|(track, media)| (track, media.source())));
        let waits = step == Step::Waiting;
        if core::mem::replace(&mut self.waits, waits) != waits {
            self.sink.note(waits);
        }
        let read = core::mem::replace(&mut self.read, self.sink.read());
        match step {
            Step::Worked => Rest::Turn,
            Step::Full if read == self.read => Rest::Milliseconds(PAUSED_MILLISECONDS),
            Step::Full => Rest::Milliseconds(FULL_MILLISECONDS),
            Step::Waiting | Step::Idle if unreported => Rest::Milliseconds(PROGRESS_MILLISECONDS),
            Step::Waiting | Step::Idle => Rest::UntilWoken,
        }
    }
}
