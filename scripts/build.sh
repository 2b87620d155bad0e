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

step "Engine module"
wasm_module .cargo/engine.toml "$target/engine" -p rusty-audio-engine-module
cp "$target/engine/$wasm/wasm/rusty_audio_engine_module.wasm" "$package/engine.wasm"
cp worklet/processor.js worklet/worker.js "$package/"

step "Host module"
wasm_module .cargo/page.toml "$target/page" -p rusty-audio
"$bindgen" web "$target/page/$wasm/wasm/rusty_audio.wasm" "$glue" host
cp "$glue/host.js" "$glue/host_bg.wasm" "$package/"

step "Decode worker"
wasm_module .cargo/page.toml "$target/page" -p rusty-audio-decoder
"$bindgen" no-modules "$target/page/$wasm/wasm/rusty_audio_decoder.wasm" "$glue" decoder
cp "$glue/decoder_bg.wasm" "$package/decode-worker.wasm"
cat "$glue/decoder.js" host/decoder/worker.js > "$package/decode-worker.js"

for family in pcm mp3 ogg mp4 opus; do
    step "Codec module: $family"
    CARGO_PROFILE_WASM_STRIP=symbols \
        wasm_module .cargo/page.toml "$target/page" -p rusty-audio-codec --no-default-features --features "$family"
    cp "$target/page/$wasm/wasm/rusty_audio_codec.wasm" "$package/codec-$family.wasm"
done

step "Types and classes"
cargo "+$nightly" run --quiet -p rusty-audio-protocol --example error_codes > "$glue/error_codes.ts"
cargo "+$nightly" run --quiet -p rusty-audio-engine --example effect_types > "$glue/effects.ts"
cp host/web/*.ts host/web/tsconfig.json "$glue/"
npx --no-install tsc --project "$glue" --outDir "$package"
step "Demo page"
scripts/site.sh
