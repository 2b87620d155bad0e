//! What one step of each pass computes, and in which order: written once, for any vector.
//!
//! Natively, and as the judge, the vector is [`F32x4`](crate::dsp::simd::F32x4) and a compiler orders the instructions. For
//! WebAssembly the build script records the same steps and emits their instructions as they are written here: a browser
//! keeps the order that it is given, and this one needs few registers. So each number is made as late, and stored as early,
//! as can be.

pub mod butterfly;
pub mod complex;
pub mod last;
pub mod leaf;
pub mod order;
pub mod passes;
pub mod products;
pub mod split;
pub mod vector;
