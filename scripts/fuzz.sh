#!/bin/sh
# Runs libFuzzer programs, two at a time, each from its corpus in tests/fuzz/corpus.
#
#   fuzz.sh SECONDS OUT PROGRAM...      new inputs and findings go below OUT
set -u
seconds=$1 out=$2
shift 2

# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I '{}' sh -c '
    seconds=$1 out=$2 program=$3 name=${3##*/fuzz_}
    mkdir -p "$out/corpus/$name"
    "$program" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$out/fuzz/$name-" "$out/corpus/$name" \
        "tests/fuzz/corpus/$name" > "$out/fuzz/$name.log" 2>&1
    echo $? > "$out/fuzz/$name.status"
    ' sh "$seconds" "$out" '{}'

passed=0 failed=0
for program in "$@"; do
    name=${program##*/fuzz_}
    if [ "$(cat "$out/fuzz/$name.status")" = 0 ]; then
        passed=$((passed + 1))
        sed -n "s/^stat::number_of_executed_units: /$name: inputs tried:/p" "$out/fuzz/$name.log"
    else
        failed=$((failed + 1))
        tail -n 40 "$out/fuzz/$name.log"
    fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
