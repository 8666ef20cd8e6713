"""Servers shared by all tests of a run, and the `lab` of each test."""

import os
import re
import shutil

import pytest

from harness import Lab, paths
from harness.kafka import KafkaServer
from harness.mysql import MySQLServer
from harness.process import kill_all, reaper

_servers = []


def pytest_sessionstart(session):
    """The first process starts what nobody gave; those of xdist inherit the addresses."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    paths.RUN.mkdir(parents=True, exist_ok=True)
    reaper().delete_at_end(paths.RUN)
    starting = []
    if "TEST_MYSQL" not in os.environ:
        starting.append(MySQLServer(flavour=paths.FLAVOUR))
        os.environ["TEST_MYSQL"] = f"127.0.0.1:{starting[-1].port}"
    if "TEST_KAFKA" not in os.environ:
        starting.append(KafkaServer())
        os.environ["TEST_KAFKA"] = starting[-1].bootstrap
    _servers.extend(starting)
    for server in starting:
        server.start(wait=False)
    for server in starting:
        server.wait_ready()


def pytest_sessionfinish(session):
    if _servers:
        kill_all(_servers)
        for server in _servers:
            server.remove()
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(paths.RUN, ignore_errors=True)


def pytest_collection_modifyitems(items):
    """The long ones first: a run ends sooner when none of them begins last."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_report_header(config):
    return [f"programs: {paths.BIN}", f"mysql: {os.environ.get('TEST_MYSQL', 'private')}"
            f" ({paths.FLAVOUR or 'packaged'}), kafka: {os.environ.get('TEST_KAFKA', 'private')}"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def lab(request):
    """Everything a test needs; see harness/lab.py."""
    lab = Lab(re.sub(r"^test_", "", request.node.name))
    yield lab
    failed = request.node.stash.get(FAILED, True)
    target = paths.FAILURES / re.sub(r"[^\w.-]+", "_", request.node.nodeid)
    shutil.rmtree(target, ignore_errors=True)
    if failed:
        lab.capture(target)
    problems = lab.close()
    if failed or problems:
        for process in lab.processes:  # with what they said while stopping
            target.mkdir(parents=True, exist_ok=True)
            (target / f"{process.name}.log").write_text(process.log)
        print(f"logs, topics and tables are in {target}")
    lab.remove()
    assert failed or not problems, "; ".join(problems)


@pytest.fixture
def database(lab):
    """A new database."""
    return lab.database()


@pytest.fixture
def worker(lab):
    """A distributed worker that runs."""
    return lab.worker()
