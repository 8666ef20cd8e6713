"""What is measured: private servers (or given ones), our worker, and the Java worker if its connector is given."""
import os
import subprocess
import time
import urllib.request

from bench import measure
from harness import paths, ports
from harness.kafka import KafkaServer
from harness.mysql import MySQLServer
from harness.process import Process
from harness.programs import Worker as OurProgram

# A thousand idle connectors hold a thousand connections.
MYSQL_OPTIONS = ["--max-connections=4000", "--innodb-buffer-pool-size=1G"]
KAFKA_SETTINGS = {"offsets.topic.num.partitions": 1}


class Servers:
    """MySQL and Kafka of this run; those named host:port by the caller are used as they are and left alone."""

    def __init__(self, mysql=None, kafka=None):
        paths.RUN.mkdir(parents=True, exist_ok=True)
        self.own = []
        if not mysql:
            server = MySQLServer("bench-mysql", flavour="oracle" if paths.ORACLE.exists() else None, options=MYSQL_OPTIONS)
            server.start(wait=False)
            self.own.append(server)
            mysql = f"127.0.0.1:{server.port}"
        if not kafka:
            server = KafkaServer("bench-kafka", settings=KAFKA_SETTINGS)
            server.start(wait=False)
            self.own.append(server)
            kafka = server.bootstrap
        for server in self.own:
            server.wait_ready()
        self.stack = measure.Stack(int(mysql.rsplit(":", 1)[1]), kafka)

    def remove(self):
        for server in self.own:
            server.remove()


def properties(bootstrap, group):
    return {
        "bootstrap.servers": bootstrap, "group.id": group,
        "key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "config.storage.topic": f"{group}-configs", "offset.storage.topic": f"{group}-offsets", "status.storage.topic": f"{group}-status",
        "config.storage.replication.factor": 1, "offset.storage.replication.factor": 1, "status.storage.replication.factor": 1,
        "offset.flush.interval.ms": 10000,
    }


class Ours:
    name = "ours"

    def __init__(self, stack, folder):
        self.stack, self.folder, self.count, self.group = stack, folder, 0, measure.unique("bench-ours")

    def start(self):
        """-> (worker, milliseconds until REST answered)"""
        self.count += 1
        self.process = OurProgram(self.folder, f"ours-{self.count}", properties(self.stack.broker, self.group))
        self.process.start()
        return measure.Worker(self.name, self.process.url, self.process.pid), self.process.started_in * 1e3

    def stop(self):
        self.process.stop()


class Java:
    """Apache Kafka's worker with its default settings and a heap of at most 1 GiB."""
    name = "java"

    def __init__(self, stack, folder, plugins):
        self.stack, self.folder, self.plugins, self.count = stack, folder, plugins, 0
        self.group, self.jars = measure.unique("bench-java"), paths.BUILD / "bench" / "java"
        if not (self.jars / ".stamp").exists():
            subprocess.run(["mvn", "-q", "-B", "-f", str(paths.ROOT / "bench" / "pom.xml"), "dependency:copy-dependencies",
                            "-DincludeScope=runtime", f"-DoutputDirectory={self.jars}"], check=True)
            (self.jars / ".stamp").touch()

    def start(self):
        self.count += 1
        url, file = f"http://127.0.0.1:{ports.free_port()}", self.folder / f"java-{self.count}.properties"
        settings = {**properties(self.stack.broker, self.group), "listeners": url, "plugin.path": self.plugins}
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
        measure.wait_for("the Java worker", answers, 300, 0.01)
        return measure.Worker(self.name, url, self.process.pid), (time.time() - started) * 1e3

    def stop(self):
        self.process.stop()


def limits_program():
    return str(paths.BIN.parent / "bench" / "limits")


def kinds(stack, folder, plugins=os.environ.get("JDBC_PLUGIN_DIR")):
    return [Ours(stack, folder)] + ([Java(stack, folder, plugins)] if plugins else [])
