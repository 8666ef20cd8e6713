"""exactly.once.source.support: records and offsets in one transaction; each row is there once, whatever dies."""

import json
import threading

from harness import jdbc_source, until
from harness.lab import DEFAULT_PARTITIONS
from harness.wait import stays

ENABLED = {"exactly.once.source.support": "enabled", "session.timeout.ms": 6000, "heartbeat.interval.ms": 500}


class Writer(threading.Thread):
    """Adds rows until told to stop; some transactions are rolled back, so ids have gaps."""

    def __init__(self, database, table):
        super().__init__(daemon=True)
        self.database, self.table, self.stop = database, table, threading.Event()
        self.start()

    def run(self):
        connection, turn = self.database.connect(), 0
        connection.autocommit(False)
        with connection.cursor() as cursor:
            while not self.stop.wait(0.005):
                turn += 1
                cursor.execute(f"insert into {self.table}(v) values (1), (2), (3)")
                connection.rollback() if turn % 7 == 0 else connection.commit()
        connection.close()

    def finish(self):
        """The ids of all rows."""
        self.stop.set()
        self.join()
        return [row[0] for row in self.database.rows(self.table, "id")]


def ids(lab, topic):
    return [r.payload["id"] for r in lab.kafka.records(topic)]


def each_once(lab, topic, rows):
    until("every row", lambda: set(ids(lab, topic)) >= set(rows), 60)
    found = ids(lab, topic)
    assert sorted(found) == sorted(rows), f"{len(found)} records for {len(rows)} rows"


def table(database, *names):
    for name in names:
        database.script(f"create table {name} (id int primary key auto_increment, v int); insert into {name}(v) values (0)")


def test_a_worker_killed_again_and_again_delivers_each_row_once(lab, database):
    table(database, "t")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker = lab.worker(ENABLED)
    worker.rest.create(name, jdbc_source(database, "t", prefix, poll__interval__ms=5, exactly__once__support="required"), tasks=1)
    writer = Writer(database, "t")
    for _ in range(3):
        seen = len(ids(lab, prefix + "t"))
        lab.kafka.records(prefix + "t", at_least=seen + 60)
        worker.kill9()
        worker.start()
    each_once(lab, prefix + "t", writer.finish())


def test_a_frozen_holder_of_an_open_transaction_is_shut_out(lab, database):
    table(database, "t")
    name, prefix, group = lab.unique("source"), lab.unique("out") + "-", lab.unique("connect")
    first = lab.worker(ENABLED, group=group)
    first.rest.create(name, jdbc_source(database, "t", prefix, poll__interval__ms=5, transaction__boundary="interval",
                                        transaction__boundary__interval__ms=400), tasks=1)
    second = lab.worker(ENABLED, group=group)
    workers = {w.worker_id: w for w in (first, second)}
    until("a share for the second", lambda: len(lab.kafka.group_members(group)) == 2)
    writer = Writer(database, "t")
    lab.kafka.records(prefix + "t", at_least=30)
    holder = workers[first.rest.status(name)["tasks"][0]["worker_id"]]
    other = second if holder is first else first
    holder.pause()
    until("the other to go on", lambda: other.rest.status(name)["tasks"][0]["worker_id"] == other.worker_id
          and other.rest.states(name) == ("RUNNING", ["RUNNING"]), 60)
    seen = len(ids(lab, prefix + "t"))
    lab.kafka.records(prefix + "t", at_least=seen + 30)
    holder.resume()
    until("the first to be back", lambda: len(lab.kafka.group_members(group)) == 2
          and holder.rest.get("/connectors").status == 200)
    seen = len(ids(lab, prefix + "t"))
    lab.kafka.records(prefix + "t", at_least=seen + 30)
    until("it to run", lambda: other.rest.states(name) == ("RUNNING", ["RUNNING"]))
    stays("no word of the one that was shut out", lambda: other.rest.states(name)[1] != ["FAILED"], 3)
    each_once(lab, prefix + "t", writer.finish())


