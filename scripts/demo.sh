#!/bin/bash
# The whole lab, step by step: prints each command as a person would type it, and what came back.
#
#   demo.sh [--cdc] [--keep]     --cdc adds the log-based source; --keep leaves everything running, `make down` stops it
#
# Private servers, fresh data in build/demo; other ports where the usual ones are taken. Exits non-zero if a step fails.
set -u
# shellcheck source=scripts/stack.bash
. "$(dirname "$0")/stack.bash"
STACK=$ROOT/build/demo
keep='' cdc=''
for option in "$@"; do
    case $option in
        --keep) keep=1 ;;
        --cdc) cdc=1 ;;
        *) sed -n '4s/^#   /usage: /p' "$0" >&2; exit 1 ;;
    esac
done

# ---- showing -----------------------------------------------------------------------------------------------------

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
show() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }
now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }

fail() {
    printf '\nThe demo failed: %s\nLogs are in %s.\n' "$*" "${STACK#"$ROOT"/}" >&2
    exit 1
}

finish() {
    local status=$?
    trap - EXIT
    if [ -n "$keep" ] && [ $status -eq 0 ]; then
        printf '\nEverything still runs; `make down` stops it.\n'
    else
        stop_stack
    fi
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# try PATTERN COMMAND: shows the command, runs it, shows its answer, which must match the pattern
try() {
    local pattern=$1 answer
    show "$2"
    answer=$(eval "$2" 2>&1 < /dev/null)
    printf '%s\n' "$answer"
    grep -qE -- "$pattern" <<< "$answer" || fail "expected an answer with /$pattern/"
}

# until_it_has SECONDS PATTERN COMMAND: the same, quietly repeated until the pattern is there
until_it_has() {
    local end=$((SECONDS + $1)) pattern=$2 answer
    show "$3"
    until answer=$(eval "$3" 2>/dev/null < /dev/null) && grep -qE -- "$pattern" <<< "$answer"; do
        [ $SECONDS -lt $end ] || { printf '%s\n' "$answer"; fail "/$pattern/ did not come within $1 s"; }
        sleep 0.01
    done
    printf '%s\n' "$answer"
}

# ---- the walk ----------------------------------------------------------------------------------------------------

began=$SECONDS
mkdir -p "$STACK"
stop_stack
find "$STACK" -mindepth 1 -delete
choose_ports
broker=localhost:$KAFKA_PORT
connect=localhost:$CONNECT_PORT
url="jdbc:mysql://localhost:$MYSQL_PORT/my-database?useSSL=false&allowPublicKeyRetrieval=true&serverTimezone=UTC&characterEncoding=UTF-8"
mysql="$(basename "$MYSQL_CLIENT") --protocol=TCP -hlocalhost -P$MYSQL_PORT -uroot -p1234 my-database"

step "1. MySQL and Kafka"
show "mysql/bin/mysql-server-start.sh --datadir build/demo/mysql --port $MYSQL_PORT &"
start_mysql
show "kafka/bin/kafka-server-start.sh build/demo/server.properties &"
start_kafka
mysql_ready && kafka_ready || fail "the servers did not start"
echo "MySQL listens on $MYSQL_PORT, Kafka on $KAFKA_PORT."

step "2. The Connect worker"
worker_properties
show "build/bin/connect-distributed ${WORKER_PROPERTIES#"$ROOT"/} &"
from=$(now_ms)
start_worker
worker_ready || fail "the worker did not start"
worker_ms=$(($(now_ms) - from))
echo "REST answers after $worker_ms ms."
try '"version"' "curl -s http://$connect/"
until_it_has 30 'connect-status' "kafka/bin/kafka-topics.sh --bootstrap-server $broker --list"
for topic in connect-configs connect-offsets connect-status; do
    kafka/bin/kafka-topics.sh --bootstrap-server "$broker" --list | grep -qx $topic || fail "topic $topic is missing"
done

step "3. The two services"
show "$(service_environment "$ORDER_PORT") build/bin/order-service &"
show "$(service_environment "$MARKETING_PORT") build/bin/marketing-service &"
from=$(now_ms)
start_services
services_ready || fail "the services did not start"
echo "Both answer after $(($(now_ms) - from)) ms."

step "4. The source connector: ORDER_TABLE to topic SYNC_ORDER_TABLE"
try '201 Created' "curl -s -i -X POST -H 'Accept:application/json' -H 'Content-Type:application/json' \\
  http://$connect/connectors/ -d '{
  \"name\": \"mysql-source-connector\",
  \"config\": {
    \"connector.class\": \"io.confluent.connect.jdbc.JdbcSourceConnector\",
    \"connection.url\": \"$url\",
    \"connection.user\": \"root\", \"connection.password\": \"1234\",
    \"mode\": \"incrementing\", \"useSSL\": \"false\", \"incrementing.column.name\": \"id\",
    \"table.whitelist\": \"ORDER_TABLE\", \"topic.prefix\": \"SYNC_\", \"tasks.max\": \"1\"}}'"
try 'mysql-source-connector' "curl -s http://$connect/connectors"
until_it_has 30 'RUNNING.*RUNNING' "curl -s http://$connect/connectors/mysql-source-connector/status"

step "5. Two orders"
order() { echo "curl -s -X POST -H 'Accept:application/json' -H 'Content-Type:application/json' http://localhost:$ORDER_PORT/orders \\
  -d '{\"productId\": \"$1\", \"qty\": \"$2\", \"customerId\": \"$3\", \"price\": \"$4\"}'"; }
try 'orders/1' "$(order 1 10 1000 10000)"
try 'orders/2' "$(order 2 20 2000 20000)"

step "6. The topic"
try 'payload.*2000' "kafka/bin/kafka-console-consumer.sh --bootstrap-server $broker --topic SYNC_ORDER_TABLE \\
  --from-beginning --max-messages 2 --timeout-ms 30000"

step "7. The sink connector: topic SYNC_ORDER_TABLE to table SYNC_ORDER_TABLE"
try '201 Created' "curl -s -i -X POST -H 'Accept:application/json' -H 'Content-Type:application/json' \\
  http://$connect/connectors/ -d '{
  \"name\": \"mysql-sink-connector\",
  \"config\": {
    \"connector.class\": \"io.confluent.connect.jdbc.JdbcSinkConnector\",
    \"connection.url\": \"$url\",
    \"connection.user\": \"root\", \"connection.password\": \"1234\",
    \"auto.create\": \"true\", \"auto.evolve\": \"true\", \"delete.enabled\": \"false\",
    \"tasks.max\": \"1\", \"topics\": \"SYNC_ORDER_TABLE\"}}'"
until_it_has 30 'SYNC_ORDER_TABLE' "$mysql -e 'show tables'"
until_it_has 30 '2000' "$mysql -e 'select * from SYNC_ORDER_TABLE'"

step "8. Marketing sees the orders"
until_it_has 10 '"customerId" *: *"2000"' "curl -s http://localhost:$MARKETING_PORT/syncOrders"

step "9. A third order, with the source looking twenty times a second instead of every five seconds"
config=$(curl -s "http://$connect/connectors/mysql-source-connector/config")
faster="${config%\}},\"poll.interval.ms\":\"50\"}"
show "curl -s -X PUT -H 'Content-Type:application/json' http://$connect/connectors/mysql-source-connector/config \\
  -d '{ ...the same, \"poll.interval.ms\": \"50\"}'"
curl -s -f -o /dev/null -X PUT -H 'Content-Type:application/json' -d "$faster" \
    "http://$connect/connectors/mysql-source-connector/config" || fail "the connector could not be changed"
for _ in $(seq 500); do # until the task runs with the new setting
    curl -s "http://$connect/connectors/mysql-source-connector/tasks" | grep -q '"poll.interval.ms":"50"' &&
        curl -s "http://$connect/connectors/mysql-source-connector/status" | grep -q 'RUNNING.*RUNNING' && break
    sleep 0.02
done
show "$(order 3 30 3000 30000)"
from=$(now_ms)
eval "$(order 3 30 3000 30000)" | grep -q 'orders/3' || fail "the third order was not taken"
until_it_has 30 '"customerId" *: *"3000"' "curl -s http://localhost:$MARKETING_PORT/syncOrders"
row_ms=$(($(now_ms) - from))

# shellcheck source=scripts/demo-cdc.bash
[ -z "$cdc" ] || . "$ROOT/scripts/demo-cdc.bash"

step "Done"
echo "The worker answered $worker_ms ms after its start; the third order was in marketing's list $row_ms ms after it was posted."
echo "The whole walk took $((SECONDS - began)) s."
