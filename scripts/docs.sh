#!/usr/bin/env bash
# Makes the API reference, of the crates in target/doc and of the package in target/reference. Whatever is public and says
# nothing, and a link that leads nowhere, is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target
source scripts/toolchain.sh

[ -f "$target/package/index.js" ] || scripts/build.sh
install_rust

step "Reference of the crates"
export RUSTDOCFLAGS="-D warnings"
cargo doc --quiet --workspace --exclude rusty-audio-worklet --no-deps --lib
# What only browsers run is no code on this machine.
cargo "+$nightly" --config .cargo/engine.toml doc --quiet --target $wasm --target-dir "$target/engine" --no-deps \
    -p rusty-audio-worklet -p rusty-audio-own-effect-module
echo "$target/doc/rusty_audio_engine/index.html and $target/engine/$wasm/doc/rusty_audio_worklet/index.html"

step "Reference of the package"
build_typedoc
# The table that the names of assets come from is not exported.
node "$typedoc" --options scripts/typedoc/typedoc.json --intentionallyNotExported places --tsconfig "$target/glue/tsconfig.json" --out "$target/reference" \
    "$target/glue/index.ts" "$target/glue/hud/index.ts" "$target/glue/spectrum/index.ts"
echo "$target/reference/index.html"
