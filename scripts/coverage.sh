#!/usr/bin/env bash
# Measures which lines of the crates the native tests reach: scripts/coverage.sh [--html]
#
# Prints a line for each crate; less of the engine than scripts/coverage/lines.mjs asks for is a failure. --html leaves the
# sources, line by line, in target/coverage.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

rustup component list --installed | grep -q ^llvm-tools || rustup component add llvm-tools
cargo_tool cargo-llvm-cov 0.9.1
# What a browser calls, tools and tests of tests say nothing here.
packages=(-p rusty-audio-engine -p rusty-audio-tests -p rusty-audio-lockfree-tests -p rusty-audio-decoder -p rusty-audio-codec
    -p rusty-audio-recorder -p rusty-audio-monitor -p rusty-audio-protocol -p rusty-audio-render -p rusty-audio-render-tests)
step "Tests that note what they reach"
"$tool" llvm-cov test --quiet "${packages[@]}" --json --summary-only --output-path "$target/coverage.json"
node scripts/coverage/lines.mjs "$target/coverage.json"
if [ "${1:-}" = --html ]; then
    "$tool" llvm-cov report --html --output-dir "$target/coverage"
fi
