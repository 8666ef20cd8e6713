"""What is wrong is said to the person who can mend it, and nothing ends that need not."""

import pytest

from harness import jdbc_source, until
from harness.ports import free_port
from harness.wait import stays

SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"


# ---- servers that are not there ---------------------------------------------------------------------------------

@pytest.mark.slow
def test_kafka_may_come_later(lab):
    kafka = lab.own_kafka(start=False)
    database = lab.database()
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    worker = lab.worker(kafka=kafka, start=False)
    worker.start(wait=False)
    worker.wait_log(f"WARN waiting for Kafka at {kafka.bootstrap}")
    stays("the worker waits", worker.running, seconds=1)
    kafka.start()
    until("the worker to be ready", lambda: worker.rest.get("/connectors", timeout=5).status == 200)
    worker.rest.create("source", jdbc_source(database, "t", "out-"), tasks=1)
    assert len(kafka.records("out-t", at_least=1)) == 1


@pytest.mark.slow
def test_a_topic_that_is_made_late_is_waited_for(lab, database):
    kafka = lab.own_kafka(settings={"auto.create.topics.enable": "false"})
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    worker = lab.worker(kafka=kafka)
    worker.rest.create("source", jdbc_source(database, "t", "out-"), tasks=1)
    stays("the task runs", lambda: worker.rest.states("source") == ("RUNNING", ["RUNNING"]), seconds=35)  # not 30
    kafka.create_topic("out-t")
    assert len(kafka.records("out-t", at_least=1)) == 1


def test_a_database_that_is_not_there_fails_the_create_and_the_worker_stays(lab, worker):
    server = lab.own_mysql(start=False)
    answer = worker.rest.post("/connectors", {"name": lab.unique("source"), "config": {
        "connector.class": SOURCE, "connection.url": server.jdbc_url("my-database"), "connection.user": "root",
        "connection.password": "1234", "mode": "bulk", "table.whitelist": "t", "topic.prefix": "x-", "tasks.max": "1"}})
    assert answer.status in (201, 400), answer
    assert worker.running()
    assert worker.rest.get("/connectors").status == 200
    if answer.status == 400:
        assert answer.json["error_code"] == 400 and "Could not connect to database" in answer.json["message"]


def test_a_worker_that_starts_while_the_database_is_down_goes_on_when_it_comes(lab):
    server = lab.own_mysql()
    database, name, prefix = lab.database(server), lab.unique("source"), lab.unique("out") + "-"
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    worker = lab.worker()
    worker.rest.create(name, jdbc_source(database, "t", prefix, connection__attempts=1000, connection__backoff__ms=100), tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    worker.stop()
    server.stop()
    worker.start()
    worker.wait_log("Unable to connect to database on attempt")
    stays("the worker waits", worker.running, seconds=1)
    server.start()
    database.sql("insert into t values (2)")
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 2]


@pytest.mark.slow
def test_standalone_waits_for_kafka_too(lab, database):
    kafka = lab.own_kafka(start=False)
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    file = lab.folder / "source.properties"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{k}={v}\n" for k, v in {"name": "source", **jdbc_source(database, "t", "out-")}.items()))
    worker = lab.standalone([file], kafka=kafka)
    stays("the worker waits", worker.running, seconds=1)
    kafka.start()
    assert len(kafka.records("out-t", at_least=1)) == 1


@pytest.mark.parametrize("variables, says", [
    ({"SERVER_PORT": "many"}, 'server.port cannot be "many"'),
    ({"_DATASOURCE_ADDRESS": "db:port"}, 'datasource.address cannot be "db:port"'),
])
def test_a_wrong_variable_of_a_service_is_one_line(lab, database, variables, says):
    order = lab.order_service(database, env=variables, start=False)
    order.start(wait=False)
    assert order.wait_exit() == 2
    assert [line for line in order.log.splitlines() if says in line] == order.log.splitlines()


def test_services_start_while_the_database_is_down(lab):
    server = lab.own_mysql(start=False)
    database = type("Later", (), {"server": server, "name": "my-database"})
    order = lab.order_service(database, start=False)
    order.start(wait=False)
    until("an answer", lambda: order.rest.get("/orders", timeout=30).status >= 500)
    assert order.running()
    server.start()
    until("the database to be found", lambda: order.rest.get("/orders").status == 200)
    assert order.rest.post("/orders", {"qty": "1"}).status == 201


