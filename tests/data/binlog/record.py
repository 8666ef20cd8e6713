#!/usr/bin/env python3
"""Runs SQL files on a server and prints its binlog of them, event by event, as the server sends it to replicas.

    record.py HOST PORT PASSWORD FILE.sql... > recorded.binlog

Statements end with a semicolon at the end of a line. The account is root.
"""
import struct
import sys

import pymysql

COM_BINLOG_DUMP = 18
NON_BLOCK, ANNOTATE = 1, 2


def statements(path):
    with open(path, encoding="utf-8") as file:
        for statement in file.read().split(";\n"):
            if statement.strip():
                yield statement.strip()


def binlog_end(cursor, is_mariadb):
    cursor.execute("SHOW MASTER STATUS" if is_mariadb else "SHOW BINARY LOG STATUS")
    return cursor.fetchone()[:2]


def dump(connection, cursor, file, is_mariadb):
    cursor.execute("SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32'")
    if is_mariadb:
        cursor.execute("SET @mariadb_slave_capability=4")
    body = struct.pack("<IHI", 4, NON_BLOCK | (ANNOTATE if is_mariadb else 0), 990001) + file.encode()
    connection._execute_command(COM_BINLOG_DUMP, body)  # pylint: disable=protected-access
    while True:
        packet = connection._read_packet()  # pylint: disable=protected-access
        if packet.is_eof_packet():
            return
        sys.stdout.buffer.write(packet.get_all_data()[1:])


def main():
    host, port, password, *files = sys.argv[1:]
    connection = pymysql.connect(host=host, port=int(port), user="root", password=password, charset="utf8mb4", autocommit=True)
    cursor = connection.cursor()
    is_mariadb = "MariaDB" in connection.get_server_info()
    cursor.execute("FLUSH BINARY LOGS")
    file, _ = binlog_end(cursor, is_mariadb)
    for path in files:
        for statement in statements(path):
            cursor.execute(statement)
    dump(connection, cursor, file, is_mariadb)


if __name__ == "__main__":
    main()
