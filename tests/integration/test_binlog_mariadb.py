"""The log-based source for MariaDB: its types, its GTIDs, and positions that are gone."""

import pytest

from harness import until
from test_binlog import LOG, binlog_source

pytestmark = pytest.mark.server

QUICK = {"offset.flush.interval.ms": 200}


@pytest.fixture
def server(lab):
    server = lab.own_mysql(options=LOG)
    if not server.is_mariadb:
        pytest.skip("needs MariaDB")
    return server


def mariadb_source(lab, server, database, prefix, **settings):
    config = binlog_source(lab, server, database, prefix, **settings)
    return {**config, "connector.class": "io.debezium.connector.mariadb.MariaDbConnector"}


def test_types_and_domains_of_mariadb(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key, u uuid, a inet6, c text compressed, j json); "
                    "insert into t values (1,'123e4567-e89b-12d3-a456-426655440000','::1',repeat('x',2000),'[1]')")
    worker = lab.worker(QUICK)
    prefix, name = lab.unique("cdc"), lab.unique("source")
    topic = f"{prefix}.{database.name}.t"
    worker.rest.create(name, mariadb_source(lab, server, database, prefix), tasks=1)
    lab.kafka.records(topic, at_least=1)
    database.script("insert into t select 2, u, a, c, j from t; set gtid_domain_id=3; insert into t select 3, u, a, c, j from t where id=1")
    first, second, third = lab.kafka.records(topic, at_least=3)
    assert {**second.payload["after"], "id": 1} == first.payload["after"]
    assert first.payload["after"]["c"] == "x" * 2000 and first.payload["after"]["a"] == "::1"
    source = third.payload["source"]
    assert source["connector"] == "mariadb" and source["gtid"] == "3-7-1" and source["thread"] is None
    worker.rest.stop(name)
    until("no task", lambda: not worker.rest.status(name)["tasks"])
    database.script("insert into t (id) values (4); set gtid_domain_id=3; insert into t (id) values (5)")
    worker.rest.resume(name)
    rows = [r.payload["after"]["id"] for r in lab.kafka.records(topic, at_least=5)]
    assert sorted(rows) == [1, 2, 3, 4, 5]


def test_a_purged_log_is_mended_by_a_snapshot(lab, server):
    database = lab.database(server)
    database.script("create table t (id int primary key); insert into t values (1)")
    worker = lab.worker(QUICK)
    prefix, name = lab.unique("cdc"), lab.unique("source")
    topic = f"{prefix}.{database.name}.t"
    worker.rest.create(name, mariadb_source(lab, server, database, prefix, snapshot__mode="when_needed", snapshot__locking__mode="none"), tasks=1)
    lab.kafka.records(topic, at_least=1)
    worker.rest.stop(name)
    until("no task", lambda: not worker.rest.status(name)["tasks"])
    database.script("insert into t values (2); flush binary logs; insert into t values (3)")
    server.sql("purge binary logs to '%s'" % server.sql("show binary logs")[-1][0])
    worker.rest.resume(name)
    rows = [(r.payload["op"], r.payload["after"]["id"]) for r in lab.kafka.records(topic, at_least=4)]
    assert rows == [("r", 1), ("r", 1), ("r", 2), ("r", 3)]
