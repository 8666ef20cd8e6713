"""Writes docs/PERFORMANCE.md's tables and charts from the results of bench/run.py. Prose stays in docs/PERFORMANCE.md:
only what stands between the two markers is replaced. A section that was not measured is not there."""
from bench import chart

START, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WORKERS = ("ours", "java")
BUSY = 25  # percent of the cores in use by others before a section begins: too much to judge it
ABOUT = ("Everything runs on one machine, with Apache Kafka 4.1.1 and the system's librdkafka; Java is Apache Kafka Connect 4.1.1 with a heap of 1 GiB. "
         "Figures are medians (lowest..highest). Sections are measured in runs of their own: each says how.")


def median(m, key):
    return m[key]["median"]


def figure(spread, digits=0):
    """Median with its spread, e.g. 412,000 (398,000..420,000)."""
    text = f"{spread['median']:,.{digits}f}"
    low, high = (f"{spread[key]:,.{digits}f}" for key in ("low", "high"))
    return text if low == high else f"{text} ({low}..{high})"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def throughput(cases):
    rows = []
    for name, measured in cases.items():
        for worker in (kind for kind in WORKERS if kind in measured):
            m = measured[worker]
            ratio = ""
            if worker == "ours" and "java" in measured:
                ratio = f"{median(m, 'rows_per_s') / median(measured['java'], 'rows_per_s'):.1f}×"
            rows.append((name if worker == "ours" else "", worker, f"{m['rows']['median']:,.0f}", figure(m["rows_per_s"]), ratio,
                         figure(m["cpu_us_per_row"], 2), figure(m["peak_mib"])))
    return table(("case", "worker", "rows", "rows/s", "ours : Java", "CPU µs a row", "peak RSS MiB"), rows)


def bar_groups(cases, limits, names):
    groups = [(case, [(worker, *(measured[worker]["rows_per_s"][k] for k in ("median", "low", "high"))) for worker in WORKERS if worker in measured])
              for case, measured in cases.items()]
    return groups + [(name, [("limit", *(limits[name]["rows_per_s"][k] for k in ("median", "low", "high")))]) for name in names if name in limits]


def by_worker(cases, columns):
    """One row a case and worker; columns: [(title, key, digits)]"""
    rows = [(case, worker, *(figure(m[key], digits) if key in m else "–" for _, key, digits in columns))
            for case, measured in cases.items() for worker, m in measured.items()]
    return table(("", "worker", *(title for title, _, _ in columns)), rows)


# ---- how a section was measured ------------------------------------------------------------------------------

def runs_of(result):
    """The numbers of runs behind all medians of a section; None: not recorded."""
    if not isinstance(result, dict):
        return set()
    own = {result.get("runs")} if "median" in result else set()
    return own.union(*(runs_of(part) for part in result.values()))


HOW = (("date", "date {}"), ("machine", "{}"), ("mysql", "MySQL {}"), ("rows", "`--rows` {:,}"), ("runs", "runs {}"),
       ("busy", "{:.0f} % of the cores in use by others when it began"))


def how(measured, result):
    """One line from the record of a section, and from its figures; what an older version did not write down is said to be missing."""
    counts = runs_of(result) or {1}
    runs = {} if None in counts else {"runs": " to ".join(str(n) for n in sorted({min(counts), max(counts)}))}
    record = {**measured, **runs}
    known, missing = [text.format(record[key]) for key, text in HOW if key in record], [key for key, _ in HOW if key not in record]
    return "".join(f"{words}: {', '.join(parts)}. " for words, parts in (("Measured", known), ("Not recorded", missing)) if parts).strip()


def is_busy(r, sections):
    """Whether others used the cores, or may have, when one of these began."""
    return max(r["measured"].get(section, {}).get("busy", 100) for section in sections) > BUSY


# ---- sections: results -> markdown, and charts put into `images` ----------------------------------------------

def limits_section(r, images):
    rows = [(name, figure(m["rows"]) if "rows" in m else "not recorded", figure(m["rows_per_s"]), figure(m["cpu_us_per_row"], 2))
            for name, m in r["limits"].items()]
    return table(("limit", "rows", "rows/s", "CPU µs a row"), rows)


