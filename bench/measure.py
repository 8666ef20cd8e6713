"""Measurements of one Connect worker from outside, so that two workers can be compared in one run.

Every function takes a Worker (base URL and pid) and a Stack (MySQL, Kafka) and returns plain numbers. Nothing here
knows whether the worker is written in C or in Java.
"""
import json
import os
import random
import statistics
import threading
import time
import urllib.request
import uuid

import pymysql
from confluent_kafka import Consumer, KafkaException, TopicPartition

COLUMNS = "id bigint not null auto_increment primary key, customerId varchar(255), price double, productId bigint, qty int"
SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"


class Stack:
    """Addresses of MySQL (one database that may be filled and dropped) and Kafka."""

    def __init__(self, mysql_port, broker, user="root", password="1234", database="bench"):
        self.mysql_port, self.broker = mysql_port, broker
        self.user, self.password, self.database = user, password, database
        admin = pymysql.connect(host="127.0.0.1", port=mysql_port, user=user, password=password, autocommit=True)
        admin.cursor().execute(f"create database if not exists `{database}` character set utf8mb4")
        admin.close()
        self.consumer = Consumer({"bootstrap.servers": broker, "group.id": f"bench-{uuid.uuid4().hex[:8]}"})

    def connect(self, autocommit=True):
        return pymysql.connect(host="127.0.0.1", port=self.mysql_port, user=self.user, password=self.password,
                               database=self.database, autocommit=autocommit)

    def run(self, sql, *args):
        db = self.connect()
        try:
            with db.cursor() as cursor:
                cursor.execute(sql, args or None)
                return cursor.fetchall()
        finally:
            db.close()

    def jdbc(self, extra=""):
        return (f"jdbc:mysql://127.0.0.1:{self.mysql_port}/{self.database}?useSSL=false&allowPublicKeyRetrieval=true"
                f"&serverTimezone=UTC&characterEncoding=UTF-8{extra}")

    def end_offset(self, topic):
        try:
            return self.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=2, cached=False)[1]
        except KafkaException:
            self.consumer.list_topics(timeout=5)  # else a topic that was not there yet stays unknown for minutes
            return 0

    def read_ids(self, topic):
        """The payload ids of every record of a topic, in order."""
        consumer = Consumer({"bootstrap.servers": self.broker, "group.id": uuid.uuid4().hex, "isolation.level": "read_committed"})
        end = self.end_offset(topic)
        consumer.assign([TopicPartition(topic, 0, 0)])
        ids = []
        while len(ids) < end:
            batch = consumer.consume(10000, 2)
            if not batch:
                break
            ids += [json.loads(m.value())["payload"]["id"] for m in batch if not m.error()]
        consumer.close()
        return ids


class Worker:
    """One running worker: its name in the page, REST address, process, and settings that suit it."""

    def __init__(self, name, url, pid, config=None, url_extra=""):
        self.name, self.url, self.pid, self.config, self.url_extra = name, url, pid, config or {}, url_extra

    def rest(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=90) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def create(self, name, config):
        self.rest("POST", "/connectors", {"name": name, "config": {**config, **self.config}})

    def delete(self, name):
        self.rest("DELETE", f"/connectors/{name}")

    def cpu_seconds(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self):
        """-> (resident, highest resident since start)"""
        lines = dict(line.split(":", 1) for line in open(f"/proc/{self.pid}/status") if ":" in line)
        return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))


def unique(prefix):
    return f"{prefix}_{uuid.uuid4().hex[:8]}"


def wait_for(what, check, seconds=120, every=0.02):
    end = time.time() + seconds
    while time.time() < end:
        value = check()
        if value:
            return value
        time.sleep(every)
    raise TimeoutError(f"waited {seconds} s for {what}")


def fill(stack, table, rows, columns=5):
    """The lab's table with `rows` rows; beyond five columns, more of the same kinds."""
    extra = [f"c{i} {'varchar(40)' if i % 2 else 'int'}" for i in range(columns - 5)]
    stack.run(f"create table `{table}` ({', '.join([COLUMNS, *extra])})")
    db = stack.connect()
    names = "customerId,price,productId,qty" + "".join(f",c{i}" for i in range(columns - 5))
    with db.cursor() as cursor:
        for start in range(1, rows + 1, 20000):
            values = ",".join(
                f"('cust-{i % 5000}',{(i * 7919 % 100000) / 100},{i % 997},{i % 10}"
                + "".join(f",'text-{i % 100}'" if c % 2 else f",{i % 1000}" for c in range(columns - 5)) + ")"
                for i in range(start, min(start + 20000, rows + 1)))
            cursor.execute(f"insert into `{table}` ({names}) values {values}")
    db.close()


def source_config(stack, worker, table, prefix, **more):
    return {"connector.class": SOURCE, "connection.url": stack.jdbc(), "connection.user": stack.user, "connection.password": stack.password,
            "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": table, "topic.prefix": prefix, "tasks.max": "1", **more}


def sink_config(stack, worker, topic, **more):
    return {"connector.class": SINK, "connection.url": stack.jdbc(worker.url_extra), "connection.user": stack.user,
            "connection.password": stack.password, "auto.create": "true", "auto.evolve": "true", "delete.enabled": "false",
            "tasks.max": "1", "topics": topic, **more}


