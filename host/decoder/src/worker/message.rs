//! Messages as JavaScript objects.

use js_sys::{Object, Reflect};
use rusty_audio_protocol::{DecoderCommand, DecoderEvent, ErrorCode, Failure};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::exception::describe;

/// Properties that ride beside the data of a command.
const BESIDE: [&str; 4] = ["module", "memory", "port", "source"];

/// Reads a command.
pub fn command(data: &JsValue) -> Result<DecoderCommand, Failure> {
    let refuse = |error: String| {
        Failure::new(ErrorCode::InvalidArgument, format!("The worker got an unreadable message: {error}."))
    };
    let Some(object) = data.dyn_ref::<Object>() else {
        return Err(refuse("it is no object".into()));
    };
    let plain = Object::assign(&Object::new(), object);
    for name in BESIDE {
        Reflect::delete_property(&plain, &name.into()).map_err(|error| refuse(describe(&error)))?;
    }
    serde_wasm_bindgen::from_value(plain.into()).map_err(|error| refuse(error.to_string()))
}

/// Posts an event to the main thread.
pub fn post(event: &DecoderEvent) {
    let serializer = Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    if let Ok(message) = event.serialize(&serializer) {
        // Only a value that cannot be cloned makes this fail, and events are plain data.
        drop(super::scope().post_message(&message));
    }
}
