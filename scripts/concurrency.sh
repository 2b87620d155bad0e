#!/usr/bin/env bash
# Proves the lock-free structures: scripts/concurrency.sh [laws] [loom] [mutants] [miri] [tsan]
#
# laws: the laws after random scripts, and a million seeds of random words in shared memory.
# loom: every structure in every order, and every ordering weakened. mutants: known bugs planted in the sources.
# miri: undefined behaviour and weak memory, under several schedules. tsan: real threads under ThreadSanitizer.
# Without a name all of them; laws only with RUSTY_AUDIO_FULL=true, since the native tests have them with fewer seeds.
# One line `ok` or `not ok` for each; a tool that cannot be had here is `# SKIP`.
set -uo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}/concurrency
mkdir -p "$target"
source scripts/toolchain.sh

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then
    parts=(mutants loom miri tsan)
    [ "${RUSTY_AUDIO_FULL:-}" = true ] && parts+=(laws)
fi

# Two at a time: each has its own target folder, and most of the time is spent in one thread.
if [ ${#parts[@]} -gt 1 ]; then
    declare -A jobs
    for part in "${parts[@]}"; do
        while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
        scripts/concurrency.sh "$part" >"$target/$part.out" 2>&1 &
        jobs[$part]=$!
    done
    failed=0
    for part in "${parts[@]}"; do
        wait "${jobs[$part]}" || failed=1
        cat "$target/$part.out"
    done
    exit $failed
fi

seeds=4
[ "${RUSTY_AUDIO_FULL:-}" = true ] && seeds=64
failed=0

# proves NAME COMMAND…: one line that says how it went, and the whole output if it went wrong.
proves() {
    local name=$1 log=$target/${1// /-}.log
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok $name"
    else
        failed=1
        echo "not ok $name"
        cat "$log"
    fi
}

# skip NAME WHY: a tool is absent, which CI takes for a failure.
skip() {
    [ "${CI:-}" = true ] && failed=1 && printf 'not '
    echo "ok $1 # SKIP $2"
}

# needs NAME COMPONENT: whether the nightly has a component of rustup's, installed now if need be.
needs() {
    rustup component list --toolchain "$nightly" --installed 2>/dev/null | grep -q "^$2" && return 0
    rustup component add "$2" --toolchain "$nightly" >/dev/null 2>&1 && return 0
    skip "$1" "$nightly has no $2 here"
    return 1
}

loom() {
    export RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=$target/loom
    proves "$1" cargo test --release -p rusty-audio-lockfree-tests --test orders -- --nocapture "$2"
    grep -E "^ *[0-9]+ orders|^[0-9]+ weakened" "$target/${1// /-}.log"
    unset RUSTFLAGS
}

for part in "${parts[@]}"; do
    case $part in
        laws)
            CARGO_TARGET_DIR=$target/laws proves laws cargo test --release -p rusty-audio-lockfree-tests \
                --test laws --test hostile
            ;;
        loom)
            loom "loom" no_order_breaks_a_law
            loom "loom weakened" every_ordering_is_needed
            ;;
        mutants)
            CARGO_TARGET_DIR=$target proves mutants cargo run --quiet -p rusty-audio-mutants
            grep -c "^ok noticed" "$target/mutants.log" | sed 's/$/ planted bugs noticed/'
            ;;
        miri)
            needs miri miri && needs miri rust-src || continue
            # Data races and stale values show under some schedules only.
            MIRIFLAGS="-Zmiri-many-seeds=0..$seeds" CARGO_TARGET_DIR=$target/miri \
                proves "miri threads" cargo "+$nightly" miri test -p rusty-audio-lockfree-tests --test threads
            CARGO_TARGET_DIR=$target/miri proves "miri laws" \
                cargo "+$nightly" miri test -p rusty-audio-lockfree-tests --test laws
            CARGO_TARGET_DIR=$target/miri proves "miri units" \
                cargo "+$nightly" miri test -p rusty-audio-engine --lib lockfree
            ;;
        tsan)
            needs tsan rust-src || continue
            if [ "$(uname -sm)" != "Linux x86_64" ]; then
                skip tsan "built for Linux on x86-64 only"
                continue
            fi
            RUSTFLAGS=-Zsanitizer=thread CARGO_TARGET_DIR=$target/tsan proves tsan \
                cargo "+$nightly" test -Zbuild-std --target x86_64-unknown-linux-gnu --release \
                -p rusty-audio-lockfree-tests --test threads
            ;;
        *)
            sed -n '2s/^# //p' "$0" >&2
            exit 2
            ;;
    esac
done
exit $failed
