# Starts, finds and stops the lab's servers and programs. Sourced by stack.sh and demo.sh.
#
# Everything of one stack is in its folder $STACK: data, logs, `ports` (which ports were taken) and `pids`. A process is
# known by its pid and its start time, so that a pid the system gave away again is never signalled.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
BIN=${BIN:-build/bin}
MYSQL_CLIENT=$(command -v mariadb || command -v mysql)

# ---- ports -----------------------------------------------------------------------------------------------------

# The usual port of each, and the name of the variable that holds the one in use.
USUAL=(MYSQL_PORT=3306 KAFKA_PORT=9092 CONTROLLER_PORT=9093 CONNECT_PORT=8083 ORDER_PORT=8081 MARKETING_PORT=8082)

port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 3<>"/dev/tcp/::1/$1") 2>/dev/null
}

# Sets MYSQL_PORT etc.: what the environment says, else the usual ones; for what is taken by something else the next free
# one, but never one that another part usually has: the others stay where people expect them.
choose_ports() {
    local entry name usual port spoken_for=" "
    for entry in "${USUAL[@]}"; do spoken_for+="${entry#*=} "; done
    : > "$STACK/ports"
    for entry in "${USUAL[@]}"; do
        name=${entry%%=*} usual=${entry#*=} port=${!name:-${entry#*=}}
        if port_taken "$port"; then
            echo -n "Port $port is taken: "
            while port_taken "$port" || [[ $spoken_for == *" $port "* ]]; do port=$((port + 1)); done
        fi
        [ "$port" = "$usual" ] || echo "${name%_PORT} gets $port."
        spoken_for+="$port "
        printf -v "$name" %s "$port"
        echo "$name=$port" >> "$STACK/ports"
    done
}

# ---- processes -------------------------------------------------------------------------------------------------

started_at() { # the 22nd field of stat; the 2nd may hold blanks
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # shellcheck disable=SC2086 # words are wanted
    set -- ${stat##*) }
    [ "$1" != Z ] && echo "${20}"
}

lives() { # PID TIME: the process that was started then
    [ -n "$2" ] && [ "$(started_at "$1")" = "$2" ]
}

# launch NAME COMMAND...: in the background, in a session of its own, its output in $STACK/NAME.log
launch() {
    local name=$1
    shift
    setsid "$@" > "$STACK/$name.log" 2>&1 < /dev/null &
    echo "$name $! $(started_at $!)" >> "$STACK/pids"
}

alive() { # NAME
    local name pid time
    while read -r name pid time; do
        [ "$name" = "$1" ] && lives "$pid" "$time" && return 0
    done < <(cat "$STACK/pids" 2>/dev/null)
    return 1
}

# wait_for SECONDS NAME COMMAND...: until the command succeeds; not longer than NAME lives
wait_for() {
    local end=$((SECONDS + $1)) name=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if ! alive "$name"; then
            echo "$name has ended:" >&2
        elif [ $SECONDS -ge $end ]; then
            echo "$name does not answer:" >&2
        else
            sleep 0.02
            continue
        fi
        tail -n 15 "$STACK/$name.log" >&2
        return 1
    done
}

# Stops the last started first; asks, waits up to 20 s, then insists.
stop_stack() {
    local name pid time
    [ -s "$STACK/pids" ] || { rm -f "$STACK/pids"; return 0; }
    while read -r name pid time; do
        lives "$pid" "$time" || continue
        kill -TERM -- "-$pid" 2>/dev/null
        for _ in $(seq 400); do
            lives "$pid" "$time" || break
            sleep 0.05
        done
        if lives "$pid" "$time"; then
            echo "$name did not stop, killing it" >&2
            kill -KILL -- "-$pid" 2>/dev/null
        fi
    done < <(tac "$STACK/pids")
    rm -f "$STACK/pids"
}

# ---- the parts -------------------------------------------------------------------------------------------------

sql() { "$MYSQL_CLIENT" --protocol=TCP -h127.0.0.1 -P"$MYSQL_PORT" -uroot -p1234 my-database "$@" 2>/dev/null; }
http_ok() { curl -sf -o /dev/null --max-time 5 "$1"; }

start_mysql() { launch mysql mysql/bin/mysql-server-start.sh --datadir "$STACK/mysql" --port "$MYSQL_PORT"; }
mysql_ready() { wait_for 60 mysql sql -e 'select 1'; }

start_kafka() {
    sed -e "s/:9092/:$KAFKA_PORT/g; s/:9093/:$CONTROLLER_PORT/g" -e "s|^log.dirs=.*|log.dirs=$STACK/kafka|" \
        kafka/config/server.properties > "$STACK/server.properties"
    launch kafka kafka/bin/kafka-server-start.sh "$STACK/server.properties"
}
kafka_ready() { wait_for 60 kafka grep -q 'Kafka Server started' "$STACK/kafka.log"; }

# The shipped file where the ports are the usual ones, else a copy with the others.
worker_properties() {
    WORKER_PROPERTIES=kafka/config/connect-distributed.properties
    if [ "$KAFKA_PORT" != 9092 ] || [ "$CONNECT_PORT" != 8083 ]; then
        sed -e "s/^bootstrap.servers=.*/bootstrap.servers=localhost:$KAFKA_PORT/" \
            -e "s|^#listeners=.*|listeners=http://:$CONNECT_PORT|" "$WORKER_PROPERTIES" > "$STACK/connect-distributed.properties"
        WORKER_PROPERTIES=$STACK/connect-distributed.properties
    fi
}
start_worker() { launch connect "$BIN/connect-distributed" "$WORKER_PROPERTIES"; }
worker_ready() { wait_for 30 connect http_ok "http://localhost:$CONNECT_PORT/connectors"; }

service_environment() { # PORT: what the lab gives a service
    echo "_DATASOURCE_ADDRESS=localhost:$MYSQL_PORT _DATASOURCE_TABLESPACE=my-database" \
        "_DATASOURCE_USERNAME=root _DATASOURCE_PASSWORD=1234 SERVER_PORT=$1"
}
start_services() {
    # shellcheck disable=SC2046 # several assignments
    launch order env $(service_environment "$ORDER_PORT") "$BIN/order-service"
    # shellcheck disable=SC2046
    launch marketing env $(service_environment "$MARKETING_PORT") "$BIN/marketing-service"
}
services_ready() {
    wait_for 30 order http_ok "http://localhost:$ORDER_PORT/orders" &&
        wait_for 30 marketing http_ok "http://localhost:$MARKETING_PORT/syncOrders"
}
