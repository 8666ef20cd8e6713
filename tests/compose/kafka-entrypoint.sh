#!/bin/sh
# KAFKA_LOG_DIRS=... becomes log.dirs=..., as in Kafka's own image.
set -eu
env | grep '^KAFKA_' | grep -vE '^KAFKA_(HEAP_OPTS|OPTS|LIBS|LOG_LEVEL)=' | while IFS= read -r line; do
    printf '%s=%s\n' "$(echo "${line%%=*}" | sed 's/^KAFKA_//' | tr '[:upper:]_' '[:lower:].')" "${line#*=}"
done > /tmp/server.properties
exec /opt/kafka/bin/kafka-server-start.sh /tmp/server.properties
