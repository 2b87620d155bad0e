//! Kernels: the textbook parts that processors and effects are made of.

pub mod biquad;
pub mod cascade;
pub mod cleaner;
pub mod decibel;
pub mod delay_line;
pub mod envelope;
pub mod fade;
#[allow(unsafe_code, reason = "passes go over memory whose length was checked once")]
pub mod fft;
pub mod fir;
pub mod freeze;
pub mod gating;
pub mod inter_sample_peak;
pub mod k_weighting;
pub mod level;
pub mod linear_prediction;
pub mod loudness;
pub mod moving_average;
pub mod oversampler;
pub mod pitch;
pub mod ramp;
#[allow(unsafe_code, reason = "vectors are loaded from addresses and stored there")]
pub mod simd;
pub mod sliding_minimum;
pub mod spectral_gate;
pub mod state_variable;
pub mod stft;
pub mod true_peak;
pub mod window;

/// The nearest `f32`: for what is computed wide, to be right in the last digit.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
fn narrow(value: f64) -> f32 {
    value as f32
}
