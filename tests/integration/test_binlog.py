"""The log-based source: a table mirrored through kills of the worker and a restart of the server."""

import itertools
import json
import threading
from collections import defaultdict

import pytest

from harness import jdbc_sink, until

pytestmark = pytest.mark.server

QUICK = {"session.timeout.ms": 3000, "heartbeat.interval.ms": 1000, "offset.flush.interval.ms": 200}
LOG = ("--log-bin=binlog", "--server-id=7", "--binlog-format=ROW", "--binlog-row-image=FULL",
       "--loose-gtid-mode=ON", "--loose-enforce-gtid-consistency=ON")  # MySQL; MariaDB always has GTIDs
JSON = "org.apache.kafka.connect.json.JsonConverter"


def binlog_source(lab, server, database, prefix, **settings):
    """Captures one database; schemas in every record, rows without their envelope."""
    base = {
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "database.hostname": server.host,
        "database.port": server.port,
        "database.user": server.user,
        "database.password": server.password,
        "database.server.id": 10000 + server.port,
        "topic.prefix": prefix,
        "database.include.list": database.name,
        "schema.history.internal.kafka.bootstrap.servers": lab.kafka.bootstrap,
        "schema.history.internal.kafka.topic": prefix + "-history",
        "schema.history.internal.store.only.captured.databases.ddl": "true",
        "key.converter": JSON,
        "value.converter": JSON,
    }
    base.update({k.replace("__", "."): v for k, v in settings.items()})
    return {k: str(v) for k, v in base.items()}


@pytest.fixture
def server(lab):
    return lab.own_mysql(options=LOG)


@pytest.mark.slow
def test_a_table_is_mirrored_through_kills(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key, v varchar(20), n int); insert into t values (1,'one',1),(2,'two',2),(3,'three',3)")
    worker = lab.worker(QUICK)
    prefix = lab.unique("cdc")
    name = lab.unique("source")
    worker.rest.create(name, binlog_source(lab, server, database, prefix, transforms="unwrap", table__include__list=f"{database.name}.t",
                                           transforms__unwrap__type="io.debezium.transforms.ExtractNewRecordState"), tasks=1)
    lab.kafka.records(f"{prefix}.{database.name}.t", at_least=3)
    worker.rest.create(lab.unique("sink"), jdbc_sink(database, f"{prefix}.{database.name}.t", insert__mode="upsert", pk__mode="record_key",
                                                     delete__enabled="true", table__name__format="copy",
                                                     consumer__override__session__timeout__ms=6000), tasks=1)
    until("the snapshot in the copy", lambda: "copy" in database.tables() and database.count("copy") == 3)

    def write():
        for i in range(100, 160):
            database.sql("insert into t values (%s, 'new', %s)", i, i)
            database.sql("update t set n = n + 1 where id = %s", i - 1)
            if i % 3 == 0:
                database.sql("delete from t where id = %s", i - 2)

    writer = threading.Thread(target=write)
    writer.start()
    until("some rows", lambda: database.count("copy") > 3)
    worker.kill9()
    worker.start()
    writer.join()
    database.script("alter table t add extra varchar(9) default 'x'; update t set id = 30 where id = 3; insert into t values (400,'last',1,'y')")
    until("the same rows", lambda: database.rows("copy", "id, v, n, extra") == database.rows("t", "id, v, n, extra") or None, 60)


def test_changes_of_structure_while_stopped_and_a_restart_of_the_server(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key, v varchar(20)); insert into t values (1,'one')")
    worker = lab.worker(QUICK)
    prefix, name = lab.unique("cdc"), lab.unique("source")
    topic = f"{prefix}.{database.name}.t"
    worker.rest.create(name, binlog_source(lab, server, database, prefix), tasks=1)
    lab.kafka.records(topic, at_least=1)
    worker.rest.stop(name)
    until("no task", lambda: not worker.rest.status(name)["tasks"])
    database.script("insert into t values (2,'two'); alter table t add n int not null default 5 after id; insert into t values (3,6,'three')")
    worker.rest.resume(name)
    rows = [r.payload["after"] for r in lab.kafka.records(topic, at_least=3)]
    assert rows == [{"id": 1, "v": "one"}, {"id": 2, "v": "two"}, {"id": 3, "n": 6, "v": "three"}]
    server.kill9()
    server.start()
    database.script("insert into t values (4,7,'four')")
    rows = [r.payload["after"]["id"] for r in lab.kafka.records(topic, at_least=4)]
    assert rows == [1, 2, 3, 4]


