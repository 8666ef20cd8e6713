#!/bin/bash
# The lab's servers and programs, for playing.
#
#   stack.sh up        starts what does not run; data of the last time is kept in build/up
#   stack.sh down      stops it, and what a demo left running
set -u
# shellcheck source=scripts/stack.bash
. "$(dirname "$0")/stack.bash"

up() {
    STACK=$ROOT/build/up
    mkdir -p "$STACK"
    if [ -s "$STACK/pids" ] && alive connect && alive kafka && alive mysql; then
        echo "It runs already."
        # shellcheck source=/dev/null
        . "$STACK/ports"
    else
        stop_stack
        trap 'stop_stack; exit 1' INT TERM
        choose_ports
        start_mysql && start_kafka && mysql_ready && kafka_ready &&
            worker_properties && start_worker && start_services && worker_ready && services_ready ||
            { stop_stack; exit 1; }
    fi
    cat <<END
MySQL       localhost:$MYSQL_PORT   user root, password 1234, database my-database
Kafka       localhost:$KAFKA_PORT
worker      http://localhost:$CONNECT_PORT
orders      http://localhost:$ORDER_PORT/orders
marketing   http://localhost:$MARKETING_PORT/syncOrders
Data and logs are in ${STACK#"$ROOT"/}. \`make down\` stops it.
END
}

down() {
    local some=
    for STACK in "$ROOT/build/up" "$ROOT/build/demo"; do
        if [ -s "$STACK/pids" ]; then
            some=1
            stop_stack
            echo "Stopped what ran in ${STACK#"$ROOT"/}."
        fi
    done
    [ -n "$some" ] || echo "Nothing runs."
}

case ${1:-} in
    up) up ;;
    down) down ;;
    *) sed -n '4,5s/^#   //p' "$0" >&2; exit 1 ;;
esac
