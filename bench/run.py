"""Measures our worker, the Java worker if its connector is given, and the limits of MySQL and librdkafka, in one run.

  make bench                                    everything, with our worker alone
  make bench JDBC_PLUGIN_DIR=/path/to/plugins   beside the Java worker: a folder that holds a folder with the JDBC
                                                connector's jars and Connector/J
  make bench BENCH="--rows 200000 --runs 1 source latency"

Private MySQL and Kafka are started and removed again. Workers take turns: for each case, ours, then Java, then ours again, as often
as --runs says; each figure is the median with the lowest and highest run. Results go to build/bench/results.json, docs/PERFORMANCE.md
and docs/images/.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench import measure, page  # noqa: E402
from harness import paths, ports  # noqa: E402
from harness.kafka import KafkaServer  # noqa: E402
from harness.mysql import MySQLServer  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.programs import Worker as OurWorker  # noqa: E402

FAMILIES = ("start", "source", "sink", "latency", "writers")
SOURCE_CASES = {
    "source, default settings": (5, {}),
    "source, batch.max.rows=3000": (5, {"batch.max.rows": "3000"}),
    "source, no schemas": (5, {"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false"}),
    "source, 50 columns": (50, {}),
}
SINK_CASES = {
    "sink, insert": {},
    "sink, upsert": {"insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id"},
}


def properties(kafka, name):
    return {
        "bootstrap.servers": kafka.bootstrap, "group.id": name,
        "key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "config.storage.topic": f"{name}-configs", "offset.storage.topic": f"{name}-offsets", "status.storage.topic": f"{name}-status",
        "config.storage.replication.factor": 1, "offset.storage.replication.factor": 1, "status.storage.replication.factor": 1,
        "offset.flush.interval.ms": 10000,
    }


class Ours:
    name = "ours"

    def __init__(self, kafka, folder):
        self.kafka, self.folder, self.count = kafka, folder, 0

    def start(self):
        """-> (worker, milliseconds until REST answered)"""
        self.count += 1
        self.process = OurWorker(self.folder, f"ours-{self.count}", properties(self.kafka, "bench-ours"))
        self.process.start()
        return measure.Worker(self.name, self.process.url, self.process.pid), self.process.started_in * 1e3

    def stop(self):
        self.process.stop()


class Java:
    name = "java"

    def __init__(self, kafka, folder, plugins):
        self.kafka, self.folder, self.plugins, self.count = kafka, folder, plugins, 0
        self.jars = ROOT / "build" / "bench" / "java"
        if not (self.jars / ".stamp").exists():
            subprocess.run(["mvn", "-q", "-B", "-f", str(ROOT / "bench" / "pom.xml"), "dependency:copy-dependencies",
                            "-DincludeScope=runtime", f"-DoutputDirectory={self.jars}"], check=True)
            (self.jars / ".stamp").touch()

    def start(self):
        self.count += 1
        port = ports.free_port()
        url, file = f"http://127.0.0.1:{port}", self.folder / f"java-{self.count}.properties"
        settings = {**properties(self.kafka, "bench-java"), "listeners": url, "plugin.path": self.plugins}
        file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        command = ["java", "-Xms256M", "-Xmx1G", "-cp", f"{self.jars}/*", "org.apache.kafka.connect.cli.ConnectDistributed", str(file)]
        self.process = Process("java", command, self.folder / f"java-{self.count}.log")
        started = time.time()
        self.process.start()

        def answers():
            try:
                return urllib.request.urlopen(url + "/connectors", timeout=5).read()
            except OSError:
                return None
        measure.wait_for("the Java worker", answers, 120)
        took = (time.time() - started) * 1e3
        return measure.Worker(self.name, url, self.process.pid, url_extra="&rewriteBatchedStatements=true"), took

    def stop(self):
        self.process.stop()


def once(worker_kind, measuring):
    """A fresh worker for each figure: no run profits from what one before has warmed up, or pays for its memory."""
    worker, started_ms = worker_kind.start()
    try:
        return measuring(worker, started_ms)
    finally:
        worker_kind.stop()


class Bench:
    def __init__(self, stack, kinds, runs, rows):
        self.stack, self.kinds, self.runs, self.rows = stack, kinds, runs, rows
        self.results, self.limits = {}, {}

    def case(self, name, measuring, runs=None):
        """The same measurement of every worker in turn, `runs` times."""
        got = {kind.name: [] for kind in self.kinds}
        for _ in range(runs or self.runs):
            for kind in self.kinds:
                got[kind.name].append(once(kind, measuring))
                print(f"{name:32} {kind.name:5} " + "  ".join(f"{k}={v:,.2f}" for k, v in got[kind.name][-1].items()), flush=True)
        self.results[name] = {kind: measure.median_of(runs) for kind, runs in got.items()}

    def start(self):
        def idle(worker, started_ms):
            time.sleep(2)
            return {"start_ms": started_ms, "idle_mib": worker.memory_mib()[0]}
        self.case("start", idle, max(3, self.runs))

    def source(self):
        for name, (columns, settings) in SOURCE_CASES.items():
            table, rows = measure.unique("BSRC"), self.rows if columns == 5 else self.rows // 5
            measure.fill(self.stack, table, rows, columns)
            self.case(name, lambda worker, _: measure.source(self.stack, worker, table, rows, **settings))
            self.stack.run(f"drop table `{table}`")

    def sink(self):
        topic = measure.unique("BSNK")
        self.limit("produce lz4", "produce", self.stack.broker, topic, str(self.rows), "lz4", runs=1)
        for name, settings in SINK_CASES.items():
            self.case(name, lambda worker, _: measure.sink(self.stack, worker, topic, self.rows, **settings))

    def latency(self):
        self.case("latency", lambda worker, _: measure.latency(self.stack, worker))

    def writers(self):
        self.case("writers", lambda worker, _: measure.lost_rows(self.stack, worker))

    def limit(self, name, *args, runs=None):
        got = []
        for _ in range(runs or self.runs):
            out = subprocess.run([str(paths.BIN.parent / "bench" / "limits"), *args], check=True, capture_output=True, text=True).stdout
            got.append(json.loads(out))
            print(f"limit {name:26} {out.strip()}", flush=True)
        self.limits[name] = measure.median_of(got)

    def all_limits(self):
        table = measure.unique("BLIM")
        mysql = ("127.0.0.1", str(self.stack.mysql_port), self.stack.user, self.stack.password, self.stack.database, table)
        self.stack.run(f"create table `{table}` ({measure.COLUMNS})")
        self.limit("insert", "insert", *mysql, str(self.rows), runs=1)
        self.limit("select", "select", *mysql)
        self.stack.run(f"drop table `{table}`")
        for codec in ("none", "lz4"):
            topic = measure.unique("BLIM")
            self.limit(f"produce {codec}", "produce", self.stack.broker, topic, str(self.rows), codec, runs=1)
            self.limit(f"consume {codec}", "consume", self.stack.broker, topic, str(self.rows))


def about(mysql, rows, runs):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return (f"Measured on {time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores ({cpu}), everything on one machine, MySQL server {mysql}, Apache Kafka 4.1.1, "
            f"{rows:,} rows a run, {runs} run(s) of each figure in turn: median (lowest..highest).")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help=f"some of: limits {' '.join(FAMILIES)} (default: all)")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--java", default=os.environ.get("JDBC_PLUGIN_DIR"), help="the Java connector's plugin.path")
    parser.add_argument("--page", action="store_true", help="write docs/PERFORMANCE.md")
    options = parser.parse_args()
    what = options.what or ["limits", *FAMILIES]
    unknown = set(what) - {"limits", *FAMILIES}
    if unknown:
        parser.error(f"not measured here: {', '.join(sorted(unknown))}")

    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    paths.RUN.mkdir(parents=True, exist_ok=True)
    mysql = MySQLServer("bench-mysql", flavour="oracle" if paths.ORACLE.exists() else None)
    kafka = KafkaServer("bench-kafka", settings={"offsets.topic.num.partitions": 1})
    mysql.start(wait=False)
    kafka.start()
    mysql.wait_ready()
    try:
        stack = measure.Stack(int(mysql.port), kafka.bootstrap)
        kinds = [Ours(kafka, folder)] + ([Java(kafka, folder, options.java)] if options.java else [])
        bench = Bench(stack, kinds, options.runs, options.rows)
        for family in what:
            bench.all_limits() if family == "limits" else getattr(bench, family)()
        version = stack.run("select version()")[0][0]
    finally:
        kafka.remove()
        mysql.remove()
    (folder / "results.json").write_text(json.dumps({"results": bench.results, "limits": bench.limits}, indent=1))
    if options.page:
        page.write(ROOT, bench.results, bench.limits, about(version, options.rows, options.runs))


if __name__ == "__main__":
    main()
