"""connect-standalone: the same worker, with its memory in itself and offsets in a file."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest

from harness import jdbc_source, paths, until
from harness.process import reaper


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_connectors_come_from_files_and_offsets_survive(lab, database):
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1), (2)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    config = {"name": name, **jdbc_source(database, "t", prefix)}
    file = write(lab.folder / "source.properties", "".join(f"{k}={v}\n" for k, v in config.items()))
    worker = lab.standalone([file])
    worker.rest.wait_running(name, tasks=1)
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=2)] == [1, 2]
    assert worker.rest.get(f"/connectors/{name}").json["tasks"] == [{"connector": name, "task": 0}]
    worker.stop()
    database.sql("insert into t(v) values (3)")
    worker.start()
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=3)] == [1, 2, 3]


def test_connector_files_may_be_json(lab, database):
    database.script("create table t (id int primary key auto_increment); insert into t values (1)")
    flat, nested = lab.unique("flat"), lab.unique("nested")
    prefix = lab.unique("out") + "-"
    files = [
        write(lab.folder / "flat.json", json.dumps({"name": flat, **jdbc_source(database, "t", prefix + "f-")})),
        write(lab.folder / "nested.json", json.dumps({"name": nested, "config": jdbc_source(database, "t", prefix + "n-")})),
    ]
    worker = lab.standalone(files)
    worker.rest.wait_running(flat, tasks=1)
    worker.rest.wait_running(nested, tasks=1)
    assert worker.rest.names() == sorted([flat, nested])
    assert len(lab.kafka.records(prefix + "f-t", at_least=1)) == len(lab.kafka.records(prefix + "n-t", at_least=1)) == 1


def test_connectors_made_over_rest_are_gone_after_a_restart(lab, database):
    database.script("create table t (id int primary key auto_increment)")
    name = lab.unique("source")
    worker = lab.standalone()
    worker.rest.create(name, jdbc_source(database, "t", lab.unique("out") + "-"), tasks=1)
    worker.restart()
    assert worker.rest.names() == []


def test_what_a_file_holds_decides_and_not_its_name(lab, database):
    database.script("create table t (id int primary key auto_increment)")
    one, two = lab.unique("one"), lab.unique("two")
    prefix = lab.unique("out") + "-"
    flat = {"name": two, **jdbc_source(database, "t", prefix + "b-")}
    files = [
        write(lab.folder / "one.properties", json.dumps(
            {"name": one, "config": jdbc_source(database, "t", prefix + "a-"), "initial_state": "paused", "comment": 1})),
        write(lab.folder / "two.json", "".join(f"{k}={v}\n" for k, v in flat.items())),
    ]
    worker = lab.standalone(files)
    worker.rest.wait_running(two, tasks=1)
    assert worker.rest.names() == sorted([one, two])
    assert worker.rest.get(f"/connectors/{one}/status").json["connector"]["state"] == "PAUSED"


def test_a_broken_connector_file_ends_the_program_and_is_named(lab, database):
    database.script("create table t (id int primary key auto_increment)")
    config = jdbc_source(database, "t", lab.unique("out") + "-")
    good = write(lab.folder / "good.json", json.dumps({"name": "x", **config}))
    broken = {
        "truncated.json": ('{"name": "x", ', "Unexpected end-of-input"),
        "nameless.json": (json.dumps({"config": config}), "is missing the mandatory 'name' configuration"),
        "nameless.properties": ("tasks.max=1\n", "is missing the mandatory 'name' configuration"),
        "twonames.json": (json.dumps({"name": "x", "config": {"name": "y", **config}}),
                          "Connector name configuration in 'config' doesn't match the one specified in 'name'"),
        "wrong.json": (json.dumps({"name": "y", **config, "tasks.max": "none"}), "Not a number of type INT"),
        "again.json": (json.dumps({"name": "x", **config}), "Connector x already exists"),
        "missing.json": (None, "No such file"),
    }
    for file, (text, reason) in broken.items():
        path = write(lab.folder / file, text) if text is not None else lab.folder / file
        worker = lab.standalone([good, path], start=False)
        worker.start(wait=False)
        assert worker.wait_exit() == 3, file
        assert f"Failed to create connector for {path}" in worker.log
        assert reason in worker.log


def test_connectors_live_and_die_over_rest(lab, database):
    """As with connect-distributed, but the answer to a new connector has its tasks already, and so has a changed one's."""
    database.script("create table t (id int primary key auto_increment); insert into t values (1);"
                    "create table u (id int primary key auto_increment)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    rest = lab.standalone().rest
    config = jdbc_source(database, "t", prefix)
    created = rest.post("/connectors", {"name": name, "config": config})
    assert (created.status, created.json["tasks"]) == (201, [{"connector": name, "task": 0}])
    again = rest.post("/connectors", {"name": name, "config": config})
    assert (again.status, again.json["message"]) == (409, f"Connector {name} already exists")
    two = {**config, "table.whitelist": "t,u", "tasks.max": "2"}
    changed = rest.put(f"/connectors/{name}/config", two)
    assert (changed.status, len(changed.json["tasks"])) == (200, 2)
    rest.wait_running(name, tasks=2)
    assert rest.put(f"/connectors/{name}/pause").status == 202
    until("the pause", lambda: rest.get(f"/connectors/{name}/status").json["connector"]["state"] == "PAUSED")
    assert rest.put(f"/connectors/{name}/resume").status == 202
    rest.wait_running(name, tasks=2)
    missing = rest.post(f"/connectors/{name}/tasks/7/restart")
    assert (missing.status, missing.json["message"]) == (404, f"Task {name}-7 not found")
    until("the row", lambda: rest.offsets(name))
    assert rest.put(f"/connectors/{name}/stop").status == 204
    until("the stop", lambda: rest.get(f"/connectors/{name}/tasks").json == [])
    reset = rest.delete(f"/connectors/{name}/offsets")
    assert reset.status == 200 and rest.offsets(name) == []
    foreign = rest.post(f"/connectors/{name}/tasks", [])
    assert (foreign.status, "standalone mode does not support" in foreign.json["message"]) == (500, True)
    assert rest.delete(f"/connectors/{name}").status == 204
    assert rest.names() == []


def test_the_offset_file_is_required(lab):
    worker = lab.standalone(properties={"offset.storage.file.filename": None}, start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 2
    assert 'Missing required configuration "offset.storage.file.filename"' in worker.log


def test_killed_and_started_again_it_goes_on_behind_the_last_flush(lab, database):
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1), (2)")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    config = {"name": name, **jdbc_source(database, "t", prefix)}
    file = write(lab.folder / "source.properties", "".join(f"{k}={v}\n" for k, v in config.items()))
    worker = lab.standalone([file], {"offset.flush.interval.ms": 100})
    until("the flush", lambda: worker.rest.offsets(name)[0]["offset"] == {"incrementing": 2})
    worker.kill9()
    database.sql("insert into t(v) values (3)")
    worker.start()
    assert [r.payload["id"] for r in lab.kafka.records(prefix + "t", at_least=3)] == [1, 2, 3]


def test_a_signal_is_answered_while_a_connector_of_the_command_line_is_waited_for(lab, database):
    """The server of its URL takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"jdbc:mysql://127.0.0.1:{silent.getsockname()[1]}/d"
        config = {"name": "x", **jdbc_source(database, "t", lab.unique("out") + "-"), "connection.url": url}
        worker = lab.standalone([write(lab.folder / "x.json", json.dumps(config))], start=False)
        worker.start()
        held, _ = silent.accept()
        with held:
            assert worker.stop(20) == 0
        assert "Created connector" not in worker.log and "Failed to create" not in worker.log


def test_a_hangup_is_nothing_and_an_interrupt_is_an_orderly_end(lab):
    worker = lab.standalone()
    worker.signal(signal.SIGHUP)
    until("an answer", lambda: worker.rest.get("/").status == 200)
    worker.signal(signal.SIGINT)
    assert worker.wait_exit() == 0
    assert "Kafka Connect stopped" in worker.log


def processes_of(word):
    """Ids of programs with this word on their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(word).encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def test_in_the_background_it_writes_into_a_file_of_the_log_folder(lab):
    worker = lab.standalone(start=False)
    worker.write()
    folder = lab.folder / "logs"
    begun = subprocess.run([*worker.argv[:1], "-daemon", *worker.argv[1:]], env={**os.environ, "LOG_DIR": str(folder)}, timeout=20)
    try:
        assert begun.returncode == 0
        until("an answer", lambda: answers(worker))
        [number] = processes_of(worker.file)
        reaper().watch(number)  # it leads a session of its own
        os.kill(number, signal.SIGTERM)
        until("its end", lambda: not processes_of(worker.file))
        reaper().forget(number)
        assert "Kafka Connect stopped" in (folder / "connect-standalone.out").read_text()
    finally:
        for left in processes_of(worker.file):
            os.kill(left, signal.SIGKILL)


def answers(worker):
    with contextlib.suppress(OSError):
        return worker.rest.get("/").status == 200


@pytest.mark.parametrize("program", ["connect-distributed", "connect-standalone"])
def test_help_version_and_what_is_no_option(program):
    def run(*arguments):
        done = subprocess.run([paths.BIN / program, *arguments], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout, done.stderr
    code, out, err = run("--help")
    assert code == 0 and out.startswith(f"Usage: {program} [-daemon] worker.properties") and not err
    code, out, err = run("--version")
    assert code == 0 and out.startswith(f"{program} ") and not err
    for wrong in (["--nope"], [], ["a.properties", "b.properties"] if program == "connect-distributed" else []):
        code, out, err = run(*wrong)
        assert code == 1 and not out and f"Usage: {program}" in err
