#!/usr/bin/env bash
# Proves what holds for the engine module that is shipped: scripts/check.sh [MODULE] [--write-budgets]
#
# Without a MODULE that of target/package is taken, built first if it is not there. --write-budgets takes what the
# module costs now as the budgets of scripts/proof/budgets.json.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

module=
write=
for argument in "$@"; do
    case $argument in
        --write-budgets) write=--write ;;
        -*) fail "usage: scripts/check.sh [MODULE] [--write-budgets]" ;;
        *) module=$argument ;;
    esac
done
if [ -z "$module" ]; then
    module=$target/package/engine.wasm
    [ -f "$module" ] || scripts/build.sh
fi
[ -d node_modules/acorn ] || install_node_modules
proof() { cargo run --quiet -p rusty-audio-proof -- "$@"; }
list=scripts/proof/exports.txt

step "What the audio thread and the workers can reach in $module"
proof prove "$module" $list

step "What the worklet's shells call"
node scripts/proof/shells.mjs $list worklet/processor.js worklet/worker.js

step "What a render quantum costs"
copy=$target/counted.wasm
proof instrument "$module" "$copy"
node scripts/proof/cost.mjs "$copy" $write
