# Suites as test.sh runs them: each into a log of its own, from which it is reported. To be sourced.
#
# A log ends with a line `counted PASSED FAILED SKIPPED` and a line `took SECONDS`. One that does not is of a suite that was cut off, which
# has failed whatever it said before.

logs=target/test-logs
failed_suites=()
rows=()
passed_total=0 failed_total=0 skipped_total=0

step() { printf '\n== %s\n' "$*"; }

# What a script says in lines of `ok` and `not ok`.
run_lines() {
  local log status
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  awk -v status="$status" '
    /^ok .*# SKIP/ { skipped++; next } /^ok / { passed++ } /^not ok / { failed++ }
    END {
      if (status != 0 && failed == 0) failed = 1
      printf "counted %d %d %d\n", passed, failed, skipped
    }' "$log"
  rm -f "$log"
}

# The tests of a file for node, which are ended after so many seconds.
run_file() {
  local limit=$1 file=$2 log status
  log=$(mktemp)
  timeout --kill-after=10 "$limit" node --test --test-reporter=tap "$file" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  awk -v status="$status" '
    /^# pass / { passed = $3 } /^# fail / { failed = $3 } /^# cancelled / { failed += $3 } /^# skipped / { skipped = $3 }
    END {
      if (status != 0 && failed == 0) failed = 1   # ended from outside
      printf "counted %d %d %d\n", passed, failed, skipped
    }' "$log"
  rm -f "$log"
}

# Runs a suite into its log: its name, then what runs it.
run_suite() {
  local name=$1 began=$SECONDS log="$logs/$1.log"
  shift
  "$@" >"$log" 2>&1 </dev/null
  echo "took $((SECONDS - began))" >>"$log"
}

# What a log says of the tests that failed; the whole log if it names none.
what_failed() {
  awk '/^ *not ok / { shown = 1; any = 1 } shown; /^ *\.\.\.$/ { shown = 0 } END { exit !any }' "$1" || cat "$1"
}

# A line for each test in a log that failed, with the beginning of the reason: what is read first stands at the end.
failures() {
  awk -v suite="$1" '
    function tell() {
      if (name != "" && reason !~ /subtests? failed/) printf "%s: %s%s\n", suite, name, reason == "" ? "" : ": " substr(reason, 1, 400)
      name = reason = ""
    }
    /^ *not ok / { tell(); name = $0; sub(/^ *not ok ([0-9]+ - )?/, "", name); next }
    name == "" { next }
    begins { begins = 0; reason = $0; sub(/^ */, "", reason) }
    /^ *error: / { reason = $0; sub(/^ *error: /, "", reason); begins = reason ~ /^[|>]/ }
    /^ *\.\.\.$/ { tell() }
    END { tell() }' "$logs/$1.log"
}

# Tells what came of a suite.
report_suite() {
  local name=$1 log="$logs/$1.log" passed failed skipped seconds
  step "$name"
  read -r _ passed failed skipped < <(tail -n 2 "$log" | grep ^counted) || { passed=0 failed=1 skipped=0; }
  read -r _ seconds < <(tail -n 1 "$log" | grep ^took) || { seconds=0 failed=1; echo "It was ended from outside."; }
  if [ $((passed + failed + skipped)) -eq 0 ]; then
    echo "It has tested nothing."
    failed=1
  fi
  if [ "$failed" -gt 0 ]; then
    what_failed "$log"
    failed_suites+=("$name")
  elif [ "$skipped" -gt 0 ]; then
    grep -E '^ *ok .*# SKIP' "$log" || true
  fi
  echo "$name: $passed passed, $failed failed, $skipped skipped"
  passed_total=$((passed_total + passed)) failed_total=$((failed_total + failed)) skipped_total=$((skipped_total + skipped))
  rows+=("$(printf '%-10s %7d %7d %8d %8d' "$name" "$passed" "$failed" "$skipped" "$seconds")")
}

# Tells what came of all that were reported. Fails if one of them has.
report_all() {
  local name
  printf '\n%-10s %7s %7s %8s %8s\n' suite passed failed skipped seconds
  printf '%s\n' "${rows[@]}"
  if [ ${#failed_suites[@]} -gt 0 ]; then
    printf '\nFailed: %s (logs in %s)\n' "${failed_suites[*]}" "$logs"
    for name in "${failed_suites[@]}"; do failures "$name"; done
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed_total" "$failed_total" "$skipped_total"
  [ "$failed_total" -eq 0 ]
}
