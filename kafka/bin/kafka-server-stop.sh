#!/bin/sh
# Asks Kafka nodes to stop and waits until they have.
#
#   kafka-server-stop.sh [server.properties]
#
# Without a file: every node this user may signal. With one: the node that was started with this file.
set -eu
pattern="java .*kafka\.Kafka ${1:-.*\.properties}"
pids=$(pgrep -f "$pattern" || true)
if [ -z "$pids" ]; then
    echo "No kafka server to stop" >&2
    exit 1
fi
# shellcheck disable=SC2086 # several pids
kill $pids
for pid in $pids; do
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
done
