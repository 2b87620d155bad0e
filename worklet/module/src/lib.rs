//! The engine module as it is shipped: every thread's exports, with the engine's own effects.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]

rusty_audio_worklet::engine_module!(rusty_audio_engine::effects::StandardEffects<'static>);
