"""MySQL for tests: a client for statements, databases that vanish, and private servers."""

import contextlib
import os
import shutil

import pymysql

from . import paths
from .ports import free_port
from .process import Process, reaper
from .wait import SERVER_S, Hopeless, until


class MySQL:
    """A server that somebody else started, or the client side of one of ours."""

    def __init__(self, host, port, user="root", password="1234"):
        self.host, self.port, self.user, self.password = host, int(port), user, password

    def connect(self, database=None, **options):
        """A connection of PyMySQL, autocommit on unless said otherwise. The caller closes it."""
        options.setdefault("autocommit", True)
        return pymysql.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database,
            charset="utf8mb4", connect_timeout=30, **options,
        )

    def sql(self, text, *args, database=None):
        """Runs one statement; returns its rows as tuples."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, args or None)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def script(self, text, database=None):
        """Runs several statements, separated by semicolons."""
        connection = self.connect(database, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                while cursor.nextset():
                    pass
        finally:
            connection.close()

    @property
    def is_mariadb(self):
        return "mariadb" in self.sql("select version()")[0][0].lower()

    def jdbc_url(self, database, **parameters):
        """The lab's own URL; parameters are added to it, None removes one."""
        query = {"useSSL": "false", "allowPublicKeyRetrieval": "true", "serverTimezone": "UTC", "characterEncoding": "UTF-8"}
        query.update(parameters)
        text = "&".join(f"{k}={v}" for k, v in query.items() if v is not None)
        return f"jdbc:mysql://{self.host}:{self.port}/{database}?{text}"


class Database:
    """A database of one test."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        server.sql(f"create database `{name}` character set utf8mb4")

    def sql(self, text, *args):
        return self.server.sql(text, *args, database=self.name)

    def script(self, text):
        self.server.script(text, database=self.name)

    def connect(self, **options):
        return self.server.connect(self.name, **options)

    def rows(self, table, columns="*", order="1"):
        return self.sql(f"select {columns} from `{table}` order by {order}")

    def count(self, table):
        return self.sql(f"select count(*) from `{table}`")[0][0]

    def tables(self):
        return [row[0] for row in self.sql("show tables")]

    def jdbc_url(self, **parameters):
        return self.server.jdbc_url(self.name, **parameters)

    def drop(self):
        """Whoever is still in it is thrown out: a transaction that a failed test left open would keep this waiting."""
        for session, in self.server.sql("select id from information_schema.processlist where db = %s", self.name):
            with contextlib.suppress(pymysql.MySQLError):  # gone by itself
                self.server.sql(f"kill {session}")
        self.server.sql(f"drop database if exists `{self.name}`")


class MySQLServer(MySQL, Process):
    """A private server: packaged (mysqld or mariadbd), or Oracle's MySQL 9 with flavour="oracle"."""

    def __init__(self, name="mysql", flavour=None, options=(), port=None):
        port = port or free_port()
        MySQL.__init__(self, "127.0.0.1", port)
        env = {}
        if flavour == "oracle":
            self.datadir = paths.ORACLE / "data" / f"{paths.RUN.name}-{name}-{port}"
            env["MYSQL_ROOT"] = paths.ORACLE
        else:
            self.datadir = paths.RUN / f"{name}-{port}"
        argv = [paths.ROOT / "mysql/bin/mysql-server-start.sh", "--datadir", self.datadir, "--port", port, "--", *options]
        Process.__init__(self, name, argv, paths.RUN / "logs" / f"{name}-{port}.log", env)
        reaper().delete_at_end(self.datadir)

    def start(self, wait=True):
        Process.start(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=SERVER_S):
        def answers():
            if not self.running():
                raise Hopeless(f"{self.name} ended: {self.log_now[-2000:]}")
            return self.sql("select 1", database="my-database")

        until(f"{self.name} to answer", answers, timeout)

    def remove(self):
        self.kill9()
        shutil.rmtree(self.datadir, ignore_errors=True)


def external():
    """The server named by TEST_MYSQL (host:port), TEST_MYSQL_USER and TEST_MYSQL_PASSWORD."""
    host, port = os.environ["TEST_MYSQL"].rsplit(":", 1)
    return MySQL(host, port, os.environ.get("TEST_MYSQL_USER", "root"), os.environ.get("TEST_MYSQL_PASSWORD", "1234"))
