//! Reading a `Blob` or `File`, slice by slice.

use js_sys::Uint8Array;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::BLOCK_BYTES;
use super::shared::{Shared, Want};
use crate::exception::describe;

/// The bytes of a `Blob`.
pub struct BlobBytes {
    blob: Blob,
}

impl BlobBytes {
    /// Reads `blob`.
    pub const fn new(blob: Blob) -> Self {
        Self { blob }
    }

    /// Length in bytes.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length is a whole number below 2^53"
    )]
    pub fn size(&self) -> u64 {
        self.blob.size() as u64
    }

    /// Gets the first of the blocks that are wanted, or a piece for the index.
    pub async fn fetch(&self, shared: &Shared, want: Want) -> Result<(), Failure> {
        let start = match want {
            Want::Blocks(first, _) => first * BLOCK_BYTES as u64,
            Want::Index(offset) => offset,
        };
        let bytes = read_slice(&self.blob, start, start + BLOCK_BYTES as u64).await.map_err(|error| {
            Failure::new(
                ErrorCode::SourceChanged,
                format!("The file could not be read at byte {start}: {}.", describe(&error)),
            )
        })?;
        match want {
            Want::Blocks(..) => shared.deliver(start, &bytes),
            Want::Index(_) => shared.deliver_index(start, &bytes),
        }
        Ok(())
    }
}

/// The bytes of `blob` from `start` to `end`, fewer at its end.
#[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
pub async fn read_slice(blob: &Blob, start: u64, end: u64) -> Result<Vec<u8>, JsValue> {
    let slice = blob.slice_with_f64_and_f64(start as f64, end as f64)?;
    let buffer = JsFuture::from(slice.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
