//! What the lock-free structures promise, written once and tried in every way there is.
//!
//! - [`laws`]: one thread plays both ends after a script of random words, beside a model that is obviously right.
//! - [`hostile`]: the same ends while somebody scribbles over the memory they share.
//! - [`roles`]: one end each, for threads natively and for workers in a browser; they neither allocate nor panic.

pub mod hostile;
pub mod laws;
pub mod region;
pub mod roles;
pub mod script;