def test_an_own_offsets_topic_has_the_offsets_and_the_workers_topic_a_copy(lab, database):
    table(database, "t")
    name, prefix, own, group = lab.unique("source"), lab.unique("out") + "-", lab.unique("own"), lab.unique("connect")
    config = jdbc_source(database, "t", prefix, offsets__storage__topic=own)
    key = f'["{name}",{{"protocol":"1","table":"{database.name}.t"}}]'
    worker = lab.worker(ENABLED, group=group)
    worker.rest.create(name, config, tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    for topic in (own, f"{group}-offsets"):
        until(f"the offset in {topic}", lambda: json.loads(lab.kafka.latest(topic)[key]) == {"incrementing": 1})
    # The connector's own topic is the one that counts: what somebody writes into the other is not looked at.
    worker.rest.stop(name)
    lab.kafka.produce(f"{group}-offsets", {"incrementing": 0}, key=key)
    database.sql("insert into t(v) values (5)")
    assert worker.rest.offsets(name)[0]["offset"] == {"incrementing": 1}
    worker.rest.resume(name)
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 2]
    # The same without transactions.
    worker.stop()
    worker.properties["exactly.once.source.support"] = "disabled"
    worker.start()
    database.sql("insert into t(v) values (6)")
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=3)] == [1, 2, 3]
    until("the offset", lambda: json.loads(lab.kafka.latest(own)[key]) == {"incrementing": 3})


def test_tasks_of_before_are_fenced_and_counted_and_offsets_altered_behind_them(lab, database):
    table(database, "a", "b")
    name, prefix, group = lab.unique("source"), lab.unique("out") + "-", lab.unique("connect")
    fenced = lambda: json.loads(lab.kafka.latest(f"{group}-configs").get(f"tasks-fencing-{name}", "null"))
    workers = [lab.worker({**DEFAULT_PARTITIONS, **ENABLED}, group=group) for _ in range(2)]
    rest = workers[1].rest
    rest.create(name, jdbc_source(database, "a,b", prefix, tasks__max=2), tasks=2)
    assert fenced() == {"task-count": 2}
    assert rest.put(f"/connectors/{name}/config", jdbc_source(database, "a,b", prefix, tasks__max=1)).status == 200
    rest.wait_running(name, 1)
    until("the new count", lambda: fenced() == {"task-count": 1})
    for t in ("a", "b"):
        lab.kafka.records(prefix + t, at_least=1)
    rest.stop(name)
    assert rest.patient("DELETE", f"/connectors/{name}/offsets").status == 200
    assert fenced() == {"task-count": 0}
    rest.resume(name)
    for t in ("a", "b"):
        assert [r.payload["id"] for r in lab.kafka.records(prefix + t, at_least=2)] == [1, 1]


def test_an_interval_ends_a_transaction_also_when_no_more_rows_come_and_a_pause_does(lab, database):
    table(database, "t")
    worker = lab.worker(ENABLED)

    def create(interval_ms):
        name, prefix = lab.unique("source"), lab.unique("out") + "-"
        worker.rest.create(name, jdbc_source(database, "t", prefix, transaction__boundary="interval",
                                             transaction__boundary__interval__ms=interval_ms), tasks=1)
        return name, prefix + "t"

    _, topic = create(100)
    assert len(lab.kafka.records(topic, at_least=1)) == 1
    name, topic = create(600000)
    until("it to be sent", lambda: len(lab.kafka.records(topic, committed=False)) == 1)
    stays("not committed", lambda: ids(lab, topic) == [])
    worker.rest.pause(name)
    assert len(lab.kafka.records(topic, at_least=1)) == 1


def test_a_prepared_worker_writes_its_configs_in_transactions_and_its_records_as_before(lab, database):
    table(database, "t")
    name, prefix, group = lab.unique("source"), lab.unique("out") + "-", lab.unique("connect")
    worker = lab.worker({**ENABLED, "exactly.once.source.support": "preparing"}, group=group)
    worker.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    records = lab.kafka.records(f"{group}-configs")
    assert [r.key.decode() for r in records] == ["session-key", f"connector-{name}", f"task-{name}-0", f"commit-{name}"]
    # Each transaction ends with a marker, which takes an offset: task and commit are in one.
    assert [r.offset for r in records] == [0, 2, 4, 5]
    assert f"tasks-fencing-{name}" not in lab.kafka.latest(f"{group}-configs")
    required = {**jdbc_source(database, "t", prefix), "name": "other", "exactly.once.support": "required"}
    answer = worker.rest.put("/connectors/other/config", required)
    assert answer.status == 400 and "does not have exactly-once source support enabled" in answer.text