def source_section(r, images):
    images["source.svg"] = chart.bars("Source: MySQL to Kafka", "rows/s", bar_groups(r["source"], r.get("limits", {}), ("select", "produce none", "produce lz4")))
    return "![source](images/source.svg)\n\n" + throughput(r["source"])


def sink_section(r, images):
    images["sink.svg"] = chart.bars("Sink: Kafka to MySQL", "rows/s", bar_groups(r["sink"], r.get("limits", {}), ("insert", "consume lz4")))
    return ("![sink](images/sink.svg)\n\n" + throughput(r["sink"]) +
            "\n\n`tuned` is the URL with `rewriteBatchedStatements=true`, which only Java needs. Records without schemas cannot be put into a "
            "table by either worker.")


def end_to_end_section(r, images):
    return throughput(r["end to end"])


def start_section(r, images):
    images["start.svg"] = chart.bars("Start until REST answers", "ms", [("start", [(w, *(r["start"]["start"][w]["start_ms"][k] for k in ("median", "low", "high"))) for w in r["start"]["start"]])])
    return "![start](images/start.svg)\n\n" + by_worker(r["start"], [("REST answers after, ms", "start_ms", 0), ("RSS idle, MiB", "idle_mib", 1), ("peak MiB", "peak_mib", 1)])


LATENCY_NOTES = """
Where the time of a row goes, with MySQL 9 and its defaults (a synchronous redo log and binlog) on a machine that others used: committing the
row, 2.5 to 2.9 ms, which is part of what is measured; up to 1 ms until the next poll; under 2 ms from producing through the broker to
the consumer, which waits in a fetch (strace); INSERT and COMMIT of the sink, 2.7 ms. Two commits are more than half of it. Changed, or
looked at:

* Rows used to be sent when a poll behind theirs had found nothing: one SELECT later, and while rows kept coming one by one only by
  `linger.ms`, 200 ms, which fits the p99 of 217 ms at 500 rows/s. Now the source says which batch is the last for now, and that is sent at once.
* `linger.ms=0` instead was not tried: a table that is read for the first time would be sent in smaller requests.
* A table without a row for half a second is polled every 4 ms instead of every 2 ms at `poll.interval.ms=1`: 5.0 to 5.2 % of a core instead
  of 6.2 % in the five seconds behind the last row. Half of what a poll costs is the kernel's (perf): sending, waiting and waking.
* Who writes is looked at only while ids are missing, or in timestamp modes every 0.11 s, so there was nothing to save.
"""


def latency_section(r, images):
    images["latency.svg"] = chart.bars("Commit to row in the target table, p50", "ms", [
        (case, [(w, *(m[w]["p50_ms"][k] for k in ("median", "low", "high"))) for w in WORKERS if w in m]) for case, m in r["latency"].items()])
    return ("![latency](images/latency.svg)\n\n" +
            by_worker(r["latency"], [("p50 ms", "p50_ms", 1), ("p99 ms", "p99_ms", 1), ("CPU while idle, %", "idle_cpu_percent", 1)]) + LATENCY_NOTES)


def writers_section(r, images):
    return by_worker(r["writers"], [("committed", "committed", 0), ("lost", "lost", 0), ("lost %", "lost_percent", 1), ("twice", "twice", 0)])


GROWTH = {
    "source": ("growth-source.svg", "Source: a growing table", "rows in the table"),
    "sink": ("growth-sink.svg", "Sink: a growing lag", "records that wait"),
    "columns": ("growth-columns.svg", "Source: more columns", "columns"),
}


