#!/bin/bash
# Tries docker-compose.yml for real; see README.md beside this file.
set -eu -o pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
cd "$ROOT"
[ "$(id -u)" = 0 ] || { echo "run.sh: needs root" >&2; exit 1; }
scripts/deps.sh compose
make -s kafka-jars mysql9

# Not below build/: a recursive delete must not meet what the daemon mounts.
WORK=${WORK:-$(mktemp -d /var/tmp/compose-test-XXXXXX)}
export DOCKER_HOST=unix://$WORK/docker.sock COMPOSE_PROJECT_NAME=cdclab
passed=0 failed=0
had_bridge=$([ ! -e /sys/class/net/docker0 ] || echo 1)

finish() {
    local status=$?
    trap - EXIT
    if [ -n "${KEEP:-}" ]; then
        echo "Left running: DOCKER_HOST=$DOCKER_HOST"
        exit $status
    fi
    ${compose:-true} down -v --remove-orphans >/dev/null 2>&1 || true
    [ ! -s "$WORK/docker.pid" ] || kill "$(cat "$WORK/docker.pid")" 2>/dev/null || true
    for _ in $(seq 100); do [ -S "$WORK/docker.sock" ] && [ -s "$WORK/docker.pid" ] || break; sleep 0.2; done
    awk -v at="$WORK/" 'index($2, at) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l || true
    [ -n "$had_bridge" ] || ip link delete docker0 2>/dev/null || true
    rm -rf --one-file-system "$WORK"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" > "$WORK/check.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok    $what"
    else
        failed=$((failed + 1))
        echo "FAIL  $what"
        tail -n 20 "$WORK/check.log"
    fi
}
until_ok() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || { "$@"; return 1; }; sleep 0.5; done
}

# ---- a daemon of our own -----------------------------------------------------------------------------------------
dockerd=$(PATH=/usr/sbin:$PATH command -v dockerd)
setsid "$dockerd" --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/docker.pid" \
    --host "$DOCKER_HOST" > "$WORK/dockerd.log" 2>&1 < /dev/null &
until_ok 60 docker info > /dev/null || { tail -n 20 "$WORK/dockerd.log"; exit 1; }

# ---- the images that the files name ------------------------------------------------------------------------------
if [ -z "${PULL:-}" ]; then
    echo "Making base images"
    # debootstrap takes minutes, so its result is kept
    base=build/compose/debian.tar
    if [ ! -f $base ]; then
        mkdir -p build/compose
        mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' |
            awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
        debootstrap --variant=minbase --include=ca-certificates bookworm "$WORK/debian" "$mirror" > "$WORK/debootstrap.log"
        # as this machine reaches its mirror and trusts it
        cp -r /usr/local/share/ca-certificates "$WORK/debian/usr/local/share/"
        chroot "$WORK/debian" update-ca-certificates > /dev/null 2>&1
        tar -C "$WORK/debian" -cf $base.part . && mv $base.part $base
    fi
    docker import - debian:12-slim < $base > /dev/null

    tar -C build/mysql9 --exclude=./data --exclude=./proc --exclude=./sys -c . | docker import - mysql9-files > /dev/null
    mkdir "$WORK/mysql" "$WORK/kafka"
    cp -r mysql "$WORK/mysql/mysql"
    cp tests/compose/mysql.Dockerfile "$WORK/mysql/Dockerfile"
    docker build -q -t mysql:8.4 "$WORK/mysql" > /dev/null
    cp -r build/kafka/libs kafka/bin kafka/config tests/compose/kafka-entrypoint.sh "$WORK/kafka"
    cp tests/compose/kafka.Dockerfile "$WORK/kafka/Dockerfile"
    docker build -q --network host -t apache/kafka:4.1.1 "$WORK/kafka" > /dev/null
    rm -rf --one-file-system "$WORK/debian" "$WORK/mysql" "$WORK/kafka"
fi

# ---- the lab, from the host --------------------------------------------------------------------------------------
url='jdbc:mysql://master-server:3306/my-database?useSSL=false&allowPublicKeyRetrieval=true&serverTimezone=UTC&characterEncoding=UTF-8'
connector() { # NAME EXTRA-SETTINGS
    curl -sf -X POST -H 'Content-Type: application/json' http://localhost:8083/connectors/ -d "{\"name\": \"$1\", \"config\": {
        \"connection.url\": \"$url\", \"connection.user\": \"root\", \"connection.password\": \"1234\", \"tasks.max\": \"1\", $2}}"
}
order() { curl -sf -X POST -H 'Content-Type: application/json' http://localhost:8081/orders -d "{\"qty\": \"1\", \"customerId\": \"$1\"}"; }
synced() { curl -sf http://localhost:8082/syncOrders | grep -q "\"customerId\" *: *\"$1\""; }
healthy() { # all five containers say so themselves
    local id count=0
    for id in $($compose ps -q); do
        [ "$(docker inspect -f '{{.State.Health.Status}}' "$id")" = healthy ] || return 1
        count=$((count + 1))
    done
    [ $count -eq 5 ]
}
not_root() { [ "$($compose exec -T "$1" id -u)" -gt 0 ]; }

# shellcheck disable=SC2086 # $compose is several words
walk() {
    echo "With $compose"
    check "builds" $compose build
    check "starts" $compose up -d
    check "every container is healthy" until_ok 180 healthy
    for name in kafka connect order marketing; do check "$name does not run as root" not_root $name; done
    check "the source is registered" until_ok 30 connector source '"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
        "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "ORDER_TABLE", "topic.prefix": "SYNC_",
        "poll.interval.ms": "100"'
    check "the sink is registered" until_ok 30 connector sink '"connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
        "auto.create": "true", "auto.evolve": "true", "delete.enabled": "false", "topics": "SYNC_ORDER_TABLE"'
    check "an order is taken" order 1000
    check "it arrives" until_ok 60 synced 1000
    check "Kafka is reachable from the host at 9092" kafka/bin/kafka-console-consumer.sh --bootstrap-server localhost:9092 \
        --topic SYNC_ORDER_TABLE --from-beginning --max-messages 1 --timeout-ms 20000
    check "Kafka is reachable from a container at kafka:9092" $compose exec -T connect bash -c '</dev/tcp/kafka/9092'
    check "MySQL is in Seoul's time" bash -c "$compose exec -T master-server date +%Z | grep -q KST"
    check "stops" $compose down
    check "starts again" $compose up -d
    check "every container is healthy again" until_ok 180 healthy
    check "orders have survived" until_ok 30 synced 1000
    check "another order is taken" until_ok 30 order 2000
    check "connectors have survived: it arrives" until_ok 60 synced 2000
    check "is removed" $compose down -v
}

override=(-f docker-compose.yml -f tests/compose/override.yml)
for tool in ${COMPOSE:+"$COMPOSE"} $([ -n "${COMPOSE:-}" ] || echo docker-compose docker_compose); do
    tool=${tool/docker_compose/docker compose}
    $tool version > /dev/null 2>&1 || { echo "left out, not installed: $tool"; continue; }
    compose="$tool ${override[*]}"
    walk
done
echo "compose: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
