"""The programs under test: workers and services."""

import pathlib
import re
import time

from . import paths
from .ports import free_port
from .process import Process
from .rest import ConnectRest, Http
from .wait import WAIT_S, Hopeless, until

# What the sanitizers print when they find something.
FINDING = re.compile(r"(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|runtime error:|SUMMARY: \w*Sanitizer")
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "LSAN_OPTIONS": f"suppressions={paths.ROOT}/tests/lsan.supp:print_suppressions=0",
    "TSAN_OPTIONS": f"suppressions={paths.ROOT}/tests/tsan.supp:history_size=4:exitcode=99",
}


class Program(Process):
    """A binary of ours. Ending by itself, or a sanitizer's finding, fails the test at its end (Lab.close)."""

    def __init__(self, name, argv, log, env=None, cwd=None):
        super().__init__(name, argv, log, {**SANITIZERS, **(env or {})}, cwd)

    def findings(self):
        """Lines of the log that no run may contain."""
        return [line for line in self.log.splitlines() if FINDING.search(line)]


class Worker(Program):
    """A Connect worker with its REST client in `.rest`."""

    def __init__(self, folder, name, properties, connectors=(), standalone=False, port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.rest = ConnectRest(self.url)
        self.worker_id = f"127.0.0.1:{self.port}"
        self.properties = {"listeners": self.url, **properties}
        self.file = folder / f"{name}.properties"
        program = "connect-standalone" if standalone else "connect-distributed"
        super().__init__(name, [paths.BIN / program, self.file, *connectors], folder / f"{name}.log")
        self.started_in = None  # seconds until REST answered

    def start(self, wait=True):
        self.write()
        begin = time.monotonic()
        Process.start(self)
        if wait:
            self.wait_ready()
            self.started_in = time.monotonic() - begin
        return self

    def peak_rss(self):
        """Bytes: the most memory that it has used so far."""
        status = pathlib.Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)[1]) << 10

    def write(self):
        """Writes the properties file. A value of None leaves a setting out."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("".join(f"{k}={v}\n" for k, v in self.properties.items() if v is not None))

    def wait_ready(self, timeout=WAIT_S):
        """Until REST answers reads, as a script that starts a worker would wait."""

        def answers():
            if not self.running():
                raise Hopeless(f"{self.name} ended: {self.log_now[-3000:]}")
            return self.rest.get("/connectors", timeout=5).status == 200

        until(f"{self.name} to answer", answers, timeout, every=0.01)

    def restart(self, wait=True):
        self.stop()
        return self.start(wait)


class Service(Program):
    """order-service or marketing-service with an HTTP client in `.rest`."""

    def __init__(self, folder, program, name, mysql, database, env=None, port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.rest = Http(self.url)
        environment = {
            "_DATASOURCE_ADDRESS": f"{mysql.host}:{mysql.port}",
            "_DATASOURCE_TABLESPACE": database,
            "_DATASOURCE_USERNAME": mysql.user,
            "_DATASOURCE_PASSWORD": mysql.password,
            "SERVER_PORT": self.port,
            **(env or {}),
        }
        super().__init__(name, [paths.BIN / program], folder / f"{name}.log", environment)

    def start(self, wait=True):
        Process.start(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=WAIT_S):
        def answers():
            if not self.running():
                raise Hopeless(f"{self.name} ended: {self.log_now[-3000:]}")
            return self.rest.get("/", timeout=5).status < 500

        until(f"{self.name} to answer", answers, timeout, every=0.01)
