//! What is said of an exception of JavaScript.

use wasm_bindgen::prelude::*;

/// Name and text of an exception.
pub fn describe(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| format!("{}: {}", String::from(error.name()), String::from(error.message())),
    )
}
