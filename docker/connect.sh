#!/bin/sh
# Starts the worker with the shipped settings and those of the environment: CONNECT_BOOTSTRAP_SERVERS=kafka:9092 sets
# bootstrap.servers. As in other images of Kafka Connect: the prefix is dropped, letters become small, _ is a dot, __ a
# dash, ___ an underscore.
set -eu
properties=${HOME:-/tmp}/connect-distributed.properties
own=$(env | sed -n 's/^CONNECT_\([A-Z0-9_]*\)=/\1=/p' | while IFS= read -r line; do
    name=$(echo "${line%%=*}" | tr '[:upper:]' '[:lower:]' | sed 's/___/\n/g; s/__/-/g; s/_/./g' | tr '\n' '_' | sed 's/_$//')
    printf '%s=%s\n' "$name" "${line#*=}"
done)

# A name that is given takes the place of the shipped line, so that no name is there twice.
cp /usr/local/share/cdc-lab/connect-distributed.properties "$properties"
echo "$own" | while IFS= read -r line; do
    [ -n "$line" ] || continue
    name=$(echo "${line%%=*}" | sed 's/\./\\./g')
    sed -i "/^$name=/d" "$properties"
    printf '%s\n' "$line" >> "$properties"
done
exec connect-distributed "$properties"
