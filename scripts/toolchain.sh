# The pinned tools, and what installs them. Sourced by the other scripts.

nightly=nightly-2026-10-01

step() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# A missing tool gets one sentence that says what to install.
require_tools() {
    command -v rustup >/dev/null || fail "rustup is missing: install it from https://rustup.rs."
    command -v cc >/dev/null || fail "A C compiler is missing, which Rust links with: install one, such as build-essential or Xcode's command line tools."
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

# Leaves the path of the pinned wasm-bindgen in $bindgen.
build_bindgen() {
    bindgen=$target/tools/release/rusty-audio-bindgen
    [ -x "$bindgen" ] || step "Building wasm-bindgen (about a minute, once)"
    cargo "+$nightly" build --quiet --release --locked --manifest-path scripts/bindgen/Cargo.toml --target-dir "$target/tools"
}

# cargo_tool NAME VERSION: leaves the path of a subcommand of cargo's in $tool, installed under the target folder unless this
# version is at hand already. It need not be optimised.
cargo_tool() {
    local name=$1 version=$2
    tool=$target/tools/bin/$name
    [ -x "$tool" ] || tool=$(command -v "$name") || true
    if [ -n "$tool" ] && "$tool" --version 2>/dev/null | grep -qF "$version"; then return; fi
    step "Building $name (some minutes, once)"
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug "$name" --version "=$version" --locked \
        --root "$target/tools" --target-dir "$target/tools"
    tool=$target/tools/bin/$name
}

install_node_modules() {
    if [ ! -d node_modules ] || ! cmp -s package-lock.json node_modules/.installed-lock; then
        step "Installing the development packages of package-lock.json"
        npm ci --no-audit --no-fund --silent || fail "The packages of package-lock.json could not be installed: run npm ci to see why."
        cp package-lock.json node_modules/.installed-lock
    fi
}

# Leaves the path of the pinned typedoc in $typedoc. It comes with a compiler of its own.
build_typedoc() {
    local folder=$target/tools/typedoc
    typedoc=$folder/node_modules/typedoc/bin/typedoc
    if ! cmp -s scripts/typedoc/package-lock.json "$folder/.installed-lock"; then
        step "Installing typedoc"
        mkdir -p "$folder"
        cp scripts/typedoc/package.json scripts/typedoc/package-lock.json "$folder/"
        npm ci --prefix "$folder" --no-audit --no-fund --silent
        cp scripts/typedoc/package-lock.json "$folder/.installed-lock"
    fi
}

wasm=wasm32-unknown-unknown

# What WASM_RUSTFLAGS must be for the oldest browsers.
scalar="-Ctarget-cpu=mvp -Ctarget-feature=-simd128,-reference-types,+sign-ext,+nontrapping-fptoint"

# wasm_module CONFIG TARGET_DIR ARGUMENT…: builds one module with the pinned nightly. No path of the machine that built
# it may end up in a module. Changes of the profile come as variables (CARGO_PROFILE_WASM_STRIP), more flags in
# WASM_RUSTFLAGS: a --config among the arguments would replace those given here.
wasm_module() {
    local config=$1 directory=$2
    local remap="--remap-path-prefix=$PWD=/rusty-audio --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    remap+=" --remap-path-prefix=${RUSTUP_HOME:-$HOME/.rustup}=/rustup"
    remap+=" ${WASM_RUSTFLAGS:-}"
    shift 2
    cargo "+$nightly" --config "$config" --config "target.$wasm.rustflags=[$(printf '"%s",' $remap)]" \
        build --quiet --target "$wasm" --profile wasm --target-dir "$directory" "$@"
}
