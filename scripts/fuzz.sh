#!/bin/sh
# Runs libFuzzer programs one after the other, each from its corpus in tests/fuzz/corpus.
#
#   fuzz.sh SECONDS OUT PROGRAM...      new inputs and findings go below OUT
set -u
seconds=$1 out=$2
shift 2
passed=0 failed=0
for program in "$@"; do
    name=${program##*/fuzz_}
    mkdir -p "$out/corpus/$name"
    log=$out/fuzz/$name.log
    if "$program" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$out/fuzz/$name-" "$out/corpus/$name" \
        "tests/fuzz/corpus/$name" > "$log" 2>&1; then
        passed=$((passed + 1))
        sed -n "s/^stat::number_of_executed_units: /$name: inputs tried:/p" "$log"
    else
        failed=$((failed + 1))
        tail -n 40 "$log"
    fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
