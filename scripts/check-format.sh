#!/bin/sh
# The parts of the house style that a machine can judge. Line breaks stay where the author put them.
set -u
passed=0 failed=0
rule() { # TITLE FILES PATTERN: no line of the files matches
    # shellcheck disable=SC2086 # several patterns
    found=$(git ls-files -- $2 | xargs -r grep -nE -e "$3" /dev/null | head -n 10)
    if [ -z "$found" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s:\n%s\n' "$1" "$found"
    fi
}
tab=$(printf '\t')
rule 'a tab' '*.c *.h *.py *.sh *.sql' "$tab"
rule 'white space at the end of a line' '*.c *.h *.py *.sh *.mk *.md Makefile *.yml *.properties' "[ $tab]+\$"
rule 'more than 160 characters in a line' 'common/*.[ch] connect/*.[ch] order-service/*.[ch] marketing-service/*.[ch] *.sh tests/*.py' '^.{161,}$'
rule 'a function with its return type on the same line' '*.c' \
    '^(static |extern )?((bool|void|int|size_t) |(const )?char \*|(const )?struct [a-z_]+ \*?)[a-z_0-9]+\([^;]*\)$'
rule 'a function with its opening brace on the same line' '*.c' '^[a-z_0-9]+\(.*\) *\{$'
rule 'a typedef of a struct' '*.c *.h' '^typedef struct'
rule 'a name that ends in _t' '*.h' '^(struct|enum) [a-z_]+_t\b'

endless=$(git ls-files '*.c' '*.h' '*.py' '*.sh' '*.md' Makefile | while read -r file; do
    if [ -n "$(tail -c 1 "$file" 2>/dev/null)" ]; then printf '%s ' "$file"; fi; done)
if [ -z "$endless" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "no newline at the end: $endless"
fi
echo "format: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