def growth_section(r, images):
    parts = []
    for kind, (file, title, x_label) in GROWTH.items():
        sizes = {int(size): m for size, m in r["growth"].get(kind, {}).items()}
        if not sizes:
            continue
        per = "value" if kind == "columns" else "row"
        cost = {n: median(m["ours"], "cpu_us_per_row") / (n if kind == "columns" else 1) for n, m in sizes.items()}
        images[file] = chart.growth(title, "the line is flat when cost does not grow with size", x_label, [
            (f"CPU, µs a {per}", {"ours": list(cost.items())}),
            ("peak RSS, MiB", {"ours": [(n, median(m["ours"], "peak_mib")) for n, m in sizes.items()]})])
        rows = [(f"{n:,}", figure(m["ours"]["rows_per_s"]), f"{cost[n]:.2f}", figure(m["ours"]["peak_mib"])) for n, m in sorted(sizes.items())]
        parts.append(f"![{title}](images/{file})\n\n" + table((x_label, "rows/s", f"CPU µs a {per}", "peak RSS MiB"), rows))
    return "\n\n".join(parts)


def idle_section(r, images):
    sizes = {int(n): m for n, m in r["idle"].items()}
    images["growth-connectors.svg"] = chart.growth("Idle connectors", "sources of a quiet table, poll.interval.ms=5000", "connectors", [
        ("RSS, MiB", {"ours": [(n, m["rss_mib"]) for n, m in sizes.items()]}),
        ("CPU, % of a core", {"ours": [(n, m["idle_cpu_percent"]) for n, m in sizes.items()]})])
    rows = [(f"{n:,}", f"{m['rss_mib']:,.0f}", f"{m['idle_cpu_percent']:.1f}", f"{m['threads']:,}", f"{m['status_ms']:,.0f}" if "status_ms" in m else "")
            for n, m in sorted(sizes.items())]
    return "![idle connectors](images/growth-connectors.svg)\n\n" + table(("connectors", "RSS MiB", "CPU %", "threads", "status of all, ms"), rows)


def services_section(r, images):
    rows = []
    for case, measured in r["services"]["results"].items():
        for service, m in measured.items():
            rows.append((case, service, *(figure(m[key], digits) if key in m else "" for key, digits in (
                ("start_ms", 0), ("per_s", 0), ("p50_ms", 2), ("p99_ms", 1), ("cpu_us", 0))), figure(m["rss_mib"] if "rss_mib" in m else m["idle_mib"], 0)
                if {"rss_mib", "idle_mib"} & set(m) else ""))
    rows += [(case, "limit", "", figure(m["per_s"]), "", "", "", "") for case, m in r["services"]["limits"].items()]
    return table(("order-service", "", "start ms", "requests/s", "p50 ms", "p99 ms", "CPU µs a request", "RSS MiB"), rows)


SECTIONS = [
    ("limits", "Limits", limits_section), ("source", "Source", source_section), ("sink", "Sink", sink_section),
    ("end to end", "End to end", end_to_end_section), ("start", "Start, memory at rest", start_section),
    ("latency", "Latency", latency_section), ("writers", "Rows lost with eight concurrent writers", writers_section),
    ("growth", "Growth", growth_section), ("idle", "Many idle connectors", idle_section), ("services", "Services", services_section),
]


