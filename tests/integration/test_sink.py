"""The JDBC sink: modes, failures, exactly once."""

import json
import threading
import time

import pytest

from harness import jdbc_sink, until
from harness.lab import DEFAULT_PARTITIONS
from harness.wait import stays

pytestmark = pytest.mark.server

ROW = {"type": "struct", "optional": False, "fields": [
    {"field": "id", "type": "int32", "optional": False}, {"field": "v", "type": "string", "optional": True}]}
KEY = {"type": "int32", "optional": False}

QUICK = {"session.timeout.ms": 3000, "heartbeat.interval.ms": 1000, "offset.flush.interval.ms": 200}
SESSION = {"consumer.override.session.timeout.ms": 6000, "consumer.override.heartbeat.interval.ms": 1000}


def row(id, v="x"):
    return {"schema": ROW, "payload": {"id": id, "v": v}}


def keyed(id, v="x"):
    """A record with a key; a tombstone when v is None."""
    return {"schema": KEY, "payload": id}, None if v is None else row(id, v)


def rows(ids, v="x"):
    return [(None, row(i, v)) for i in ids]


def committed(lab, name, topic, partition=0):
    return lab.kafka.group_offsets(f"connect-{name}").get((topic, partition))


# ---- modes ---------------------------------------------------------------------------------------------------


def test_upserts_and_deletes_of_a_key_keep_their_order(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    changes = [keyed(i % 7, None if i % 5 == 4 else f"v{i}") for i in range(2000)]
    lab.kafka.produce_many(topic, changes + [keyed(99, "end")])
    worker.rest.create(name, jdbc_sink(
        database, topic, insert__mode="upsert", pk__mode="record_key", pk__fields="id", delete__enabled="true"), tasks=1)
    until("the last row", lambda: topic in database.tables() and database.sql(f"select 1 from `{topic}` where id = 99"))
    expected = {}
    for key, value in changes:
        expected[key["payload"]] = value and value["payload"]["v"]
    expected = sorted((k, v) for k, v in {**expected, 99: "end"}.items() if v is not None)
    assert database.rows(topic, "id, v") == expected


def test_an_update_changes_rows_that_exist_and_no_others(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    database.script(f"create table `{topic}` (id int primary key, v text, kept int default 5)")
    database.sql(f"insert into `{topic}`(id, v) values " + ",".join(f"({i}, 'old')" for i in range(1000)))
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows(range(500, 1500), "new"))
    worker.rest.create(name, jdbc_sink(database, topic, insert__mode="update", pk__mode="record_value", pk__fields="id"), tasks=1)
    until("the commit", lambda: committed(lab, name, topic) == 1000)
    assert database.rows(topic, "id, v, kept") == [(i, "new" if i >= 500 else "old", 5) for i in range(1000)]


def test_several_tasks_share_the_partitions(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic, partitions=4)
    for partition in range(4):
        lab.kafka.produce_many(topic, rows(range(1000 * partition, 1000 * partition + 500)), partition=partition)
    worker.rest.create(name, jdbc_sink(database, topic, tasks__max=3), tasks=3)
    until("2,000 rows", lambda: topic in database.tables() and database.count(topic) >= 2000)
    assert [r[0] for r in database.rows(topic, "id")] == [1000 * p + i for p in range(4) for i in range(500)]


def test_tables_of_another_shape_and_views_take_rows(lab, database, worker):
    """Other order, other case, more columns, other types, a trigger; and a view on it."""
    topic, name = lab.unique("in"), lab.unique("sink")
    database.script("create table base (extra int default 7, V char(5) character set latin1, n int auto_increment, ID bigint unsigned, key(n), "
                    "note varchar(9) not null default 'n'); create table log (id int);"
                    "create trigger t after insert on base for each row insert into log values (new.ID);"
                    f"create view `{topic}` as select V, ID from base")
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows(range(3), "é"))
    worker.rest.create(name, jdbc_sink(database, topic, table__types="VIEW"), tasks=1)
    until("the rows through the view", lambda: database.count("log") == 3)
    other = lab.unique("sink")
    worker.rest.create(other, jdbc_sink(database, topic, table__name__format="base"), tasks=1)
    until("the rows", lambda: database.count("log") == 6)
    assert database.rows("base", "extra, V, n, ID, note", order="n") == [(7, "é", i + 1, i % 3, "n") for i in range(6)]


