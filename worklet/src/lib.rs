//! Entry points of the audio thread and the workers: the engine module.
