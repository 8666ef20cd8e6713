"""The JDBC sink when something is wrong: with a record, a table, the database, the way to it, the broker."""

import pytest

from harness import jdbc_sink, until
from harness.forwarder import Forwarder
from harness.wait import stays

pytestmark = pytest.mark.server

ROW = {"type": "struct", "optional": False, "fields": [
    {"field": "id", "type": "int32", "optional": False}, {"field": "v", "type": "string", "optional": True}]}
SOON = {"retry.backoff.ms": 100, "connection.backoff.ms": 100, "max.retries": 1000}
UPSERT = {"insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id"}


def row(id, v="x"):
    return {"schema": ROW, "payload": {"id": id, "v": v}}


def rows(ids, v="x"):
    return [(None, row(i, v)) for i in ids]


def dead_letters(topic, **more):
    return {"errors.tolerance": "all", "errors.deadletterqueue.topic.name": topic,
            "errors.deadletterqueue.topic.replication.factor": 1, "errors.deadletterqueue.context.headers.enable": "true", **more}


def sink(database, topic, *settings):
    return jdbc_sink(database, topic, **{k: v for s in settings for k, v in s.items()})


class Sink:
    """A topic, a connector and a table of one name."""

    def __init__(self, lab, database, worker, ddl=None):
        self.lab, self.database, self.worker = lab, database, worker
        self.topic, self.name = lab.unique("in"), lab.unique("sink")
        lab.kafka.create_topic(self.topic)
        if ddl:
            database.script(ddl.replace("{t}", f"`{self.topic}`"))

    def create(self, *settings, url=""):
        config = sink(self.database, self.topic, *settings)
        config["connection.url"] += url
        self.worker.rest.create(self.name, config, tasks=1)

    def send(self, pairs):
        self.lab.kafka.produce_many(self.topic, pairs)

    def ids(self):
        return [r[0] for r in self.database.rows(self.topic, "id", order="id")]

    def wait_ids(self, ids, timeout=60):
        until("the rows", lambda: self.topic in self.database.tables() and self.ids() == sorted(ids), timeout=timeout)


PLAIN = "create table {t} (id int primary key, v varchar(20))"


# ---- records -------------------------------------------------------------------------------------------------


def test_poisoned_bytes_go_to_the_dead_letter_queue_with_everything_that_is_known(lab, database, worker):
    s, dead = Sink(lab, database, worker, PLAIN), lab.unique("dead")
    s.send([(None, row(1)), (None, b"\xff\xfe{\x00"), (None, row(2)), (None, b'{"schema":'), (None, "{}"), (None, row(3))])
    s.create(dead_letters(dead), {"max.retries": 0})
    s.wait_ids([1, 2, 3])
    letters = lab.kafka.records(dead, at_least=3)
    assert [dict(r.headers)["__connect.errors.offset"] for r in letters] == [b"1", b"3", b"4"]
    assert letters[0].value == b"\xff\xfe{\x00"
    for r in letters:
        headers = dict(r.headers)
        assert headers["__connect.errors.stage"] == b"VALUE_CONVERTER"
        assert headers["__connect.errors.topic"] == s.topic.encode()
        assert headers["__connect.errors.exception.class.name"].endswith(b"DataException")


def test_a_key_without_its_field_fails_the_task_in_javas_words(lab, database, worker):
    s = Sink(lab, database, worker)
    s.send([({"schema": ROW, "payload": {"id": 1, "v": "k"}}, row(1))])
    s.create({"pk.mode": "record_key", "pk.fields": "nope"}, dead_letters(lab.unique("dead")))
    trace = worker.rest.wait_failed(s.name)
    assert ("PK mode for table '%s' is RECORD_KEY with configured PK fields [nope], but record key schema does not contain "
            "field: nope" % s.topic) in trace


def test_a_value_too_long_is_reported_with_column_length_and_setting(lab, database, worker):
    s = Sink(lab, database, worker)
    schema = {"type": "struct", "optional": False, "fields": [{"field": "b", "type": "bytes", "optional": True}]}
    s.send([(None, {"schema": schema, "payload": {"b": "AAEC" * 400}})])
    s.create({"max.retries": 0})
    trace = worker.rest.wait_failed(s.name)
    assert "Data too long for column 'b' at row 1" in trace
    assert f"column 'b' of \"{database.name}\".\"{s.topic}\", varbinary(1024): the value has 1200 bytes" in trace
    assert "mysql.bytes.type=LONGBLOB" in trace
    worker.rest.put(f"/connectors/{s.name}/config", {**sink(database, s.topic), "mysql.bytes.type": "LONGBLOB"})
    database.sql(f"drop table `{s.topic}`")
    until("the restart", lambda: worker.rest.states(s.name) == ("RUNNING", ["RUNNING"]))
    until("the row", lambda: s.topic in database.tables() and database.sql(f"select length(b) from `{s.topic}`") == [(1200,)])


