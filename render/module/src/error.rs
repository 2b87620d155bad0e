//! Errors as JavaScript sees them: an `Error` with a stable `code`.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Code `invalid-argument`, with a sentence that says what to give instead.
pub fn invalid_argument(sentence: &str) -> JsValue {
    let error = js_sys::Error::new(sentence);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &"invalid-argument".into());
    error.into()
}
