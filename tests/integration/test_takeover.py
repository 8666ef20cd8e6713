"""Ours goes on where a Java worker stopped: the three topics hold records in the bytes that Java writes."""

import json

import pytest

from harness import jdbc_source, until
from harness.wait import stays

pytestmark = pytest.mark.server

JAVA_WORKER = "10.0.0.7:8083"


def compact(value):
    """JSON as JsonConverter writes it: no blanks."""
    return None if value is None else json.dumps(value, separators=(",", ":"))


class JavaWorker:
    """Writes what a worker of Kafka 4.1 leaves behind, with Java's partitioning of keys."""

    def __init__(self, lab, group):
        self.lab, self.group = lab, group
        lab.kafka.create_topic(f"{group}-configs", 1, cleanup__policy="compact")
        lab.kafka.create_topic(f"{group}-offsets", 25, cleanup__policy="compact")
        lab.kafka.create_topic(f"{group}-status", 5, cleanup__policy="compact")
        self.config("session-key", {"key": "nm1TU5rxUzz5C7bmpk+CZYq6gbtG4Yl1aj2hCF0bWqk=", "algorithm": "HmacSHA256",
                                    "creation-timestamp": 1700000000000})

    def config(self, key, value):
        self.lab.kafka.produce(f"{self.group}-configs", compact(value), key=key)

    def status(self, key, state):
        self.lab.kafka.produce(f"{self.group}-status", compact({
            "state": state, "trace": None, "worker_id": JAVA_WORKER, "generation": 3, "version": "10.9.7"}), key=key)

    def connector(self, name, config, database, tables, state="RUNNING"):
        """A connector with one task that ran and was stopped in an orderly way."""
        config = {**config, "name": name}
        task = {**config, "tables": ",".join(f"`{database}`.`{t}`" for t in tables), "tables.fetched": "true",
                "task.class": "io.confluent.connect.jdbc.source.JdbcSourceTask"}
        self.config(f"connector-{name}", {"properties": config})
        self.config(f"task-{name}-0", {"properties": task})
        self.config(f"commit-{name}", {"tasks": 1})
        if state == "PAUSED":
            self.config(f"target-state-{name}", {"state": "PAUSED", "state.v2": "PAUSED"})
        if state == "STOPPED":
            self.config(f"commit-{name}", {"tasks": 0})
            self.config(f"target-state-{name}", {"state": "PAUSED", "state.v2": "STOPPED"})
        for key in (f"status-connector-{name}", f"status-task-{name}-0"):
            self.status(key, state if state != "RUNNING" else "UNASSIGNED")

    def offset(self, name, database, table, offset):
        key = f'["{name}",{{"protocol":"1","table":"{database}.{table}"}}]'
        self.lab.kafka.produce(f"{self.group}-offsets", compact(offset), key=key)


def three_rows(database, *tables):
    for table in tables:
        database.script(f"create table {table} (id int primary key auto_increment, v varchar(9));"
                        f"insert into {table}(v) values ('a'), ('b'), ('c')")


def ids(lab, topic, at_least=0):
    return [r.payload["id"] for r in lab.kafka.records(topic, at_least)]


def test_a_running_connector_goes_on_behind_its_offset(lab, database):
    three_rows(database, "t")
    group, name, prefix = lab.unique("group"), lab.unique("source"), lab.unique("out") + "-"
    config = jdbc_source(database, "t", prefix)
    java = JavaWorker(lab, group)
    java.connector(name, config, database.name, ["t"])
    java.offset(name, database.name, "t", {"incrementing": 2})

    worker = lab.worker(group=group)
    worker.rest.wait_running(name, tasks=1)
    assert worker.rest.get(f"/connectors/{name}/config").json == {**config, "name": name}
    assert ids(lab, prefix + "t", 1) == [3]

    # Same key, same partition: compaction sees one key, and the Java worker finds its offset again.
    def offsets():
        found = [r for r in lab.kafka.records(f"{group}-offsets") if json.loads(r.key)[0] == name]
        return found[-1].json == {"incrementing": 3} and found

    found = until("the new offset", offsets)
    assert len({(r.key, r.partition) for r in found}) == 1
    written = [r.key.decode() for r in lab.kafka.records(f"{group}-configs")]
    assert written.count(f"connector-{name}") == 1
    worker.rest.wait_states(name, "RUNNING", ["RUNNING"])
    status = json.loads(lab.kafka.latest(f"{group}-status")[f"status-task-{name}-0"])
    assert (status["state"], status["worker_id"]) == ("RUNNING", worker.worker_id)


