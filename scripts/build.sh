#!/usr/bin/env bash
# Builds the package into target/package: modules, shells, types. Needs rustup and Node; installs the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target
source scripts/toolchain.sh

require_tools
install_rust
build_bindgen
install_node_modules

package=$target/package
glue=$target/glue
rm -rf "$package" "$glue"
mkdir -p "$package" "$glue"

# The checksum is in the names of the worklet's classes, so that an audio context can have two versions of the package.
export RUSTY_AUDIO_SHELLS=$(cat worklet/*.js | cksum | cut -d ' ' -f 1)

# Most of a module's build is one thread's, so two rows of modules are built side by side; each target folder belongs to one row.
audio_and_page_modules() {
    step "Engine module"
    wasm_module .cargo/engine.toml "$target/engine" -p rusty-audio-engine-module
    cp "$target/engine/$wasm/wasm/rusty_audio_engine_module.wasm" "$package/engine.wasm"
    step "Host module"
    CARGO_PROFILE_WASM_OPT_LEVEL=s wasm_module .cargo/page.toml "$target/page" -p rusty-audio
    "$bindgen" web "$target/page/$wasm/wasm/rusty_audio.wasm" "$glue" host
    cp "$glue/host.js" "$glue/host_bg.wasm" "$package/"
    step "Render module"
    CARGO_PROFILE_WASM_OPT_LEVEL=s wasm_module .cargo/page.toml "$target/page" -p rusty-audio-render-module
    "$bindgen" web "$target/page/$wasm/wasm/rusty_audio_render_module.wasm" "$glue" render
    cp "$glue/render.js" "$glue/render_bg.wasm" "$package/"
    # Nobody disposes of a renderer but the element, and not every compiler's library knows the symbol.
    sed '/\[Symbol\.dispose\]/d' "$glue/render.d.ts" > "$package/render.d.ts"
}

scalar_and_decoder_modules() {
    step "Engine module without SIMD"
    WASM_RUSTFLAGS=$scalar wasm_module .cargo/engine.toml "$target/scalar" -p rusty-audio-engine-module
    cp "$target/scalar/$wasm/wasm/rusty_audio_engine_module.wasm" "$package/engine-scalar.wasm"
    step "Decode worker"
    wasm_module .cargo/page.toml "$target/decoder" -p rusty-audio-decoder
    "$bindgen" no-modules "$target/decoder/$wasm/wasm/rusty_audio_decoder.wasm" "$glue" decoder
    cp "$glue/decoder_bg.wasm" "$package/decode-worker.wasm"
    cat "$glue/decoder.js" host/decoder/worker.js > "$package/decode-worker.js"
    local family
    for family in pcm mp3 ogg mp4 opus; do
        step "Codec module: $family"
        CARGO_PROFILE_WASM_STRIP=symbols \
            wasm_module .cargo/page.toml "$target/decoder" -p rusty-audio-codec --no-default-features --features "$family"
        cp "$target/decoder/$wasm/wasm/rusty_audio_codec.wasm" "$package/codec-$family.wasm"
    done
}

scalar_and_decoder_modules &
row=$!
trap 'kill "$row" 2>/dev/null || true' EXIT
audio_and_page_modules
wait "$row"

step "Shells"
for shell in processor meter capture worker; do
    sed "s/-SHELLS'/-$RUSTY_AUDIO_SHELLS'/" "worklet/$shell.js" > "$package/$shell.js"
done
cp host/web/isolation-worker.js "$package/"

step "Types and classes"
cargo "+$nightly" run --quiet -p rusty-audio-protocol --example error_codes > "$glue/error_codes.ts"
cargo "+$nightly" run --quiet -p rusty-audio-engine --example effect_types > "$glue/effects.ts"
cargo "+$nightly" run --quiet -p rusty-audio-monitor --example monitor_schema > "$glue/schema.ts"
cp -R host/web/. "$glue/"
npx --no-install tsc --project "$glue" --outDir "$package"
cp host/web/spectrum/style.css "$package/spectrum/"
cp host/web/hud/style.css "$package/hud/"
step "Demo page"
scripts/site.sh
