//! The engine module with the table of `tests/own_effect`. Built like the engine's own, and put in its place in the package, it
//! gives the page an effect more: the host reads the table from the module.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]

rusty_audio_worklet::engine_module!(rusty_audio_own_effect::MyEffects<'static>);
