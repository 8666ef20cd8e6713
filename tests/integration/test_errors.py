"""Records that cannot be processed, secrets from config providers, topics that connectors make and use."""

import json

import pytest

from harness import jdbc_sink, jdbc_source, until
from harness.wait import stays

STRUCT = {"type": "struct", "optional": False, "fields": [
    {"field": "id", "type": "int32", "optional": False}, {"field": "name", "type": "string", "optional": True}]}


def row(number, name="x"):
    return {"schema": STRUCT, "payload": {"id": number, "name": name}}


def text(headers):
    return {name: value.decode() if value is not None else None for name, value in headers}


# ---- dead letters and tolerance -----------------------------------------------------------------------------------

def test_a_record_that_cannot_be_read_goes_to_the_dead_letters_as_it_was(lab, worker, database):
    topic, dead, name = lab.unique("in"), lab.unique("dead"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    lab.kafka.produce(topic, row(1))
    key = b'{"schema":{"type":"string","optional":false},"payload":"the key"}'
    lab.kafka.produce(topic, b"{broken", key=key, headers=[("mine", b"\x01\x02")], timestamp=1700000000123)
    lab.kafka.produce(topic, row(2))
    worker.rest.create(name, jdbc_sink(
        database, topic, table__name__format="t", errors__tolerance="all", errors__log__enable="true",
        errors__log__include__messages="true", errors__deadletterqueue__topic__name=dead,
        errors__deadletterqueue__topic__replication__factor="1",
        errors__deadletterqueue__context__headers__enable="true"), tasks=1)
    letter, = lab.kafka.records(dead, at_least=1)
    assert (letter.key, letter.value, letter.timestamp) == (key, b"{broken", 1700000000123)
    assert letter.headers[0] == ("mine", b"\x01\x02")
    assert [n for n, _ in letter.headers[1:]] == ["__connect.errors." + n for n in (
        "topic", "partition", "offset", "connector.name", "task.id", "stage", "class.name", "exception.class.name",
        "exception.message", "exception.stacktrace")]
    said = text(letter.headers[1:])
    trace = said.pop("__connect.errors.exception.stacktrace")
    assert said == {
        "__connect.errors.topic": topic, "__connect.errors.partition": "0", "__connect.errors.offset": "1",
        "__connect.errors.connector.name": name, "__connect.errors.task.id": "0", "__connect.errors.stage": "VALUE_CONVERTER",
        "__connect.errors.class.name": "org.apache.kafka.connect.json.JsonConverter",
        "__connect.errors.exception.class.name": "org.apache.kafka.connect.errors.DataException",
        "__connect.errors.exception.message": "Converting byte[] to Kafka Connect data failed due to serialization error: "}
    assert trace.startswith("org.apache.kafka.connect.errors.DataException: Converting byte[]")
    assert lab.kafka.topics()[dead] == 1
    until("the good rows", lambda: len(database.sql("select id from t")) == 2)
    assert worker.rest.states(name) == ("RUNNING", ["RUNNING"])
    until("the offset behind all", lambda: lab.kafka.group_offsets(f"connect-{name}").get((topic, 0)) == 3)
    line, = [line for line in worker.log.splitlines() if "Error encountered in task" in line]
    assert (f"Error encountered in task {name}-0. Executing stage 'VALUE_CONVERTER' with class "
            "'org.apache.kafka.connect.json.JsonConverter', where consumed record is "
            f"{{topic='{topic}', partition=0, offset=1, timestamp=1700000000123, timestampType=CreateTime}}") in line
    assert "broken" not in line


def test_without_context_headers_a_dead_letter_has_only_its_own(lab, worker, database):
    topic, dead = lab.unique("in"), lab.unique("dead")
    lab.kafka.create_topic(topic)
    lab.kafka.produce(topic, b"{broken", headers=[("mine", b"x")])
    worker.rest.create(lab.unique("sink"), jdbc_sink(
        database, topic, errors__tolerance="all", errors__deadletterqueue__topic__name=dead,
        errors__deadletterqueue__topic__replication__factor="1"), tasks=1)
    letter, = lab.kafka.records(dead, at_least=1)
    assert letter.headers == [("mine", b"x")]


def test_without_tolerance_the_letter_is_written_and_the_task_fails(lab, worker, database):
    topic, dead, name = lab.unique("in"), lab.unique("dead"), lab.unique("sink")
    lab.kafka.create_topic(topic)
    lab.kafka.produce(topic, b"{broken")
    worker.rest.create(name, jdbc_sink(database, topic, errors__deadletterqueue__topic__name=dead,
                                       errors__deadletterqueue__topic__replication__factor="1"), wait=False)
    trace = worker.rest.wait_failed(name)
    assert trace.startswith("org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler")
    assert "Caused by: org.apache.kafka.connect.errors.DataException: Converting byte[]" in trace
    assert len(lab.kafka.records(dead, at_least=1)) == 1


def test_a_transform_that_fails_is_named_in_the_dead_letter(lab, worker, database):
    topic, dead = lab.unique("in"), lab.unique("dead")
    lab.kafka.create_topic(topic)
    lab.kafka.produce(topic, {"schema": {"type": "string", "optional": False}, "payload": "no struct"})
    lab.kafka.produce(topic, row(1))
    worker.rest.create(lab.unique("sink"), jdbc_sink(
        database, topic, table__name__format="t", errors__tolerance="all", transforms="c",
        transforms__c__type="org.apache.kafka.connect.transforms.ReplaceField$Value", transforms__c__exclude="name",
        errors__deadletterqueue__topic__name=dead, errors__deadletterqueue__topic__replication__factor="1",
        errors__deadletterqueue__context__headers__enable="true"), tasks=1)
    letter, = lab.kafka.records(dead, at_least=1)
    said = text(letter.headers)
    assert said["__connect.errors.stage"] == "TRANSFORMATION"
    assert said["__connect.errors.class.name"] == "org.apache.kafka.connect.transforms.ReplaceField$Value"
    assert said["__connect.errors.exception.message"].startswith("Only Struct objects supported for [field replacement]")
    until("the good row", lambda: database.sql("select * from t") == [(1,)])


def test_a_source_skips_what_its_transforms_refuse(lab, worker, database):
    database.script("create table t (id int primary key auto_increment, x varchar(9)); insert into t (x) values ('1'), ('no'), ('3')")
    prefix, name = lab.unique("out") + "-", lab.unique("source")
    settings = {"transforms": "c", "transforms__c__type": "org.apache.kafka.connect.transforms.Cast$Value",
                "transforms__c__spec": "x:int32", "errors__log__enable": "true"}
    worker.rest.create(name, jdbc_source(database, "t", prefix, errors__tolerance="all", **settings), tasks=1)
    assert [r.payload["x"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 3]
    until("the offset behind all", lambda: worker.rest.offsets(name) and worker.rest.offsets(name)[0]["offset"]["incrementing"] == 3)
    assert "Executing stage 'TRANSFORMATION' with class 'org.apache.kafka.connect.transforms.Cast$Value'" in worker.log
    strict, other = lab.unique("strict"), lab.unique("other") + "-"
    worker.rest.create(strict, jdbc_source(database, "t", other, errors__retry__timeout="60000", **settings), wait=False)
    trace = worker.rest.wait_failed(strict)  # not an error that is tried again, whatever errors.retry.timeout says
    assert "Tolerance exceeded in error handler" in trace


# ---- config providers -----------------------------------------------------------------------------------------------

def test_secrets_from_providers_are_in_no_topic_answer_or_log(lab, database):
    secret = "Sup3r-S3cret!"
    user = "provided"
    database.server.sql(f"create user if not exists '{user}'@'%' identified by '{secret}'")
    database.server.sql(f"grant all on *.* to '{user}'@'%'")
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    lab.folder.mkdir(parents=True, exist_ok=True)
    (lab.folder / "s.properties").write_text(f"db.password={secret}\n")
    (lab.folder / "secrets").mkdir()
    (lab.folder / "secrets" / "user").write_text(user)
    classes = "org.apache.kafka.common.config.provider."
    worker = lab.worker({
        "config.providers": "file,dir,env",
        "config.providers.file.class": classes + "FileConfigProvider",
        "config.providers.file.param.allowed.paths": lab.folder,
        "config.providers.dir.class": classes + "DirectoryConfigProvider",
        "config.providers.env.class": classes + "EnvVarConfigProvider",
        "config.providers.env.param.allowlist.pattern": "LAB_.*",
    }, start=False)
    worker.env = {**(worker.env or {}), "LAB_MODE": "incrementing", "OTHER_SECRET": "never shown"}
    worker.start()
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    config = jdbc_source(database, "t", prefix, connection__user=f"${{dir:{lab.folder}/secrets:user}}",
                         connection__password=f"${{file:{lab.folder}/s.properties:db.password}}", mode="${env:LAB_MODE}")
    worker.rest.create(name, config, tasks=1)
    assert lab.kafka.records(prefix + "t", at_least=1)[0].payload == {"id": 1}
    answers = [worker.rest.get(path).text for path in (
        f"/connectors/{name}", f"/connectors/{name}/config", f"/connectors/{name}/tasks", f"/connectors/{name}/status",
        "/connectors?expand=info&expand=status", f"/connectors/{name}/tasks-config")]
    answers.append(worker.rest.put("/connector-plugins/JdbcSourceConnector/config/validate", {**config, "name": name}).text)
    bad = worker.rest.patient("PUT", f"/connectors/{name}/config", {**config, "poll.interval.ms": "${env:OTHER_SECRET}"})
    assert bad.status == 400
    group = worker.properties["group.id"]
    topics = [str(r.key) + str(r.value) for kind in ("configs", "status", "offsets") for r in lab.kafka.records(f"{group}-{kind}")]
    shown = worker.rest.get(f"/connectors/{name}/config").json
    assert {k: shown[k] for k in ("connection.user", "connection.password", "mode")} == {
        k: config[k] for k in ("connection.user", "connection.password", "mode")}
    worker.stop()
    for where in (*answers, bad.text, *topics, worker.log):
        assert secret not in where and "never shown" not in where


# ---- topics ---------------------------------------------------------------------------------------------------------

def topics_of(worker, name):
    return sorted(worker.rest.get(f"/connectors/{name}/topics").json[name]["topics"])


def test_topics_in_use_are_tracked_and_reset(lab, worker, database):
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    until("the topic", lambda: topics_of(worker, name) == [prefix + "t"])
    key = f"status-topic-{prefix}t:connector-{name}"
    status_topic = worker.properties["status.storage.topic"]
    told = json.loads(until("its record", lambda: lab.kafka.latest(status_topic).get(key)))["topic"]
    assert {k: told[k] for k in ("name", "connector", "task")} == {"name": prefix + "t", "connector": name, "task": 0}
    assert worker.rest.put(f"/connectors/{name}/topics/reset").status == 202
    until("no topic", lambda: topics_of(worker, name) == [])
    assert key not in lab.kafka.latest(status_topic)
    database.sql("insert into t values (2)")
    until("the topic again", lambda: topics_of(worker, name) == [prefix + "t"])
    worker.rest.remove(name)
    until("its record to go", lambda: key not in lab.kafka.latest(status_topic))


@pytest.mark.parametrize("settings, get, reset", [
    ({"topic.tracking.enable": "false"}, "Topic tracking is disabled.", "Topic tracking is disabled."),
    ({"topic.tracking.allow.reset": "false"}, None, "Topic tracking reset is disabled.")])
def test_tracking_and_its_reset_can_be_forbidden(lab, settings, get, reset):
    worker = lab.worker(settings)
    answer = worker.rest.get("/connectors/x/topics")
    assert (answer.status, answer.json.get("message")) == ((403, get) if get else (200, None))
    answer = worker.rest.put("/connectors/x/topics/reset")
    assert (answer.status, answer.json["message"]) == (403, reset)


def test_groups_decide_how_topics_are_made(lab, worker, database):
    for table in ("wide", "narrow", "plain"):
        database.script(f"create table {table} (id int primary key auto_increment); insert into {table} values (1)")
    prefix = lab.unique("out") + "-"
    worker.rest.create(lab.unique("source"), jdbc_source(
        database, "wide,narrow,plain", prefix, topic__creation__groups="wide,small",
        topic__creation__default__partitions="2", topic__creation__default__replication__factor="1",
        topic__creation__wide__include=".*-wide", topic__creation__wide__partitions="5",
        topic__creation__small__include=".*-(wide|narrow)", topic__creation__small__exclude=".*plain",
        topic__creation__small__max__message__bytes="100000", topic__creation__small__retention__ms="12345"), tasks=1)
    for table in ("wide", "narrow", "plain"):
        lab.kafka.records(prefix + table, at_least=1)
    topics = lab.kafka.topics()
    assert [topics[prefix + t] for t in ("wide", "narrow", "plain")] == [5, 2, 2]
    small = [lab.kafka.topic_config(prefix + t)["retention.ms"] == "12345" for t in ("wide", "narrow", "plain")]
    assert small == [False, True, False]
    assert lab.kafka.topic_config(prefix + "narrow")["max.message.bytes"] == "100000"


def test_the_worker_can_forbid_to_make_topics(lab, database):
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    worker = lab.worker({"topic.creation.enable": "false"})
    prefix = lab.unique("out") + "-"
    worker.rest.create(lab.unique("source"), jdbc_source(
        database, "t", prefix, topic__creation__default__partitions="7",
        topic__creation__default__replication__factor="1"), tasks=1)
    assert len(lab.kafka.records(prefix + "t", at_least=1)) == 1
    assert lab.kafka.topics()[prefix + "t"] == 1  # the broker made it


# ---- overrides ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("policy, refused", [
    ("None", ["linger.ms", "security.protocol"]), ("Principal", ["linger.ms"]), ("All", []),
    ("org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy", ["linger.ms", "security.protocol"])])
def test_the_policy_says_what_a_connector_may_override(lab, database, policy, refused):
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    worker = lab.worker({"connector.client.config.override.policy": policy})
    prefix = lab.unique("out") + "-"
    config = {**jdbc_source(database, "t", prefix), "producer.override.linger.ms": "1",
              "producer.override.security.protocol": "PLAINTEXT"}
    answer = worker.rest.patient("POST", "/connectors", {"name": lab.unique("source"), "config": config})
    assert answer.status == (400 if refused else 201)
    for key in refused:
        assert f"policy does not allow '{key}' to be overridden in the connector configuration." in answer.json["message"]
    if not refused:
        assert len(lab.kafka.records(prefix + "t", at_least=1)) == 1
        stays("the task", lambda: worker.running(), seconds=0.2)
