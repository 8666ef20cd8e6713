"""The JDBC source: modes, rows that commit late, failures."""

import contextlib
import json
import random
import shutil
import subprocess
import threading
import time

import pytest

from harness import jdbc_source, paths, until
from harness.wait import OTHERS_S, stays

pytestmark = pytest.mark.server

QUICK = {"session.timeout.ms": 3000, "heartbeat.interval.ms": 1000, "offset.flush.interval.ms": 200}
TABLE = "create table t (id int primary key auto_increment, v varchar(20))"


def offset_of(lab, worker, name):
    """The stored source offset of the connector's only partition, or None."""
    offsets = lab.kafka.latest(f"{worker.properties['group.id']}-offsets")
    values = [json.loads(v) for k, v in offsets.items() if v and json.loads(k)[0] == name]
    return values[0] if values else None


def ids(lab, topic, at_least=0):
    return [r.payload["id"] for r in lab.kafka.records(topic, at_least=at_least)]


@pytest.fixture
def source(lab, database):
    """Starts a source on table t; -> its topic."""

    def start(worker, runs=True, **settings):
        prefix = lab.unique("out") + "-"
        start.name = lab.unique("source")
        worker.rest.create(start.name, jdbc_source(database, "t", prefix, **settings), wait=runs, tasks=1)
        return prefix + "t"

    return start


# ---- rows that commit late -------------------------------------------------------------------------------------


def test_a_smaller_id_that_commits_later_arrives(lab, database, worker, source):
    database.script(TABLE)
    topic = source(worker)
    late, connection = database.connect(autocommit=False), database.connect()
    with late.cursor() as slow, connection.cursor() as fast:
        slow.execute("insert into t(v) values ('late')")
        fast.execute("insert into t(v) values ('early')")
        assert ids(lab, topic, 1) == [2]
        late.commit()
        assert ids(lab, topic, 2) == [2, 1]
    late.close()
    connection.close()


def test_an_open_gap_is_stored_and_survives_a_kill(lab, database, source):
    database.script(TABLE)
    worker = lab.worker(QUICK)
    topic = source(worker)
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('late')")
        database.sql("insert into t(v) values ('early')")
        until("the gap in the offset", lambda: offset_of(lab, worker, source.name) == {"incrementing": 2, "gaps": [[1, 1]]})
        worker.kill9()
        late.commit()
    late.close()
    worker.start()
    assert set(ids(lab, topic, 2)) == {1, 2}


def test_a_gap_that_was_rolled_back_leaves_the_offset(lab, database, source):
    database.script(TABLE)
    worker = lab.worker(QUICK)
    topic = source(worker)
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('never')")
        database.sql("insert into t(v) values ('a')")
        assert ids(lab, topic, 1) == [2]
        late.rollback()
    late.close()
    last = until_no_gaps(lab, database, worker, source.name, "t")
    assert ids(lab, topic, last - 1)[: last - 1] == list(range(2, last + 1))


def until_no_gaps(lab, database, worker, name, table):
    """Offsets are stored with records: one row after the other, until its offset says that nothing is missing. -> the last id"""

    def has_none():
        database.sql(f"insert into {table}(v) values ('b')")
        offset = offset_of(lab, worker, name)
        return list(offset) == ["incrementing"] and offset["incrementing"]

    return until("an offset without gaps", has_none, OTHERS_S)


def write_concurrently(database, writers, seconds):
    """Transactions of several inserts that commit in any order, one in ten rolled back, some held open for a second."""

    mariadb = database.server.is_mariadb

    def write(seed):
        dice, end = random.Random(seed), time.time() + seconds
        connection = database.connect(autocommit=False)
        with connection.cursor() as cursor:
            while time.time() < end:
                for _ in range(dice.randint(1, 5)):
                    cursor.execute("insert into t(v) values (%s)", (seed,))
                if dice.random() < 0.3:  # ids are handed out in blocks, of which not all are used
                    cursor.execute("insert into t(v) select v from (values row(1), row(2), row(3)) x(v)" if not mariadb
                                   else "insert into t(v) select * from (values (1), (2), (3)) x")
                cursor.execute("do sleep(%s)", (1 if dice.random() < 0.02 else dice.random() * 0.02,))
                connection.rollback() if dice.random() < 0.1 else connection.commit()
        connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_concurrent_writers_lose_no_row_and_none_comes_twice(lab, database, worker, source):
    database.script(TABLE)
    topic = source(worker, poll__interval__ms=5)
    write_concurrently(database, writers=8, seconds=5)
    rows = {row[0] for row in database.rows("t", "id")}
    until("all rows", lambda: set(ids(lab, topic)) == rows)
    got = ids(lab, topic)
    assert len(got) == len(set(got))


