//! Whether the oldest browsers that the package is for take a module: Chrome 92, Firefox 79 and Safari 15.2.
//!
//! All of them have what [`FLOOR`] lists: sign extension (Chrome 74, Firefox 62, Safari 14.1), mutable globals (74, 61, 13.1),
//! saturating conversions (75, 64, 15), multiple values (85, 78, 13.1), bulk memory (75, 79, 15) and threads (74, 79, 15.2). SIMD came
//! to Firefox with 89 and to Safari with 16.4; reference types came to Chrome with 96. (MDN's compatibility data of November 2026.)

use wasmparser::{Validator, WasmFeatures};

/// What a module may use.
pub const FLOOR: WasmFeatures = WasmFeatures::MVP
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::THREADS);

/// What those browsers would refuse the module for; `None` if they take it.
#[must_use]
pub fn refusal(module: &[u8]) -> Option<String> {
    Validator::new_with_features(FLOOR).validate_all(module).err().map(|error| error.to_string())
}
