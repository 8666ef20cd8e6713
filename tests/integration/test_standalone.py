"""connect-standalone: the same worker, with its memory in itself and offsets in a file."""

import json

from harness import jdbc_source, until


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


def test_a_broken_connector_file_ends_the_program_and_is_named(lab):
    file = write(lab.folder / "broken.json", '{"name": "x", ')
    worker = lab.standalone([file], start=False)
    worker.start(wait=False)
    assert worker.wait_exit() == 3
    assert "broken.json" in worker.log


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
