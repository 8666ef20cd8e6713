#!/bin/sh
# Installs what is missing (Debian, Ubuntu) when called as root; otherwise prints the one command to run.
#
#   deps.sh demo|test|compose
#
# demo: compilers, libraries, a MySQL server, Java for Kafka. test: that, and what the tests use besides. compose: that,
# and what tests/compose needs.
set -eu
what=${1:?usage: deps.sh demo|test|compose}

# Lines of PACKAGE and what shows that it is there: a command, pc:PKG-CONFIG-NAME, file:PATH, or a test of `here`.
demo='
gcc                     gcc
make                    make
pkg-config              pkg-config
libc6-dev               file:/usr/include/stdio.h
libmicrohttpd-dev       pc:libmicrohttpd
libgnutls28-dev         pc:gnutls
librdkafka-dev          pc:rdkafka
libjansson-dev          pc:jansson
libcurl4-openssl-dev    pc:libcurl
libpcre2-dev            pc:libpcre2-8
libzstd-dev             pc:libzstd
zlib1g-dev              pc:zlib
libmariadb-dev          mysql-library
mariadb-server-core     mysql-server
mariadb-client-core     mysql-client
default-jre-headless    java
maven                   mvn
curl                    curl
procps                  pgrep
ca-certificates         file:/etc/ssl/certs/ca-certificates.crt
'
test="$demo
check                   pc:check
clang                   clang
libclang-rt-14-dev      clang-sanitizers
clang-tidy              clang-tidy
cppcheck                cppcheck
shellcheck              shellcheck
git                     git
python3                 python3
python3-venv            python-venv
"
[ "$(id -u)" != 0 ] || test="$test
debootstrap             debootstrap
"
compose="$test
docker.io               dockerd
docker-compose          docker-compose
"

here() {
    case $1 in
        pc:*) pkg-config --exists "${1#pc:}" ;;
        file:*) [ -e "${1#file:}" ] ;;
        mysql-library) pkg-config --exists libmariadb || pkg-config --exists mysqlclient || pkg-config --exists mariadb ;;
        mysql-server) command -v mysqld || command -v mariadbd ;;
        mysql-client) command -v mysql || command -v mariadb ;;
        python-venv) python3 -c 'import venv, ensurepip' ;;
        clang-sanitizers) echo 'int main(void){return 0;}' | clang -x c -fsanitize=address -o /dev/null - ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

PATH=$PATH:/usr/sbin:/sbin
case $what in
    demo) wanted=$demo ;;
    test) wanted=$test ;;
    compose) wanted=$compose ;;
    *) echo "deps.sh: demo, test or compose, not $what" >&2; exit 1 ;;
esac
missing=$(echo "$wanted" | while read -r package sign; do
    [ -z "$package" ] || here "$sign" < /dev/null || printf ' %s' "$package"; done)
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing, under Debian's names:$missing. Install them with this system's package manager." >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "Some packages are missing. Please run:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # several packages
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } < /dev/null > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 1
fi
