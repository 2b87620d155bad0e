//! The decode worker: sources, streams, resampling.
