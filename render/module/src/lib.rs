//! The picture as a page loads it: a canvas, WebGPU where there is an adapter, else Canvas 2D with the CPU twins.
//!
//! | file | is about |
//! |---|---|
//! | `renderer` | the class that the page sees |
//! | `settings` | one object of JavaScript becomes the picture's settings |
//! | `backend` | who draws |
//! | `web_gpu` | the canvas, device and end of a GPU |
//! | `canvas` | the same pictures with Canvas 2D |
//! | `error` | errors as JavaScript sees them |
#![forbid(unsafe_code)]

mod backend;
mod canvas;
mod error;
mod renderer;
mod settings;
mod web_gpu;

pub use renderer::SpectrumRenderer;
