"""Three workers: never two holders of one task, none without a holder for longer than a session, no row lost."""

import threading
import time

import pytest

from harness import jdbc_source, until
from harness.lab import DEFAULT_PARTITIONS
from harness.ports import free_port
from harness.proxy import Proxy
from harness.wait import stays

SESSION_S = 6
QUICK = {"session.timeout.ms": SESSION_S * 1000, "heartbeat.interval.ms": 500, "offset.flush.interval.ms": 200,
         "task.shutdown.graceful.timeout.ms": 2000}


class Cluster:
    """Workers of one group, and sources with a table each."""

    def __init__(self, lab, database, count, kafka=None, settings=None):
        self.lab, self.database, self.kafka = lab, database, kafka or lab.kafka
        self.group, self.prefix = lab.unique("connect"), lab.unique("out") + "-"
        self.settings, self.sources, self.workers = {**DEFAULT_PARTITIONS, **QUICK, **(settings or {})}, [], []
        for _ in range(count):
            self.workers.append(lab.worker(self.settings, kafka=kafka, group=self.group, wait=False))
        for worker in self.workers:
            worker.wait_ready()
        self.wait_members(count)

    def wait_members(self, count):
        until(f"{count} members", lambda: len(self.kafka.group_members(self.group)) == count, 60)

    @property
    def any(self):
        """REST of a worker that answers."""
        return next(w for w in self.workers if w.running() and not getattr(w, "is_frozen", False)).rest

    def by_id(self, worker_id):
        return next(w for w in self.workers if w.worker_id == worker_id)

    def source(self, tables=1):
        number = len(self.sources) + 1
        names = [f"t{number}_{i}" for i in range(tables)]
        for t in names:
            self.database.script(f"create table {t} (id int primary key auto_increment, v int); insert into {t}(v) values (0)")
        name = self.lab.unique("source")
        self.sources.append((name, names))
        self.any.create(name, jdbc_source(self.database, ",".join(names), self.prefix, poll__interval__ms=20, tasks__max=tables),
                        tasks=tables)
        return name

    def holders(self, name):
        """Worker ids of connector and tasks, or None while anything does not run."""
        status = self.any.status(name)
        parts = status and [status["connector"], *status["tasks"]]
        return [p["worker_id"] for p in parts] if parts and all(p["state"] == "RUNNING" for p in parts) else None

    def leader(self):
        for worker in self.workers:
            if worker.running() and worker.log_now.rfind("this worker is now the leader") > worker.log_now.rfind("no longer the leader"):
                return worker
        return None

    def add_rows(self):
        for _, names in self.sources:
            for t in names:
                self.database.sql(f"insert into {t}(v) values (1), (2)")

    def ids(self, t):
        return [r.payload["id"] for r in self.kafka.records(self.prefix + t)]

    def wait_rows(self, timeout=60, once=False):
        for _, names in self.sources:
            for t in names:
                rows = [row[0] for row in self.database.rows(t, "id")]
                until(f"the rows of {t}", lambda: set(self.ids(t)) >= set(rows), timeout)
                if once:
                    assert sorted(self.ids(t)) == rows


