#!/usr/bin/env bash
# Proves what holds for the engine module that is shipped: scripts/check.sh [MODULE]
#
# Without a MODULE that of target/package is taken, built first if it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

module=${1:-$target/package/engine.wasm}
[ $# -gt 0 ] || [ -f "$module" ] || scripts/build.sh

step "What the audio thread and the workers can reach in $module"
cargo run --quiet -p rusty-audio-proof -- prove "$module" scripts/proof/exports.txt