# ---- properties files -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("setting, expected", [
    ({"bootstrap.servers": None}, 'Missing required configuration "bootstrap.servers"'),
    ({"group.id": None}, 'Missing required configuration "group.id"'),
    ({"offset.flush.interval.ms": "soon"}, "offset.flush.interval.ms"),
    ({"config.storage.replication.factor": "0"}, "config.storage.replication.factor"),
    ({"listeners": "ftp://:1"}, "listeners"),
    ({"bootstrap.servers": "localhost"}, "Invalid url in bootstrap.servers: localhost"),
    ({"key.converter": "no.such.Converter"}, "Class no.such.Converter could not be found"),
    ({"group.id": "\\u12"}, "group.id"),
])
def test_a_wrong_setting_is_one_line_with_file_and_key(lab, setting, expected):
    worker = lab.worker(setting, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    lines = [line for line in worker.log.splitlines() if expected in line]
    assert len(lines) == 1, worker.log
    assert worker.file.name in lines[0]


def test_the_line_of_a_wrong_setting_is_named(lab):
    worker = lab.worker({"offset.flush.interval.ms": "soon"}, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    number = next(i for i, line in enumerate(worker.file.read_text().splitlines(), 1) if "soon" in line)
    assert f"{worker.file.name}:{number}" in worker.log


def test_a_missing_properties_file_is_named(lab):
    worker = lab.worker(start=False)
    worker.write = lambda: None
    worker.start(wait=False)
    assert worker.wait_exit() != 0
    assert worker.file.name in worker.log


def test_unknown_settings_are_warned_about_once_and_do_no_harm(lab):
    worker = lab.worker({"no.such.setting": "1"})
    lines = [line for line in worker.log.splitlines() if "no.such.setting" in line]
    assert len(lines) == 1 and "WARN" in lines[0]


def test_a_port_that_is_taken_is_said_in_one_line(lab, worker):
    second = lab.worker(port=worker.port, start=False)
    second.start(wait=False)
    assert second.wait_exit() != 0
    assert str(worker.port) in second.log


# ---- requests ---------------------------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body", ['{"name": "x", ', "{", "[]", "", '{"name": "x", "config": 3}', "\x00", '{"a": {}}'])
def test_a_body_that_is_no_connector_is_500_with_a_json_error(worker, body):
    answer = worker.rest.post("/connectors", body, headers=JSON)
    assert answer.status == 500, answer
    assert answer.json["error_code"] == 500
    assert worker.rest.get("/connectors").status == 200


def test_an_unknown_class_is_400(worker):
    answer = worker.rest.patient("POST", "/connectors", {"name": "x", "config": {"connector.class": "no.such.Thing"}})
    assert answer.status == 400 and "no.such.Thing" in answer.json["message"]


def test_no_class_is_400(worker):
    answer = worker.rest.patient("POST", "/connectors", {"name": "x", "config": {"tasks.max": "1"}})
    assert answer.status == 400 and "contains no connector type" in answer.json["message"]


def test_a_missing_setting_is_named(worker, database):
    config = jdbc_source(database, "t", "x-", transforms="a")
    answer = worker.rest.patient("POST", "/connectors", {"name": "x", "config": config})
    assert answer.status == 400
    assert answer.json["message"].splitlines()[:2] == [
        "Connector configuration is invalid and contains the following 1 error(s):",
        'Missing required configuration "transforms.a.type" which has no default value.']


def test_names_are_given_once(lab, database, worker):
    database.script("create table t (id int primary key auto_increment)")
    name, config = lab.unique("source"), jdbc_source(database, "t", lab.unique("out") + "-")
    worker.rest.create(name, config, tasks=1)
    answer = worker.rest.patient("POST", "/connectors", {"name": name, "config": config})
    assert (answer.status, answer.json["message"]) == (409, f"Connector {name} already exists")


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/nowhere", 404), ("PATCH", "/connectors", 405), ("GET", "/connectors/none", 404), ("DELETE", "/connectors/none", 404)])
def test_paths_and_methods_that_are_not_there(worker, method, path, status):
    answer = worker.rest.patient(method, path)
    assert answer.status == status
    assert answer.json["error_code"] == status


def test_a_form_is_415(worker):
    answer = worker.rest.post("/connectors", "name=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.json) == (415, {"error_code": 415, "message": "HTTP 415 Unsupported Media Type"})


def test_the_password_is_in_no_log(lab, database):
    server_user = "careful"
    database.server.sql(f"create user if not exists '{server_user}'@'%' identified by 'Sup3rS3cret!'")
    database.server.sql(f"grant all on *.* to '{server_user}'@'%'")
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    prefix = lab.unique("out") + "-"
    worker = lab.worker({"producer.ssl.key.password": "Sup3rS3cret!"})
    worker.rest.create(lab.unique("source"), jdbc_source(
        database, "t", prefix, connection__user=server_user, connection__password="Sup3rS3cret!"), tasks=1)
    lab.kafka.records(prefix + "t", at_least=1)
    worker.rest.patient("POST", "/connectors", {"name": "bad", "config": {
        "connector.class": SOURCE, "connection.password": "Sup3rS3cret!", "mode": "nonsense"}})
    worker.stop()
    assert "Sup3rS3cret!" not in worker.log