@contextlib.contextmanager
def reader(database):
    """Settings of a user who may read the tables and nothing else."""
    user = f"u{random.randrange(10**9)}"
    hosts = [f"'{user}'@'%'", f"'{user}'@'localhost'"]  # MariaDB's anonymous local user would come first
    for host in hosts:
        database.sql(f"create user {host} identified by 'pw'")
        database.sql(f"grant select on `{database.name}`.* to {host}")
    try:
        yield {"connection__user": user, "connection__password": "pw"}
    finally:
        database.sql("drop user " + ",".join(hosts))


def test_without_the_process_privilege_late_rows_arrive_within_the_time_out(lab, database, worker, source):
    database.script(TABLE)
    with reader(database) as login:
        topic = source(worker, incrementing__gap__timeout__ms=60000, **login)
        late = database.connect(autocommit=False)
        with late.cursor() as slow:
            slow.execute("insert into t(v) values ('late')")
            database.sql("insert into t(v) values ('early')")
            assert ids(lab, topic, 1) == [2]
            late.commit()
        late.close()
        assert ids(lab, topic, 2) == [2, 1]
        worker.wait_log("Grant the PROCESS privilege")
        worker.rest.delete(f"/connectors/{source.name}")


def test_a_row_of_an_older_time_that_commits_late_arrives_in_timestamp_mode(lab, database, worker, source):
    database.script("create table t (id int primary key auto_increment, v varchar(20), at timestamp(6) not null default current_timestamp(6))")
    topic = source(worker, mode="timestamp", incrementing__column__name=None, timestamp__column__name="at")
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('late')")
        slow.execute("do sleep(2)")
        database.sql("insert into t(v) values ('early')")
        stays("nothing is read past the open transaction", lambda: ids(lab, topic) == [], seconds=3)
        late.commit()
    late.close()
    assert sorted(ids(lab, topic, 2)) == [1, 2]


def test_without_the_process_privilege_a_delay_lets_late_rows_arrive_in_timestamp_mode(lab, database, worker, source):
    database.script("create table t (id int primary key auto_increment, v varchar(20), at timestamp(6) not null default current_timestamp(6))")
    with reader(database) as login:
        topic = source(worker, mode="timestamp", incrementing__column__name=None, timestamp__column__name="at",
                       timestamp__delay__interval__ms=4000, **login)
        worker.wait_log(r"rows whose transaction commits late are lost in timestamp modes. Grant the PROCESS privilege, or set timestamp.delay")
        late = database.connect(autocommit=False)
        with late.cursor() as slow:
            slow.execute("insert into t(v) values ('late')")
            database.sql("insert into t(v) values ('early')")
            stays("nothing is read before the delay", lambda: ids(lab, topic) == [], seconds=1)
            late.commit()
        late.close()
        assert sorted(ids(lab, topic, 2)) == [1, 2]
        worker.rest.delete(f"/connectors/{source.name}")


# ---- failures ------------------------------------------------------------------------------------------------------


def test_a_restart_of_mysql_stops_nothing(lab, source):
    server = lab.own_mysql()
    database = lab.database(server)
    database.script(TABLE)
    worker, prefix, name = lab.worker(), lab.unique("out") + "-", lab.unique("source")
    database.sql("insert into t(v) values ('a')")
    worker.rest.create(name, jdbc_source(database, "t", prefix, connection__attempts=100, connection__backoff__ms=200), tasks=1)
    assert ids(lab, prefix + "t", 1) == [1]
    server.kill9()
    server.start()
    database.sql("insert into t(v) values ('b')")
    assert ids(lab, prefix + "t", 2) == [1, 2]
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])


