//! What was measured before, by the devices: in the page's local storage, which may be blocked.

use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, Storage};

use crate::script::{get, get_number, get_text, object};

use super::RoundTrip;

/// How the keys begin; the output's id follows, and the microphone's.
const PREFIX: &str = "rusty-audio.round-trip";

/// A measurement of an earlier time.
pub struct Remembered {
    /// What was measured.
    pub milliseconds: f64,
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// The microphone's name, or its id where it had none.
    pub microphone: String,
}

/// Remembers a measurement for the output that `context` has and the microphone. Where storage is blocked or full nothing happens.
pub fn remember(context: &AudioContext, round_trip: &RoundTrip) {
    let entry = object(&[
        ("milliseconds", round_trip.milliseconds.into()),
        ("at", js_sys::Date::now().into()),
        ("microphone", round_trip.microphone.as_str().into()),
    ]);
    if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&entry)) {
        let key = format!("{}{}", keys_of(context), round_trip.microphone_id);
        let _ = storage.set_item(&key, &String::from(text));
    }
}

/// The newest measurement on the output that `context` has, through any microphone: which one is the default is not told before
/// it is asked for.
pub fn remembered(context: &AudioContext) -> Option<Remembered> {
    let storage = storage()?;
    let keys = keys_of(context);
    let entries = (0..storage.length().ok()?).filter_map(|place| {
        let key = storage.key(place).ok()??;
        let text = if key.starts_with(&keys) { storage.get_item(&key).ok()?? } else { return None };
        let entry = JSON::parse(&text).ok()?;
        let (milliseconds, at) = (get(&entry, "milliseconds").as_f64()?, get_number(&entry, "at"));
        Some(Remembered { milliseconds, at, microphone: get_text(&entry, "microphone") })
    });
    entries.max_by(|a, b| a.at.total_cmp(&b.at))
}

/// How the keys of the context's output begin.
fn keys_of(context: &AudioContext) -> String {
    let sink = get(context, "sinkId");
    let output = match sink.as_string() {
        Some(id) if !id.is_empty() => id,
        None if sink.is_object() => get_text(&sink, "type"),
        _ => String::from("default"),
    };
    format!("{PREFIX} {output} ")
}

/// Asking for storage that is blocked throws.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().unwrap_or_else(|_: JsValue| None)
}
