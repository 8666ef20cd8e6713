"""What one test has: names of its own, a database, workers and services. Everything it made goes away with it."""

import re
import uuid

from . import kafka, mysql, paths
from .kafka import KafkaServer
from .mysql import Database, MySQLServer
from .process import kill_all
from .programs import Service, Worker


class Lab:
    def __init__(self, test_name):
        short = re.sub(r"[^a-z0-9]+", "_", test_name.lower()).strip("_")[:24].strip("_")
        self.name = f"{short}_{uuid.uuid4().hex[:6]}"  # what all topics, databases and groups of the test start with
        self.folder = paths.RUN / self.name
        self.mysql, self.kafka = mysql.external(), kafka.external()
        self.processes = []
        self._servers = []
        self._databases = []
        self._counter = {}

    # ---- names ---------------------------------------------------------------------------------------------

    def unique(self, what):
        """A name no other test uses: for topics, connectors, groups."""
        number = self._counter[what] = self._counter.get(what, 0) + 1
        return f"{self.name}-{what}" + (f"-{number}" if number > 1 else "")

    def database(self, server=None):
        """A new, empty database (on the shared server unless told otherwise)."""
        database = Database(server or self.mysql, self.unique("db"))
        self._databases.append(database)
        return database

    # ---- programs ------------------------------------------------------------------------------------------

    def worker(self, properties=None, kafka=None, group=None, start=True, wait=True, port=None):
        """A distributed worker. Same `group`: same cluster, same internal topics."""
        group = group or self.unique("connect")
        name = f"worker-{len(self.processes)}"
        return self._begin(Worker(self.folder, name, {
            "bootstrap.servers": (kafka or self.kafka).bootstrap,
            "group.id": group,
            **JSON,
            "config.storage.topic": f"{group}-configs",
            "offset.storage.topic": f"{group}-offsets",
            "status.storage.topic": f"{group}-status",
            "config.storage.replication.factor": 1,
            "offset.storage.replication.factor": 1,
            "status.storage.replication.factor": 1,
            **FEW_PARTITIONS,
            "offset.flush.interval.ms": 500,
            **(properties or {}),
        }, port=port), start, wait)

    def standalone(self, connectors=(), properties=None, kafka=None, start=True, wait=True, port=None):
        """A standalone worker; `connectors` are files that it is started with."""
        name = f"standalone-{len(self.processes)}"
        return self._begin(Worker(self.folder, name, {
            "bootstrap.servers": (kafka or self.kafka).bootstrap,
            **JSON,
            "offset.storage.file.filename": self.folder / f"{name}.offsets",
            "offset.flush.interval.ms": 500,
            **(properties or {}),
        }, connectors, standalone=True, port=port), start, wait)

    def order_service(self, database, env=None, start=True, wait=True, port=None):
        return self._service("order-service", database, env, start, wait, port)

    def marketing_service(self, database, env=None, start=True, wait=True, port=None):
        return self._service("marketing-service", database, env, start, wait, port)

    def _service(self, program, database, env, start, wait, port):
        name = f"{program}-{len(self.processes)}"
        return self._begin(Service(self.folder, program, name, database.server, database.name, env, port), start, wait)

    def _begin(self, program, start, wait):
        self.processes.append(program)
        return program.start(wait) if start else program

    # ---- servers that a test may kill ----------------------------------------------------------------------

    def own_mysql(self, start=True, **options):
        """A MySQL server for this test alone: pause(), resume(), kill9(), stop(), start()."""
        server = MySQLServer(self.unique("mysql"), paths.FLAVOUR, **options)
        self._servers.append(server)
        return server.start() if start else server

    def own_kafka(self, start=True, **options):
        """A broker for this test alone."""
        server = KafkaServer(self.unique("kafka"), **options)
        self._servers.append(server)
        return server.start() if start else server

    # ---- the end -------------------------------------------------------------------------------------------

    def close(self):
        """Stops and removes everything; returns what was wrong with our programs as a list of texts."""
        problems = []
        for program in self.processes:
            was_running = program.running()
            if program.popen is not None and not was_running:
                problems.append(f"{program.name} ended by itself with status {program.popen.poll()}")
            try:
                status = program.stop() if was_running else None
                if status:
                    problems.append(f"{program.name} stopped with status {status}")
            except AssertionError as late:
                problems.append(str(late))
            problems += [f"{program.name}: {line}" for line in program.findings()[:5]]
        kill_all(self.processes)
        return problems

    def remove(self):
        """Deletes databases, topics and servers of this test."""
        for server in self._servers:
            server.remove()
        for database in self._databases:
            if database.server not in self._servers:
                database.drop()
        self.kafka.delete_topics([t for t in self.kafka.topics() if t.startswith(self.name)])

    # ---- what is left of a failure ---------------------------------------------------------------------------

    def capture(self, target):
        """Writes logs, topics and tables of this test below `target`."""
        target.mkdir(parents=True, exist_ok=True)
        for server in self._servers:
            if server.running():
                server.resume()  # a failed test may have left it standing still
        for process in [*self.processes, *self._servers]:
            (target / f"{process.name}.log").write_text(process.log)
            if isinstance(process, Worker) and process.file.exists():
                (target / process.file.name).write_text(re.sub(r"(?m)^(.*password=).*", r"\1***", process.file.read_text()))
        for broker in [self.kafka, *(s for s in self._servers if isinstance(s, KafkaServer) and s.running())]:
            for topic in sorted(broker.topics()):
                if topic.startswith(self.name) or broker is not self.kafka and not topic.startswith("__"):
                    lines = [f"{r.partition}/{r.offset} {r.key!r} {r.value!r}\n" for r in broker.records(topic)]
                    (target / f"topic-{topic}.txt").write_text("".join(lines))
        for database in self._databases:
            if database.server in self._servers and not database.server.running():
                continue
            for table in database.tables():
                lines = [f"{row!r}\n" for row in database.sql(f"select * from `{table}` limit 1000")]
                (target / f"table-{database.name}.{table}.txt").write_text("".join(lines))


# Partitions are what costs a broker most, and each test has internal topics of its own. DEFAULT_PARTITIONS: as users have them.
FEW_PARTITIONS = {"offset.storage.partitions": 5, "status.storage.partitions": 1}
DEFAULT_PARTITIONS = dict.fromkeys(FEW_PARTITIONS)

JSON = {
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
}
