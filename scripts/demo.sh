#!/usr/bin/env bash
# Builds the demo page and serves it on this machine. Needs rustup and Node 20 or later; fetches the rest.
#
#   scripts/demo.sh [--no-isolation] [--port N]
#
#   --no-isolation   serve without the isolation headers, as hosts do that cannot send them
#   --port N         listen on port N instead of 8080
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/toolchain.sh

options=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --no-isolation) shift ;;
    --port) [ $# -ge 2 ] || fail "--port needs a number."; shift 2 ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "$1 is not an option of this script: scripts/demo.sh [--no-isolation] [--port N]" ;;
  esac
done

# rustup's installer changes the PATH of later shells only.
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
scripts/build.sh

step "Serving"
exec node scripts/serve.mjs "${CARGO_TARGET_DIR:-target}/www" ${options[@]+"${options[@]}"}
