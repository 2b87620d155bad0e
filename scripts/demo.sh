#!/usr/bin/env bash
# Builds the demo page and serves it on this machine. Needs rustup and Node 20 or later; fetches the rest.
#
#   scripts/demo.sh [--solo] [--port N]
#
#   --solo     serve without the isolation headers, so that the engine runs without shared memory
#   --port N   listen on port N instead of 8080
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { echo "$*" >&2; exit 1; }

options=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --solo) shift ;;
    --port) [ $# -ge 2 ] || fail "--port needs a number."; shift 2 ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "$1 is not an option of this script: scripts/demo.sh [--solo] [--port N]" ;;
  esac
done

# rustup's installer changes only later shells.
[ -d "${CARGO_HOME:-$HOME/.cargo}/bin" ] && PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
command -v rustup >/dev/null || fail "rustup is missing: install it from https://rustup.rs and run this again."
command -v node >/dev/null || fail "Node is missing: install version 20 or later from https://nodejs.org and run this again."
command -v npm >/dev/null || fail "npm is missing: install it with Node from https://nodejs.org and run this again."
node_version=$(node --version)
node_major=${node_version#v}
node_major=${node_major%%.*}
[ "$node_major" -ge 20 ] || fail "Node $node_version is too old: install version 20 or later from https://nodejs.org and run this again."

# npm writes this file last, so its age tells whether the lock file was installed.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  say "Installing what the scripts need from npm"
  npm ci --no-audit --no-fund
fi

say "Building the package"
scripts/build.sh

say "Putting the page together"
scripts/site.sh

say "Serving"
exec node scripts/serve.mjs target/www ${options[@]+"${options[@]}"}
