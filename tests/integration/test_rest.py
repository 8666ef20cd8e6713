"""The worker's REST server: listeners, TLS, who may ask, what is said in headers, loggers, metrics."""

import base64
import http.client
import json
import re
import ssl
import subprocess
import urllib.parse

import pytest

from harness import jdbc_sink, jdbc_source, paths, until
from harness.ports import free_port
from harness.rest import Http


# ---- listeners ----------------------------------------------------------------------------------------------------

def test_several_listeners_answer_and_the_first_is_the_workers_name(lab):
    other = free_port()
    worker = lab.worker(start=False)
    worker.properties["listeners"] = f"{worker.url},http://127.0.0.1:{other}"
    worker.start()
    assert Http(f"http://127.0.0.1:{other}").get("/connectors").status == 200
    assert worker.rest.get("/connectors").status == 200
    for port in (worker.port, other):
        assert f"REST server listening at http://127.0.0.1:{port}, advertising URL {worker.url}/" in worker.log


def test_the_advertised_address_is_shown_in_states(lab, database):
    database.script("create table t (id int primary key auto_increment)")
    worker = lab.worker({"rest.advertised.host.name": "worker.example.org", "rest.advertised.port": "18083"})
    name = lab.unique("source")
    worker.rest.create(name, jdbc_source(database, "t", lab.unique("out") + "-"), tasks=1)
    status = worker.rest.status(name)
    assert {p["worker_id"] for p in [status["connector"], *status["tasks"]]} == {"worker.example.org:18083"}


def test_admin_endpoints_can_have_listeners_of_their_own(lab):
    admin = f"http://127.0.0.1:{free_port()}"
    worker = lab.worker({"admin.listeners": admin})
    assert Http(admin).get("/admin/loggers").status == 200
    assert Http(admin).get("/connectors").status == 404
    assert worker.rest.get("/admin/loggers").status == 404
    assert worker.rest.get("/connectors").status == 200


def test_empty_admin_listeners_mean_nowhere(lab):
    worker = lab.worker({"admin.listeners": ""})
    assert worker.rest.get("/admin/loggers").status == 404
    assert worker.rest.get("/connectors").status == 200


# ---- TLS ------------------------------------------------------------------------------------------------------------

