#!/usr/bin/env bash
# Runs a bench and prints a table, or one JSON array of rows. Browsers' benches need chromium; the CHROMIUM variable
# names another one.
#
#   scripts/bench.sh NAME [--json] [--rounds N]
#
#   start     navigation to the first rendered quantum, click to the first sound
#   load      a first visit of the demo page over Fast 3G, to its first sound, and what is sent until then
#   ring      the ring of frames: two workers against ringbuf.js, two native threads against rtrb and ringbuf
#   effects   the effects of a node against the browser's own nodes
#   convolver the convolver against ConvolverNode and fft-convolver, what it costs the audio thread, who computes its tail
#   dispatch  what it costs to give a job away, and how long until a worker has begun or done it
#   warming   the slowest quantum of a node's first second, with warming against without, and how even the next ones are
#   picture   what a spectrum costs the main thread, against AnalyserNode and audiomotion-analyzer; --soak: memory over ten minutes
#   recorder  what the flight recorder costs the audio thread, of a quantum
#   fft       transforms against pffft, realfft and microfft; --accuracy compares their errors and times nothing
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
target=$CARGO_TARGET_DIR
source scripts/toolchain.sh

bench=${1:-}
case $bench in
    start | load | ring | effects | convolver | dispatch | warming | picture | recorder | fft) shift ;;
    *) sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || fail "$browser is missing: install chromium, or name one in CHROMIUM."

bench_module() {
    require_tools
    install_rust
    install_node_modules
    step "Bench module"
    wasm_module .cargo/engine.toml "$target/engine" -p rusty-audio-bench-module
}

peers_module() {
    step "Other crates' transforms and convolver"
    wasm_module .cargo/page.toml "$target/page" -p rusty-audio-bench-peers
}

# Standard output is the bench's alone, for --json.
case $bench in
    start | load | effects | warming) scripts/build.sh ;;
    picture)
        scripts/build.sh
        step "audiomotion-analyzer, to compare with"
        # By its licence it can be no part of this project, so no lock file names it.
        npm install --silent --no-audit --no-fund --no-save --prefix "$target/peers" audiomotion-analyzer@4.5.4
        ;;
    ring)
        bench_module
        step "Native bench"
        cargo build --quiet --release -p rusty-audio-bench-native
        ;;
    recorder) bench_module ;;
    dispatch)
        bench_module
        step "Proof: nothing that wakes can be reached from a post"
        cargo run --quiet -p rusty-audio-proof -- prove "$target/engine/$wasm/wasm/rusty_audio_bench_module.wasm" benches/dispatch/exports.txt
        ;;
    convolver)
        scripts/build.sh
        peers_module
        step "The engine module, with its instructions counted"
        cargo run --quiet -p rusty-audio-proof -- instrument "$target/package/engine.wasm" "$target/counted.wasm"
        ;;
    fft)
        bench_module
        peers_module
        step "What surrounds a transform"
        wasm_module benches/steps/memory.toml "$target/steps" -p rusty-audio-bench-steps
        ;;
esac >&2
exec node "benches/$bench/run.mjs" "$@"