def source(stack, worker, table, rows, **more):
    """Rows/s from the first record to the last, CPU a row, memory."""
    prefix, name = unique("b") + "-", unique("bench-source")
    cpu, started = worker.cpu_seconds(), time.time()
    worker.create(name, source_config(stack, worker, table, prefix, **more))
    first = wait_for("the first record", lambda: stack.end_offset(prefix + table))
    first_at = time.time()
    wait_for("the last record", lambda: stack.end_offset(prefix + table) >= rows, 600)
    ended = time.time()
    resident, peak = worker.memory_mib()
    result = {"rows_per_s": (rows - first) / (ended - first_at) if rows > first else rows / (ended - started),
              "first_s": first_at - started, "cpu_us_per_row": (worker.cpu_seconds() - cpu) / rows * 1e6,
              "rss_mib": resident, "peak_mib": peak}
    worker.delete(name)
    return result


def sink(stack, worker, topic, rows, **more):
    name, cpu, started = unique("bench-sink"), worker.cpu_seconds(), time.time()
    worker.create(name, sink_config(stack, worker, topic, **more))

    def count():
        try:
            return stack.run(f"select count(*) from `{topic}`")[0][0]
        except pymysql.err.ProgrammingError:
            return 0
    first = wait_for("the first row", count)
    first_at = time.time()
    wait_for("the last row", lambda: count() >= rows, 600, 0.2)
    ended = time.time()
    resident, peak = worker.memory_mib()
    worker.delete(name)
    stack.run(f"drop table `{topic}`")
    return {"rows_per_s": (rows - first) / (ended - first_at) if rows > first else rows / (ended - started),
            "first_s": first_at - started, "cpu_us_per_row": (worker.cpu_seconds() - cpu) / rows * 1e6,
            "rss_mib": resident, "peak_mib": peak}


def latency(stack, worker, samples=200):
    """Milliseconds from a commit in the source table to the row in the target table, and CPU while idle."""
    table, prefix = unique("BLAT"), unique("l") + "-"
    fill(stack, table, 1)
    stack.run(f"create table `{prefix + table}` ({COLUMNS})")
    source_name, sink_name = unique("bench-lat-source"), unique("bench-lat-sink")
    worker.create(source_name, source_config(stack, worker, table, prefix, **{"poll.interval.ms": "1"}))
    worker.create(sink_name, sink_config(stack, worker, prefix + table))
    wait_for("the first row to arrive", lambda: stack.run(f"select count(*) from `{prefix + table}`")[0][0] >= 1)
    writer, reader, times = stack.connect().cursor(), stack.connect().cursor(), []
    for i in range(samples + 20):
        time.sleep(random.random() * 0.1)
        started = time.perf_counter()
        writer.execute(f"insert into `{table}` (customerId,price,productId,qty) values ('x',1.5,2,3)")
        row = writer.lastrowid
        while not reader.execute(f"select 1 from `{prefix + table}` where id=%s", (row,)):
            if time.perf_counter() - started > 30:
                raise TimeoutError("a row did not arrive within 30 s")
        if i >= 20:
            times.append((time.perf_counter() - started) * 1e3)
    cpu = worker.cpu_seconds()
    time.sleep(5)
    idle = (worker.cpu_seconds() - cpu) / 5 * 100
    worker.delete(source_name)
    worker.delete(sink_name)
    times.sort()
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[int(len(times) * 0.99) - 1], "idle_cpu_percent": idle}


def lost_rows(stack, worker, seconds=15, writers=8):
    """Concurrent writers whose transactions commit out of id order; -> committed, lost, twice."""
    table, prefix, name = unique("BWRT"), unique("w") + "-", unique("bench-writers")
    fill(stack, table, 1)
    worker.create(name, source_config(stack, worker, table, prefix, **{"poll.interval.ms": "50", "poll.linger.ms": "50"}))
    wait_for("the first record", lambda: stack.end_offset(prefix + table))

    def write(seed):
        rng, db, end = random.Random(seed), stack.connect(autocommit=False), time.time() + seconds
        with db.cursor() as cursor:
            while time.time() < end:
                for _ in range(rng.randint(1, 5)):
                    cursor.execute(f"insert into `{table}` (customerId,price,productId,qty) values ('w',1.5,2,3)")
                    time.sleep(rng.random() * 0.02)
                db.rollback() if rng.random() < 0.1 else db.commit()
        db.close()
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    want, got, end = {row[0] for row in stack.run(f"select id from `{table}`")}, [], time.time() + 20
    while time.time() < end and set(got) != want:
        time.sleep(1)
        got = stack.read_ids(prefix + table)
    worker.delete(name)
    return {"committed": len(want), "lost": len(want - set(got)), "twice": len(got) - len(set(got))}


def median_of(runs):
    """Median and spread of each figure of several runs of one measurement."""
    return {key: {"median": statistics.median(run[key] for run in runs), "low": min(run[key] for run in runs),
                  "high": max(run[key] for run in runs)} for key in runs[0]}