def test_a_record_larger_than_a_packet_is_a_bad_record(lab):
    server = lab.own_mysql(options=["--max-allowed-packet=1M"])
    database, worker = lab.database(server), lab.worker({"offset.flush.interval.ms": 200})
    megabytes = {"consumer.override.max.partition.fetch.bytes": 8 << 20, "producer.override.max.request.size": 8 << 20}
    for mode in ("insert", "upsert", "update"):
        s, dead = Sink(lab, database, worker, "create table {t} (id int primary key, v longtext)"), lab.unique("dead")
        for topic in (s.topic, dead):
            lab.kafka.delete_topics([topic])
            lab.kafka.create_topic(topic, max__message__bytes=8 << 20)
        if mode == "update":
            database.sql(f"insert into `{s.topic}` values (1, 'o'), (2, 'o'), (3, 'o')")
        s.send([(None, row(1, "a")), (None, row(2, "y" * (5 << 20))), (None, row(3, "c"))])
        s.create(UPSERT, dead_letters(dead), megabytes, {"insert.mode": mode, "max.retries": 0})
        until("the others", lambda: {(1, "a"), (3, "c")} <= set(database.rows(s.topic, "id, v")))
        assert (2, "y" * 10) not in database.rows(s.topic, "id, left(v, 10)")
        letter = lab.kafka.records(dead, at_least=1)[0]
        assert b"Packet for query is too large" in dict(letter.headers)["__connect.errors.exception.message"]
        assert worker.rest.states(s.name) == ("RUNNING", ["RUNNING"])


# ---- sessions ------------------------------------------------------------------------------------------------

