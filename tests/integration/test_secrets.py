"""No password in a log, an answer, a status record or the metrics: whatever is configured, and whatever fails.

The config topic holds configurations as they were given, as Java's does, and GET /connectors/X/config gives them back; all
other places are searched.
"""

import base64
import json

from harness import jdbc_sink, jdbc_source, until
from harness.connectors import SINK, SOURCE

# Distinctive, and none is part of another.
SECRETS = {name: f"s3cr3t{name}Xq7" for name in (
    "password", "userinfo", "parameter", "wrong", "unparsable", "sslkey", "jaas", "override", "provider", "basic", "keystore", "broken")}


def leaked(text):
    """The names of the secrets that a text holds, as they are or in base64."""
    text = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return [name for name, secret in SECRETS.items()
            if secret in text or base64.b64encode(secret.encode()).decode()[:12] in text]


def settings_in(database, **more):
    return jdbc_source(database, "t", "out-", **{"poll__interval__ms": "50", **more})


def wrong_configurations(database):
    """Connectors of which each holds secrets and goes wrong in its own way."""
    host = f"{database.server.host}:{database.server.port}"
    address = f"jdbc:mysql://{host}/{database.name}"
    jaas = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="{SECRETS["jaas"]}";'
    return {
        "wrong-password": {"connection.password": SECRETS["wrong"]},
        "user-info": {"connection.url": f"jdbc:mysql://root:{SECRETS['userinfo']}@{host}/{database.name}",
                      "connection.user": None, "connection.password": None},
        "parameters": {"connection.url": f"{address}?user=root&password={SECRETS['parameter']}&trustCertificateKeyStorePassword="
                                         f"{SECRETS['keystore']}", "connection.user": None, "connection.password": None},
        "no-such-parameter": {"connection.url": f"{address}?sslMode=NONSENSE&password={SECRETS['parameter']}",
                              "connection.password": SECRETS["password"]},
        "unparsable-port": {"connection.url": f"jdbc:mysql://root:{SECRETS['unparsable']}@host:port/db"},
        "unparsable-host": {"connection.url": f"jdbc:mysql://[::1/db?password={SECRETS['unparsable']}"},
        "no-driver": {"connection.url": f"jdbc:nosql://root:{SECRETS['unparsable']}@h/db?password={SECRETS['unparsable']}"},
        "ssl-key": {"producer.override.security.protocol": "SSL", "producer.override.ssl.key.password": SECRETS["sslkey"],
                    "producer.override.ssl.keystore.key": SECRETS["sslkey"]},
        "jaas": {"producer.override.security.protocol": "SASL_PLAINTEXT", "producer.override.sasl.mechanism": "PLAIN",
                 "producer.override.sasl.jaas.config": jaas},
        "broken-jaas": {"producer.override.sasl.mechanism": "NONSENSE", "producer.override.security.protocol": "SASL_SSL",
                        "producer.override.sasl.jaas.config": f"nonsense {SECRETS['jaas']}"},
        "sasl-password": {"producer.override.sasl.password": SECRETS["override"], "producer.override.sasl.username": "u",
                          "producer.override.sasl.mechanism": "SCRAM-SHA-256",
                          "producer.override.security.protocol": "SASL_PLAINTEXT"},
        "not-a-number": {"poll.interval.ms": "soon", "connection.password": SECRETS["password"]},
    }


def without_nones(config):
    return {k: v for k, v in config.items() if v is not None}


def test_secrets_stay_where_they_were_put(lab, database, tmp_path):
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1)")
    (tmp_path / "secrets.properties").write_text(f"key={SECRETS['provider']}\nreal={database.server.password}\n")
    (tmp_path / "users").write_text(f"admin={SECRETS['basic']}\n")
    worker = lab.worker({
        "config.providers": "file",
        "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
        "rest.extension.classes": "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension",
        "basic.auth.credentials.file": tmp_path / "users",
        "log.level": "DEBUG",
    }, wait=False)
    token = base64.b64encode(f"admin:{SECRETS['basic']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    until("the worker to answer", lambda: worker.rest.get("/connectors", headers=headers, timeout=5).status == 200)
    answers = []

    def ask(method, path, body=None, headers=headers):
        answer = worker.rest.request(method, path, body, headers={"Content-Type": "application/json", **headers})
        said = answer.json if answer.status in (200, 201) and answer.text.startswith("{") else answer.text
        if path.endswith("/validate"):
            for entry in said["configs"]:  # an address is given back as it was given
                entry["value"].update(value="" if entry["value"]["name"] == "connection.url" else entry["value"]["value"])
        elif "config" in said and answer.status in (200, 201):
            del said["config"]  # as it was given
        answers.append((f"{method} {path} {answer.status}", json.dumps(said) + json.dumps(answer.headers)))
        return answer

    reference = "${file:" + str(tmp_path / "secrets.properties") + ":key}"
    configurations = {
        **{name: without_nones({**settings_in(database), **more}) for name, more in wrong_configurations(database).items()},
        "provider": {**settings_in(database), "connection.password": reference},
        "sink": {**jdbc_sink(database, "none"), "connection.password": SECRETS["wrong"], "max.retries": "0"},
    }
    for name, config in configurations.items():
        kind = SINK if name == "sink" else SOURCE
        ask("PUT", f"/connector-plugins/{kind.rpartition('.')[2]}/config/validate", {**config, "name": name})
        ask("PUT", f"/connectors/{name}/config", config)
        ask("POST", "/connectors", {"name": name, "config": config})
    ask("GET", "/", headers={"Authorization": "Basic " + base64.b64encode(f"admin:{SECRETS['basic']}x".encode()).decode()})
    made = worker.rest.get("/connectors", headers=headers).json
    assert made  # those whose validation does not connect
    until("all connectors to have a state", lambda: all(
        worker.rest.get(f"/connectors/{name}/status", headers=headers).status == 200 for name in made))
    lab.kafka.produce(f"{worker.properties['group.id']}-configs",
                      f'{{"properties":{{"connection.password":"{SECRETS["broken"]}" {SECRETS["broken"]}', key="connector-torn")
    worker.wait_log("ignoring the record connector-torn")
    for name in made:
        ask("GET", f"/connectors/{name}/status")
        ask("POST", f"/connectors/{name}/restart?includeTasks=true")
    for path in ("/connectors?expand=status", "/metrics", "/admin/loggers", "/connector-plugins", "/"):
        ask("GET", path)

    found = [(what, names) for what, text in answers if (names := leaked(text))]
    assert not found, found
    status = lab.kafka.records(f"{worker.properties['group.id']}-status")
    assert status and not [(r.key, leaked(r.value)) for r in status if r.value and leaked(r.value)]
    worker.stop()
    lines = [line for line in worker.log.splitlines() if leaked(line)]
    assert not lines, lines[:5]
