"""Writes docs/PERFORMANCE.md's tables and charts from the results of bench/run.py. Prose stays in docs/PERFORMANCE.md:
only what stands between the two markers is replaced."""
import pathlib

from bench import chart

START, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def figure(spread, digits=0):
    """Median with its spread, e.g. 412,000 (398,000..420,000)."""
    text = f"{spread['median']:,.{digits}f}"
    return text if spread["low"] == spread["high"] else f"{text} ({spread['low']:,.{digits}f}..{spread['high']:,.{digits}f})"


def throughput_table(results, cases):
    workers = [name for name in ("ours", "java") if any(name in results.get(case, {}) for case in cases)]
    head = "| case | " + " | ".join(f"{w}: rows/s | CPU µs a row | RSS peak MiB" for w in workers) + (" | ratio |" if len(workers) == 2 else " |")
    lines = [head, "|" + "---|" * (head.count("|") - 1)]
    for case in cases:
        measured = results.get(case)
        if not measured:
            continue
        cells = [case]
        for worker in workers:
            m = measured.get(worker)
            cells += [figure(m["rows_per_s"]), figure(m["cpu_us_per_row"], 2), figure(m["peak_mib"])] if m else ["–"] * 3
        if len(workers) == 2:
            both = "ours" in measured and "java" in measured
            cells.append(f"{measured['ours']['rows_per_s']['median'] / measured['java']['rows_per_s']['median']:.1f}×" if both else "–")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def limits_table(limits):
    lines = ["| limit | rows/s | CPU µs a row |", "|---|---|---|"]
    lines += [f"| {name} | {figure(m['rows_per_s'])} | {figure(m['cpu_us_per_row'], 2)} |" for name, m in limits.items()]
    return "\n".join(lines)


def small_table(results, key, columns):
    lines = ["| | " + " | ".join(title for title, _, _ in columns) + " |", "|" + "---|" * (len(columns) + 1)]
    for worker in ("ours", "java"):
        m = results.get(key, {}).get(worker)
        if m:
            lines.append(f"| {worker} | " + " | ".join(figure(m[name], digits) for _, name, digits in columns) + " |")
    return "\n".join(lines)


def chart_of(results, limits, cases, limit_names):
    rows = []
    for case in cases:
        for worker in ("ours", "java"):
            m = results.get(case, {}).get(worker)
            if m:
                rows.append((f"{case} ({worker})", worker, m["rows_per_s"]["median"], f"{m['rows_per_s']['median']:,.0f}"))
    rows += [(name, "limit", limits[name]["rows_per_s"]["median"], f"{limits[name]['rows_per_s']['median']:,.0f}") for name in limit_names if name in limits]
    return rows


def write(root, results, limits, about):
    root = pathlib.Path(root)
    source_cases = [case for case in results if case.startswith("source")]
    sink_cases = [case for case in results if case.startswith("sink")]
    images = root / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    (images / "source.svg").write_text(chart.bars("Source: MySQL to Kafka", "rows/s", chart_of(results, limits, source_cases, ["produce none", "produce lz4"])))
    (images / "sink.svg").write_text(chart.bars("Sink: Kafka to MySQL", "rows/s", chart_of(results, limits, sink_cases, ["insert"])))
    body = "\n\n".join([
        about, "### Limits\n\n" + limits_table(limits),
        "### Source\n\n![source](images/source.svg)\n\n" + throughput_table(results, source_cases),
        "### Sink\n\n![sink](images/sink.svg)\n\n" + throughput_table(results, sink_cases),
        "### Start, memory at rest\n\n" + small_table(results, "start", [("REST answers after, ms", "start_ms", 0), ("RSS idle, MiB", "idle_mib", 1)]),
        "### Latency, commit to row in the target table\n\n" + small_table(results, "latency", [("p50 ms", "p50_ms", 1), ("p99 ms", "p99_ms", 1), ("CPU while idle, %", "idle_cpu_percent", 1)]),
        "### Rows lost with eight concurrent writers\n\n" + small_table(results, "writers", [("committed", "committed", 0), ("lost", "lost", 0), ("twice", "twice", 0)]),
    ])
    page = root / "docs" / "PERFORMANCE.md"
    text = page.read_text()
    before, rest = text.split(START)
    page.write_text(before + START + "\n\n" + body + "\n\n" + END + rest.split(END)[1])