def test_a_killed_connection_is_made_again(lab, database, worker, source):
    database.script(TABLE)
    database.sql("insert into t(v) values ('a')")
    topic = source(worker)
    ids(lab, topic, 1)
    for (connection,) in database.sql("select id from information_schema.processlist where db = %s and id <> connection_id()", database.name):
        database.sql(f"kill {connection}")
    database.sql("insert into t(v) values ('b')")
    assert ids(lab, topic, 2) == [1, 2]


def test_a_password_that_is_changed_fails_the_task_at_its_next_connection(database, worker, source):
    database.script(TABLE)
    user, password = f"u{random.randrange(10**9)}", f"secret-{random.randrange(10**9)}"
    hosts = [f"'{user}'@'%'", f"'{user}'@'localhost'"]  # MariaDB's anonymous local user would come first
    for host in hosts:
        database.sql(f"create user {host} identified by '{password}'")
        database.sql(f"grant select on `{database.name}`.* to {host}")
    try:
        source(worker, connection__user=user, connection__password=password, connection__attempts=1)
        for host in hosts:
            database.sql(f"alter user {host} identified by 'other'")
        until("the connection", lambda: database.sql("select id from information_schema.processlist where user = %s", user))
        for (connection,) in database.sql("select id from information_schema.processlist where user = %s", user):
            database.sql(f"kill {connection}")
        trace = worker.rest.wait_failed(source.name)
        assert "Access denied for user" in trace
        assert password not in trace and password not in worker.log
    finally:
        database.sql("drop user " + ",".join(hosts))


def test_a_stop_does_not_wait_for_a_long_statement(lab, database, worker):
    name = lab.unique("source")
    worker.rest.create(name, jdbc_source(
        database, None, lab.unique("out"), mode="bulk", incrementing__column__name=None, query="select sleep(600) as s, 7 as marked"), tasks=1)
    running = "select count(*) from information_schema.processlist where info like 'select sleep(600) as s%%'"
    until("the statement", lambda: database.sql(running)[0][0] == 1)
    started = time.monotonic()
    worker.rest.delete(f"/connectors/{name}")
    until("its end on the server", lambda: database.sql(running)[0][0] == 0)
    assert time.monotonic() - started < 30  # not 600


def test_a_dropped_table_fails_the_task_by_name(lab, database, worker, source):
    database.script(TABLE)
    database.sql("insert into t(v) values ('a')")
    topic = source(worker)
    ids(lab, topic, 1)
    database.sql("drop table t")
    trace = worker.rest.wait_failed(source.name)
    assert trace.startswith("org.apache.kafka.connect.errors.ConnectException: Error while polling for records") and "doesn't exist" in trace


def test_a_row_that_cannot_be_read_is_named(lab, database, worker, source):
    database.script("create table t (id int primary key auto_increment, v time)")
    database.sql("insert into t(v) values ('10:00:00'), ('30:00:00')")
    topic = source(worker, runs=False)
    trace = worker.rest.wait_failed(source.name)
    assert "column v" in trace and "30:00:00" in trace and f"`{database.name}`.`t`" in trace
    assert ids(lab, topic, 1) == [1]


# ---- encryption ----------------------------------------------------------------------------------------------------


EC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")  # made in no time


