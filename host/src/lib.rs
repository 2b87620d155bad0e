//! The main-thread half of Rusty Audio.