def test_changes_since_a_snapshot_without_records_are_not_lost(lab, server):
    """Its position is stored without a record that would carry it, and past transforms that would look at one."""
    database = lab.database(server)
    database.script("create table t (id int primary key)")
    worker = lab.worker(QUICK)
    prefix, name = lab.unique("cdc"), lab.unique("source")
    worker.rest.create(name, binlog_source(lab, server, database, prefix, snapshot__mode="no_data", include__schema__changes="false",
                                           transforms="route", transforms__route__type="org.apache.kafka.connect.transforms.RegexRouter",
                                           transforms__route__regex="(.*)", transforms__route__replacement="$1-routed"), tasks=1)
    until("an offset", lambda: worker.rest.get(f"/connectors/{name}/offsets").json["offsets"])
    worker.rest.stop(name)
    until("no task", lambda: not worker.rest.status(name)["tasks"])
    database.script("insert into t values (1)")
    worker.rest.resume(name)
    assert [r.payload["after"]["id"] for r in lab.kafka.records(f"{prefix}.{database.name}.t-routed", at_least=1)] == [1]


def test_a_snapshot_makes_the_history_anew_when_its_topic_is_gone(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key); insert into t values (1); create table u (id int primary key); insert into u values (2)")
    worker = lab.worker(QUICK)
    prefix, name = lab.unique("cdc"), lab.unique("source")
    topic, history = f"{prefix}.{database.name}.t", prefix + "-history"
    worker.rest.create(name, binlog_source(lab, server, database, prefix, snapshot__mode="always", snapshot__max__threads=2), tasks=1)
    lab.kafka.records(topic, at_least=1)
    worker.rest.stop(name)
    until("no task", lambda: not worker.rest.status(name)["tasks"])
    lab.kafka.delete_topics([history])
    until("no history", lambda: history not in lab.kafka.topics())
    worker.rest.resume(name)
    lab.kafka.records(topic, at_least=2)
    assert lab.kafka.topic_config(history)["retention.ms"] == "9223372036854775807"


def test_a_snapshot_that_is_not_granted_its_lock_says_who_is_in_the_way(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key); insert into t values (1)")
    busy = database.connect()
    busy.cursor().execute("lock tables t write")
    worker = lab.worker(QUICK)
    trace = worker.rest.create_failing(lab.unique("source"), binlog_source(lab, server, database, lab.unique("cdc"), snapshot__lock__timeout__ms=1000))
    assert "was not granted within snapshot.lock.timeout.ms (1000)" in trace
    assert f"{busy.thread_id()} ({server.user}@" in trace
    busy.close()


class Writer(threading.Thread):
    """Transactions of inserts, updates and deletes until told to stop, some of them rolled back. `changes` has what was committed, in
    order: (op, id, n), where no two changes have the same n."""

    def __init__(self, database, number):
        super().__init__(daemon=True)
        self.database, self.number, self.stop, self.changes = database, number, threading.Event(), []
        self.start()

    def run(self):
        connection, turns, rows = self.database.connect(), itertools.count(), []
        connection.autocommit(False)
        numbers = itertools.count(self.number, 10)
        with connection.cursor() as cursor:
            while not self.stop.wait(0.004):
                turn = next(turns)
                made = self.transaction(cursor, turn, rows, numbers)
                if turn % 7 == 3:
                    connection.rollback()
                else:
                    connection.commit()
                    self.changes += made
                    rows = [i for i in rows if ("d", i) not in {c[:2] for c in made}] + [c[1] for c in made if c[0] == "c"]
        connection.close()

    @staticmethod
    def transaction(cursor, turn, rows, numbers):
        made = []
        for _ in range(1 + turn % 4):
            n = next(numbers)
            cursor.execute("insert into t(n) values (%s)", (n,))
            made.append(("c", cursor.lastrowid, n))
        for i in rows[-3:]:
            n = next(numbers)
            cursor.execute("update t set n = %s where id = %s", (n, i))
            made.append(("u", i, n))
        if turn % 3 == 0 and rows:
            n, i = next(numbers), rows[0]
            cursor.execute("update t set n = %s where id = %s", (n, i))
            cursor.execute("delete from t where id = %s", (i,))
            made += [("u", i, n), ("d", i, n)]
        return made

    def finish(self):
        self.stop.set()
        self.join()
        return self.changes


