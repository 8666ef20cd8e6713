"""The lab, end to end, with its own commands' bodies."""

import json

import pytest

from harness import jdbc_sink, jdbc_source, until
from harness.lab import DEFAULT_PARTITIONS
from harness.wait import stays

pytestmark = pytest.mark.server

LAB_SOURCE = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
    "connection.user": "root",
    "connection.password": "1234",
    "mode": "incrementing",
    "useSSL": "false",
    "incrementing.column.name": "id",
    "table.whitelist": "ORDER_TABLE",
    "tasks.max": "1",
}
LAB_SINK = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
    "connection.user": "root",
    "connection.password": "1234",
    "auto.create": "true",
    "auto.evolve": "true",
    "delete.enabled": "false",
    "tasks.max": "1",
}
ORDER = {"productId": "1", "qty": "10", "customerId": "1000", "price": "10000"}  # httpie sends strings


def posted(order, number):
    answer = order.rest.post("/orders", dict(ORDER, customerId=str(1000 + number)))
    assert answer.status == 201, answer
    assert answer.headers["location"].endswith(f"/orders/{number}")


def synced(marketing):
    return [o["customerId"] for o in marketing.rest.get("/syncOrders").json["_embedded"]["syncOrders"]]


@pytest.mark.slow
def test_orders_reach_the_marketing_service(lab):
    """The lab with servers of its own, so that topics, tables and group have the lab's own names."""
    kafka, database = lab.own_kafka(), lab.database(lab.own_mysql())
    order, marketing = lab.order_service(database), lab.marketing_service(database)
    worker = lab.worker(kafka=kafka, group="connect-cluster", properties={
        **DEFAULT_PARTITIONS,
        "config.storage.topic": "connect-configs", "offset.storage.topic": "connect-offsets",
        "status.storage.topic": "connect-status", "offset.flush.interval.ms": 10000})
    until("the internal topics", lambda: {"connect-configs", "connect-offsets", "connect-status"} <= set(kafka.topics()))
    topics = kafka.topics()
    assert (topics["connect-configs"], topics["connect-offsets"], topics["connect-status"]) == (1, 25, 5)
    for topic in ("connect-configs", "connect-offsets", "connect-status"):
        assert kafka.topic_config(topic)["cleanup.policy"] == "compact"

    config = {**LAB_SOURCE, "connection.url": database.jdbc_url(), "topic.prefix": "SYNC_"}
    answer = worker.rest.post("/connectors/", {"name": "mysql-source-connector", "config": config},
                              headers={"Accept": "application/json", "Content-Type": "application/json"})
    assert answer.status == 201
    assert answer.json == {"name": "mysql-source-connector", "config": {**config, "name": "mysql-source-connector"},
                           "tasks": [], "type": "source"}
    worker.rest.wait_running("mysql-source-connector", tasks=1)
    posted(order, 1)
    posted(order, 2)
    first, second = kafka.records("SYNC_ORDER_TABLE", at_least=2)
    assert first.key is None
    assert first.json["schema"]["name"] == "ORDER_TABLE"
    assert first.payload == {"id": 1, "customerId": "1001", "price": 10000.0, "productId": 1, "qty": 10}
    assert second.payload["id"] == 2

    config = {**LAB_SINK, "connection.url": database.jdbc_url(), "topics": "SYNC_ORDER_TABLE"}
    assert worker.rest.post("/connectors/", {"name": "mysql-sink-connector", "config": config}).status == 201
    until("both rows", lambda: "SYNC_ORDER_TABLE" in database.tables() and database.count("SYNC_ORDER_TABLE") == 2)
    assert worker.rest.names() == ["mysql-sink-connector", "mysql-source-connector"]
    working = {"SUGGESTION_BASIS", "SUGGESTION_DUE", "SUGGESTION_UNREAD"}  # marketing-service's own, made as soon as it finds the first order
    assert set(database.tables()) - working == {"ORDER_TABLE", "SYNC_ORDER_TABLE", "Suggestion_table"}
    columns = {"id", "customerId", "price", "productId", "qty"}
    assert {row[0] for row in database.sql("show columns from SYNC_ORDER_TABLE")} == columns
    assert synced(marketing) == ["1001", "1002"]

    posted(order, 3)
    until("the third order", lambda: synced(marketing) == ["1001", "1002", "1003"])


