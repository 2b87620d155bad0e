//! Where a track's bytes come from. Reading never waits: see [`BlockCache`].

#[cfg(target_arch = "wasm32")]
mod blob;
mod block_cache;
#[cfg(target_arch = "wasm32")]
mod body;
#[cfg(target_arch = "wasm32")]
mod download;
#[cfg(target_arch = "wasm32")]
mod reader;
#[cfg(target_arch = "wasm32")]
mod request;
#[cfg(target_arch = "wasm32")]
mod shared;
#[cfg(target_arch = "wasm32")]
mod url;

pub use block_cache::{BLOCK_BYTES, BlockCache, ReadOutcome};
#[cfg(target_arch = "wasm32")]
pub use reader::Source;