def certificate(folder, name="localhost", *more):
    """A self-signed certificate; returns the files of key and certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    key, cert = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert, *more],
                   check=True, capture_output=True)
    return key, cert


def https_get(port, path, cafile, client=None):
    context = ssl.create_default_context(cafile=cafile)
    if client:
        context.load_cert_chain(client[1], client[0])
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("prefix", ["listeners.https.", ""])
def test_https_beside_http_with_pem_files(lab, prefix):
    key, cert = certificate(lab.folder)
    pem = lab.folder / "both.pem"
    pem.write_bytes(key.read_bytes() + cert.read_bytes())
    port = free_port()
    worker = lab.worker({f"{prefix}ssl.keystore.location": pem, f"{prefix}ssl.keystore.type": "PEM"}, start=False)
    worker.properties["listeners"] = f"{worker.url},https://127.0.0.1:{port}"
    worker.start()
    assert https_get(port, "/connectors", cert) == (200, [])
    assert worker.rest.get("/connectors").status == 200


def test_https_can_ask_for_a_certificate(lab):
    key, cert = certificate(lab.folder)
    client = certificate(lab.folder, "client")
    pem = lab.folder / "both.pem"
    pem.write_bytes(key.read_bytes() + cert.read_bytes())
    port = free_port()
    worker = lab.worker({
        "listeners.https.ssl.keystore.location": pem, "listeners.https.ssl.truststore.location": client[1],
        "listeners.https.ssl.client.auth": "required"}, start=False)
    worker.properties["listeners"] = f"{worker.url},https://127.0.0.1:{port}"
    worker.start()
    assert https_get(port, "/connectors", cert, client) == (200, [])
    with pytest.raises((OSError, http.client.HTTPException)):
        https_get(port, "/connectors", cert)


def test_https_without_a_certificate_is_refused_at_start(lab):
    worker = lab.worker(start=False)
    worker.properties["listeners"] = f"https://127.0.0.1:{worker.port}"
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    assert "ssl.keystore.location" in worker.log


# ---- who may ask ----------------------------------------------------------------------------------------------------

def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


EXTENSION = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"


def test_basic_authentication(lab):
    users = lab.folder / "users.properties"
    lab.folder.mkdir(parents=True, exist_ok=True)
    users.write_text("admin=S3cret:with colon\nother=x\n")
    jaas = lab.folder / "jaas.conf"
    jaas.write_text('KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n'
                    f'  file="{users}";\n}};\n')
    for settings, env in [({"basic.auth.credentials.file": users}, {}),
                          ({}, {"KAFKA_OPTS": f"-Djava.security.auth.login.config={jaas}"})]:
        worker = lab.worker({"rest.extension.classes": EXTENSION, **settings}, start=False)
        worker.env = {**(worker.env or {}), **env}
        worker.start(wait=False)
        until("the worker to answer", lambda: worker.rest.get("/connectors", timeout=5).status == 401)
        answer = worker.rest.get("/connectors")
        assert (answer.status, answer.text) == (401, "User cannot access the resource.")
        assert answer.headers["www-authenticate"].startswith("Basic")
        for wrong in (basic("admin", "S3cret"), basic("nobody", "x"), basic("admin", ""), {"Authorization": "Basic ???"},
                      {"Authorization": "Bearer x"}):
            assert worker.rest.get("/connectors", headers=wrong).status == 401
        assert worker.rest.get("/connectors", headers=basic("admin", "S3cret:with colon")).json == []
        assert worker.rest.get("/", headers=basic("other", "x")).status == 200
        assert "S3cret" not in worker.log
        worker.stop()


def test_another_extension_is_refused_at_start(lab):
    worker = lab.worker({"rest.extension.classes": "com.example.Custom"}, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    assert "com.example.Custom" in worker.log


# ---- headers --------------------------------------------------------------------------------------------------------

def test_cross_origin_requests(lab):
    worker = lab.worker({"access.control.allow.origin": "http://*.example.org,https://one.test",
                         "access.control.allow.methods": "GET,PUT"})
    allowed = worker.rest.get("/connectors", headers={"Origin": "http://ui.example.org"})
    assert allowed.headers["access-control-allow-origin"] == "http://ui.example.org"
    assert "access-control-allow-origin" not in worker.rest.get("/connectors", headers={"Origin": "http://evil.org"}).headers
    assert "access-control-allow-origin" not in worker.rest.get("/connectors").headers
    preflight = {"Origin": "https://one.test", "Access-Control-Request-Method": "PUT"}
    answer = worker.rest.request("OPTIONS", "/connectors/x/config", headers=preflight)
    assert answer.headers["access-control-allow-methods"] == "GET,PUT"
    refused = worker.rest.request("OPTIONS", "/connectors/x", headers={**preflight, "Access-Control-Request-Method": "DELETE"})
    assert "access-control-allow-methods" not in refused.headers


def test_without_the_setting_there_are_no_cross_origin_headers(worker):
    answer = worker.rest.get("/connectors", headers={"Origin": "http://ui.example.org"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_headers_of_every_answer(lab):
    worker = lab.worker({"response.http.headers.config":
                         'add Cache-Control: no-cache, set X-Frame-Options:DENY, "add X-List: one, two", setDate Expires: 31540000000'})
    for path, status in (("/connectors", 200), ("/nowhere", 404)):
        answer = worker.rest.get(path)
        assert answer.status == status
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-list"] == "one, two"
        assert answer.headers["expires"].endswith("GMT")


def test_a_wrong_header_setting_is_refused_at_start(lab):
    worker = lab.worker({"response.http.headers.config": "put X-A: b"}, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    assert "response.http.headers.config" in worker.log


# ---- loggers --------------------------------------------------------------------------------------------------------

def test_levels_change_at_run_time_and_reach_the_log(lab, worker):
    logger = "connect.runtime"
    before = worker.rest.get("/admin/loggers/root").json
    assert before == {"level": "INFO", "last_modified": None}
    changed = worker.rest.put(f"/admin/loggers/{logger}", {"level": "trace"})
    assert changed.status == 200 and logger in changed.json and changed.json == sorted(changed.json)
    below = [name for name in changed.json if name != logger][0]
    for name in (logger, below):
        shown = worker.rest.get(f"/admin/loggers/{name}").json
        assert shown["level"] == "TRACE" and shown["last_modified"] > 1700000000000
    assert worker.rest.put(f"/admin/loggers/{logger}", {"level": "TRACE"}).json == []
    assert list(worker.rest.get("/admin/loggers").json) == sorted(worker.rest.get("/admin/loggers").json)
    assert worker.rest.put(f"/admin/loggers/{logger}", {"level": "all"}).status == 200
    assert worker.rest.get(f"/admin/loggers/{logger}").json["level"] == "ALL"
    for body, status in (({"level": "loud"}, 404), ({}, 400), ({"level": None}, 400)):
        assert worker.rest.put(f"/admin/loggers/{logger}", body).status == status
    assert worker.rest.put("/admin/loggers/root", {"level": "OFF"}).status == 200
    seen = len(worker.log)
    worker.rest.patient("POST", "/connectors", {"name": "x", "config": {}})
    assert len(worker.log) == seen


def test_a_level_for_the_cluster_goes_through_the_config_topic(lab):
    group = lab.unique("connect")
    first, second = lab.worker(group=group), lab.worker(group=group)
    answer = first.rest.put("/admin/loggers/connect.rest?scope=cluster", {"level": "DEBUG"})
    assert (answer.status, answer.text) == (204, "")
    for worker in (first, second):
        until("the level", lambda: worker.rest.get("/admin/loggers/connect.rest").json["level"] == "DEBUG")
    assert json.loads(lab.kafka.latest(f"{group}-configs")["logger-cluster-connect.rest"]) == {"level": "DEBUG"}


def test_lines_of_a_task_carry_its_name_in_text_and_in_json(lab, database):
    database.script("create table t (id int primary key auto_increment)")
    for settings in ({}, {"log.format": "json"}):
        worker = lab.worker(settings)
        name = lab.unique("source")
        worker.rest.create(name, jdbc_source(database, "t", lab.unique("out") + "-"), tasks=1)
        worker.stop()
        if settings:
            lines = [json.loads(line) for line in worker.log.splitlines()]
            assert all({"time", "level", "logger", "message"} <= set(line) for line in lines), lines[0]
            assert [line for line in lines if f"{name}|task-0" in json.dumps(line)]
        else:
            assert re.search(rf"(?m)^\[[-\d: ,]+\] INFO \[{re.escape(name)}\|task-0\] ", worker.log)


# ---- what there is to set ---------------------------------------------------------------------------------------------

def test_the_page_of_settings_has_every_setting_that_plugins_describe(worker):
    page = subprocess.run([paths.BIN / "connect-distributed", "--document-settings"], check=True, capture_output=True, text=True).stdout
    sections = {title: text for title, _, text in (part.partition("\n") for part in re.split("(?m)^## ", page)[1:])}
    assert {"Worker: connect-distributed", "Worker: connect-standalone", "Source connectors", "Sink connectors"} <= set(sections)
    common = "".join(sections[title] for title in ("Every connector", "Source connectors", "Sink connectors"))
    plugins = [plugin["class"] for plugin in worker.rest.get("/connector-plugins?connectorsOnly=false").json]
    assert len(plugins) > 40
    for plugin in plugins:
        rows = worker.rest.get(f"/connector-plugins/{urllib.parse.quote(plugin)}/config").json
        missing = [row["name"] for row in rows if f"| `{row['name']}` |" not in sections[plugin] + common]
        assert not missing, plugin


# ---- changing what runs -----------------------------------------------------------------------------------------------

def test_a_configuration_is_changed_by_parts(lab, database, worker):
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    name, rest = lab.unique("source"), worker.rest
    config = {**jdbc_source(database, "t", lab.unique("out") + "-"), "batch.max.rows": "7"}
    rest.create(name, config, tasks=1)
    changed = rest.patient("PATCH", f"/connectors/{name}/config", {"batch.max.rows": None, "poll.interval.ms": "11"})
    assert (changed.status, changed.json["name"]) == (200, name)
    expected = {**config, "name": name, "poll.interval.ms": "11"}
    del expected["batch.max.rows"]
    assert changed.json["config"] == rest.get(f"/connectors/{name}/config").json == expected
    until("the task to have it", lambda: rest.get(f"/connectors/{name}/tasks-config").json[f"{name}-0"].get("poll.interval.ms") == "11")
    assert rest.patient("PATCH", "/connectors/none/config", {"a": "b"}).status == 404
    refused = rest.patient("PATCH", f"/connectors/{name}/config", {"tasks.max": "none"})
    assert refused.status == 400 and "tasks.max" in refused.json["message"]
    assert rest.get(f"/connectors/{name}/config").json == expected


def test_offsets_are_changed_in_javas_forms_only(lab, database, worker):
    database.script("create table t (id int primary key)")
    source, sink = lab.unique("source"), lab.unique("sink")
    topic = lab.unique("topic")
    lab.kafka.create_topic(topic)
    for name, config in ((source, jdbc_source(database, "t", lab.unique("out") + "-")), (sink, jdbc_sink(database, topic))):
        created = worker.rest.patient("POST", "/connectors", {"name": name, "config": config, "initial_state": "STOPPED"})
        assert created.status == 201
        until("it to be stopped", lambda name=name: worker.rest.get(f"/connectors/{name}/status").status == 200)

    def change(name, partition, offset):
        answer = worker.rest.patient("PATCH", f"/connectors/{name}/offsets", {"offsets": [{"partition": partition, "offset": offset}]})
        return answer.status, answer.json["message"]

    assert change(source, None, {"incrementing": 1})[0] == 200 and worker.rest.offsets(source) == []
    assert change(source, {"table": "t"}, {"incrementing": 2**63}) == (
        500, "Offsets may only contain primitive types as values, but field incrementing contains class java.math.BigInteger")
    place = {"kafka_topic": topic, "kafka_partition": 0}
    wrong = "Failed to parse the following Kafka %s value in the provided offsets: '%s'. %s values for sink connectors need to be integers."
    assert change(sink, place, {"kafka_offset": [1, "x"]}) == (400, wrong % ("offset", "[1, x]", "Offset"))
    assert change(sink, place, {"kafka_offset": 2**63}) == (400, wrong % ("offset", str(2**63), "Offset"))
    assert change(sink, {"kafka_topic": topic, "kafka_partition": {"a": 0}}, None) == (400, wrong % ("partition", "{a=0}", "Partition"))
    assert change(sink, {"kafka_topic": ["a"], "kafka_partition": 0}, {"kafka_offset": 1}) == (
        500, f"Failed to alter consumer group offsets for connector {sink}")
    assert change(sink, place, {"kafka_offset": str(2**63 - 1)})[0] == 200
    assert worker.rest.offsets(sink) == [{"partition": place, "offset": {"kafka_offset": 2**63 - 1}}]


def test_a_restart_is_of_what_was_asked_for(lab, database, worker):
    """A connector whose one task fails at a value that is no time of day."""
    database.script("create table t (id int primary key auto_increment, v time); insert into t(v) values ('30:00:00')")
    name, rest = lab.unique("source"), worker.rest
    rest.create_failing(name, jdbc_source(database, "t", lab.unique("out") + "-"))
    until("the connector", lambda: rest.status(name)["connector"]["state"] == "RUNNING")

    def plan(query):
        answer = rest.patient("POST", f"/connectors/{name}/restart{query}")
        assert answer.status == 202, answer
        return answer.json["connector"]["state"], [task["state"] for task in answer.json["tasks"]]
    assert rest.patient("POST", f"/connectors/{name}/restart").status == 204
    until("the connector", lambda: rest.status(name)["connector"]["state"] == "RUNNING")
    assert rest.wait_failed(name)
    database.sql("update t set v = '03:00:00'")
    assert plan("?includeTasks=true&onlyFailed=true") == ("RUNNING", ["RESTARTING"])
    rest.wait_running(name, tasks=1)
    assert plan("?includeTasks=true&onlyFailed=true") == ("RUNNING", ["RUNNING"])
    assert plan("?includeTasks=true") == ("RESTARTING", ["RESTARTING"])
    rest.wait_running(name, tasks=1)
    assert rest.patient("POST", f"/connectors/{name}/tasks/0/restart").status == 204
    assert rest.patient("POST", f"/connectors/{name}/tasks/1/restart").status == 404


def test_health_methods_and_plugins(worker):
    rest = worker.rest
    answer = until("its health", lambda: (health := rest.get("/health")).status == 200 and health)
    assert answer.json == {"status": "healthy", "message": "Worker has completed startup and is ready to handle requests."}
    head = rest.request("HEAD", "/connectors")
    assert (head.status, head.raw) == (200, b"")
    wrong = rest.put("/connectors", {})
    assert (wrong.status, wrong.json["error_code"]) == (405, 405)
    connectors = {plugin["type"] for plugin in rest.get("/connector-plugins").json}
    everything = {plugin["type"] for plugin in rest.get("/connector-plugins?connectorsOnly=false").json}
    old = rest.get("/connector-plugins/JdbcSink/config?version=1")
    assert old.status == 400 and old.json["message"].startswith("Plugin io.confluent.connect.jdbc.JdbcSinkConnector not found that")
    assert connectors == {"source", "sink"} and everything == {"source", "sink", "converter", "header_converter", "transformation", "predicate"}


# ---- metrics --------------------------------------------------------------------------------------------------------

def metrics(worker):
    """{name with labels: value}"""
    answer = worker.rest.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_have_kafkas_names(lab, database, worker):
    database.script("create table t (id int primary key auto_increment, x int); insert into t (x) values (1), (2), (3)")
    source, sink, topic = lab.unique("source"), lab.unique("sink"), lab.unique("out") + "-"
    worker.rest.create(source, jdbc_source(database, "t", topic), tasks=1)
    worker.rest.create(sink, jdbc_sink(database, topic + "t", table__name__format="copy"), tasks=1)
    until("the rows", lambda: "copy" in database.tables() and len(database.sql("select * from copy")) == 3)
    labels = f'{{connector="{source}",task="0"}}'
    seen = until("the numbers", lambda: (m := metrics(worker)).get(
        f"kafka_connect_source_task_source_record_write_total{labels}") == 3 and m)
    assert seen[f"kafka_connect_source_task_source_record_poll_total{labels}"] == 3
    assert seen["kafka_connect_worker_connector_count"] == 2
    assert seen["kafka_connect_worker_task_count"] == 2
    assert seen[f'kafka_connect_connector_status{{connector="{source}",status="running"}}'] == 1
    assert seen[f'kafka_connect_connector_task_status{{connector="{sink}",task="0",status="running"}}'] == 1
    assert seen[f'kafka_connect_sink_task_sink_record_send_total{{connector="{sink}",task="0"}}'] == 3
    assert seen[f'kafka_connect_task_error_total_record_errors{labels}'] == 0
    assert seen[f'kafka_connect_worker_connector_running_task_count{{connector="{sink}"}}'] == 1
    assert seen["kafka_connect_worker_task_startup_attempts_total"] == seen["kafka_connect_worker_task_startup_success_total"] == 2
    assert seen["kafka_connect_worker_rebalance_completed_rebalances_total"] >= 1
    assert seen["kafka_connect_worker_rebalance_rebalancing"] == 0
    assert seen["kafka_connect_worker_rebalance_rebalance_max_time_ms"] >= seen["kafka_connect_worker_rebalance_rebalance_avg_time_ms"]
    assert seen["kafka_connect_worker_rebalance_time_since_last_rebalance_ms"] >= 0
    assert [k for k in seen if k.startswith('kafka_connect_worker_rebalance_leader_name{leader_name="http://')]
    assert seen["kafka_connect_app_info_start_time_ms"] > 1.7e12 and [k for k in seen if k.startswith("kafka_connect_app_info{")]
    jdbc = "io.confluent.connect.jdbc."
    assert seen[f'kafka_connect_connector_connector_class{{connector="{sink}",connector_class="{jdbc}JdbcSinkConnector"}}'] == 1
    assert seen[f'kafka_connect_connector_connector_type{{connector="{source}",connector_type="source"}}'] == 1
    assert seen[f'kafka_connect_connector_task_task_class{{connector="{sink}",task="0",task_class="{jdbc}sink.JdbcSinkTask"}}'] == 1
    converter = "org.apache.kafka.connect.json.JsonConverter"
    assert seen[f'kafka_connect_connector_task_value_converter_class{{connector="{source}",task="0",value_converter_class="{converter}"}}'] == 1
    assert seen[f'kafka_consumer_fetch_manager_records_lag_max{{clientId="connector-consumer-{sink}-0"}}'] == 0
    worker.rest.remove(source)
    until("its numbers to go", lambda: not [k for k in metrics(worker) if f'connector="{source}"' in k])
