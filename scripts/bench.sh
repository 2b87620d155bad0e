#!/usr/bin/env bash
# Runs a bench and prints a table, or one JSON array of rows.
#
#   scripts/bench.sh start [--json] [--rounds N]
#
#   start   navigation to the first rendered quantum, click to the first sound (needs chromium; the
#           CHROMIUM variable names another one)
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  start) ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
bench=$1
shift

browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || { echo "$browser is missing: install chromium, or name one in CHROMIUM." >&2; exit 1; }
# Standard output is the bench's alone, for --json.
scripts/build.sh >&2
exec node "benches/$bench/run.mjs" "$@"
