"""Measures our worker, the Java worker if its connector is given, and the limits of MySQL and librdkafka, in one run.

  make bench                                    everything, with our worker alone
  make bench JDBC_PLUGIN_DIR=/path/to/plugins   beside the Java worker: a folder that holds a folder with the JDBC
                                                connector's jars and Connector/J
  make bench BENCH="--quick source latency"     some sections, with few rows
  make bench BENCH="--page"                     only write the page again from build/bench/results.json

Private MySQL and Kafka are started and removed again, unless --mysql and --kafka name servers. Workers take turns: for each
case ours, then Java, then ours again, as often as --runs says; each figure is the median with the lowest and the highest
run. Every section that ends is merged into build/bench/results.json, from which --page writes docs/PERFORMANCE.md and
docs/images/, so that a full run can be made in pieces.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench import measure, page, servers  # noqa: E402

JSON = "org.apache.kafka.connect.json.JsonConverter"
NO_SCHEMAS = {"value.converter": JSON, "value.converter.schemas.enable": "false"}
UPSERT = {"insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id"}
RESULTS = ROOT / "build" / "bench" / "results.json"


class Bench:
    def __init__(self, stack, kinds, options):
        self.stack, self.kinds, self.runs, self.rows, self.quick = stack, kinds, options.runs, options.rows, options.quick
        self.spring = options.spring
        self.limit_rows = max(options.rows // 2, 1000)
        self.running = {}

    # ---- workers -------------------------------------------------------------------------------------------

    def worker(self, kind):
        """One process a worker for all sections but `start`."""
        if kind.name not in self.running:
            self.running[kind.name], _ = kind.start()
        return self.running[kind.name]

    def stop(self):
        for kind in self.kinds:
            if kind.name in self.running:
                del self.running[kind.name]
                kind.stop()

    def case(self, name, measuring, runs=None, kinds=None):
        """measuring(kind, worker) -> figures of every worker in turn, `runs` times."""
        return self.turns(name, lambda kind: measuring(kind, self.worker(kind)), runs or self.runs, kinds or self.kinds)

    @staticmethod
    def turns(name, measuring, runs, kinds):
        got = {kind.name: [] for kind in kinds}
        for _ in range(runs):
            for kind in kinds:
                got[kind.name].append(measuring(kind))
                print(f"{name:34} {kind.name:5} " + "  ".join(f"{k}={v:,.2f}" for k, v in got[kind.name][-1].items()), flush=True)
        return {kind: measure.median_of(runs) for kind, runs in got.items()}

    # ---- limits --------------------------------------------------------------------------------------------

    def limit(self, name, *args, runs=None):
        got = []
        for _ in range(runs or self.runs):
            got.append(json.loads(subprocess.run([servers.limits_program(), *map(str, args)], check=True, capture_output=True, text=True).stdout))
            print(f"limit {name:28} {got[-1]['rows_per_s']:,.0f} rows/s, {got[-1]['cpu_us_per_row']:.2f} us a row", flush=True)
        return measure.median_of(got)

    def limits(self):
        stack, rows, result = self.stack, self.limit_rows, {}
        mysql = ("127.0.0.1", stack.mysql_port, stack.user, stack.password, stack.database)

        def insert():
            table = measure.unique("BLIM")
            stack.run(f"create table `{table}` ({measure.COLUMNS})")
            out = self.limit("insert", "insert", *mysql, table, rows, runs=1)
            return table, out
        inserts = []
        for _ in range(self.runs):
            table, out = insert()
            inserts.append({key: value["median"] for key, value in out.items()})
            if len(inserts) < self.runs:
                stack.run(f"drop table `{table}`")
        result["insert"] = measure.median_of(inserts)
        result["select"] = self.limit("select", "select", *mysql, table)
        stack.run(f"drop table `{table}`")
        for codec in ("none", "lz4"):
            produced, topics = [], [stack.topic(measure.unique("BLIM")) for _ in range(self.runs)]
            for topic in topics:
                out = self.limit(f"produce {codec}", "produce", stack.broker, topic, rows, codec, runs=1)
                produced.append({key: value["median"] for key, value in out.items()})
            result[f"produce {codec}"] = measure.median_of(produced)
            result[f"consume {codec}"] = self.limit(f"consume {codec}", "consume", stack.broker, topics[0], rows)
            stack.forget(topics)
        return result

    # ---- source --------------------------------------------------------------------------------------------

    def source_case(self, name, columns=5, tasks=1, factor=1.0, **settings):
        tables, each = [measure.unique("BSRC") for _ in range(tasks)], int(self.rows * factor) // tasks
        for table in tables:
            measure.fill(self.stack, table, each, columns)
        result = self.case(f"source, {name}", lambda _, worker: {
            **measure.source(self.stack, worker, tables, each * tasks, **{"tasks.max": str(tasks), **settings}), "rows": each * tasks})
        for table in tables:
            self.stack.run(f"drop table `{table}`")
        return result

    def source(self):
        return {
            "default settings": self.source_case("default settings"),
            "batch.max.rows=3000": self.source_case("batch.max.rows=3000", **{"batch.max.rows": "3000"}),
            "no schemas": self.source_case("no schemas", **NO_SCHEMAS),
            "50 columns": self.source_case("50 columns", columns=50, factor=0.15),
            "2 tables, 2 tasks": self.source_case("2 tables, 2 tasks", tasks=2),
            "4 tables, 4 tasks": self.source_case("4 tables, 4 tasks", tasks=4),
        }

    # ---- sink ----------------------------------------------------------------------------------------------

    def topic(self, rows, partitions=1):
        """The lab's records -> (topic, rows)"""
        topic, each = self.stack.topic(measure.unique("BSNK"), partitions), rows // partitions
        for partition in range(partitions):
            subprocess.run([servers.limits_program(), "produce", self.stack.broker, topic, str(each), "lz4", str(partition), str(partition * each)],
                           check=True, capture_output=True)
        return topic, each * partitions

    def sink_case(self, name, topic_and_rows, **settings):
        topic, rows = topic_and_rows
        return self.case(f"sink, {name}", lambda _, worker: {**measure.sink(self.stack, worker, topic, rows, **settings), "rows": rows})

    def delete_case(self, topic, rows):
        """Tombstones of all keys: the table is filled with SQL, then emptied by the sink."""
        def measuring(kind, worker):
            table = measure.unique("BDEL")
            measure.fill(self.stack, table, rows)
            result = measure.sink(self.stack, worker, topic, rows, table=table, until=0, **{
                "delete.enabled": "true", "insert.mode": "upsert", "pk.mode": "record_key", "pk.fields": "id", "table.name.format": table,
                "url_extra": measure.REWRITE if kind.name == "java" else ""})
            self.stack.run(f"drop table `{table}`")
            return {**result, "rows": rows}
        return self.case("sink, delete", measuring, runs=min(self.runs, 2))

    def sink(self):
        rows, few, wide = self.topic(self.rows), self.topic(self.rows // 3), self.topic(self.rows, partitions=4)
        tombstones, deleted = self.stack.topic(measure.unique("BDEL")), max(self.rows // 10, 1000)
        subprocess.run([servers.limits_program(), "tombstones", self.stack.broker, tombstones, str(deleted)], check=True, capture_output=True)
        tuned = {"url_extra": measure.REWRITE}
        result = {
            "insert": self.sink_case("insert", few),
            "insert, tuned": self.sink_case("insert, tuned", rows, **tuned),
            "upsert, tuned": self.sink_case("upsert, tuned", rows, **tuned, **UPSERT),
            "delete, tuned": self.delete_case(tombstones, deleted),
            "insert, tuned, 2 tasks": self.sink_case("insert, tuned, 2 tasks", wide, **tuned, **{"tasks.max": "2"}),
            "insert, tuned, 4 tasks": self.sink_case("insert, tuned, 4 tasks", wide, **tuned, **{"tasks.max": "4"}),
        }
        self.stack.forget([rows[0], few[0], wide[0], tombstones])
        return result

    # ---- the rest ------------------------------------------------------------------------------------------

    def end_to_end(self):
        table, rows = measure.unique("BEND"), self.rows // 2
        measure.fill(self.stack, table, rows)
        return {"source and sink": self.case("end to end", lambda _, worker: {
            **measure.end_to_end(self.stack, worker, table, rows), "rows": rows}, runs=min(self.runs, 2))}

    def start(self):
        self.stop()

        def starting(kind):
            worker, started_ms = kind.start()
            time.sleep(3)
            resident, peak = worker.memory_mib()
            kind.stop()
            return {"start_ms": started_ms, "idle_mib": resident, "peak_mib": peak}
        result = self.turns("start", starting, max(5, self.runs), self.kinds[:1])
        return {"start": {**result, **self.turns("start", starting, 1 if self.quick else 2, self.kinds[1:])}}

    def latency(self):
        rates = {5: 6, 50: 6} if self.quick else {5: 16, 50: 10, 500: 10}
        return {f"{rate} rows/s": self.case(f"latency, {rate} rows/s", lambda _, worker: measure.latency(self.stack, worker, rate, seconds),
                                            runs=1 if self.quick else 2) for rate, seconds in rates.items()}

    def writers(self):
        seconds = 3 if self.quick else 12
        return {"writers": self.case("writers", lambda _, worker: measure.lost_rows(self.stack, worker, seconds), runs=1)}

    def growth(self):
        sizes = [n for n in (10000, 100000, 1000000, 10000000) if n <= self.rows * 10]
        lags = [n for n in (10000, 100000, 1000000, 3000000) if n <= self.rows * 3]
        ours, result = self.kinds[:1], {"source": {}, "sink": {}, "columns": {}}
        for n in sizes:
            result["source"][n] = self.grow_source(f"{n:,} rows", ours, n)
        for columns in (5, 20, 50, 200):
            result["columns"][columns] = self.grow_source(f"{columns} columns", ours, max(self.rows // columns, 500), columns)
        for n in lags:
            topic = self.stack.topic(measure.unique("BGRO"))
            subprocess.run([servers.limits_program(), "produce", self.stack.broker, topic, str(n), "lz4"], check=True, capture_output=True)
            result["sink"][n] = self.case(f"growth, {n:,} records", lambda _, worker: measure.sink(self.stack, worker, topic, n), 1, ours)
            self.stack.forget([topic])
        return result

    def grow_source(self, name, ours, rows, columns=5):
        table = measure.unique("BGRO")
        measure.fill(self.stack, table, rows, columns)
        result = self.case(f"growth, {name}", lambda _, worker: measure.source(self.stack, worker, [table], rows), 1, ours)
        self.stack.run(f"drop table `{table}`")
        return result

    def idle(self):
        self.stop()
        table = measure.unique("BIDL")
        measure.fill(self.stack, table, 10)
        steps = (1, 5, 20) if self.quick else (1, 10, 100, 300, 1000)
        result = measure.idle_connectors(self.stack, self.worker(self.kinds[0]), table, steps, 4 if self.quick else 8)
        print(f"idle {result}", flush=True)
        self.stop()
        return result

    def services(self):
        """bench/services.py is a program of its own, with a MySQL of its own."""
        seconds = "1" if self.quick else "3"
        spring = ["--spring", self.spring] if self.spring else []
        subprocess.run([sys.executable, str(ROOT / "bench" / "services.py"), "--runs", str(min(self.runs, 2)), "--seconds", seconds, *spring], check=True)
        return json.loads((RESULTS.parent / "services.json").read_text())


# Section -> method. In this order; `idle` leaves a thousand topics' worth of metadata behind, so it comes last.
SECTIONS = {"limits": "limits", "source": "source", "sink": "sink", "start": "start", "latency": "latency", "writers": "writers",
            "end to end": "end_to_end", "growth": "growth", "services": "services", "idle": "idle"}


def load():
    """Results of older versions say of their sections only how busy the machine was."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results.pop("about", None)
    results.setdefault("measured", {section: {"busy": busy} for section, busy in results.pop("busy", {}).items()})
    return results


def busy_percent(seconds=1.0):
    """How much of all cores is in use: before a section, by what is not measured."""
    def jiffies():
        user, nice, system, idle, wait, *others = (int(n) for n in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:])
        return user + nice + system + sum(others), idle + wait
    used, free = jiffies()
    time.sleep(seconds)
    used, free = (after - before for after, before in zip(jiffies(), (used, free)))
    return 100.0 * used / max(used + free, 1)


def merge(section, result, measured):
    """Written after every section: what was measured survives what fails later. Each section has its own record of how that was done,
    because sections are measured in different runs."""
    results = load()
    results[section], results["measured"][section] = result, measured
    RESULTS.write_text(json.dumps(results, indent=1))


def how(mysql, options, busy):
    """What page.py says about a section that is measured now. The number of runs is with each figure."""
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return {"date": time.strftime("%Y-%m-%d"), "machine": f"{os.cpu_count()} cores ({cpu})", "mysql": mysql, "rows": options.rows, "busy": busy}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help=f"some of: {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="20,000 rows, one run: to see whether everything works")
    parser.add_argument("--java", default=os.environ.get("JDBC_PLUGIN_DIR"), help="the Java connector's plugin.path")
    parser.add_argument("--spring", default=os.environ.get("SPRING_ORDER_JAR"), help="the Spring order-service's jar")
    parser.add_argument("--mysql", help="host:port of a server to use (root, 1234)")
    parser.add_argument("--kafka", help="host:port of a broker to use")
    parser.add_argument("--page", action="store_true", help="write docs/PERFORMANCE.md from all results so far; alone: measure nothing")
    options = parser.parse_args()
    if options.quick:
        options.rows, options.runs = 20000, 1
        global RESULTS
        RESULTS = RESULTS.with_name("quick.json")  # not for the page
    unknown = set(options.what) - set(SECTIONS)
    if unknown:
        parser.error(f"not measured here: {', '.join(sorted(unknown))}")
    options.measures = bool(options.what) or not options.page
    return options


def measure_all(options):
    """-> whether every section could be measured"""
    folder, failed = RESULTS.parent, []
    folder.mkdir(parents=True, exist_ok=True)
    own = servers.Servers(options.mysql, options.kafka)
    bench = Bench(own.stack, servers.kinds(own.stack, folder, options.java), options)
    mysql = own.stack.run("select version()")[0][0]
    try:
        for section in options.what or SECTIONS:
            began = time.time()
            try:
                measured = how(mysql, options, busy_percent())
                result = getattr(bench, SECTIONS[section])()
                measured.update(result.pop("measured", {}))  # a section with servers of its own
                merge(section, result, measured)
            except Exception as error:  # the next section may still work
                failed.append(section)
                print(f"section {section} failed: {error!r}", flush=True)
                bench.stop()
            print(f"---- {section}: {time.time() - began:.0f} s", flush=True)
    finally:
        bench.stop()
        own.remove()
    return not failed


def main():
    options = arguments()
    ok = not options.measures or measure_all(options)
    if options.page:
        page.write(ROOT, load())
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
