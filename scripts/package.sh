#!/usr/bin/env bash
# Builds the package and packs it: target/rusty-audio-VERSION.tgz. Prints its hash, which is the same wherever it is built.
# With --twice everything is built again, from a copy of the sources in another folder with other times, and the hashes must
# be the same. Nothing is published.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target
source scripts/toolchain.sh

twice=false
case ${1:-} in
    '') ;;
    --twice) twice=true ;;
    *) fail "usage: scripts/package.sh [--twice]" ;;
esac

scripts/build.sh
step "Package"
tarball=$(node scripts/package/pack.mjs "$target/package" "$target")
sha256sum "$tarball"
$twice || exit 0

step "The same again, elsewhere"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || cp --parents "$file" "$copy"
done
mkdir "$copy/elsewhere"
cp -R "$target/tools" "$copy/elsewhere/tools"
cp -R node_modules "$copy/node_modules"
(cd "$copy" && find . -path ./node_modules -prune -o -path ./elsewhere -prune -o -type f -exec touch -d '2001-02-03' {} + \
    && CARGO_TARGET_DIR=$copy/elsewhere scripts/build.sh && node scripts/package/pack.mjs "$copy/elsewhere/package" "$copy")
cmp "$tarball" "$copy/$(basename "$tarball")" || fail "Built again, the package is another one."
echo "It is the same."
