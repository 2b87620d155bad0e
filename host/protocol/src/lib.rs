//! What the main thread says to the decode worker and to pool workers, what they answer, and the codes all put on errors.
//!
//! Every message is a tagged object (`{ type: 'open', … }`), so that it can be read in a debugger.
//! Values that are not data (a `File`, a `MessagePort`, a `WebAssembly.Module`) ride beside these
//! messages as further properties of the same object; each variant that has some says so.
//!
//! Frames are counted at the sample rate of the audio context unless a name says otherwise.

mod error;
mod message;
mod worker_message;

pub use error::{ErrorCode, Failure};
pub use message::{DecoderCommand, DecoderEvent, SeekPrecision, TrackDescription, TrackId};
pub use worker_message::{TaskId, WorkerCommand, WorkerEvent};

/// Number of what the package's files say to each other; the engine module has the same.
pub const ABI: u32 = 1;

/// Space of the source ring that the decode worker leaves free, so that after a seek the first frames fit into a full ring, whose
/// reader goes on with the old sound until it jumps, or is suspended. Frames of three jumps.
pub const RESERVE_FRAMES: u32 = 3 * 8_448;
