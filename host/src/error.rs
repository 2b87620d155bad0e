//! Errors as JavaScript sees them: an `Error` with a stable `code` and the advice that belongs to it.

use js_sys::Reflect;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};

/// Whatever a call of this crate can fail with.
pub type Result<T> = core::result::Result<T, Failure>;

/// The `EngineError` of the package's types.
pub fn to_js(failure: &Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.message);
    error.set_name("EngineError");
    for (name, value) in [("code", failure.code.as_str()), ("advice", failure.code.advice())] {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&error, &name.into(), &value.into());
    }
    error.into()
}

/// The failure that [`to_js`] has made an error of; any other reason is `what` that went wrong in the worklet.
pub fn from_js(reason: &JsValue, what: &str) -> Failure {
    serde_wasm_bindgen::from_value(reason.clone()).unwrap_or_else(|_| because(ErrorCode::WorkletFailed, what, reason))
}

/// A failure with what the browser said about it.
pub fn because(code: ErrorCode, what: &str, reason: &JsValue) -> Failure {
    Failure::new(code, format!("{what}: {}.", text(reason).trim_end_matches('.')))
}

/// The text of an exception.
pub fn text(reason: &JsValue) -> String {
    match reason.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => reason.as_string().unwrap_or_else(|| String::from("unknown reason")),
    }
}
