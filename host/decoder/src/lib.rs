//! The decode worker: it reads files and addresses, decodes them, and fills the source ring.
//!
//! ```text
//! Blob, URL ── source ──> codec module ──> Stream: channel mixing, resampling ──> Conductor: queue ──> Sink: ring
//! ```
//!
//! Nothing here waits. Whatever is not there yet is a value ([`Interruption::Waiting`]), and the worker's loop
//! ([`worker`](self), only in WebAssembly) polls the conductor again when something has arrived. So a command of the
//! main thread is obeyed at once, whatever a server does, and the whole queue logic runs in native tests.

#![forbid(unsafe_code)]

mod channel_mixing;
mod codec;
mod conductor;
#[cfg(target_arch = "wasm32")]
mod exception;
mod resampler;
mod sink;
pub mod source;
mod stereo;
mod stream;
#[cfg(target_arch = "wasm32")]
mod timing;
#[cfg(target_arch = "wasm32")]
mod worker;

pub use channel_mixing::ChannelMixer;
pub use codec::{Codec, CodecDescription, IndexState, Interruption, SeekAbility};
pub use conductor::{Conductor, Media, Step};
pub use resampler::{Resampler, SAMPLE_RATES, converted_frames};
pub use sink::{Join, Segment, Sink};
pub use stereo::StereoFrames;
pub use stream::Stream;
