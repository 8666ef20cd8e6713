"""Scenarios that are folders: tests/integration/scenarios/NAME/, described in tests/README.md."""

import json
import os
import pathlib

import pytest

from harness import until
from harness.wait import stays

pytestmark = pytest.mark.server

FOLDERS = sorted(p.parent for p in (pathlib.Path(__file__).parent / "scenarios").glob("*/README.md"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_scenario(lab, folder):
    database, worker = lab.database(), lab.worker()
    prefix = lab.unique("out") + "-"
    words = {"${url}": database.jdbc_url(), "${user}": lab.mysql.user, "${password}": lab.mysql.password,
             "${prefix}": prefix, "${name}": lab.name, "${database}": database.name}

    def filled(text):
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    def run(name):
        if (folder / name).exists():
            database.script(filled((folder / name).read_text()))

    run("before.sql")
    for file in sorted((folder / "connectors").glob("*.json")):
        worker.rest.create(f"{lab.name}-{file.stem}", json.loads(filled(file.read_text())))
    run("after.sql")

    if os.environ.get("TEST_RECORD"):
        record(lab, database, folder, prefix)
    checked = 0
    for file in sorted((folder / "expected").iterdir()):
        kind, name = file.stem.split("-", 1)
        lines = file.read_text().splitlines()
        {"topic": check_topic, "table": check_table}[kind](lab, database, name.replace("@", prefix), lines)
        checked += 1
    assert checked, f"{folder}/expected is empty"


def check_topic(lab, _database, topic, lines):
    records = lab.kafka.records(topic, at_least=len(lines))
    for number, (line, record) in enumerate(zip(lines, records), 1):
        wrong = differences(json.loads(line), shown(record))
        assert not wrong, f"record {number} of {topic}: {'; '.join(wrong)}"
    stays(f"{len(lines)} records in {topic}", lambda: len(lab.kafka.records(topic)) == len(lines), seconds=0.3)


def check_table(_lab, database, table, lines):
    until(f"{len(lines) - 1} rows in {table}", lambda: table in database.tables() and rows_of(database, table) == lines)


def shown(record):
    """A record as a line of an expectation: key and value as JSON where they are, else as text."""

    def value(raw):
        try:
            return None if raw is None else json.loads(raw)
        except ValueError:
            return raw.decode("utf-8", "backslashreplace")

    line = {"key": value(record.key), "value": value(record.value)}
    if record.headers:
        line["headers"] = [[name, value(v)] for name, v in record.headers]
    return line


def rows_of(database, table):
    """Header and rows, tab-separated, NULL for null, sorted."""
    columns = [row[0] for row in database.sql(f"show columns from `{table}`")]
    rows = ["\t".join("NULL" if v is None else str(v) for v in row) for row in database.sql(f"select * from `{table}`")]
    return ["\t".join(columns), *sorted(rows)]


def differences(expected, actual, path="$"):
    """Where two JSON values differ; the text "*" matches anything."""
    if expected == "*":
        return []
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = [*expected, *(n for n in actual if n not in expected)]
        return [d for n in names for d in (
            differences(expected[n], actual[n], f"{path}.{n}") if n in expected and n in actual
            else [f"{path}.{n} {'is missing' if n in expected else 'is unexpected'}"])]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [d for i, pair in enumerate(zip(expected, actual)) for d in differences(*pair, f"{path}[{i}]")]
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{path}: expected {expected!r}, got {actual!r}"]


def record(lab, database, folder, prefix):
    """TEST_RECORD=1: takes what is there after two quiet seconds for the expectation. Read it before you commit it."""
    def state():
        topics = [t for t in lab.kafka.topics() if t.startswith(prefix)]
        tables = [t for t in database.tables() if t.startswith(prefix)]
        return ({t: [json.dumps(shown(r), ensure_ascii=False) for r in lab.kafka.records(t)] for t in topics},
                {t: rows_of(database, t) for t in tables})

    quiet = [state()]

    def settled():
        before, quiet[0] = quiet[0], state()
        return before == quiet[0] and any(before)

    until("things to settle", settled, timeout=60, every=2)
    topics, tables = quiet[0]
    for kind, ending, found in (("topic", "jsonl", topics), ("table", "tsv", tables)):
        for name, lines in found.items():
            file = folder / "expected" / f"{kind}-{name.replace(prefix, '@')}.{ending}"
            file.write_text("".join(line + "\n" for line in lines))
