#!/usr/bin/env bash
# Runs the tests: scripts/test.sh [NAME …] [--full]
#
# Without a NAME every suite runs. --full runs soaks and long matrices unscaled.
# On Debian-like systems what the tests need is installed first; elsewhere a browser that is absent is
# reported as skipped. With CI=true absence is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
# What is built once need not be kept in parts for the next time.
[ "${CI:-}" = true ] && export CARGO_INCREMENTAL=0
source scripts/suites/run.sh

suites_native=(native check concurrency)
# The native tests once more, with every line counted, and licences and sources of all dependencies: only when named, and with --full.
suites_full=(coverage dependencies)
suites_wasm=(wasm)
# These compute, and what they find does not hang on when: one after the other, with the time that the browsers leave.
suites_computing=("${suites_native[@]}" "${suites_full[@]}" "${suites_wasm[@]}")
# These listen and measure, each alone among the browsers' suites.
suites_hurried=(seek contexts delivery visits survival pool warming glitch realsound monitor culprit replay quiet roundtrip picture demo)
# These ask what comes out and not when, and leave the processor alone, so two of them run at a time, or one beside what computes; the
# longest come first.
suites_unhurried=(longfile faults formats engines hud spectrum answer depth nodes package own_effect rack guide isolation golden drivers material hosts load server sound)
suites_browser=("${suites_hurried[@]}" "${suites_unhurried[@]}")

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  echo "Suites: ${suites_computing[*]} ${suites_browser[*]}"
}

selected=()
for argument in "$@"; do
  case $argument in
    --full) export RUSTY_AUDIO_FULL=true ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *)
      case " ${suites_computing[*]} ${suites_browser[*]} " in
        *" $argument "*) selected+=("$argument") ;;
        *) echo "There is no suite named $argument." >&2; usage >&2; exit 2 ;;
      esac ;;
  esac
