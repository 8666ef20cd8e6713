"""Measurements of one Connect worker from outside, so that two workers can be compared in one run.

Every function takes a Stack (MySQL, Kafka) and a Worker (base URL and pid) and returns plain numbers. Nothing here
knows whether the worker is written in C or in Java.
"""
import json
import os
import random
import statistics
import threading
import time
import urllib.error
import urllib.request
import uuid

import pymysql
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

COLUMNS = "id bigint not null auto_increment primary key, customerId varchar(255), price double, productId bigint, qty int"
SOURCE = "io.confluent.connect.jdbc.JdbcSourceConnector"
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"
REWRITE = "&rewriteBatchedStatements=true"  # without it Java's sink sends row by row
PATIENCE_S = 900


class Stack:
    """Addresses of MySQL (one database that may be filled and dropped) and Kafka."""

    def __init__(self, mysql_port, broker, user="root", password="1234", database="bench"):
        self.mysql_port, self.broker = mysql_port, broker
        self.user, self.password, self.database = user, password, database
        admin = pymysql.connect(host="127.0.0.1", port=mysql_port, user=user, password=password, autocommit=True)
        admin.cursor().execute(f"create database if not exists `{database}` character set utf8mb4")
        admin.close()
        self.consumer = Consumer({"bootstrap.servers": broker, "group.id": unique("bench")})
        self.admin = AdminClient({"bootstrap.servers": broker})

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

    def count(self, table):
        try:
            return self.run(f"select count(*) from `{table}`")[0][0]
        except pymysql.err.ProgrammingError:
            return 0

    def jdbc(self, extra=""):
        return (f"jdbc:mysql://127.0.0.1:{self.mysql_port}/{self.database}?useSSL=false&allowPublicKeyRetrieval=true"
                f"&serverTimezone=UTC&characterEncoding=UTF-8{extra}")

    def topic(self, name, partitions=1):
        """Made beforehand: a client that asks for a topic too early takes long to find it."""
        self.admin.create_topics([NewTopic(name, partitions, 1)])[name].result(60)

        def has_leaders():
            found = self.admin.list_topics(timeout=10).topics.get(name)
            return found and not found.error and len(found.partitions) == partitions and all(p.leader >= 0 for p in found.partitions.values())
        wait_for(f"topic {name}", has_leaders, 60, 0.05)
        return name

    def records(self, topics):
        """How many records the topics hold, their partition 0 alone."""
        total = 0
        for topic in topics:
            try:
                total += self.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=5, cached=False)[1]
            except KafkaException:
                self.consumer.list_topics(timeout=10)  # else a topic that was not there yet stays unknown for minutes
        return total

    def forget(self, topics):
        """Delete what was measured, so that the disk does not fill."""
        for future in self.admin.delete_topics(list(topics)).values():
            try:
                future.result(60)
            except KafkaException:
                pass

    def read_ids(self, topic):
        """The payload ids of every record of a topic, in order."""
        consumer = Consumer({"bootstrap.servers": self.broker, "group.id": unique("ids"), "isolation.level": "read_committed"})
        end, ids = self.records([topic]), []
        consumer.assign([TopicPartition(topic, 0, 0)])
        while len(ids) < end:
            batch = consumer.consume(10000, 2)
            if not batch:
                break
            ids += [json.loads(m.value())["payload"]["id"] for m in batch if not m.error()]
        consumer.close()
        return ids


