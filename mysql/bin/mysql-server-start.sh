#!/bin/sh
# Starts a private MySQL or MariaDB server in the foreground, as the user who calls it.
#
#   mysql-server-start.sh --datadir DIR [--port 3306] [--bind 127.0.0.1] [-- SERVER-OPTION...]
#
# A new DIR is initialised first: user root, password 1234, database my-database (mysql/init.sql). The socket and the
# pid file are in DIR too, and what it writes for a moment: servers that share /tmp delete each other's files there when
# they start. The server is mysqld where Oracle's is installed, else mariadbd; MYSQLD names another one.
# MYSQL_ROOT=FOLDER takes the server out of a folder made by oracle-mysql.sh (needs root; DIR must be below FOLDER).
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
usage() { sed -n '4s/^#   /usage: /p' "$0" >&2; exit 1; }
die() { echo "mysql-server-start.sh: $*" >&2; exit 1; }

datadir='' port=3306 bind=127.0.0.1
while [ $# -gt 0 ]; do
    case $1 in
        --datadir) datadir=${2:?}; shift 2 ;;
        --port) port=${2:?}; shift 2 ;;
        --bind) bind=${2:?}; shift 2 ;;
        --) shift; break ;;
        *) usage ;;
    esac
done
[ -n "$datadir" ] || usage
mkdir -p "$datadir"
datadir=$(cd "$datadir" && pwd)
user=$(id -un)
PATH=$PATH:/usr/sbin:/usr/local/sbin:/sbin

# ---- which server: `serve` runs it, `inside` and `settings` are paths as it sees them ----------------------------
root=${MYSQL_ROOT:-}
if [ -n "$root" ]; then
    root=$(cd "$root" && pwd)
    case $datadir in "$root"/*) ;; *) die "$datadir is not below $root" ;; esac
    inside=${datadir#"$root"}
    settings=$inside/my.cnf
    serve() { exec chroot "$root" /usr/sbin/mysqld "$@"; }
else
    inside=$datadir
    settings=$home/my.cnf
    server=${MYSQLD:-$(command -v mysqld || command -v mariadbd || true)}
    [ -n "$server" ] || die "neither mysqld nor mariadbd is installed: see \`make deps\`"
    serve() { exec "$server" "$@"; }
fi
kind=oracle
case $(serve --no-defaults --version) in *MariaDB*) kind=mariadb ;; esac

# ---- a new folder becomes a database -----------------------------------------------------------------------------
tmpdir=$inside/.tmp
install() {
    if [ "$kind" = mariadb ]; then
        mariadb-install-db --no-defaults --user="$user" --datadir="$datadir" --tmpdir="$tmpdir" --skip-test-db \
            --auth-root-authentication-method=socket
    else
        (serve --no-defaults --initialize-insecure --user="$user" --datadir="$inside" --tmpdir="$tmpdir")
    fi
}
if [ ! -f "$datadir/installed" ]; then
    find "$datadir" -mindepth 1 -delete
    mkdir "$datadir/.tmp" # the folder above need not be ours to write to, and a new database takes no other files in its own
    install > "$datadir/.tmp/install.log" 2>&1 || { cat "$datadir/.tmp/install.log" >&2; die "$datadir could not be initialised"; }
    rm -f "$datadir/.tmp/install.log"
    touch "$datadir/installed"
fi

# ---- run ---------------------------------------------------------------------------------------------------------
mkdir -p "$datadir/.tmp" # not there where an earlier version of this script made the folder
[ -z "$root" ] || cp "$home/my.cnf" "$datadir/my.cnf"
set -- --datadir="$inside" --tmpdir="$tmpdir" --port="$port" --bind-address="$bind" --pid-file="$inside/mysqld.pid" "$@"
case $kind in
    mariadb) set -- --ignore-db-dirs=.tmp "$@" ;; # else it is shown as a database
    oracle) set -- --mysqlx=OFF --secure-file-priv=NULL "$@" ;;
esac
if [ ! -d "$datadir/my@002ddatabase" ]; then # the folder of my-database, the last thing init.sql makes
    cp "$home/init.sql" "$datadir/init.sql"
    set -- --init-file="$inside/init.sql" "$@"
fi
socket=$inside/mysqld.sock
[ ${#socket} -lt 104 ] || socket=/tmp/mysqld-$port.sock # the system's limit for the path of a socket
serve --defaults-file="$settings" --user="$user" --socket="$socket" "$@"
