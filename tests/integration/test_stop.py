"""SIGTERM ends a worker in time and with status 0, whatever does not answer meanwhile."""

import contextlib
import http.client
import threading

import pytest

from harness import jdbc_sink, jdbc_source, until

pytestmark = pytest.mark.slow

# Seconds for all that a stop may wait for: the tasks, what is under way to Kafka, the goodbye to the group.
SOON = 25

QUICK = {"task.shutdown.graceful.timeout.ms": 2000, "offset.flush.timeout.ms": 2000}


def run_source_and_sink(lab, database, kafka=None):
    """A worker with a source and a sink at work."""
    database.script("create table t (id int primary key auto_increment, v int); insert into t(v) values (1), (2)")
    worker, prefix = lab.worker(QUICK, kafka=kafka), lab.unique("out") + "-"
    worker.rest.create("source", jdbc_source(database, "t", prefix), tasks=1)
    worker.rest.create("sink", jdbc_sink(database, prefix + "t", table__name__format="copy", auto__create="true"), tasks=1)
    until("the rows to arrive", lambda: database.count("copy") == 2)
    return worker


@contextlib.contextmanager
def meanwhile(call):
    """Runs a request beside the body; the worker may end before it answers."""

    def run():
        with contextlib.suppress(OSError, http.client.HTTPException):
            call()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()


@pytest.fixture
def with_silent_kafka(lab, database):
    """A worker at work, whose broker has just stopped to answer."""
    kafka = lab.own_kafka()
    worker = run_source_and_sink(lab, database, kafka)
    kafka.pause()
    yield worker
    kafka.resume()


@pytest.mark.slow
def test_while_kafka_is_silent(with_silent_kafka, database):
    """Neither task can end: the source's record is not acknowledged. Nothing that they use may be freed."""
    database.sql("insert into t(v) values (3)")
    assert with_silent_kafka.stop(SOON) == 0


def test_while_a_connector_waits_to_be_written(with_silent_kafka, database):
    worker, config = with_silent_kafka, jdbc_source(database, "t", "other-")
    with meanwhile(lambda: worker.rest.put("/connectors/other/config", config, timeout=2 * SOON)):
        assert worker.stop(SOON) == 0


def test_while_mysql_is_silent(lab):
    mysql = lab.own_mysql()
    worker = run_source_and_sink(lab, lab.database(mysql))
    mysql.pause()
    try:
        assert worker.stop(SOON) == 0
    finally:
        mysql.resume()