MODES = ["", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI,NO_BACKSLASH_ESCAPES,TRADITIONAL", "PIPES_AS_CONCAT,NO_AUTO_VALUE_ON_ZERO"]
CHARSETS = ["character_set_client=latin1", "character_set_client=gbk", "character_set_client=sjis,character_set_connection=sjis",
            "character_set_connection=latin1", "character_set_client=utf8mb3"]
VALUES = ["it's \\ \"q\" `x`", "\\'; drop table x; -- ", "\0\n\r\x1a", "한글😀", "\u00bf'\u00bf\\", "縗'; -- ", "表\\'", "end\\", "'", "''"]


@pytest.mark.parametrize("variables", [f"sql_mode='{m}'" for m in MODES] + CHARSETS)
def test_values_are_exact_whatever_the_session(lab, database, worker, variables):
    s = Sink(lab, database, worker, "create table {t} (id int primary key, v varchar(60), b varbinary(60))")
    schema = {"type": "struct", "optional": False, "fields": ROW["fields"] + [{"field": "b", "type": "bytes", "optional": True}]}
    s.send([(None, {"schema": schema, "payload": {"id": i, "v": v, "b": "/ydcAL8="}}) for i, v in enumerate(VALUES)])
    s.create(url=f"&jdbcCompliantTruncation=false&sessionVariables={variables}")
    s.wait_ids(range(len(VALUES)))
    assert [r[0] for r in database.rows(s.topic, "v", order="id")] == VALUES
    assert set(database.rows(s.topic, "b")) == {(b"\xff\x27\x5c\x00\xbf",)}


def test_columns_of_other_character_sets_take_what_they_can(lab, database, worker):
    s, dead = Sink(lab, database, worker, "create table {t} (id int primary key, v varchar(20) character set latin1)"), lab.unique("dead")
    s.send([(None, row(1, "ñ")), (None, row(2, "한")), (None, row(3, "é"))])
    s.create(dead_letters(dead), {"max.retries": 0})
    s.wait_ids([1, 3])
    assert [r.payload["id"] for r in lab.kafka.records(dead, at_least=1)] == [2]
    assert database.rows(s.topic, "v", order="id") == [("ñ",), ("é",)]


def test_without_a_strict_mode_null_is_not_made_a_zero(lab, database, worker):
    s, dead = Sink(lab, database, worker, "create table {t} (id int primary key, v varchar(20) not null)"), lab.unique("dead")
    s.send([(None, row(1)), (None, row(2, None)), (None, row(3))])
    s.create(dead_letters(dead), {"max.retries": 0}, url="&jdbcCompliantTruncation=false&sessionVariables=sql_mode=''")
    s.wait_ids([1, 3])
    assert [r.payload["id"] for r in lab.kafka.records(dead, at_least=1)] == [2]


# ---- the database --------------------------------------------------------------------------------------------


def test_a_killed_connection_loses_nothing_and_doubles_nothing(lab, database, worker):
    s = Sink(lab, database, worker, "create table {t} (id int, v varchar(20))")
    s.create(SOON)
    for turn in range(4):
        s.send(rows(range(turn * 100, turn * 100 + 100)))
        s.wait_ids(range(turn * 100 + 100))
        for (id,) in database.sql("select id from information_schema.processlist where db = %s and id <> connection_id()", database.name):
            try:
                database.sql(f"kill {id}")
            except Exception as e:  # it went by itself
                assert "1094" in str(e)
    assert worker.rest.states(s.name) == ("RUNNING", ["RUNNING"])


def test_deadlocks_pass(lab, database, worker):
    s = Sink(lab, database, worker, PLAIN)
    database.script(f"create table other (id int primary key, n int); insert into other values (1, 0); insert into `{s.topic}` values (1, 'old')")
    database.sql(f"create trigger touch after update on `{s.topic}` for each row update other set n = n + 1 where id = 1")
    s.create(SOON, UPSERT)
    for turn in range(3):
        other = database.connect(autocommit=False)
        cursor = other.cursor()
        for i in range(2, 300):  # the heavier transaction is not the victim
            cursor.execute(f"insert into other values ({1000 * turn + i}, 0)")
        cursor.execute("update other set n = n + 1 where id = 1")
        s.send([(None, row(1, f"new{turn}"))])
        until("the sink to wait", lambda: database.sql("select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT'"))
        cursor.execute(f"update `{s.topic}` set v = 'other' where id = 1")
        other.commit()
        other.close()
        until("the sink's row", lambda: database.sql(f"select v from `{s.topic}`") == [(f"new{turn}",)])
    assert worker.log.count("Deadlock found") >= 3
    assert worker.rest.states(s.name) == ("RUNNING", ["RUNNING"])


def test_a_lock_wait_that_times_out_is_tried_again(lab, database, worker):
    s = Sink(lab, database, worker, PLAIN)
    database.sql(f"insert into `{s.topic}` values (5, 'old')")
    holder = database.connect(autocommit=False)
    holder.cursor().execute(f"select * from `{s.topic}` where id = 5 for update")
    s.send(rows(range(10), "new"))
    s.create(SOON, UPSERT, url="&sessionVariables=innodb_lock_wait_timeout=1")
    until("a time-out", lambda: "Lock wait timeout exceeded" in worker.log)
    holder.rollback()
    holder.close()
    until("all rows", lambda: database.rows(s.topic, "id, v", order="id") == [(i, "new") for i in range(10)])


def test_a_table_dropped_while_running_is_made_again(lab, database, worker):
    s = Sink(lab, database, worker)
    s.create({**SOON, "max.retries": 3})
    s.send(rows(range(5)))
    s.wait_ids(range(5))
    database.sql(f"drop table `{s.topic}`")
    s.send(rows(range(5, 9)))
    s.wait_ids(range(5, 9))


def test_a_read_only_server_gives_no_record_up(lab):
    server = lab.own_mysql()
    database, worker, dead = lab.database(server), lab.worker({"offset.flush.interval.ms": 200}), lab.unique("dead")
    server.sql("create user writer@'%' identified by 'pw'")
    server.sql(f"grant all on `{database.name}`.* to writer@'%'")
    s = Sink(lab, database, worker, PLAIN)
    server.sql("set global read_only = 1")
    s.send(rows(range(3)))
    s.create(SOON, dead_letters(dead), {"connection.user": "writer", "connection.password": "pw"})
    until("a refusal", lambda: "read-only" in worker.log or "read_only" in worker.log)
    stays("nothing is written", lambda: s.ids() == [] and lab.kafka.records(dead) == [], seconds=0.5)
    server.sql("set global read_only = 0")
    s.wait_ids(range(3))
    assert lab.kafka.records(dead) == []


@pytest.mark.parametrize("settings, outcome", [({}, "failed"), (UPSERT, "written"), ({"exactly.once": "true"}, "written")])
def test_a_commit_without_an_answer(lab, database, worker, settings, outcome):
    s = Sink(lab, database, worker, "create table {t} (id int, v varchar(20))" if "insert.mode" not in settings else PLAIN)
    with Forwarder(database.server.host, database.server.port) as way:
        s.create(SOON, settings, {"connection.url": database.jdbc_url().replace(
            f"{database.server.host}:{database.server.port}", f"127.0.0.1:{way.port}")})
        s.send(rows([1]))
        s.wait_ids([1])
        way.cut_behind(b"COMMIT")
        s.send(rows([2]))
        until("the cut", lambda: way.cuts == 1)
        if outcome == "failed":
            worker.rest.wait_failed(s.name)
            assert "the connection was lost in COMMIT" in worker.log and "offset 1 to" in worker.log
        else:
            s.send(rows([3]))
            s.wait_ids([1, 2, 3])
        assert s.ids().count(2) == 1


# ---- the broker ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_broker_that_restarts_costs_time_only(lab, database):
    kafka = lab.own_kafka()
    # A member that could not say goodbye is waited for until its session ends: seconds here, not Kafka's 45.
    worker = lab.worker({"offset.flush.interval.ms": 200, "session.timeout.ms": 3000, "heartbeat.interval.ms": 1000,
                         "consumer.session.timeout.ms": 6000}, kafka=kafka)
    topic, name = lab.unique("in"), lab.unique("sink")
    kafka.create_topic(topic)
    worker.rest.create(name, sink(database, topic, UPSERT), tasks=1)
    for turn in range(2):
        kafka.produce_many(topic, rows(range(turn * 500, turn * 500 + 500)))
        until("the rows", lambda: topic in database.tables() and database.count(topic) == turn * 500 + 500, timeout=60)
        kafka.kill9()
        kafka.start()
    kafka.produce_many(topic, rows(range(1000, 1500)))
    until("the rows", lambda: database.count(topic) == 1500, timeout=60)
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])
