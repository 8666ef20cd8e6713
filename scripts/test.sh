#!/bin/sh
# All that `make test` runs, one runner after the other. A runner that fails does not stop the others; the end says
# which failed, and how much was counted.
#
# Every scenario runs once, with sanitizers and on Oracle's MySQL where that can be had. Those for which it matters what the
# database says run again, with the programs as they ship, on the packaged server.
#
#   test.sh [RUNNER...]      unit sanitized fuzz headers format lint integration integration-sanitized; all without an argument
set -u
cd "$(dirname "$0")/.." || exit 1
logs=build/test/logs
rm -rf "$logs"
mkdir -p "$logs"
make="${MAKE:-make} -s -j${JOBS:-2}" # what is to be built, on all cores
failed_runners=

run() { # NAME COMMAND...
    name=$1
    shift
    started=$(date +%s)
    echo "---- $name: $*"
    { "$@" 2>&1; echo $? > "$logs/$name.status"; } < /dev/null | tee "$logs/$name.log"
    [ "$(cat "$logs/$name.status")" = 0 ] || failed_runners="$failed_runners $name"
    echo "---- $name took $(($(date +%s) - started)) s"
}

runner() {
    case $1 in
        unit) run unit $make check ;;
        sanitized) run sanitized $make check-san ;;
        fuzz) run fuzz $make fuzz FUZZ_SECONDS=5 ;;
        headers) run headers $make check-headers ;;
        format) run format $make format-check ;;
        lint) run lint $make lint ;;
        integration) run integration $make check-integration PYTEST='-m server' ;;
        integration-sanitized) run integration-sanitized $make check-integration SAN=1 ;;
        *) echo "test.sh: no runner called $1" >&2; exit 1 ;;
    esac
}
[ $# -gt 0 ] || set -- unit sanitized fuzz headers format lint integration integration-sanitized
for name in "$@"; do runner "$name"; done

# ---- what was counted --------------------------------------------------------------------------------------------
# The last line with a count in a runner's output: "unit: 3 passed, 1 failed", or pytest's "1 failed, 3 passed in 2s".
count() { # WORD FILE
    grep -E '[0-9]+ (passed|failed|error)' "$2" | tail -n 1 | grep -oE "[0-9]+ $1" | cut -d' ' -f1
}
echo
passed=0 failed=0 skipped=0
for name in "$@"; do
    log=$logs/$name.log
    p=$(count passed "$log") f=$(count failed "$log") e=$(count error "$log") s=$(count skipped "$log")
    f=$((${f:-0} + ${e:-0}))
    [ "$f" -gt 0 ] || [ "$(cat "$logs/$name.status")" = 0 ] || f=1
    printf '%-24s %5d passed, %d failed, %d skipped\n' "$name" "${p:-0}" "$f" "${s:-0}"
    passed=$((passed + ${p:-0})) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
done
echo
[ -z "$failed_runners" ] ||
    echo "Failed:$failed_runners. Output in $logs; logs, topics and tables of failed scenarios in build/test/failures."
echo "$passed passed, $failed failed, $skipped skipped"
[ -z "$failed_runners" ] && [ "$passed" -gt 0 ]