class Worker:
    """One running worker: its name in the page, REST address, and process."""

    def __init__(self, name, url, pid):
        self.name, self.url, self.pid = name, url, pid

    def rest(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        for attempt in range(50):
            try:
                with urllib.request.urlopen(request, timeout=90) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code != 409 or attempt == 49:  # a rebalance is under way
                    raise
                time.sleep(0.1)

    def create(self, name, config):
        self.rest("POST", "/connectors", {"name": name, "config": config})

    def delete(self, name):
        self.rest("DELETE", f"/connectors/{name}")

    def cpu_seconds(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_percent(self, seconds):
        before, started = self.cpu_seconds(), time.time()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / (time.time() - started) * 100

    def memory_mib(self):
        """-> (resident, highest resident since the last forget_peak)"""
        lines = dict(line.split(":", 1) for line in open(f"/proc/{self.pid}/status") if ":" in line)
        return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")


class Meter:
    """CPU and memory of a worker between two moments."""

    def __init__(self, worker):
        worker.forget_peak()
        self.worker, self.cpu, self.started = worker, worker.cpu_seconds(), time.time()

    def result(self, rows, first, first_at):
        ended = time.time()
        resident, peak = self.worker.memory_mib()
        steady = rows > first and ended > first_at
        return {"rows_per_s": (rows - first) / (ended - first_at) if steady else rows / (ended - self.started),
                "first_s": first_at - self.started, "total_s": ended - self.started,
                "cpu_us_per_row": (self.worker.cpu_seconds() - self.cpu) / rows * 1e6, "rss_mib": resident, "peak_mib": peak}


def unique(prefix):
    return f"{prefix}_{uuid.uuid4().hex[:8]}"


def wait_for(what, check, seconds=PATIENCE_S, every=0.02):
    end = time.time() + seconds
    while time.time() < end:
        value = check()
        if value:
            return value
        time.sleep(every)
    raise TimeoutError(f"waited {seconds} s for {what}")


# ---- data --------------------------------------------------------------------------------------------------

def fill(stack, table, rows, columns=5):
    """The lab's table with `rows` rows; beyond five columns, more of the same kinds. Doubled by the server."""
    extra = [f"c{i} {'varchar(40)' if i % 2 else 'int'}" for i in range(columns - 5)]
    stack.run(f"create table `{table}` ({', '.join([COLUMNS, *extra])})")
    names = "customerId,price,productId,qty" + "".join(f",c{i}" for i in range(columns - 5))
    more = "".join(f",'text-{i % 100}'" if i % 2 else f",{i * 37 % 1000}" for i in range(columns - 5))
    seed = min(rows, 2000)
    values = ",".join(f"('cust-{i % 5000}',{(i * 7919 % 100000) / 100},{i % 997},{i % 10}{more})" for i in range(1, seed + 1))
    db = stack.connect()
    with db.cursor() as cursor:
        cursor.execute(f"insert into `{table}` ({names}) values {values}")
        done = seed
        while done < rows:
            step = min(done, rows - done, 200000)
            cursor.execute(f"insert into `{table}` ({names}) select {names} from `{table}` order by id limit {step}")
            done += step
    # ids without holes, as one writer makes them: INSERT ... SELECT reserves more than it uses
        cursor.execute("set @n := 0")
        if cursor.execute(f"select 1 from `{table}` having max(id) > %s", (rows,)):
            cursor.execute(f"update `{table}` set id = (@n := @n + 1) order by id")
            cursor.execute(f"alter table `{table}` auto_increment = {rows + 1}")
    db.close()


def source_config(stack, table, prefix, **more):
    return {"connector.class": SOURCE, "connection.url": stack.jdbc(), "connection.user": stack.user, "connection.password": stack.password,
            "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": table, "topic.prefix": prefix, "tasks.max": "1", **more}


def sink_config(stack, topics, url_extra="", **more):
    return {"connector.class": SINK, "connection.url": stack.jdbc(url_extra), "connection.user": stack.user,
            "connection.password": stack.password, "auto.create": "true", "auto.evolve": "true", "delete.enabled": "false",
            "tasks.max": "1", "topics": topics, **more}


# ---- throughput --------------------------------------------------------------------------------------------

def source(stack, worker, tables, rows, **more):
    """All rows of the tables (`rows` in sum) to one topic each: rows/s from the first record to the last, CPU, memory."""
    prefix, name = unique("b") + "-", unique("bench-source")
    topics = [stack.topic(prefix + table) for table in tables]
    meter = Meter(worker)
    worker.create(name, source_config(stack, ",".join(tables), prefix, **more))
    first = wait_for("the first record", lambda: stack.records(topics))
    first_at = time.time()
    wait_for("the last record", lambda: stack.records(topics) >= rows)
    result = meter.result(rows, first, first_at)
    worker.delete(name)
    stack.forget(topics)
    return result


def sink(stack, worker, topic, rows, table=None, until=None, **more):
    """All records of the topic to a table: rows/s from the first row to the last, CPU, memory. With `until`, until
    that many rows are there (deletes)."""
    name, table = unique("bench-sink"), table or topic
    goal = rows if until is None else until
    meter = Meter(worker)
    before = stack.count(table)
    worker.create(name, sink_config(stack, topic, **more))
    first = wait_for("the first row", lambda: abs(stack.count(table) - before))
    first_at = time.time()
    wait_for("the last row", lambda: stack.count(table) == goal, every=0.1)
    result = meter.result(rows, first, first_at)
    worker.delete(name)
    if until is None:
        stack.run(f"drop table `{table}`")
    return result


def end_to_end(stack, worker, table, rows):
    """A filled table, a source and a sink made one after the other, until the target table holds all rows."""
    prefix, source_name, sink_name = unique("e") + "-", unique("bench-source"), unique("bench-sink")
    topic = stack.topic(prefix + table)
    meter = Meter(worker)
    worker.create(sink_name, sink_config(stack, topic, url_extra=REWRITE if worker.name == "java" else ""))
    worker.create(source_name, source_config(stack, table, prefix))
    first = wait_for("the first row", lambda: stack.count(topic))
    first_at = time.time()
    wait_for("the last row", lambda: stack.count(topic) >= rows, every=0.1)
    result = meter.result(rows, first, first_at)
    worker.delete(source_name)
    worker.delete(sink_name)
    stack.run(f"drop table `{topic}`")
    stack.forget([topic])
    return result


# ---- latency -----------------------------------------------------------------------------------------------

class Pipe:
    """A source and a sink with poll.interval.ms=1 between two tables."""

    def __init__(self, stack, worker):
        self.stack, self.worker = stack, worker
        self.table, prefix = unique("BLAT"), unique("l") + "-"
        fill(stack, self.table, 1)
        self.target = stack.topic(prefix + self.table)
        stack.run(f"create table `{self.target}` ({COLUMNS})")
        self.names = unique("bench-lat-source"), unique("bench-lat-sink")
        worker.create(self.names[0], source_config(stack, self.table, prefix, **{"poll.interval.ms": "1", "poll.linger.ms": "1"}))
        worker.create(self.names[1], sink_config(stack, self.target))
        wait_for("the first row to arrive", lambda: stack.count(self.target) >= 1)

    def close(self):
        for name in self.names:
            self.worker.delete(name)
        self.stack.forget([self.target])


def latency(stack, worker, rate, seconds):
    """Milliseconds from a commit in the source table to the row being visible in the target table, at `rate` rows/s:
    one connection writes, another asks for the newest id all the time."""
    pipe = Pipe(stack, worker)
    writer, reader, sent, seen = stack.connect().cursor(), stack.connect().cursor(), {}, {}
    insert = f"insert into `{pipe.table}` (customerId,price,productId,qty) values ('x',1.5,2,3)"
    stop = threading.Event()

    def watch():
        last = 1
        while not stop.is_set():
            reader.execute(f"select max(id) from `{pipe.target}`")
            newest, now = reader.fetchone()[0], time.perf_counter()
            for row in range(last + 1, (newest or last) + 1):
                seen[row] = now
            last = max(last, newest or last)
            time.sleep(0.0003)
    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    rng, row = random.Random(1), None
    for i in range(int(rate * seconds)):
        wait = started + (i + rng.random()) / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        writer.execute(insert)
        row = writer.lastrowid
        sent[row] = time.perf_counter()
    try:
        wait_for("the last row to arrive", lambda: row in seen, 60)
    finally:
        stop.set()
        watcher.join()
    idle = worker.cpu_percent(4)
    pipe.close()
    times = sorted(max(0.0, seen[r] - sent[r]) * 1e3 for r in sorted(sent)[int(len(sent) * 0.1):] if r in seen)
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[min(len(times) - 1, int(len(times) * 0.99))], "idle_cpu_percent": idle}


# ---- rows lost ---------------------------------------------------------------------------------------------

def lost_rows(stack, worker, seconds=15, writers=8):
    """Concurrent writers whose transactions commit out of id order; -> committed, lost, twice."""
    table, prefix, name = unique("BWRT"), unique("w") + "-", unique("bench-writers")
    fill(stack, table, 1)
    topic = stack.topic(prefix + table)
    worker.create(name, source_config(stack, table, prefix, **{"poll.interval.ms": "50", "poll.linger.ms": "50"}))
    wait_for("the first record", lambda: stack.records([topic]))

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
    want, got, end = {row[0] for row in stack.run(f"select id from `{table}`")}, [], time.time() + 15
    while time.time() < end and set(got) != want:
        time.sleep(1)
        got = stack.read_ids(topic)
    worker.delete(name)
    stack.forget([topic])
    lost = len(want - set(got))
    return {"committed": len(want), "lost": lost, "lost_percent": lost / len(want) * 100, "twice": len(got) - len(set(got))}


# ---- many connectors ---------------------------------------------------------------------------------------

def running_connectors(worker):
    status = worker.rest("GET", "/connectors?expand=status")
    return sum(1 for one in status.values() if any(task["state"] == "RUNNING" for task in one["status"]["tasks"]))


def idle_connectors(stack, worker, table, steps, seconds=8):
    """Sources of one small table with the default poll.interval.ms: -> {count: figures} for each of the steps."""
    result, made = {}, []
    for count in steps:
        started = time.time()
        while len(made) < count:
            name = unique("bench-idle")
            worker.create(name, source_config(stack, table, unique("idle") + "-"))
            made.append(name)
        wait_for(f"{count} connectors to run", lambda: running_connectors(worker) >= count, 300, 0.5)
        took = time.time() - started
        time.sleep(2)
        cpu = worker.cpu_percent(seconds)
        threads = len(os.listdir(f"/proc/{worker.pid}/task"))
        asked = time.time()
        running_connectors(worker)
        result[count] = {"status_ms": (time.time() - asked) * 1e3, "rss_mib": worker.memory_mib()[0], "idle_cpu_percent": cpu, "threads": threads, "start_s": took}
    return result


def median_of(runs):
    """Median and spread of each figure of several runs of one measurement."""
    return {key: {"median": statistics.median(run[key] for run in runs), "low": min(run[key] for run in runs),
                  "high": max(run[key] for run in runs), "runs": len(runs)} for key in runs[0]}
