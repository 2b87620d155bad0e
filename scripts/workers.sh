#!/usr/bin/env bash
# Plays the laws of the lock-free structures in headless browsers, on shared memory and with real workers:
# scripts/workers.sh [chromium] [firefox]
#
# A browser that is absent is reported as skipped. The runner and geckodriver are built once, under the target folder.
set -uo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
source scripts/toolchain.sh

browsers=("$@")
[ ${#browsers[@]} -gt 0 ] || browsers=(chromium firefox)
failed=0

install_rust || exit 1
cargo "+$nightly" build --quiet --release --locked --manifest-path scripts/bindgen-test/Cargo.toml \
    --target-dir "$target/tools" || { echo "not ok the runner of wasm-bindgen's tests could not be built"; exit 1; }
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$target/tools/release/rusty-audio-bindgen-test
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER
export WASM_BINDGEN_TEST_WEBDRIVER_JSON=$PWD/tests/lockfree/webdriver.json WASM_BINDGEN_TEST_TIMEOUT=120

# skip NAME WHY: a browser is absent, which CI takes for a failure.
skip() {
    [ "${CI:-}" = true ] && failed=1 && printf 'not '
    echo "ok $1 # SKIP $2"
}

# in_browser NAME VARIABLE DRIVER: every test of the suite in one browser.
in_browser() {
    local log status
    log=$(mktemp)
    env "$2=$3" CARGO_TARGET_DIR="$target/workers" cargo "+$nightly" --config .cargo/workers.toml test --release \
        --target wasm32-unknown-unknown -p rusty-audio-lockfree-tests --test workers >"$log" 2>&1
    status=$?
    sed -n "s/^test \(.*\) \.\.\. ok$/ok $1: \1/p; s/^test \(.*\) \.\.\. FAIL.*$/not ok $1: \1/p" "$log"
    if [ "$status" -ne 0 ]; then
        failed=1
        cat "$log"
        grep -q '^test .* FAIL' "$log" || echo "not ok $1: the suite did not run"
    fi
    rm -f "$log"
}

for browser in "${browsers[@]}"; do
    case $browser in
        chromium)
            driver=$(command -v chromedriver) || { skip chromium "chromedriver is not installed"; continue; }
            in_browser chromium CHROMEDRIVER "$driver"
            ;;
        firefox)
            command -v firefox-esr >/dev/null || command -v firefox >/dev/null || {
                skip firefox "Firefox is not installed"
                continue
            }
            # It waits for the browser most of the time, so it need not be optimised.
            driver=$(command -v geckodriver || echo "$target/tools/bin/geckodriver")
            if [ ! -x "$driver" ] && ! CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug geckodriver --version 0.37.1 --locked \
                --root "$target/tools" --target-dir "$target/tools" >"$target/geckodriver.log" 2>&1; then
                skip firefox "geckodriver could not be built; see $target/geckodriver.log"
                continue
            fi
            in_browser firefox GECKODRIVER "$driver"
            ;;
        *)
            sed -n '3s/^# //p' "$0" >&2
            exit 2
            ;;
    esac
done
exit $failed