def test_the_internal_topics_hold_what_a_java_worker_would_read(lab, database, worker):
    database.script("create table t (id int primary key auto_increment, v varchar(20)); insert into t(v) values ('a')")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    config = jdbc_source(database, "t", prefix)
    worker.rest.create(name, config, tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    group = worker.properties["group.id"]

    configs = lab.kafka.latest(f"{group}-configs")
    assert json.loads(configs[f"connector-{name}"]) == {"properties": {**config, "name": name}}
    assert json.loads(configs[f"commit-{name}"]) == {"tasks": 1}
    task = json.loads(configs[f"task-{name}-0"])["properties"]
    assert task["task.class"] == "io.confluent.connect.jdbc.source.JdbcSourceTask"

    key = f'["{name}",{{"protocol":"1","table":"{database.name}.t"}}]'
    offset = until("the offset", lambda: lab.kafka.latest(f"{group}-offsets").get(key))
    assert json.loads(offset) == {"incrementing": 1}

    def status(key):
        return json.loads(lab.kafka.latest(f"{group}-status")[key])

    until("the task's status", lambda: status(f"status-task-{name}-0")["state"] == "RUNNING")
    connector = status(f"status-connector-{name}")
    assert (connector["state"], connector["worker_id"], connector["trace"]) == ("RUNNING", worker.worker_id, None)


def test_rest_answers_of_the_lab(lab, database, worker):
    name = lab.unique("source")
    database.script("create table t (id int primary key auto_increment)")
    config = jdbc_source(database, "t", lab.unique("out") + "-")
    assert set(worker.rest.get("/").json) == {"version", "commit", "kafka_cluster_id"}
    assert worker.rest.get("/connectors/").json == []
    classes = {p["class"]: p["type"] for p in worker.rest.get("/connector-plugins").json}
    assert classes["io.confluent.connect.jdbc.JdbcSourceConnector"] == "source"
    assert classes["io.confluent.connect.jdbc.JdbcSinkConnector"] == "sink"

    created = worker.rest.create(name, config, tasks=1)
    assert created["config"] == {**config, "name": name}
    assert worker.rest.get("/connectors").json == [name]
    assert worker.rest.get(f"/connectors/{name}").json == {
        "name": name, "config": {**config, "name": name}, "tasks": [{"connector": name, "task": 0}], "type": "source"}
    assert worker.rest.get(f"/connectors/{name}/config").json == {**config, "name": name}
    tasks = worker.rest.get(f"/connectors/{name}/tasks").json
    assert [t["id"] for t in tasks] == [{"connector": name, "task": 0}]
    status = worker.rest.get(f"/connectors/{name}/status").json
    assert status["type"] == "source" and status["tasks"][0]["worker_id"] == worker.worker_id

    assert worker.rest.delete(f"/connectors/{name}").status == 204
    until("it to be gone", lambda: worker.rest.get(f"/connectors/{name}/status").status == 404)
    assert worker.rest.get(f"/connectors/{name}").json == {"error_code": 404, "message": f"Connector {name} not found"}


def test_rows_written_while_nothing_runs_arrive_later(lab, database):
    database.script("create table t (id int primary key auto_increment, v varchar(20)); insert into t(v) values ('a')")
    group, name, prefix = lab.unique("group"), lab.unique("source"), lab.unique("out") + "-"
    worker = lab.worker(group=group)
    worker.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    assert worker.stop() == 0
    database.sql("insert into t(v) values ('b'), ('c')")
    worker.start()
    worker.rest.wait_running(name, tasks=1)
    records = lab.kafka.records(prefix + "t", at_least=3)
    assert [r.payload["v"] for r in records] == ["a", "b", "c"]


def test_a_sink_writes_each_record_once_over_an_orderly_restart(lab, database):
    topic, name = lab.unique("in"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    worker = lab.worker()
    worker.rest.create(name, jdbc_sink(database, topic), tasks=1)
    schema = {"type": "struct", "optional": False, "fields": [
        {"field": "id", "type": "int32", "optional": False}, {"field": "v", "type": "string", "optional": True}]}

    def write(first, last):
        lab.kafka.produce_many(topic, [
            (None, {"schema": schema, "payload": {"id": i, "v": f"v{i}"}}) for i in range(first, last + 1)])

    write(1, 100)
    until("100 rows", lambda: topic in database.tables() and database.count(topic) == 100)
    worker.restart()
    write(101, 150)
    until("150 rows", lambda: database.count(topic) >= 150)
    assert [row[0] for row in database.rows(topic, "id")] == list(range(1, 151))
    stays("150 rows", lambda: database.count(topic) == 150, seconds=0.5)
