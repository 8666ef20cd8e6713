"""What `make bench` writes about its figures. Nothing is measured here."""

import argparse
import json
import sys

import pytest

from harness import paths

sys.path.append(str(paths.ROOT))

from bench import measure, page, run  # noqa: E402


def figures(runs=1, **values):
    return measure.median_of([values] * runs)


def worker(rows_per_s, runs=1):
    return figures(runs, rows=1000, rows_per_s=rows_per_s, cpu_us_per_row=1.5, peak_mib=30)


def results(busy):
    """Two sections, each with its record."""
    return {"limits": {name: worker(100) for name in ("select", "insert", "produce lz4")}, "source": {"default settings": {"ours": worker(90, runs=3)}},
            "measured": {section: {"date": "2026-01-02", "machine": "2 cores", "mysql": "9", "rows": 1000, "busy": percent}
                         for section, percent in busy.items()}}


@pytest.fixture
def options(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results.json")
    return lambda rows: argparse.Namespace(rows=rows)


def test_each_section_keeps_how_it_was_measured(options):
    run.merge("source", {}, run.how("8.4", options(500), 3.0))
    run.merge("sink", {}, run.how("9.7", options(1000), 40.0))
    kept = run.load()["measured"]
    assert {(section, m["mysql"], m["rows"], m["busy"]) for section, m in kept.items()} == {("source", "8.4", 500, 3.0), ("sink", "9.7", 1000, 40.0)}


def test_the_page_says_how_each_section_was_measured():
    r = results({"limits": 3, "source": 12})
    r["source"]["2 tables, 2 tasks"] = {"ours": worker(90)}
    text = page.body_of(r, {})
    assert ("Measured: date 2026-01-02, 2 cores, MySQL 9, `--rows` 1,000, runs 1 to 3, "
            "12 % of the cores in use by others when it began.\n") in text.split("### Source")[1]
    assert "runs 1, 3 % of the cores in use by others when it began.\n" in text.split("### Limits")[1].split("### Source")[0]


def test_what_older_results_do_not_say_is_not_made_up(options):
    old = results({})
    del old["measured"]
    for case in old["source"].values():
        for spread in case["ours"].values():
            del spread["runs"]
    run.RESULTS.write_text(json.dumps({**old, "about": "Measured on 2026-01-01: 1,000,000 rows, 3 runs", "busy": {"source": 20.0}}))
    text = page.body_of(run.load(), {})
    assert "1,000,000" not in text and "2026" not in text
    assert ("Measured: 20 % of the cores in use by others when it began. Not recorded: date, machine, mysql, rows, runs.\n"
            in text.split("### Source")[1])


@pytest.mark.parametrize("busy, verdict", [
    ({"limits": 3, "source": 3}, "met"),
    ({"limits": 36, "source": 3}, "not judged"),
    ({"limits": 3, "source": 36}, "not judged"),
    ({"source": 3}, "not judged"),
])
def test_a_goal_is_judged_when_all_sections_that_it_uses_were_measured_quietly(busy, verdict):
    [line] = [goal for goal in page.goals(results(busy)) if "the slower of" in goal[0]]
    assert line[3].startswith(verdict)


def test_every_chart_that_is_written_is_shown():
    r = results({})
    r["start"] = {"start": {"ours": figures(5, start_ms=60, idle_mib=12, peak_mib=13)}}
    images = {}
    text = page.body_of(r, images)
    assert "start.svg" in images and all(f"(images/{name})" in text for name in images)