def test_a_value_never_becomes_sql(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    values = ["'); drop table x; --", "\\", "\\'", "a\\\\'b", "\0\n\r\x1a\"`%_", "'' or 1=1", "한글 😀", "", "x" * 60000]
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, [(None, row(i, v)) for i, v in enumerate(values)])
    config = jdbc_sink(database, topic)
    config["connection.url"] += "&sessionVariables=sql_mode='NO_BACKSLASH_ESCAPES,ANSI_QUOTES',character_set_client=latin1"
    worker.rest.create(name, config, tasks=1)
    until("the rows", lambda: topic in database.tables() and database.count(topic) == len(values))
    assert [r[0] for r in database.rows(topic, "v", order="id")] == values


def test_types_of_new_columns_can_be_chosen(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    schema = {"type": "struct", "optional": False, "fields": [
        {"field": "k", "type": "string", "optional": False}, {"field": "b", "type": "bytes", "optional": True},
        {"field": "f", "type": "float", "optional": True}, {"field": "s", "type": "string", "optional": True}]}
    payload = {"k": "key", "b": "AAEC" * 1000, "f": 3.4028234663852886e38, "s": "s" * 100000}
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, [(None, {"schema": schema, "payload": payload})])
    worker.rest.create(name, jdbc_sink(
        database, topic, pk__mode="record_value", pk__fields="k", mysql__bytes__type="LONGBLOB", mysql__string__type="LONGTEXT",
        mysql__string__key__type="VARCHAR(40)", mysql__float32__type="DOUBLE"), tasks=1)
    until("the row", lambda: topic in database.tables() and database.count(topic) == 1)
    assert database.sql(f"select k, length(b), f > 3.4e38, length(s) from `{topic}`") == [("key", 3000, 1, 100000)]


def test_topics_by_expression_are_javas_and_found_while_it_runs(lab, database, worker):
    prefix, name = lab.unique("in"), lab.unique("sink")
    for topic in ("a-1", "skip-1", "a-x"):
        lab.kafka.create_topic(f"{prefix}_{topic}")
        lab.kafka.produce_many(f"{prefix}_{topic}", rows([len(topic)], topic))
    worker.rest.create(name, jdbc_sink(
        database, None, topics__regex=prefix + r"_(?!skip)[a-z]+-\d{1,2}", table__name__format="all_of_them",
        consumer__override__metadata__max__age__ms=200), tasks=1)
    until("the first", lambda: "all_of_them" in database.tables() and database.rows("all_of_them", "v") == [("a-1",)])
    lab.kafka.create_topic(f"{prefix}_b-22")
    lab.kafka.produce_many(f"{prefix}_b-22", rows([5], "b-22"))
    until("the new one", lambda: database.rows("all_of_them", "v", order="v") == [("a-1",), ("b-22",)])


# ---- failures ------------------------------------------------------------------------------------------------


def test_one_bad_record_among_three_thousand_goes_to_the_dead_letter_queue(lab, database, worker):
    topic, name, dead = lab.unique("in"), lab.unique("sink"), lab.unique("dead")
    database.script(f"create table `{topic}` (id int primary key, v varchar(3))")
    lab.kafka.create_topic(topic)
    bad = {700, 701, 2999}
    lab.kafka.produce_many(topic, [(None, row(i, "too long" if i in bad else "ok")) for i in range(3000)])
    worker.rest.create(name, jdbc_sink(
        database, topic, max__retries=0, errors__tolerance="all", errors__deadletterqueue__topic__name=dead,
        errors__deadletterqueue__topic__replication__factor=1, errors__deadletterqueue__context__headers__enable="true"), tasks=1)
    letters = lab.kafka.records(dead, at_least=3)
    until("the others", lambda: database.count(topic) == 2997)
    assert sorted(r.payload["id"] for r in letters) == sorted(bad)
    for letter in letters:
        said = {name.removeprefix("__connect.errors."): value.decode() for name, value in letter.headers}
        assert said.pop("exception.message").startswith("Exception chain:\njava.sql.BatchUpdateException: Data truncation: Data too long for column 'v'")
        assert said.pop("exception.stacktrace").startswith("java.sql.SQLException: Exception chain:\n")
        assert said == {
            "topic": topic, "partition": "0", "offset": str(letter.payload["id"]), "connector.name": name, "task.id": "0",
            "stage": "TASK_PUT", "class.name": "org.apache.kafka.connect.sink.SinkTask", "exception.class.name": "java.sql.SQLException"}
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])