def goals(r):
    """[(goal, wanted, measured, is met)] for what was measured."""
    out, limits = [], r.get("limits", {})

    def add(sections, name, wanted, value, is_met, digits=1, unit=""):
        """`sections` are those that the value is made of, with a blank between."""
        verdict = "not judged: others may have used the cores" if is_busy(r, sections.split()) else "met" if is_met else "**missed**"
        out.append((name, wanted, f"{value:,.{digits}f}{unit}", verdict))
    source = r.get("source", {}).get("default settings", {})
    if source:
        ours = source["ours"]
        if "java" in source:
            ratio = median(ours, "rows_per_s") / median(source["java"], "rows_per_s")
            add("source", "source against Java, defaults", "≥ 8×", ratio, ratio >= 8, 1, "×")
        if {"select", "produce lz4"} <= set(limits):
            ratio = median(ours, "rows_per_s") / min(median(limits[k], "rows_per_s") for k in ("select", "produce lz4"))
            add("source limits", "source against the slower of SELECT and producing (lz4)", "≥ 0.7", ratio, ratio >= 0.7, 2)
        add("source", "source CPU a row", "≤ 2.5 µs", median(ours, "cpu_us_per_row"), median(ours, "cpu_us_per_row") <= 2.5, 2, " µs")
        add("source", "source peak RSS", "≤ 64 MiB", median(ours, "peak_mib"), median(ours, "peak_mib") <= 64, 0, " MiB")
    insert, tuned = r.get("sink", {}).get("insert", {}), r.get("sink", {}).get("insert, tuned", {})
    if insert:
        ours = insert["ours"]
        if "insert" in limits:
            ratio = median(ours, "rows_per_s") / median(limits["insert"], "rows_per_s")
            add("sink limits", "sink insert against multi-row INSERT", "≥ 0.8", ratio, ratio >= 0.8, 2)
        if "java" in insert:
            ratio = median(ours, "rows_per_s") / median(insert["java"], "rows_per_s")
            add("sink", "sink insert against Java's default", "≥ 10×", ratio, ratio >= 10, 1, "×")
        if "java" in tuned:
            ratio = median(ours, "rows_per_s") / median(tuned["java"], "rows_per_s")
            add("sink", "sink insert against Java tuned", "≥ 2×", ratio, ratio >= 2, 1, "×")
        add("sink", "sink CPU a row", "≤ 2.5 µs", median(ours, "cpu_us_per_row"), median(ours, "cpu_us_per_row") <= 2.5, 2, " µs")
        add("sink", "sink peak RSS", "≤ 64 MiB", median(ours, "peak_mib"), median(ours, "peak_mib") <= 64, 0, " MiB")
    upsert = r.get("sink", {}).get("upsert, tuned", {})
    if "java" in upsert:
        ratio = median(upsert["ours"], "rows_per_s") / median(upsert["java"], "rows_per_s")
        add("sink", "sink upsert against Java tuned", "≥ 3×", ratio, ratio >= 3, 1, "×")
    start = r.get("start", {}).get("start", {}).get("ours")
    if start:
        add("start", "REST answers after", "≤ 100 ms", median(start, "start_ms"), median(start, "start_ms") <= 100, 0, " ms")
        add("start", "RSS idle", "≤ 15 MiB", median(start, "idle_mib"), median(start, "idle_mib") <= 15, 1, " MiB")
    for case, m in r.get("latency", {}).items():
        for key, limit in (("p50_ms", 5), ("p99_ms", 15)):
            add("latency", f"latency {key[:3]}, {case}", f"≤ {limit} ms", median(m["ours"], key), median(m["ours"], key) <= limit, 1, " ms")
    if r.get("latency"):
        idle = max(median(m["ours"], "idle_cpu_percent") for m in r["latency"].values())
        add("latency", "CPU while idle, poll.interval.ms=1", "≤ 3 %", idle, idle <= 3, 1, " %")
    writers = r.get("writers", {}).get("writers", {}).get("ours")
    if writers:
        add("writers", "rows lost, rows twice", "0, 0", writers["lost"]["high"] + writers["twice"]["high"], writers["lost"]["high"] + writers["twice"]["high"] == 0, 0)
    return out


def body_of(results, images):
    """All that stands between the markers; charts are put into `images`."""
    body = [ABOUT]
    missing = [title.lower() for key, title, _ in SECTIONS if not results.get(key)]
    if missing:
        body.append(f"Not measured: {', '.join(missing)}.")
    busy = [title.lower() for key, title, _ in SECTIONS if results.get(key) and is_busy(results, [key])]
    if busy:
        body.append("**Other programs used the cores**, or may have, when these began: " + ", ".join(busy) + ".")
    met = goals(results)
    if met:
        body.append("### Goals\n\n" + table(("goal", "wanted", "measured", ""), met))
    body += [f"### {title}\n\n{how(results['measured'].get(key, {}), results[key])}\n\n{make(results, images)}"
             for key, title, make in SECTIONS if results.get(key)]
    return "\n\n".join(body)


def write(root, results):
    images = {}
    body = body_of(results, images)
    folder = root / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in images.items():
        (folder / name).write_text(svg)
    page = root / "docs" / "PERFORMANCE.md"
    before, rest = page.read_text().split(START)
    page.write_text(before + START + "\n\n" + body + "\n\n" + END + rest.split(END)[1])
