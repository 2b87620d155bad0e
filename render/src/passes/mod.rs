//! The CPU twins of the compute passes: the same arithmetic, for pages without a GPU, and to judge the shaders by.
//!
//! Values of several channels follow one another: `[channel][bin]` and `[channel][band]`.

mod bands;
mod peak;
mod smooth;
mod spectrogram;

pub use bands::bands;
pub use peak::peak;
pub use smooth::smooth;
pub use spectrogram::spectrogram;
