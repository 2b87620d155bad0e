//! The real-time core of Rusty Audio: rings, processor, workers and DSP, without std.
