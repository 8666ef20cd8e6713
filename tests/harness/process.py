"""A program under test or a server: started in a process group of its own, logged to a file, never left behind."""

import os
import pathlib
import re
import signal
import subprocess
import time

from .reaper import Reaper
from .wait import WAIT_S, until

_reaper = None


def reaper():
    global _reaper
    if _reaper is None:
        _reaper = Reaper()
    return _reaper


class Process:
    def __init__(self, name, argv, log, env=None, cwd=None):
        """Nothing runs before start(). `env` is added to this process's environment."""
        self.name, self.argv, self.log_file, self.cwd = name, [str(a) for a in argv], log, cwd
        self.env = dict(os.environ, **{k: str(v) for k, v in (env or {}).items()})
        self.popen = None
        self.ends = []  # exit statuses that nobody asked for

    # ---- life ----------------------------------------------------------------------------------------------

    def start(self):
        assert not self.running(), f"{self.name} runs already"
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_file, "ab") as log:
            self._log_from = log.tell()
            self.popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, cwd=self.cwd,
                start_new_session=True,
            )
        reaper().watch(self.popen.pid)
        return self

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    @property
    def pid(self):
        return self.popen.pid

    def signal(self, number):
        os.killpg(self.popen.pid, number)

    def stop(self, timeout=WAIT_S):
        """SIGTERM; returns the exit status. A program that does not stop in time is killed, and that is an error."""
        if self.popen is None:
            return None
        if self.running():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"{self.name} did not stop within {timeout} s of SIGTERM; see {self.log_file}")
        self._gone()
        return status

    def kill9(self):
        """SIGKILL to the whole group, as a power cut would."""
        if self.popen is not None and self.popen.poll() is None:
            self.signal(signal.SIGKILL)
            self.popen.wait()
        self._gone()

    def wait_exit(self, timeout=WAIT_S):
        """Waits for the program to end by itself; returns its exit status."""
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {timeout} s; see {self.log_file}")
        self._gone()
        return status

    def _gone(self):
        if self.popen is not None:
            try:
                os.killpg(self.popen.pid, signal.SIGKILL)  # children it may have left
            except (ProcessLookupError, PermissionError):
                pass
            reaper().forget(self.popen.pid)
            self.popen = None

    def pause(self):
        """Stops the clock for it: connections stay open, nothing is answered. Returns when it stands still."""
        self.signal(signal.SIGSTOP)
        until(f"{self.name} to stand still", self._stands_still, every=0.001)

    def _stands_still(self):
        """Every thread of it; the signal reaches them one by one."""
        states = [thread.read_text().rpartition(")")[2].split()[0] for thread in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat")]
        return set(states) == {"T"}

    def resume(self):
        self.signal(signal.SIGCONT)

    # ---- what it says --------------------------------------------------------------------------------------

    @property
    def log(self):
        """Everything it has logged, over all its starts."""
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    @property
    def log_now(self):
        """What it has logged since its last start."""
        with open(self.log_file, "rb") as f:
            f.seek(self._log_from)
            return f.read().decode("utf-8", "replace")

    def wait_log(self, pattern, timeout=WAIT_S):
        """Waits until a line since the last start matches; returns the match."""
        return until(f"/{pattern}/ in the log of {self.name}", lambda: re.search(pattern, self.log_now, re.M), timeout)

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def kill_all(processes):
    """Ends everything at once: ask all, then wait for each."""
    for p in processes:
        if p.running():
            p.signal(signal.SIGCONT)
            p.signal(signal.SIGTERM)
    end = time.monotonic() + 20
    for p in processes:
        try:
            if p.popen is not None:
                p.popen.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        p.kill9()
