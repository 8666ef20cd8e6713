"""Measures order-service beside the limit of the database, and beside the Spring original if its jar is given, in one run.

  python3 bench/services.py [--runs 3] [--seconds 5] [--spring order.jar]      (needs wrk; mysqlslap or mariadb-slap)

A private MySQL is started and removed again. The services take turns on it: start, list of 20, one item, POST, each with the same
connections and on a table that holds 1000 orders when it begins: a list counts all rows, so the service that has stored more would be
slower for it. Percentiles are wrk's, which knows only what was answered while it ran: where mean_ms (connections divided by the rate) comes
near --seconds, those of the slower service are far too small, and mean_ms is what to compare. Each figure is the median of --runs with the lowest and highest. Results go to build/bench/services.json.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench import measure  # noqa: E402
from harness import paths, ports  # noqa: E402
from harness.mysql import MySQLServer  # noqa: E402
from harness.process import Process  # noqa: E402

POST_LUA = """
wrk.method = "POST"
wrk.body = '{"productId": "1", "qty": "10", "customerId": "1000", "price": "10000"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
"""
INSERT = "INSERT INTO ORDER_TABLE (customerId, qty, price, productId) VALUES ('1000', 10, 10000, 1)"
UNITS = {"us": 1e-3, "ms": 1, "s": 1e3}


class Service:
    """One program on a port of its own; a fresh process for each run."""

    def __init__(self, name, argv, mysql, folder):
        self.name, self.argv, self.folder = name, argv, folder
        self.env = {"_DATASOURCE_ADDRESS": f"127.0.0.1:{mysql.port}", "_DATASOURCE_TABLESPACE": "my-database", "SERVER_ACCESS_LOG": "false"}

    def start(self):
        """-> milliseconds until a request for the orders was answered"""
        port = ports.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = Process(self.name, self.argv, self.folder / f"{self.name}.log", {**self.env, "SERVER_PORT": port})
        started = time.monotonic()
        self.process.start()

        def answers():
            try:
                return urllib.request.urlopen(self.url + "/orders", timeout=5).read()
            except OSError:
                return None
        measure.wait_for(self.name, answers, 300, every=0.002)
        return (time.monotonic() - started) * 1e3

    def cpu_seconds(self):
        return measure.Worker(self.name, self.url, self.process.pid).cpu_seconds()

    def rss_mib(self):
        return measure.Worker(self.name, self.url, self.process.pid).memory_mib()[0]


def latency_ms(text, percent):
    value, unit = re.search(rf"(?m)^\s+{percent}%\s+([\d.]+)(us|ms|s)\s*$", text).groups()
    return float(value) * UNITS[unit]


def load(service, path, connections, seconds, script=None):
    """Requests/s, latency and CPU a request of one kind of request."""
    argv = ["wrk", "--latency", "-t", "2" if connections > 1 else "1", "-c", str(connections), "-d", f"{seconds}s"]
    argv += ["-s", str(script)] if script else []
    cpu = service.cpu_seconds()
    text = subprocess.run([*argv, service.url + path], check=True, capture_output=True, text=True).stdout
    cpu = service.cpu_seconds() - cpu
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    per_s = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    return {"per_s": per_s, "mean_ms": connections / max(per_s, 1e-9) * 1e3, "p50_ms": latency_ms(text, 50), "p99_ms": latency_ms(text, 99),
            "cpu_us": cpu / max(requests, 1) * 1e6, "failed": int(failed.group(1)) if failed else 0}


def slap():
    """The command of mysqlslap, of the system or of the private MySQL; None without one."""
    local = shutil.which("mysqlslap") or shutil.which("mariadb-slap")
    if local:
        return [local]
    return ["chroot", str(paths.ORACLE), "mysqlslap"] if (paths.ORACLE / "usr/bin/mysqlslap").exists() else None


def commits_per_second(mysql, connections, total):
    """What the database takes by itself: single-row commits of the same statement on as many connections."""
    command = slap()
    command += ["--no-defaults", "--protocol=TCP", "-h127.0.0.1", f"-P{mysql.port}", f"-u{mysql.user}", f"-p{mysql.password}"]
    command += ["--create-schema=my-database", "--no-drop", f"--concurrency={connections}", f"--number-of-queries={total}", f"--query={INSERT}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"per_s": total / float(re.search(r"Average number of seconds to run all queries: ([\d.]+)", text).group(1))}


def fill(mysql, rows=1000):
    """As many orders, with ids from 1, in the service's table."""
    values = INSERT.split(" VALUES ")[1]
    mysql.script(f"TRUNCATE TABLE ORDER_TABLE; {INSERT}" + f",{values}" * (rows - 1), database="my-database")


def measure_once(service, mysql, seconds, script, results):
    def keep(case, figures):
        results.setdefault(case, {}).setdefault(service.name, []).append(figures)
        print(f"{case:28} {service.name:8} " + " ".join(f"{k}={v:.4g}" for k, v in figures.items()), flush=True)

    def loaded(path, connections, with_script=None):
        fill(mysql)
        return load(service, path, connections, seconds, with_script)

    keep("start", {"start_ms": service.start(), "idle_mib": service.rss_mib()})
    try:
        for connections in (1, 32):
            keep(f"list of 20, {connections} conn.", loaded("/orders", connections))
            keep(f"one, {connections} conn.", loaded("/orders/1", connections))
            keep(f"POST, {connections} conn.", loaded("/orders", connections, script))
        keep("list of 20, 256 conn.", {**loaded("/orders", 256), "rss_mib": service.rss_mib()})
    finally:
        service.process.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--spring", default=os.environ.get("SPRING_ORDER_JAR"), help="the original's jar")
    options = parser.parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    paths.RUN.mkdir(parents=True, exist_ok=True)
    script = folder / "post.lua"
    script.write_text(POST_LUA)
    mysql = MySQLServer("bench-services", flavour="oracle" if paths.ORACLE.exists() else None)
    mysql.start()
    measured = {"mysql": mysql.sql("select version()")[0][0]}
    results, limits = {}, {}
    try:
        services = [Service("ours", [paths.BIN / "order-service"], mysql, folder)]
        if options.spring:
            services.append(Service("spring", ["java", "-Xmx400M", "-jar", options.spring], mysql, folder))
        for _ in range(options.runs):
            for service in services:
                mysql.script("DROP TABLE IF EXISTS ORDER_TABLE", database="my-database")
                service.start()
                service.process.stop()
                measure_once(service, mysql, options.seconds, script, results)
            for connections in (1, 32) if slap() else ():
                limits.setdefault(f"single-row commits, {connections} conn.", []).append(commits_per_second(mysql, connections, 5000 * min(connections, 4)))
    finally:
        mysql.remove()
    summary = {case: {name: measure.median_of(runs) for name, runs in by_name.items()} for case, by_name in results.items()}
    (folder / "services.json").write_text(json.dumps(
        {"measured": measured, "results": summary, "limits": {k: measure.median_of(v) for k, v in limits.items()}}, indent=1))
    for case, figures in limits.items():
        print(f"limit {case}: {measure.median_of(figures)['per_s']['median']:,.0f} a second")
    if not slap():
        print("the limit of the database was not measured: there is no mysqlslap")


if __name__ == "__main__":
    main()