class Feed(threading.Thread):
    """Rows for every source, until told to stop."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster, self.over = cluster, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            self.cluster.add_rows()

    def stop(self):
        self.over.set()
        self.join()


def freeze(worker):
    worker.pause()
    worker.is_frozen = True


def thaw(worker):
    worker.resume()
    worker.is_frozen = False


def test_a_rolling_restart_under_load_loses_nothing_and_repeats_nothing(lab, database):
    cluster = Cluster(lab, database, 3)
    for tables in (1, 3):
        cluster.source(tables)
    feed = Feed(cluster)
    for worker in cluster.workers:
        worker.stop()
        worker.start()
        cluster.wait_members(3)
        for name, names in cluster.sources:
            until(f"{name} to run", lambda: cluster.holders(name), 60)
    feed.stop()
    cluster.wait_rows(once=True)


def test_a_follower_passes_requests_on_once_and_workers_sign_what_they_tell_each_other(lab, database):
    cluster = Cluster(lab, database, 2)
    leader = until("a leader", cluster.leader)
    follower = next(w for w in cluster.workers if w is not leader)
    database.script("create table t (id int primary key auto_increment, v int)")
    name, config = lab.unique("source"), jdbc_source(database, "t", cluster.prefix)
    refused = follower.rest.post("/connectors?forward=false", {"name": name, "config": config})
    assert (refused.status, refused.json["message"]) == (
        409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")
    assert follower.rest.create(name, config, tasks=1)["name"] == name
    assert leader.rest.names() == follower.rest.names() == [name]
    tasks = [{"connector.class": config["connector.class"], "tables": "`forged`"}]
    assert leader.rest.post(f"/connectors/{name}/tasks", tasks).status == 400
    forged = {"X-Connect-Authorization": "bm90IHNpZ25lZA==", "X-Connect-Request-Signature-Algorithm": "HmacSHA256"}
    assert leader.rest.post(f"/connectors/{name}/tasks", tasks, headers=forged).status == 403
    assert "forged" not in leader.rest.get(f"/connectors/{name}/tasks").text


def test_work_of_a_killed_worker_goes_on_within_a_session_and_nothing_is_lost(lab, database):
    cluster = Cluster(lab, database, 3)
    name = cluster.source(3)
    until("it to be spread", lambda: len(set(cluster.holders(name) or [])) >= 2, 60)
    feed = Feed(cluster)
    victim = cluster.by_id(cluster.holders(name)[1])
    victim.kill9()
    began = time.monotonic()
    until("others to go on", lambda: victim.worker_id not in (cluster.holders(name) or [victim.worker_id]), 60)
    took = time.monotonic() - began
    feed.stop()
    cluster.wait_rows()
    assert took < SESSION_S + 20, f"{took:.1f} s"


def test_a_worker_frozen_past_its_session_finds_its_work_gone_and_what_was_deleted_stays_so(lab, database):
    cluster = Cluster(lab, database, 3)
    kept, deleted = cluster.source(3), cluster.source(1)
    until("all to run", lambda: cluster.holders(kept) and cluster.holders(deleted), 60)
    frozen = cluster.by_id(cluster.holders(deleted)[1])
    freeze(frozen)
    until("others to go on", lambda: frozen.worker_id not in (cluster.holders(kept) or [frozen.worker_id]), 60)
    cluster.any.remove(deleted)
    cluster.sources.pop()
    until("its status to go", lambda: cluster.any.status(deleted) is None)
    thaw(frozen)
    cluster.wait_members(3)
    until("it to know", lambda: frozen.rest.get(f"/connectors/{deleted}").status == 404)
    stays("no status comes back", lambda: cluster.any.status(deleted) is None, 2)
    until("all to run", lambda: cluster.holders(kept), 60)
    cluster.add_rows()
    cluster.wait_rows()


def test_changes_are_made_while_the_leader_is_frozen_and_a_request_to_it_does_not_delay_a_stop(lab, database):
    cluster = Cluster(lab, database, 3)
    leader = until("a leader", cluster.leader)
    follower = next(w for w in cluster.workers if w is not leader)
    freeze(leader)

    def hang():
        try:
            follower.rest.delete("/connectors/nobody", timeout=60)
        except OSError:
            pass  # the follower stops

    threading.Thread(target=hang, daemon=True).start()
    try:
        follower.wait_log("DELETE /connectors/nobody", 1)
    except AssertionError:
        pass  # still waiting for the leader, as it should
    began = time.monotonic()
    assert follower.stop() == 0
    assert time.monotonic() - began < 15, f"{time.monotonic() - began:.1f} s"
    follower.start()
    until("a new leader", lambda: next((w for w in cluster.workers if w is not leader and "now the leader" in w.log_now), None), 60)
    cluster.source(1)
    thaw(leader)
    leader.wait_log("no longer the leader", 60)
    cluster.wait_members(3)
    cluster.source(1)
    cluster.wait_rows()


@pytest.mark.slow
def test_a_worker_cut_off_from_kafka_stops_its_work_and_comes_back_and_one_starts_before_kafka(lab, database):
    port = free_port()
    kafka = lab.own_kafka(start=False, edge=port)
    early = lab.worker(QUICK, kafka=kafka, group=lab.unique("early"), wait=False)
    early.wait_log("Kafka Connect started")
    began = time.monotonic()
    assert early.stop() == 0 and time.monotonic() - began < 10
    early.start(wait=False)
    kafka.start()
    early.wait_ready()
    early.stop()

    proxy = Proxy(port, kafka.edge_port)
    cluster = Cluster(lab, database, 2, kafka=kafka)
    edge = lab.worker({**QUICK, "bootstrap.servers": f"127.0.0.1:{port}"}, kafka=kafka, group=cluster.group)
    cluster.workers.append(edge)
    cluster.wait_members(3)
    name = cluster.source(4)
    until("a share for the edge", lambda: edge.worker_id in (cluster.holders(name) or []), 60)
    feed = Feed(cluster)
    proxy.cut()
    edge.is_frozen = True
    until("others to go on", lambda: edge.worker_id not in (cluster.holders(name) or [edge.worker_id]), 60)
    edge.wait_log("slots lost", 60)
    proxy.heal()
    edge.is_frozen = False
    cluster.wait_members(3)
    until("it to have a share again", lambda: edge.worker_id in (cluster.holders(name) or []), 60)
    feed.stop()
    cluster.wait_rows()
    # Cut off, it stops all the same.
    proxy.cut()
    began = time.monotonic()
    assert edge.stop() == 0
    assert time.monotonic() - began < 15, f"{time.monotonic() - began:.1f} s"
    proxy.close()


@pytest.mark.parametrize("partitions", [1, 50])
def test_any_number_of_slots_will_do(lab, database, partitions):
    cluster = Cluster(lab, database, 2, settings={"offset.storage.partitions": partitions})
    name = cluster.source(2)
    until("it to run", lambda: cluster.holders(name), 60)
    holder = cluster.by_id(cluster.holders(name)[0])
    holder.stop()
    until("the other to have all", lambda: set(cluster.holders(name) or []) == {w.worker_id for w in cluster.workers if w is not holder}, 60)
    cluster.add_rows()
    cluster.wait_rows()
