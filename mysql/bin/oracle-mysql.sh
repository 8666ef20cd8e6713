#!/bin/sh
# Puts Oracle's MySQL 9 into a folder of its own, for the tests that look at both MySQL and MariaDB.
#
#   oracle-mysql.sh FOLDER          (needs root and debootstrap; about 600 MB, half a minute after the download)
#
# Debian stable has MariaDB only, unstable has mysql-server-core: it is installed with its libraries below FOLDER, from
# the mirror this machine's apt already uses. MYSQL_ROOT=FOLDER mysql-server-start.sh runs it by chroot; nothing is
# mounted below FOLDER, so that it can be deleted like any other folder.
set -eu
folder=${1:?usage: oracle-mysql.sh FOLDER}
die() { echo "oracle-mysql.sh: $*" >&2; exit 1; }

[ -f "$folder/.complete" ] && exit 0
[ "$(id -u)" = 0 ] || die "needs root"
command -v debootstrap >/dev/null || die "debootstrap is not installed"

# The site of the Debian archive as apt knows it (not the one with security updates).
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
[ -n "$mirror" ] || die "apt knows no Debian mirror (run \`apt-get update\` first)"

rm -rf "$folder"
mkdir -p "$folder"
if ! debootstrap --variant=minbase --include=mysql-server-core sid "$folder" "$mirror" > "$folder.log" 2>&1; then
    tail -n 5 "$folder.log" >&2
    die "debootstrap failed, see $folder.log"
fi
rm -rf "$folder/var/cache/apt" "$folder/var/lib/apt/lists" "$folder/usr/share/doc" "$folder/usr/share/locale" \
    "$folder/usr/share/man" "$folder.log"
mkdir -p "$folder/data"
chroot "$folder" /usr/sbin/mysqld --no-defaults --version > "$folder/.complete"
