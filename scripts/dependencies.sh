#!/usr/bin/env bash
# Holds the dependencies to deny.toml: scripts/dependencies.sh [--manifest-path CARGO_TOML] [CHECK …]
#
# By default all that needs no network: licences, sources and bans. `advisories` asks the RustSec database.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

manifest=$PWD/Cargo.toml
if [ "${1:-}" = --manifest-path ]; then
    manifest=$2
    shift 2
fi
checks=("$@")
[ ${#checks[@]} -gt 0 ] || checks=(licenses sources bans)
cargo_tool cargo-deny 0.20.2
"$tool" --log-level error --manifest-path "$manifest" --config "$PWD/deny.toml" --workspace check --hide-inclusion-graph "${checks[@]}"
