"""The harness itself: what the other scenarios rely on."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from harness import jdbc_source, until
from harness.ports import free_port, listens
from harness.wait import Hopeless


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


def test_nothing_survives_a_test_run_that_is_killed(tmp_path):
    """A run that is killed with SIGKILL takes its servers along: the reaper sees the end of its pipe."""
    script = textwrap.dedent(
        """
        import pathlib, sys, time
        from harness.process import Process
        p = Process("sleeper", ["sleep", "1000"], pathlib.Path(sys.argv[1]) / "log").start()
        print(p.pid, flush=True)
        time.sleep(1000)
        """
    )
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    run = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=env)
    sleeper = int(run.stdout.readline())
    os.kill(sleeper, 0)
    run.send_signal(signal.SIGKILL)
    run.wait()

    def gone():
        try:
            with open(f"/proc/{sleeper}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "Z"  # an orphan may wait for init to collect it
        except FileNotFoundError:
            return True

    until("the sleeper to be gone", gone, timeout=10)