def test_paused_and_stopped_connectors_stay_so(lab, database):
    three_rows(database, "p", "s")
    group, prefix = lab.unique("group"), lab.unique("out") + "-"
    paused, stopped = lab.unique("paused"), lab.unique("stopped")
    java = JavaWorker(lab, group)
    java.connector(paused, jdbc_source(database, "p", prefix), database.name, ["p"], "PAUSED")
    java.connector(stopped, jdbc_source(database, "s", prefix), database.name, ["s"], "STOPPED")
    java.offset(paused, database.name, "p", {"incrementing": 1})
    java.offset(stopped, database.name, "s", {"incrementing": 2})

    worker = lab.worker(group=group)
    worker.rest.wait_states(paused, "PAUSED", ["PAUSED"])
    worker.rest.wait_states(stopped, "STOPPED", [])
    stays("no records", lambda: ids(lab, prefix + "p") == ids(lab, prefix + "s") == [], seconds=1)
    worker.rest.resume(paused)
    worker.rest.resume(stopped)
    assert ids(lab, prefix + "p", 2) == [2, 3]
    assert ids(lab, prefix + "s", 1) == [3]


def test_a_deleted_connector_stays_deleted_and_its_offset_is_found_when_it_is_made_again(lab, database):
    three_rows(database, "t")
    group, name, prefix = lab.unique("group"), lab.unique("source"), lab.unique("out") + "-"
    config = jdbc_source(database, "t", prefix)
    java = JavaWorker(lab, group)
    java.connector(name, config, database.name, ["t"])
    java.offset(name, database.name, "t", {"incrementing": 1})
    java.config(f"connector-{name}", None)
    java.config(f"target-state-{name}", None)

    worker = lab.worker(group=group)
    until("the group to be joined", lambda: lab.kafka.group_members(group))
    assert worker.rest.patient("GET", f"/connectors/{name}").status == 404
    worker.rest.create(name, config, tasks=1)
    assert ids(lab, prefix + "t", 2) == [2, 3]


def test_records_that_nobody_can_read_are_stepped_over(lab, database):
    three_rows(database, "t")
    group, name, prefix = lab.unique("group"), lab.unique("source"), lab.unique("out") + "-"
    java = JavaWorker(lab, group)
    java.config("no-such-kind", {"a": 1})
    lab.kafka.produce(f"{group}-configs", "{not json", key="connector-broken")
    lab.kafka.produce(f"{group}-configs", b"\xff\xfe", key=b"\xff")
    lab.kafka.produce(f"{group}-offsets", "{}", key='{"not":"a pair"}')
    lab.kafka.produce(f"{group}-status", "[]", key="status-task-x-y")
    java.config("commit-nobody", {"tasks": 3})
    java.connector(name, jdbc_source(database, "t", prefix), database.name, ["t"])
    worker = lab.worker(group=group)
    worker.rest.wait_running(name, tasks=1)
    assert ids(lab, prefix + "t", 3) == [1, 2, 3]
    assert worker.rest.names() == [name]


def test_a_config_topic_with_several_partitions_is_refused_in_one_line(lab):
    group = lab.unique("group")
    lab.kafka.create_topic(f"{group}-configs", 3, cleanup__policy="compact")
    worker = lab.worker(group=group, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() != 0
    assert f"{group}-configs" in worker.log and "partition" in worker.log


def test_an_offset_topic_that_is_not_compacted_is_refused_in_one_line(lab):
    group = lab.unique("group")
    lab.kafka.create_topic(f"{group}-offsets", 25, cleanup__policy="delete")
    worker = lab.worker(group=group, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() != 0
    assert "cleanup.policy" in worker.log and f"{group}-offsets" in worker.log