def certificates(folder):
    """ca.pem with server.pem and client.pem that it has signed, each with its key; other.pem is of another authority."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", *EC, "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("server", "client"):
        openssl("req", "-newkey", *EC, "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-days", "2", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-extfile", "names", "-out", f"{name}.pem")
    (folder / "both.pem").write_text((folder / "client.pem").read_text() + (folder / "client.key").read_text())


def test_a_connection_is_encrypted_and_both_ends_checked_as_the_url_says(lab):
    folder = lab.folder / "tls" if paths.FLAVOUR is None else paths.ORACLE / "data" / f"{lab.name}-tls"
    inside = folder if paths.FLAVOUR is None else "/" / folder.relative_to(paths.ORACLE)
    certificates(folder)
    try:
        server = lab.own_mysql(options=[f"--ssl-ca={inside}/ca.pem", f"--ssl-cert={inside}/server.pem", f"--ssl-key={inside}/server.key"])
        database, worker = lab.database(server), lab.worker()
        database.script(TABLE + "; insert into t(v) values ('a'); create user strict@'%' identified by 'pw' require x509;"
                        "grant all on *.* to strict@'%'")

        def answer(**parameters):
            settings = jdbc_source(database, "t", lab.unique("out"), connection__user="strict", connection__password="pw",
                                   connection__url=database.jdbc_url(useSSL=None, **parameters))
            answer.name = lab.unique("source")
            return worker.rest.post("/connectors", {"name": answer.name, "config": settings})

        ca, client = {"trustCertificateKeyStoreUrl": f"file:{folder}/ca.pem"}, {"clientCertificateKeyStoreUrl": f"file:{folder}/both.pem"}
        for mode in ("REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"):
            assert answer(sslMode=mode, **ca, **client).status == 201
            worker.rest.wait_running(answer.name, 1)
        for refused in ({"sslMode": "DISABLED"}, {"sslMode": "VERIFY_CA", **ca},
                        {"sslMode": "VERIFY_CA", "trustCertificateKeyStoreUrl": f"file:{folder}/other.pem", **client}):
            told = answer(**refused)
            assert told.status == 400 and "Could not connect to database. " in told.json["message"], refused
        assert database.sql("select count(*) from information_schema.processlist where user = 'strict'")[0][0] >= 3
    finally:
        shutil.rmtree(folder)


# ---- replicas ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_replica_loses_no_row_that_commits_late_on_the_primary(lab):
    """Transactions of the primary cannot be seen there, so that missing ids are looked for by time."""
    primary = lab.own_mysql(start=False)
    replica = lab.own_mysql(start=False, options=["--server-id=2"])
    for server in (primary, replica):
        server.start(wait=False)
    for server in (primary, replica):
        server.wait_ready()
    follow(replica, primary)
    database, name, prefix = lab.database(primary), lab.unique("source"), lab.unique("out") + "-"
    database.script(TABLE)
    copy = type("Copy", (), {"server": replica, "name": database.name, "jdbc_url": lambda self, **p: replica.jdbc_url(database.name, **p)})()
    until("the table on the replica", lambda: replica.sql("select 1 from information_schema.tables where table_schema = %s", database.name))
    worker = lab.worker()
    worker.rest.create(name, jdbc_source(copy, "t", prefix), tasks=1)
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('late')")
        database.sql("insert into t(v) values ('early')")
        assert ids(lab, prefix + "t", 1) == [2]
        worker.wait_log("the server applies changes of another server.*Read from the server that is written to")
        late.commit()
    late.close()
    assert ids(lab, prefix + "t", 2) == [2, 1]


def follow(replica, primary):
    """Makes one server a replica of the other, from now on."""
    if primary.is_mariadb:
        log, position = primary.sql("show master status")[0][:2]
        replica.sql(f"change master to master_host='127.0.0.1', master_port={primary.port}, master_user='root', "
                    f"master_password='1234', master_log_file='{log}', master_log_pos={position}")
        replica.sql("start slave")
    else:
        log, position = primary.sql("show binary log status")[0][:2]
        replica.sql(f"change replication source to source_host='127.0.0.1', source_port={primary.port}, source_user='root', "
                    f"source_password='1234', get_source_public_key=1, source_log_file='{log}', source_log_pos={position}")
        replica.sql("start replica")


# ---- large tables --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_rows_come_once_and_in_order_over_several_statements(lab, database, worker, source):
    database.script(TABLE)
    for start in range(0, 120000, 5000):
        database.sql("insert into t(v) values " + ",".join("('x')" for _ in range(start, start + 5000)))
    topic = source(worker)
    until("all rows", lambda: lab.kafka.count(topic) >= 120000)
    got = ids(lab, topic)
    assert got == [row[0] for row in database.rows("t", "id")]
