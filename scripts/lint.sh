#!/bin/sh
# Second opinions: shellcheck on the scripts, a parse of the Python, cppcheck and clang-tidy on the C.
#
#   lint.sh FLAGS...        the compiler's flags, for clang-tidy
set -u
passed=0 failed=0
verdict() { # NAME STATUS
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "$1: fine"
    else
        failed=$((failed + 1))
        echo "$1: see above"
    fi
}

# shellcheck disable=SC2046 # no blanks in our file names, here and below
shellcheck -S warning $(git ls-files '*.sh' .ci/run)
verdict shellcheck $?

# shellcheck disable=SC2046
python3 -c '
import ast, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as source:
        ast.parse(source.read(), name)
' $(git ls-files '*.py')
verdict python $?

sources=$(git ls-files 'common/*.c' 'connect/*.c' 'order-service/*.c' 'marketing-service/*.c')
# shellcheck disable=SC2086
cppcheck -q -j 2 --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 --suppress=missingInclude \
    -D_GNU_SOURCE -I. $sources
verdict cppcheck $?

# Which checks, and why not the others: .clang-tidy. The static analyser follows the ways through a function as far as so many
# states; three times as many, its own default, take three times as long: LINT_STATES=225000 now and then.
printf '%s\n' $sources | xargs -P 2 -I '{}' clang-tidy --quiet --extra-arg=-Xclang --extra-arg=-analyzer-config \
    --extra-arg=-Xclang --extra-arg=max-nodes="${LINT_STATES:-75000}" '{}' -- "$@" 2>/dev/null
verdict clang-tidy $?

echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
