//! What a page sees of one entry of the queue.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Object};
use rusty_audio_protocol::{Failure, SeekPrecision, TrackDescription, TrackId};
use wasm_bindgen::JsValue;

use crate::error::to_js;
use crate::pending::Pending;
use crate::script::{object, set};

/// An entry and its JavaScript object, which stays the same for the life of the entry and is kept up to date.
pub struct Track {
    /// Its name in the protocol.
    pub id: TrackId,
    /// A `Blob` or an absolute URL.
    pub source: JsValue,
    /// The `Track` of the package's types.
    pub view: Object,
    /// Settled when the source was opened or failed.
    pub opened: Pending,
    /// Why it does not play, or not to its end.
    pub failure: RefCell<Option<Failure>>,
    frames: Cell<Option<u64>>,
    sample_rate: f64,
}

impl Track {
    /// An entry of which nothing is known yet; `sample_rate` is the context's, in Hz.
    pub fn new(id: TrackId, source: JsValue, name: &str, sample_rate: f64) -> Self {
        let view = object(&[
            ("id", id.into()),
            ("name", name.into()),
            ("source", source.clone()),
            ("container", "".into()),
            ("codec", "".into()),
            ("channels", 0.into()),
            ("sampleRate", 0.into()),
            ("duration", f64::NAN.into()),
            ("durationExact", false.into()),
            ("gapless", false.into()),
            ("seek", "none".into()),
            ("indexProgress", 0.into()),
            ("receivedBytes", 0.into()),
            ("totalBytes", JsValue::NULL),
            ("notes", Array::new().into()),
            ("error", JsValue::NULL),
        ]);
        let opened = Pending::new();
        set(&view, "opened", &opened.promise());
        Self { id, source, view, opened, failure: RefCell::default(), frames: Cell::new(None), sample_rate }
    }

    /// Length in frames at the context's rate, when known.
    pub fn frames(&self) -> Option<u64> {
        self.frames.get()
    }

    /// Length in seconds, NaN when unknown.
    pub fn duration_s(&self) -> f64 {
        self.frames.get().map_or(f64::NAN, |frames| frames as f64 / self.sample_rate)
    }

    /// Takes over what the decode worker says. Returns whether the duration changed.
    pub fn describe(&self, description: &TrackDescription) -> bool {
        let changed = self.frames.replace(description.frames) != description.frames;
        let view = &self.view;
        set(view, "container", &description.container.as_str().into());
        set(view, "codec", &description.codec.as_str().into());
        set(view, "channels", &description.channels.into());
        set(view, "sampleRate", &description.source_sample_rate.into());
        set(view, "duration", &self.duration_s().into());
        set(view, "durationExact", &description.frames_exact.into());
        set(view, "gapless", &description.gapless.into());
        let (seek, progress) = match description.seek {
            SeekPrecision::Exact => ("exact", 1.0),
            SeekPrecision::Indexing { progress } => ("indexing", progress),
            SeekPrecision::None => ("none", 0.0),
        };
        set(view, "seek", &seek.into());
        set(view, "indexProgress", &progress.into());
        let notes: Array = description.notes.iter().map(|note| JsValue::from_str(note)).collect();
        set(view, "notes", &notes);
        self.opened.resolve(view);
        changed
    }

    /// Takes over how much has been received.
    pub fn received(&self, received_bytes: u64, total_bytes: Option<u64>) {
        set(&self.view, "receivedBytes", &(received_bytes as f64).into());
        set(&self.view, "totalBytes", &total_bytes.map_or(JsValue::NULL, |bytes| (bytes as f64).into()));
    }

    /// Takes over why it does not play. Returns the error object.
    pub fn fail(&self, failure: &Failure) -> JsValue {
        let error = to_js(failure);
        set(&self.view, "error", &error);
        self.failure.replace(Some(failure.clone()));
        self.opened.reject(failure);
        error
    }
}
