//! The laws in browsers.
#![cfg(target_arch = "wasm32")]
