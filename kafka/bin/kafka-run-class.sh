#!/bin/sh
# Runs a class of Kafka. The other scripts in this folder are one line each and come through here.
#
#   kafka-run-class.sh CLASS [ARGUMENT...]
#
# KAFKA_LIBS        folder of jars          (build/kafka/libs of this project, filled by `make kafka-jars`)
# KAFKA_HEAP_OPTS   heap of the JVM         (-Xmx256M; kafka-server-start.sh sets more)
# KAFKA_OPTS        more options of the JVM
# KAFKA_LOG_LEVEL   info, warn, ...         (warn; kafka-server-start.sh: info)
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
libs=${KAFKA_LIBS:-$home/../build/kafka/libs}
if [ $# -eq 0 ]; then
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 1
fi
if ! ls "$libs"/kafka-clients-*.jar >/dev/null 2>&1; then
    echo "$(basename "$0"): no Kafka in $libs: run \`make kafka-jars\` first" >&2
    exit 1
fi
java=java
[ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ] && java=$JAVA_HOME/bin/java

# The serial collector and the first compiler only: tools live for a second, the broker of a lab is idle.
# shellcheck disable=SC2086 # the options are several words
exec "$java" ${KAFKA_HEAP_OPTS:--Xmx256M} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto} \
    "-Dlog4j2.configurationFile=$home/config/log4j2.xml" "-Dkafka.log.level=${KAFKA_LOG_LEVEL:-warn}" \
    ${KAFKA_OPTS:-} -cp "$libs/*" "$@"
