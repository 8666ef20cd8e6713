#!/bin/sh
# Every header compiles on its own; third-party headers are used behind their doors only; #include arrows point one way.
#
#   check-headers.sh CC FLAGS...
set -u
passed=0 failed=0
fine() { passed=$((passed + 1)); }
wrong() { failed=$((failed + 1)); echo "$*"; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for header in $(find . -name '*.h' -not -path './build/*' | sed 's|^\./||' | sort); do
    if echo "#include \"$header\"" | "$@" -Wall -Wextra -Werror -fsyntax-only -x c - 2> "$log"; then
        fine
    else
        wrong "$header does not compile on its own:"
        head -n 5 "$log"
    fi
done

# A door: a third-party header, and the files that may include it (an extended regular expression).
door() {
    outside=$(grep -rlE "^#include <$1>" common connect order-service marketing-service --include='*.[ch]' 2>/dev/null |
        grep -vE "^($2)" | tr '\n' ' ')
    if [ -z "$outside" ]; then fine; else wrong "<$1> outside its door: $outside"; fi
}
door 'microhttpd\.h' 'common/http/'
door 'gnutls/.*\.h' 'common/http/|common/base/digest\.c'
door 'librdkafka/rdkafka(_mock)?\.h' \
    'common/kafka/|connect/storage/|connect/runtime/(source|sink|task|member|group|eos|exactly|dead)[a-z_]*\.[ch]'
door '(mysql|mariadb)[^>]*\.h' 'common/db/db[a-z_]*\.[ch]'

# An arrow: files below the first folder never include a header below the others.
arrow() {
    from=$1
    shift
    for to in "$@"; do
        against=$(grep -rlE "^#include \"$to" "$from" --include='*.[ch]' 2>/dev/null | tr '\n' ' ')
        if [ -z "$against" ]; then fine; else wrong "$from must not use $to: $against"; fi
    done
}
arrow common connect/ order-service/ marketing-service/ tests/
arrow common/base common/config common/db common/http common/kafka
arrow connect tests/ order-service/ marketing-service/
arrow connect/data connect/converters connect/transforms connect/storage connect/runtime connect/rest connect/connectors \
    common/db common/kafka common/http
arrow connect/converters connect/storage connect/runtime connect/rest connect/connectors common/db common/kafka
arrow connect/transforms connect/storage connect/runtime connect/rest connect/connectors common/db common/kafka
arrow connect/storage connect/runtime/herder connect/rest connect/connectors common/db
arrow connect/runtime connect/rest connect/connectors common/db
arrow connect/connectors connect/storage connect/runtime connect/rest connect/converters common/kafka/client common/kafka/topic.h common/http
arrow connect/connectors/jdbc common/kafka
arrow order-service connect/ tests/ marketing-service/
arrow marketing-service connect/ tests/ order-service/

echo "headers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