@pytest.mark.slow
def test_a_server_that_restarts_loses_nothing_and_doubles_nothing_by_key(lab):
    server = lab.own_mysql()
    database, topic, name = lab.database(server), lab.unique("in"), lab.unique("sink")
    database.script(f"create table `{topic}` (id int primary key, v text)")
    lab.kafka.create_topic(topic)
    worker = lab.worker(QUICK)
    worker.rest.create(name, jdbc_sink(
        database, topic, insert__mode="upsert", pk__mode="record_value", pk__fields="id", retry__backoff__ms=100,
        connection__backoff__ms=100, max__retries=1000), tasks=1)
    stop, sent = threading.Event(), []

    def produce():
        while not stop.is_set():
            ids = range(len(sent), len(sent) + 100)
            lab.kafka.produce_many(topic, rows(ids))
            sent.extend(ids)

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        for _ in range(2):
            before = database.count(topic)
            until("rows to arrive", lambda: database.count(topic) > before + 500)
            server.kill9()
            server.start()
    finally:
        stop.set()
        producer.join()
    until("all rows", lambda: database.count(topic) == len(sent))
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])


def test_a_lock_that_is_held_for_long_does_not_hold_up_a_stop(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    database.script(f"create table `{topic}` (id int primary key, v text); insert into `{topic}` values (1, 'old')")
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows([1], "new"))
    holder = database.connect(autocommit=False)
    holder.cursor().execute(f"select * from `{topic}` for update")
    worker.rest.create(name, jdbc_sink(database, topic, insert__mode="upsert", pk__mode="record_value", pk__fields="id"), tasks=1)
    until("the sink to wait", lambda: database.sql("select 1 from information_schema.processlist where info like 'insert into%'"))
    started = time.monotonic()
    worker.rest.delete(f"/connectors/{name}")
    until("the statement to end", lambda: not database.sql(
        "select 1 from information_schema.processlist where info like 'insert into%'"))
    assert time.monotonic() - started < 10
    holder.rollback()
    holder.close()
    stays("the row", lambda: database.rows(topic, "v") == [("old",)], seconds=0.5)


# ---- exactly once --------------------------------------------------------------------------------------------


def once(database, topic, **more):
    return jdbc_sink(database, topic, exactly__once="true", retry__backoff__ms=100, connection__backoff__ms=100,
                     max__retries=1000, **SESSION, **more)


