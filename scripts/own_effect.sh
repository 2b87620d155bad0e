#!/usr/bin/env bash
# Builds the package of the example in tests/own_effect into target/own_effect: the engine's package with a module that has
# an effect more. Proves of that module what is proved of the engine's own.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target
source scripts/toolchain.sh

[ -f "$target/package/engine.wasm" ] || scripts/build.sh
install_rust

step "Engine module with an effect of one's own"
wasm_module .cargo/engine.toml "$target/engine" -p rusty-audio-own-effect-module
WASM_RUSTFLAGS=$scalar wasm_module .cargo/engine.toml "$target/scalar" -p rusty-audio-own-effect-module
rm -rf "$target/own_effect"
cp -r "$target/package" "$target/own_effect"
cp "$target/engine/$wasm/wasm/rusty_audio_own_effect_module.wasm" "$target/own_effect/engine.wasm"
cp "$target/scalar/$wasm/wasm/rusty_audio_own_effect_module.wasm" "$target/own_effect/engine-scalar.wasm"

step "What the audio thread and the workers can reach in it"
cargo run --quiet -p rusty-audio-proof -- prove "$target/own_effect/engine.wasm" scripts/proof/exports.txt
