//! Kernels: the textbook parts that processors and effects are made of.

pub mod cleaner;
pub mod fade;
pub mod fft;
pub mod fir;
pub mod level;
pub mod ramp;
pub mod simd;
