#!/bin/sh
# Runs unit test programs, two at a time, and adds up what they report.
#
#   unit.sh NAME PROGRAM...         NAME is what the closing line calls them
#
# Each program prints a line of libcheck (and its failures); the last line is "NAME: N passed, N failed".
set -u
name=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export results
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
LSAN_OPTIONS="suppressions=$(dirname "$0")/../tests/lsan.supp:print_suppressions=0"
TSAN_OPTIONS="suppressions=$(dirname "$0")/../tests/tsan.supp:history_size=4"
export LSAN_OPTIONS TSAN_OPTIONS
export CK_DEFAULT_TIMEOUT="${CK_DEFAULT_TIMEOUT:-60}" # four seconds are too few on a busy machine

# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I '{}' sh -c '
    out=$results/$(echo "$1" | tr / _)
    timeout 300 "$1" > "$out" 2>&1 < /dev/null
    status=$?
    echo "$status" > "$out.status"
    if [ $status -eq 0 ]; then grep "^[0-9]*%: Checks" "$out" | sed "s|^|${1##*/}: |"; else cat "$out"; fi
    ' sh '{}'

passed=0 failed=0
for program in "$@"; do
    out=$results/$(echo "$program" | tr / _)
    status=$(cat "$out.status")
    # "87%: Checks: 15, Failures: 1, Errors: 1"; a program may run several suites, each with such a line
    counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$out" |
        awk '{ checks += $1; bad += $2 + $3 } END { print checks - bad, bad + 0 }')
    good=${counts% *} bad=${counts#* }
    if [ "$status" != 0 ] && [ "$bad" -eq 0 ]; then
        echo "$program ended with status $status"
        bad=1
    elif [ "$status" = 0 ] && [ "$good" -eq 0 ]; then
        echo "$program ran no test"
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
done
echo "$name: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