def changes(lab, topic):
    """What a consumer of committed records sees of the stream, as Writer names it."""
    found = [r.payload for r in lab.kafka.records(topic) if r.value is not None]
    rows = [(v["op"], v["before"] if v["op"] == "d" else v["after"]) for v in found]
    return [(op, row["id"], row["n"]) for op, row in rows if op != "r"]


def test_a_worker_killed_again_and_again_delivers_each_change_once(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key auto_increment, n int); insert into t(n) values (0), (0), (0)")
    worker = lab.worker({"exactly.once.source.support": "enabled", "session.timeout.ms": 1500, "heartbeat.interval.ms": 300})
    prefix = lab.unique("cdc")
    topic = f"{prefix}.{database.name}.t"
    worker.rest.create(lab.unique("source"), binlog_source(lab, server, database, prefix, exactly__once__support="required"), tasks=1)
    lab.kafka.records(topic, at_least=3)
    writers = [Writer(database, number) for number in range(2)]
    for _ in range(3):
        lab.kafka.records(topic, at_least=len(lab.kafka.records(topic)) + 50)
        worker.kill9()
        worker.start()
    wanted = [writer.finish() for writer in writers]
    until("every change", lambda: set(changes(lab, topic)) >= {c for made in wanted for c in made}, every=0.3)
    found = changes(lab, topic)
    assert len(found) == len(set(found)) == sum(len(made) for made in wanted)
    by_row = defaultdict(list)
    for change in found:
        by_row[change[1]].append(change)
    for made in wanted:
        ids = {c[1] for c in made}
        assert [c for i in sorted(ids) for c in by_row[i]] == sorted(made, key=lambda c: c[1])


def execute_snapshot(database, table):
    return {"id": table, "type": "execute-snapshot", "data": {"data-collections": [f"{database.name}.{table}"], "type": "INCREMENTAL"}}


def test_signals_of_a_topic_are_obeyed_once_and_nothing_is_written_to_the_source(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key, n int); create table u (id int primary key); insert into u values (1), (2)")
    database.sql("insert into t values " + ",".join(f"({i}, 0)" for i in range(2000)))
    database.script("create user reader@'%' identified by 'reads'; "
                    "grant select, reload, lock tables, replication slave, replication client on *.* to reader@'%'")
    worker = lab.worker(QUICK)
    prefix, signals, file = lab.unique("cdc"), lab.kafka.create_topic(lab.unique("signals")), lab.folder / "signals.txt"
    topic = f"{prefix}.{database.name}.t"
    worker.rest.create(lab.unique("source"), binlog_source(
        lab, server, database, prefix, snapshot__mode="no_data", read__only="true", incremental__snapshot__chunk__size=50,
        database__user="reader", database__password="reads", signal__enabled__channels="kafka,file", signal__file=file,
        signal__poll__interval__ms=100, signal__kafka__topic=signals, signal__kafka__bootstrap__servers=lab.kafka.bootstrap), tasks=1)
    stop = threading.Event()

    def write():
        for i in itertools.cycle(range(0, 2000, 3)):
            database.sql("update t set n = n + 1 where id = %s", i)
            if stop.wait(0.001):
                return

    writer = threading.Thread(target=write)
    writer.start()
    lab.kafka.records(topic, at_least=10)
    lab.kafka.produce(signals, execute_snapshot(database, "t"), key="another")
    lab.kafka.produce(signals, execute_snapshot(database, "t"), key=prefix)
    reads = lambda topic: [r.payload["after"]["id"] for r in lab.kafka.records(topic) if r.payload["op"] == "r"]
    until("a chunk", lambda: reads(topic))
    worker.kill9()
    worker.start()
    until("the last row", lambda: 1999 in reads(topic))
    stop.set()
    writer.join()
    rows = dict(database.rows("t", "id, n"))
    seen = lambda: {r.payload["after"]["id"]: r.payload["after"]["n"] for r in lab.kafka.records(topic)}
    until("the state of each row", lambda: seen() == rows, every=0.3)
    count = len(reads(topic))
    worker.stop()
    worker.start()
    file.write_text(json.dumps(execute_snapshot(database, "u")) + "\n")
    until("the rows of the other table", lambda: reads(f"{prefix}.{database.name}.u") == [1, 2])
    assert file.read_text() == "" and len(reads(topic)) == count