@pytest.mark.slow
def test_with_exactly_once_kills_of_the_worker_lose_nothing_and_double_nothing(lab, database):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic, partitions=2)
    database.script(f"create table `{topic}` (id int, v text)")
    worker = lab.worker({**QUICK, "offset.flush.interval.ms": 60000})  # the group's offsets are always behind
    worker.rest.create(name, once(database, topic, tasks__max=2), tasks=2)
    stop, sent = threading.Event(), []

    def produce():
        while not stop.is_set():
            ids = range(len(sent), len(sent) + 50)
            lab.kafka.produce_many(topic, rows(ids), partition=len(sent) // 50 % 2)
            sent.extend(ids)

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        for _ in range(3):
            before = database.count(topic)
            until("rows to arrive", lambda: database.count(topic) > before + 200)
            worker.kill9()
            worker.start()
    finally:
        stop.set()
        producer.join()
    until("all rows", lambda: database.count(topic) >= len(sent))
    stays("the count", lambda: database.count(topic) == len(sent), seconds=1)
    assert [r[0] for r in database.rows(topic, "id")] == list(range(len(sent)))


def test_with_exactly_once_what_a_producer_aborted_is_not_written(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    database.script(f"create table `{topic}` (id int, v text)")
    with lab.kafka.transaction() as producer:
        for _, value in rows(range(10)):
            producer.produce(topic, json.dumps(value))
        producer.flush()
        producer.abort_transaction()
    lab.kafka.produce_many(topic, rows(range(10, 13)))
    worker.rest.create(name, once(database, topic), tasks=1)
    until("the rows that count", lambda: [r[0] for r in database.rows(topic, "id")] == [10, 11, 12])
    stays("the count", lambda: database.count(topic) == 3, seconds=1)


@pytest.mark.slow
@pytest.mark.parametrize("is_once", [True, False], ids=["exactly once", "by key"])
def test_partitions_move_between_workers_and_tasks_without_loss(lab, database, is_once):
    topic, name, group = lab.unique("in"), lab.unique("sink"), lab.unique("group")
    lab.kafka.create_topic(topic, partitions=4)
    database.script(f"create table `{topic}` (id int {'' if is_once else 'primary key'}, v text)")

    def config(tasks):
        if is_once:
            return once(database, topic, tasks__max=tasks)
        return jdbc_sink(database, topic, insert__mode="upsert", pk__mode="record_value", pk__fields="id", tasks__max=tasks, **SESSION)

    settings = {**DEFAULT_PARTITIONS, **QUICK, "offset.flush.interval.ms": 60000}
    first = lab.worker(settings, group=group)
    first.rest.create(name, config(3), tasks=3)
    second = lab.worker(settings, group=group)
    stop, sent = threading.Event(), []

    def produce():
        while not stop.is_set():
            ids = range(len(sent), len(sent) + 50)
            lab.kafka.produce_many(topic, rows(ids), partition=len(sent) // 50 % 4)
            sent.extend(ids)

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        for leave in (second.kill9, second.stop):
            before = database.count(topic)
            until("rows to arrive", lambda: database.count(topic) > before + 200)
            leave()
            second.start()
            until("the task count to change", lambda: first.rest.patient(
                "PUT", f"/connectors/{name}/config", config(2 if leave == second.kill9 else 4)).status == 200)
    finally:
        stop.set()
        producer.join()
    until("all rows", lambda: database.count(topic) >= len(sent))
    stays("the count", lambda: database.count(topic) == len(sent), seconds=1)
    assert [r[0] for r in database.rows(topic, "id")] == list(range(len(sent)))


@pytest.mark.slow
def test_with_exactly_once_kills_of_the_database_lose_nothing_and_double_nothing(lab):
    server = lab.own_mysql()
    database, topic, name = lab.database(server), lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    database.script(f"create table `{topic}` (id int, v text)")
    worker = lab.worker(QUICK)
    worker.rest.create(name, once(database, topic), tasks=1)
    sent = 0
    for _ in range(3):
        lab.kafka.produce_many(topic, rows(range(sent, sent + 3000)))
        sent += 3000
        until("rows to arrive", lambda: database.count(topic) > sent - 3000)
        server.kill9()
        server.start()
    until("all rows", lambda: database.count(topic) >= sent)
    stays("the count", lambda: database.count(topic) == sent, seconds=1)
    assert [r[0] for r in database.rows(topic, "id")] == list(range(sent))


def test_with_exactly_once_offsets_are_moved_over_rest(lab, database, worker):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows(range(10)))
    worker.rest.create(name, once(database, topic), tasks=1)
    until("ten rows", lambda: topic in database.tables() and database.count(topic) == 10)
    worker.rest.put(f"/connectors/{name}/stop")
    until("the stop", lambda: worker.rest.states(name) == ("STOPPED", []))
    position = {"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 7}}
    until("the change", lambda: worker.rest.request("PATCH", f"/connectors/{name}/offsets", {"offsets": [position]}).status == 200)
    worker.rest.put(f"/connectors/{name}/resume")
    until("three rows again", lambda: database.count(topic) == 13)
    stays("the count", lambda: database.count(topic) == 13, seconds=0.5)


def test_offsets_of_the_group_are_moved_over_rest(lab, database, worker):
    """Stopped only; behind a change the sink goes on where it says, behind a reset at the beginning."""
    topic, name, rest = lab.unique("in"), lab.unique("sink"), worker.rest
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows(range(10)))
    rest.create(name, jdbc_sink(database, topic, insert__mode="insert"), tasks=1)
    until("the commit", lambda: committed(lab, name, topic) == 10)
    position = {"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 7}}
    assert rest.offsets(name) == [{**position, "offset": {"kafka_offset": 10}}]
    assert rest.patch(f"/connectors/{name}/offsets", {"offsets": [position]}).status == 400

    def stopped(method, body=None):
        assert rest.put(f"/connectors/{name}/stop").status == 204
        until("the stop", lambda: rest.states(name) == ("STOPPED", []))
        until("the change", lambda: rest.request(method, f"/connectors/{name}/offsets", body).status == 200)
        assert rest.put(f"/connectors/{name}/resume").status == 202
    stopped("PATCH", {"offsets": [position]})
    until("three rows again", lambda: database.count(topic) == 13)
    until("the commit", lambda: committed(lab, name, topic) == 10)
    stopped("DELETE")
    until("all rows again", lambda: database.count(topic) == 23)


def test_a_pause_writes_nothing_and_loses_nothing(lab, database, worker):
    topic, name, rest = lab.unique("in"), lab.unique("sink"), worker.rest
    lab.kafka.create_topic(topic)
    lab.kafka.produce_many(topic, rows(range(10)))
    rest.create(name, jdbc_sink(database, topic), tasks=1)
    until("ten rows", lambda: topic in database.tables() and database.count(topic) == 10)
    assert rest.put(f"/connectors/{name}/pause").status == 202
    rest.wait_states(name, "PAUSED", ["PAUSED"])
    lab.kafka.produce_many(topic, rows(range(10, 20)))
    stays("the count", lambda: database.count(topic) == 10, seconds=0.5)
    assert rest.put(f"/connectors/{name}/resume").status == 202
    until("twenty rows", lambda: database.count(topic) == 20)
    assert [r[0] for r in database.rows(topic, "id")] == list(range(20))
