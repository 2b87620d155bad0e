# The pinned tools, and what installs them. Sourced by the other scripts.

nightly=nightly-2026-10-01
wasm_bindgen_version=0.2.130

step() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# A missing tool gets one sentence that says what to install.
require_tools() {
    command -v rustup >/dev/null || fail "rustup is missing: install it from https://rustup.rs."
    command -v node >/dev/null || fail "Node.js is missing: install version 20 or later from https://nodejs.org."
    local major
    major=$(node --print 'process.versions.node.split(".")[0]')
    [ "$major" -ge 20 ] || fail "Node.js $(node --version) is too old: install version 20 or later from https://nodejs.org."
    command -v npm >/dev/null || fail "npm is missing: install it together with Node.js from https://nodejs.org."
}

install_rust() {
    if ! rustup toolchain list | grep -q "^$nightly"; then
        step "Installing Rust $nightly"
        rustup toolchain install "$nightly" --profile minimal
    fi
    local sysroot
    sysroot=$(rustc "+$nightly" --print sysroot)
    [ -d "$sysroot/lib/rustlib/src/rust/library" ] || rustup component add rust-src --toolchain "$nightly"
    [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ] || rustup target add wasm32-unknown-unknown --toolchain "$nightly"
}

# Leaves the path of the pinned wasm-bindgen in $wasm_bindgen.
install_wasm_bindgen() {
    wasm_bindgen=$(command -v wasm-bindgen || true)
    if [ -z "$wasm_bindgen" ] || [ "$("$wasm_bindgen" --version)" != "wasm-bindgen $wasm_bindgen_version" ]; then
        wasm_bindgen="$target/tools/bin/wasm-bindgen"
    fi
    if [ ! -x "$wasm_bindgen" ] || [ "$("$wasm_bindgen" --version)" != "wasm-bindgen $wasm_bindgen_version" ]; then
        step "Installing wasm-bindgen $wasm_bindgen_version (about three minutes, once)"
        cargo "+$nightly" install wasm-bindgen-cli --version "=$wasm_bindgen_version" --root "$target/tools" \
            --target-dir "$target/tools/build" --quiet
        rm -rf "$target/tools/build"
    fi
}

install_node_modules() {
    if [ ! -d node_modules ] || ! cmp -s package-lock.json node_modules/.installed-lock; then
        step "Installing the development packages of package-lock.json"
        npm ci --no-audit --no-fund --silent
        cp package-lock.json node_modules/.installed-lock
    fi
}
