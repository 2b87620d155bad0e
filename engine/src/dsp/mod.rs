//! Kernels: the textbook parts that processors and effects are made of.

pub mod cleaner;
pub mod fade;
#[allow(unsafe_code, reason = "passes go over memory whose length was checked once")]
pub mod fft;
pub mod fir;
pub mod level;
pub mod ramp;
#[allow(unsafe_code, reason = "vectors are loaded from addresses and stored there")]
pub mod simd;
