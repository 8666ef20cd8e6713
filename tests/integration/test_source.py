"""The JDBC source: modes, rows that commit late, failures."""

import json
import random
import threading
import time

import pytest

from harness import jdbc_source, until
from harness.wait import OTHERS_S, stays

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
    database.sql("insert into t(v) values ('b')")
    until("an offset without gaps", lambda: offset_of(lab, worker, source.name) == {"incrementing": 3}, OTHERS_S)
    assert ids(lab, topic) == [2, 3]


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


def test_without_the_process_privilege_late_rows_arrive_within_the_time_out(lab, database, worker, source):
    database.script(TABLE)
    user = f"u{random.randrange(10**9)}"
    hosts = [f"'{user}'@'%'", f"'{user}'@'localhost'"]  # MariaDB's anonymous local user would come first
    for host in hosts:
        database.sql(f"create user {host} identified by 'pw'")
        database.sql(f"grant select on `{database.name}`.* to {host}")
    try:
        topic = source(worker, connection__user=user, connection__password="pw", incrementing__gap__timeout__ms=60000)
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
    finally:
        database.sql("drop user " + ",".join(hosts))


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


# ---- large tables --------------------------------------------------------------------------------------------------


def test_many_rows_come_once_and_in_order_over_several_statements(lab, database, worker, source):
    database.script(TABLE)
    for start in range(0, 120000, 5000):
        database.sql("insert into t(v) values " + ",".join("('x')" for _ in range(start, start + 5000)))
    topic = source(worker)
    until("all rows", lambda: len(lab.kafka.records(topic)) >= 120000)
    got = ids(lab, topic)
    assert got == [row[0] for row in database.rows("t", "id")]
