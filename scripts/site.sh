#!/usr/bin/env bash
# Puts the demo page together in target/www: the page, the built package beside it, both with their scripts bundled, the bundled
# track, and the headers for hosts that read them from a file.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

if [ ! -f "$target/package/index.js" ]; then
  echo "$target/package is missing: run scripts/build.sh first." >&2
  exit 1
fi
rm -rf "$target/www"
mkdir -p "$target/www/track"
cp -R www/. "$target/www/"
cp -R "$target/package" "$target/www/rusty-audio"
cp tests/material/track/lanterns.flac "$target/www/track/"
cp docs/hosts/_headers "$target/www/"
# For hosts that send no headers: a service worker is for what lies beside it and below.
cp "$target/package/isolation-worker.js" "$target/www/"
# What one of the examples writes WAV files with.
cp node_modules/mediabunny/dist/bundles/mediabunny.min.mjs "$target/www/"
node scripts/site/bundle.mjs "$target/www"
