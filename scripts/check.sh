#!/usr/bin/env bash
# Proves what holds for the modules that are shipped: scripts/check.sh [MODULE] [--write-budgets | --explain]
#
# Without a MODULE the engine's of target/package is taken, built first if it is not there. --write-budgets takes what the
# module costs now as the budgets of scripts/proof/budgets.json. --explain builds the module once more, with line tables,
# and tells the lines of the sources that whatever is forbidden comes from.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

module=
write=
explain=false
for argument in "$@"; do
    case $argument in
        --write-budgets) write=--write ;;
        --explain) explain=true ;;
        -*) fail "usage: scripts/check.sh [MODULE] [--write-budgets | --explain]" ;;
        *) module=$argument ;;
    esac
done
if [ -z "$module" ] && ! $explain; then
    module=$target/package/engine.wasm
    [ -f "$module" ] || scripts/build.sh
fi
[ -d node_modules/acorn ] || install_node_modules
proof() { cargo run --quiet -p rusty-audio-proof -- "$@"; }
list=scripts/proof/exports.txt

if $explain; then
    step "Engine module with line tables"
    install_rust
    CARGO_PROFILE_WASM_DEBUG=line-tables-only CARGO_PROFILE_WASM_STRIP=false \
        wasm_module .cargo/engine.toml "$target/explained" -p rusty-audio-engine-module
    proof prove "$target/explained/$wasm/wasm/rusty_audio_engine_module.wasm" $list
    exit
fi

step "What the audio thread and the workers can reach in $module"
proof prove "$module" $list

step "What the worklet's shells call"
node scripts/proof/shells.mjs $list worklet/processor.js worklet/worker.js "$module"

package=$(dirname "$module")
step "What the oldest browsers would refuse"
proof prove "$package/engine-scalar.wasm" $list
proof floor $(find "$package" -name '*.wasm' ! -path "$module")
node scripts/proof/syntax.mjs $(find "$package" -name '*.js')

step "Which tests show each fault and each error"
node scripts/proof/faults.mjs
node scripts/proof/codes.mjs

step "What a render quantum costs"
copy=$target/counted.wasm
proof instrument "$module" "$copy"
node scripts/proof/cost.mjs "$copy" $write

step "What the modules weigh"
node scripts/proof/weight.mjs "$package" scripts/proof/weights.json

step "Paths of this machine in what is shipped"
if paths=$(grep -lF -e "$PWD/" -e "$HOME/" "$package"/*.wasm); then
    fail "These modules tell where they were built: $paths"
fi
echo "There are none."

step "What the tests reach"
if [ -f "$target/coverage.json" ]; then
    date -r "$target/coverage.json" '+Measured by scripts/coverage.sh, %F %R:'
    node scripts/coverage/lines.mjs "$target/coverage.json"
else
    echo "It was not measured here: scripts/coverage.sh does."
fi
