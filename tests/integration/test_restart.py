"""The worker is killed, or what it talks to: nothing is lost, and nothing comes twice after a flush."""

import json
import threading

import pytest

from harness import jdbc_sink, jdbc_source, until
from harness.wait import stays

pytestmark = pytest.mark.server

# A dead worker's session ends after three seconds instead of ten.
QUICK = {"session.timeout.ms": 3000, "heartbeat.interval.ms": 1000, "offset.flush.interval.ms": 200}


def offset_of(lab, worker, name):
    """The stored source offset of the connector's only partition, or {}."""
    offsets = lab.kafka.latest(f"{worker.properties['group.id']}-offsets")
    values = [json.loads(v) for k, v in offsets.items() if json.loads(k)[0] == name]
    return values[0] if values else {}


def test_a_killed_worker_goes_on_and_repeats_nothing_that_was_flushed(lab, database):
    database.script("create table t (id int primary key auto_increment, v int)")
    database.sql("insert into t(v) values " + ",".join(f"({i})" for i in range(50)))
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker = lab.worker(QUICK)
    worker.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    until("the flush", lambda: offset_of(lab, worker, name) == {"incrementing": 50})
    worker.kill9()
    database.sql("insert into t(v) values (100), (101)")
    worker.start()
    assert worker.rest.get(f"/connectors/{name}/config").json["table.whitelist"] == "t"
    records = lab.kafka.records(prefix + "t", at_least=52)
    assert [r.payload["id"] for r in records] == list(range(1, 53))


def test_no_row_is_lost_when_the_worker_is_killed_again_and_again(lab, database):
    database.script("create table t (id int primary key auto_increment, v int)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker = lab.worker(QUICK)
    worker.rest.create(name, jdbc_source(database, "t", prefix, poll__interval__ms=5), tasks=1)
    stop, written = threading.Event(), []

    def write():
        connection = database.connect()
        with connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("insert into t(v) values (1), (2), (3)")
                written.append(cursor.lastrowid)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            seen = len(lab.kafka.records(prefix + "t"))
            lab.kafka.records(prefix + "t", at_least=seen + 100)
            worker.kill9()
            worker.start()
            worker.rest.wait_running(name, tasks=1)
    finally:
        stop.set()
        writer.join()
    rows = [row[0] for row in database.rows("t", "id")]
    last = rows[-1]
    until("the last row", lambda: last in {r.payload["id"] for r in lab.kafka.records(prefix + "t")})
    ids = [r.payload["id"] for r in lab.kafka.records(prefix + "t")]
    assert set(ids) == set(rows)
    # What comes again after a kill is a run from the last flush on: the order of first appearances is that of the table.
    assert list(dict.fromkeys(ids)) == rows


def test_a_sink_that_was_killed_goes_on_after_what_it_committed(lab, database):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    schema = {"type": "struct", "optional": False, "fields": [{"field": "id", "type": "int32", "optional": False}]}

    def write(first, last):
        lab.kafka.produce_many(topic, [
            (None, {"schema": schema, "payload": {"id": i}}) for i in range(first, last + 1)])

    write(1, 100)
    worker = lab.worker(QUICK)
    worker.rest.create(name, jdbc_sink(database, topic, **{"consumer.override.session.timeout.ms": 6000}), tasks=1)
    until("the commit", lambda: lab.kafka.group_offsets(f"connect-{name}").get((topic, 0)) == 100)
    worker.kill9()
    write(101, 150)
    worker.start()
    until("150 rows", lambda: database.count(topic) >= 150)
    assert [row[0] for row in database.rows(topic, "id")] == list(range(1, 151))
    stays("150 rows", lambda: database.count(topic) == 150, seconds=0.5)


def test_a_second_worker_takes_over_from_a_killed_one(lab, database):
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1)")
    group, name, prefix = lab.unique("group"), lab.unique("source"), lab.unique("out") + "-"
    first = lab.worker(QUICK, group=group)
    first.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    until("the flush", lambda: offset_of(lab, first, name) == {"incrementing": 1})
    second = lab.worker(QUICK, group=group)
    first.kill9()
    database.sql("insert into t(v) values (2)")

    def moved():
        status = second.rest.status(name)
        places = [status["connector"], *status["tasks"]]
        return all(p["state"] == "RUNNING" and p["worker_id"] == second.worker_id for p in places)

    until("connector and task to run on the second worker", moved)
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 2]


def test_a_database_that_restarts_is_met_again(lab):
    server = lab.own_mysql()
    database = lab.database(server)
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker = lab.worker(QUICK)
    worker.rest.create(name, jdbc_source(
        database, "t", prefix, connection__backoff__ms=100, connection__attempts=300), tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    server.kill9()
    until("the worker to say so", lambda: "WARN" in worker.log or "ERROR" in worker.log)
    server.start()
    database.sql("insert into t(v) values (2)")
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 2]
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])


@pytest.mark.slow
def test_a_broker_that_restarts_is_met_again(lab):
    kafka = lab.own_kafka()
    database = lab.database()
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1)")
    worker = lab.worker(QUICK, kafka=kafka)
    worker.rest.create("source", jdbc_source(database, "t", "out-"), tasks=1)
    kafka.records("out-t", at_least=1)
    kafka.kill9()
    database.sql("insert into t(v) values (2)")
    kafka.start()
    until("both rows, the first perhaps again", lambda: list(dict.fromkeys(r.payload["id"] for r in kafka.records("out-t"))) == [1, 2])
    worker.rest.wait_running("source", tasks=1)


@pytest.mark.slow
def test_a_broker_that_does_not_answer_for_a_while_loses_nothing(lab):
    kafka = lab.own_kafka()
    database = lab.database()
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1)")
    worker = lab.worker(QUICK, kafka=kafka)
    worker.rest.create("source", jdbc_source(database, "t", "out-"), tasks=1)
    kafka.records("out-t", at_least=1)
    kafka.pause()
    database.sql("insert into t(v) values (2), (3)")
    assert worker.rest.get("/connectors", timeout=10).json == ["source"]  # reads do not wait for Kafka
    kafka.resume()
    until("all rows", lambda: list(dict.fromkeys(r.payload["id"] for r in kafka.records("out-t"))) == [1, 2, 3])
