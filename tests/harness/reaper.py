"""Kills what a test run started when the run itself has died, however it died.

Runs as a process of its own, in a session of its own, with a pipe from the test process as standard input:

    +PGID      a process group that lives
    -PGID      it is gone
    dFOLDER    a folder to delete

The end of the pipe means that the test process is gone: what is still on the list goes too.
"""

import os
import shutil
import signal
import subprocess
import sys


class Reaper:
    """The test process's end of the pipe."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-S", __file__], stdin=subprocess.PIPE, start_new_session=True, text=True, bufsize=1
        )

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def watch(self, group):
        self._say(f"+{group}")

    def forget(self, group):
        self._say(f"-{group}")

    def delete_at_end(self, folder):
        self._say(f"d{folder}")


def main():
    groups, folders = set(), []
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line[0] == "+":
            groups.add(int(line[1:]))
        elif line[0] == "-":
            groups.discard(int(line[1:]))
        else:
            folders.append(line[1:])
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    main()
