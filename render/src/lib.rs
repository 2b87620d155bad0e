//! The spectrum's picture: from powers per bin to pixels, on the main thread and on the GPU.
//!
//! What comes in is the linear power of each bin of a real transform, raw: a sine that hits a bin with amplitude 1 reads 1.0
//! there, which is 0 dB. All that makes a picture of it happens here, in compute and draw passes, or without a GPU in the
//! CPU twins of the compute passes.
//!
//! | file | is about |
//! |---|---|
//! | `settings` | what a page asks of the picture, and the ranges of it |
//! | `plan` | what follows from the settings: axis, bands, panes, sizes |
//! | `scale` | frequency scales and the axis |
//! | `ticks` | where an axis has its labels |
//! | `reading` | what lies under a cursor, and the loudest tone |
//! | `octave` | octave bands by the standard |
//! | `weighting` | A and C |
//! | `note` | musical names of frequencies |
//! | `tone` | frequency and level of a tone between bins |
//! | `banding` | which bins a value of the picture is made of |
//! | `ballistics` | attack, release, hold and fall, whatever the frame rate |
//! | `columns` | which columns of the spectrogram a frame writes |
//! | `color_map` | the colours of a spectrogram |
//! | `trigger` | where an oscilloscope's picture begins |
//! | `layout` | structs and constants that Rust and the shaders share |
//! | `shaders/*.wgsl`, `passes/*.rs` | one pass each, for the GPU and for the CPU by the same name; and what is drawn |
//! | `gpu` | device, pipelines, buffers; `Scene` is all of it for one picture |
//! | `twins` | the same for the CPU: what the passes keep from frame to frame |
//! | `drawing` | what the draw passes share, for who draws without a GPU |
//!
//! `module/` is what a page loads: the class over a canvas, and Canvas 2D.
//!
//! A frame of the picture is four compute passes, in this order: `bands` (bins to bands), `smooth` (attack and release),
//! `peak` (hold and fall), `spectrogram` (a column of the bands' unsmoothed levels). Bands come first, as in a sound level
//! meter: it is the band's power that is smoothed, which is steady where those of its bins are not.
//!
//! The module is loaded for a picture, so it has to be small. Nothing here makes text of a number with a fraction, not even
//! in the message of a panic: it would be a sixth of the module.
#![forbid(unsafe_code)]

pub mod ballistics;
pub mod banding;
pub mod color_map;
pub mod columns;
pub mod drawing;
pub mod gpu;
pub mod layout;
pub mod note;
pub mod octave;
pub mod passes;
pub mod plan;
pub mod reading;
pub mod scale;
pub mod settings;
pub mod ticks;
pub mod tone;
pub mod trigger;
pub mod twins;
pub mod weighting;
