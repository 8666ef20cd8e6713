"""The harness itself: what the other scenarios rely on."""

import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import pytest

from harness import jdbc_source, paths, until
from harness.ports import free_port, listens
from harness.wait import WAIT_S, Hopeless


def test_a_statement_goes_to_the_database_of_the_test(lab, database):
    database.script("create table t (id int primary key, v varchar(20)); insert into t values (1, 'one'), (2, 'zwei')")
    assert database.rows("t") == [(1, "one"), (2, "zwei")]
    assert database.tables() == ["t"]


def test_a_private_server_keeps_what_is_temporary_to_itself(lab):
    """A MariaDB that starts deletes '#sql-temptable-*' in its tmpdir, whoever made it: in /tmp that breaks a neighbour."""
    server = lab.own_mysql()
    [(folder,)] = server.sql("select @@tmpdir")
    assert folder.endswith(f"{server.datadir.name}/.tmp")
    assert not [name for (name,) in server.sql("show databases") if ".tmp" in name]


def test_a_connector_that_fails_is_not_waited_for(lab, database, worker):
    database.script("create table t (id int primary key auto_increment, v time); insert into t(v) values ('30:00:00')")
    config = jdbc_source(database, "t", lab.unique("out") + "-")
    name = lab.unique("source")
    assert "30:00:00" in worker.rest.create_failing(name, config)
    with pytest.raises(Hopeless, match="failed"):
        worker.rest.wait_running(name, is_new=True)


def test_records_come_back_as_they_were_written(lab):
    topic = lab.unique("records")
    lab.kafka.create_topic(topic, partitions=3)
    lab.kafka.produce(topic, {"a": 1}, key="k", headers=[("h", b"v")], partition=2)
    lab.kafka.produce(topic, None, key="k", partition=0)
    first, second = lab.kafka.records(topic, at_least=2)
    assert (first.partition, first.value) == (0, None)
    assert (second.partition, second.key, second.json, second.headers) == (2, b"k", {"a": 1}, [("h", b"v")])


def test_a_topic_that_is_not_there_has_no_records(lab):
    assert lab.kafka.records(lab.unique("nothing")) == []


def test_waiting_says_what_was_waited_for():
    with pytest.raises(AssertionError, match="for the moon; last: 0"):
        until("the moon", lambda: 0, timeout=0.1)


def test_ports_are_given_once():
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == 20
    assert not any(listens(p) for p in ports)


# ---- a run inside this one ---------------------------------------------------------------------------------------


class InnerRun:
    """A test run of its own with one test file, on the servers of this run unless told otherwise."""

    def __init__(self, folder, test):
        (folder / "test_inner.py").write_text(textwrap.dedent(test))
        self.folder, tests = folder, paths.ROOT / "tests"
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_") and k != "TEST_DB"}
        env.update(TEST_RUN_DIR=str(folder / "run"), TEST_FAILURES=str(folder / "failures"), TEST_BIN=str(paths.BIN),
                   PYTHONPATH=f"{tests}:{tests}/integration")
        argv = [sys.executable, "-m", "pytest", "-c", tests / "pytest.ini", "-p", "conftest", folder]
        with open(folder / "log", "wb") as log:
            self.popen = subprocess.Popen([str(a) for a in argv], stdout=log, stderr=log, cwd=tests, env=env)

    @property
    def log(self):
        return (self.folder / "log").read_text()

    def children(self):
        """Command lines of the living processes that know this run's folder, the run itself left out."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in (os.getpid(), self.popen.pid):
                try:
                    line = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(self.folder / "run").encode() in line:
                    found.append(line)
        return found


def test_nothing_survives_a_run_that_is_killed(tmp_path):
    """SIGKILL to pytest itself: its servers, programs and folders go all the same, for the reaper sees the end of its pipe."""
    run = InnerRun(tmp_path, """
        import time
        def test_it(lab):
            lab.worker(wait=False)
            lab.own_mysql(start=False).start(wait=False)
            (lab.folder / "begun").touch()
            time.sleep(1000)
        """)
    until("the test to have begun", lambda: list((tmp_path / "run").glob("*/begun")))
    until("its programs", lambda: len(run.children()) >= 2)
    run.popen.send_signal(signal.SIGKILL)
    run.popen.wait()
    until("its programs to be gone", lambda: not run.children())
    until("its folder to be gone", lambda: not (tmp_path / "run").exists())


def test_what_a_failed_scenario_leaves_can_be_read(tmp_path):
    run = InnerRun(tmp_path, """
        def test_it(lab, database, worker):
            database.script("create table t (id int primary key); insert into t values (4711)")
            lab.kafka.produce(lab.unique("in"), {"a": "seen"}, key="k")
            print("topic", lab.unique("in"))
            assert False
        """)
    assert run.popen.wait(WAIT_S) == 1, run.log
    assert "1 failed" in run.log and f"mysql: {os.environ['TEST_MYSQL']}" in run.log
    [left] = (tmp_path / "failures").iterdir()
    texts = {file.name: file.read_text() for file in left.iterdir()}
    assert any(name.startswith("table-") and "4711" in text for name, text in texts.items()), texts.keys()
    assert any(name.startswith("topic-") and "seen" in text for name, text in texts.items()), texts.keys()
    assert "Kafka Connect started" in texts["worker-0.log"] and "group.id=" in texts["worker-0.properties"]
    assert not run.children() and not (tmp_path / "run").exists()


def test_a_program_that_ends_by_itself_fails_the_test(tmp_path):
    run = InnerRun(tmp_path, """
        def test_it(worker):
            worker.popen.kill()
            worker.popen.wait()
        """)
    assert run.popen.wait(WAIT_S) == 1, run.log
    assert "worker-0 ended by itself with status -9" in run.log
