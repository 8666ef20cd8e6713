#!/bin/sh
# Starts one Kafka node.
#
#   kafka-server-start.sh [-daemon] server.properties [--override name=value ...]
#
# The storage folders are formatted at the first start (kafka-storage.sh is not needed). With -daemon the node runs in the
# background and logs to kafkaServer.out in LOG_DIR (the current folder). KAFKA_HEAP_OPTS: heap (-Xmx512M -Xms512M).
set -eu
here=$(dirname "$0")
usage() { sed -n '4s/^#   /usage: /p' "$0" >&2; exit 1; }

daemon=
if [ "${1:-}" = -daemon ]; then daemon=1; shift; fi
[ $# -ge 1 ] || usage
properties=$1
[ -r "$properties" ] || { echo "kafka-server-start.sh: cannot read $properties" >&2; exit 1; }
shift

# The value a setting has in the end: the last --override, else the file's last line.
setting() {
    name=$1; value=$(sed -n "s/^[[:space:]]*$(echo "$name" | sed 's/\./\\./g')[[:space:]]*[=:][[:space:]]*//p" "$properties" | tail -n 1)
    shift
    for word in "$@"; do
        case $word in "$name="*) value=${word#*=} ;; esac
    done
    echo "$value"
}

dirs=$(setting log.dirs "$@")
[ -n "$dirs" ] || dirs=$(setting log.dir "$@")
first=${dirs%%,*}
if [ -n "$first" ] && [ ! -f "$first/meta.properties" ]; then
    merged=$(mktemp)
    trap 'rm -f "$merged"' EXIT
    cat "$properties" > "$merged"
    for word in "$@"; do
        case $word in *=*) printf '\n%s\n' "$word" >> "$merged" ;; esac
    done
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
    case $id in -*) id=x${id#-} ;; esac
    "$here/kafka-storage.sh" format -t "$id" -c "$merged" --ignore-formatted >&2
    rm -f "$merged"
fi

export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xmx512M -Xms512M}"
export KAFKA_JVM_PERFORMANCE_OPTS="${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC}"
export KAFKA_LOG_LEVEL="${KAFKA_LOG_LEVEL:-info}"
if [ -n "$daemon" ]; then
    setsid "$here/kafka-run-class.sh" kafka.Kafka "$properties" "$@" \
        > "${LOG_DIR:-.}/kafkaServer.out" 2>&1 < /dev/null &
    exit 0
fi
exec "$here/kafka-run-class.sh" kafka.Kafka "$properties" "$@"
