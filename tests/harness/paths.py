"""Where things are."""

import os
import pathlib
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
BIN = pathlib.Path(os.environ.get("TEST_BIN", BUILD / "bin")).resolve()

# One folder a test run; xdist's processes inherit it. Removed at the end, or by the reaper.
RUN = pathlib.Path(os.environ.setdefault("TEST_RUN_DIR", str(BUILD / "test" / f"run-{uuid.uuid4().hex[:8]}")))

# What is kept of failed scenarios: logs, topics, tables.
FAILURES = pathlib.Path(os.environ.get("TEST_FAILURES", BUILD / "test" / "failures"))

# Oracle's MySQL as mysql/bin/oracle-mysql.sh puts it.
ORACLE = BUILD / "mysql9"

# Which MySQL the tests start: "oracle" for that one, else the packaged server.
FLAVOUR = os.environ.get("TEST_DB") or None