done
if [ ${#selected[@]} -eq 0 ]; then
  selected=("${suites_native[@]}" "${suites_wasm[@]}" "${suites_browser[@]}")
  [ "${RUSTY_AUDIO_FULL:-}" = true ] && selected+=("${suites_full[@]}")
fi

mkdir -p "$logs"

# Debian's packages, and the program that shows that each is there.
install_system_packages() {
  local missing=() entry
  for entry in chromium:chromium chromium-driver:chromedriver firefox-esr:firefox-esr webkit2gtk-driver:WebKitWebDriver xvfb:Xvfb \
    dbus:dbus-run-session pulseaudio:pulseaudio pulseaudio-utils:parecord ffmpeg:ffmpeg flac:flac lame:lame opus-tools:opusenc brotli:brotli \
    nginx-core:nginx apache2-bin:apache2 caddy:caddy; do
    command -v "${entry#*:}" >/dev/null || missing+=("${entry%%:*}")
  done
  if command -v dpkg-query >/dev/null && ! dpkg-query -W mesa-vulkan-drivers >/dev/null 2>&1; then
    missing+=(mesa-vulkan-drivers)
  fi
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "Not found, and this is no Debian-like system: ${missing[*]}. Tests that need them are skipped."
    return 0
  fi
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "Not found: ${missing[*]}. Install them with: sudo apt-get install ${missing[*]}"
      return 0
    fi
    root=(sudo -n)
  fi
  step "Installing ${missing[*]}"
  # One by one if need be, so that a package that a system lacks does not keep the others away.
  "${root[@]}" apt-get update -q >"$logs/apt.log" 2>&1 || true
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >>"$logs/apt.log" 2>&1; then
    for entry in "${missing[@]}"; do
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$entry" >>"$logs/apt.log" 2>&1 \
        || echo "The package $entry could not be installed; see $logs/apt.log."
    done
  fi
}

install_node_packages() {
  (
    set -e
    source scripts/toolchain.sh
    require_tools
    install_node_modules
  ) || exit 1
}

build() {
  step "Building the package and the demo page"
  scripts/build.sh >"$logs/build.log" 2>&1 </dev/null || { cat "$logs/build.log"; echo "The build failed."; exit 1; }
}

# Each command of the check suite is one test.
run_check() {
  local ok=0 bad=0 command
  for command in 'cargo fmt --all --check' 'cargo clippy --workspace --all-targets --quiet -- -D warnings' \
    'scripts/check.sh' 'scripts/docs.sh' 'node --test scripts/'; do
    echo "\$ $command"
    if $command; then ok=$((ok + 1)); else bad=$((bad + 1)); fi
  done
  echo "counted $ok $bad 0"
}

run_native() {
  local log status
  log=$(mktemp)
  {
    cargo test --workspace --no-fail-fast
    status=$?
    # Words that can end a thread would slow all other tests down, so this one is built by itself.
    cargo test -p rusty-audio-tests --features step --test abandonment --test interleaving || status=$?
    (exit "$status")
  } 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  awk -v status="$status" '
    /^test result:/ { passed += $4; failed += $6; skipped += $8 }
    END {
      if (status != 0 && failed == 0) failed = 1   # it did not even compile
      printf "counted %d %d %d\n", passed, failed, skipped
    }' "$log"
  rm -f "$log"
}

run_coverage() { scripts/coverage.sh && echo 'counted 1 0 0' || echo 'counted 0 1 0'; }
run_dependencies() { scripts/dependencies.sh && node --test scripts/dependencies/refused.mjs && echo 'counted 1 0 0' || echo 'counted 0 1 0'; }
run_concurrency() { run_lines scripts/concurrency.sh; }
run_wasm() { run_lines scripts/workers.sh; }

# A suite that hangs is ended after a quarter of an hour; with --full after two hours.
run_browser() {
  local limit=900
  [ "${RUSTY_AUDIO_FULL:-}" = true ] && limit=7200
  run_file "$limit" "tests/browser/suites/$1.test.mjs"
}

run_named() {
  case " ${suites_computing[*]} " in
    *" $1 "*) run_suite "$1" "run_$1" ;;
    *) run_suite "$1" run_browser "$1" ;;
  esac
}

needs_browsers=false
needs_build=false
for name in "${selected[@]}"; do
  case " ${suites_wasm[*]} ${suites_browser[*]} " in *" $name "*) needs_browsers=true ;; esac
  case $name in native | coverage | dependencies | concurrency | wasm | drivers | server | sound | material) ;; *) needs_build=true ;; esac
done
if $needs_browsers; then
  install_system_packages
  install_node_packages
fi
if $needs_build; then
  build
else
  # Some native tests compile with the toolchain of the build.
  (set -e; source scripts/toolchain.sh; install_rust)
fi

# The suites of the list $1 that are selected.
among() {
  local name
  for name in "${selected[@]}"; do
    case " $1 " in *" $name "*) echo "$name" ;; esac
  done
}
mapfile -t computing < <(among "${suites_computing[*]}")
mapfile -t hurried < <(among "${suites_hurried[*]}")
mapfile -t unhurried < <(among "${suites_unhurried[*]}")

# What an earlier run has left says nothing of this one.
for name in "${selected[@]}"; do : >"$logs/$name.log"; done

compute() {
  # Whatever else wants the processor gets it at once.
  chrt --idle --pid 0 "$BASHPID" 2>/dev/null || renice -n 19 -p "$BASHPID" >/dev/null
  local name
  for name in "${computing[@]}"; do run_named "$name"; done
}
trap 'trap - INT TERM; kill 0' INT TERM
compute &
computed=$!

for name in "${hurried[@]}"; do
  run_named "$name"
  report_suite "$name"
done
declare -A running
for name in "${unhurried[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
  run_named "$name" &
  running[$name]=$!
done
for name in "${unhurried[@]}"; do
  wait "${running[$name]}"
  report_suite "$name"
done
wait "$computed"
for name in "${computing[@]}"; do report_suite "$name"; done

report_all
