//! The body of an answer, as it arrives.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use super::request::{STALL_MILLISECONDS, Trouble};
use crate::exception::describe;
use crate::timing::within;

/// Reads a body chunk by chunk.
pub struct Body(ReadableStreamDefaultReader);

impl Body {
    /// The body of `response`, if it has one.
    pub fn of(response: &Response) -> Option<Self> {
        let reader = response.body()?.get_reader();
        Some(Self(reader.unchecked_into()))
    }

    /// The next bytes; none at the end.
    pub async fn chunk(&self) -> Result<Option<Vec<u8>>, Trouble> {
        let result = within(STALL_MILLISECONDS, JsFuture::from(self.0.read()))
            .await
            .ok_or(Trouble::Stalled)?
            .map_err(|error| Trouble::Broken(describe(&error)))?;
        let part = |name: &str| Reflect::get(&result, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if part("done").is_truthy() {
            return Ok(None);
        }
        Ok(Some(Uint8Array::new(&part("value")).to_vec()))
    }
}
