"""Charts as SVG, readable on light and dark pages, without any library: horizontal bars, and lines over growing sizes."""
import math
from xml.sax.saxutils import escape

COLOURS = {"ours": "#1b7f5c", "java": "#c0692b", "limit": "#8a8f98"}
NAMES = {"ours": "this worker", "java": "Java worker", "limit": "limit"}
INK, FAINT, GRID = "#24292f", "#6b7280", "#e5e7eb"
FONT = 'font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif"'


def short(value):
    """1250000 -> 1.25M"""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def text(x, y, words, size=12, colour=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(str(words))}</text>')


def frame(width, height, title, subtitle, body):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" {FONT} '
        f'role="img" aria-label="{escape(title)}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
        text(20, 30, title, 16, INK, weight="600"), text(20, 49, subtitle, 12, FAINT), *body, "</svg>"]) + "\n"


def legend(x, y, kinds):
    out = []
    for kind in kinds:
        out += [f'<rect x="{x}" y="{y - 9}" width="10" height="10" rx="2" fill="{COLOURS[kind]}"/>', text(x + 15, y, NAMES[kind], 12, FAINT)]
        x += 30 + 7 * len(NAMES[kind])
    return out


def bars(title, unit, groups):
    """groups: [(label, [(kind, value, low, high)])], one group of bars a case."""
    label, plot, value_room, bar, gap = 210, 430, 130, 15, 14
    width = label + plot + value_room
    top = max((high for _, members in groups for _, _, _, high in members), default=1) or 1
    kinds = [k for k in COLOURS if any(k == kind for _, members in groups for kind, *_ in members)]
    body, y = legend(label, 72, kinds), 90
    for name, members in groups:
        middle = y + len(members) * (bar + 3) / 2 + 3
        body.append(text(label - 12, middle, name, 12, INK, "end"))
        for kind, value, low, high in members:
            length, from_x, to_x = (max(1.5, v / top * plot) for v in (value, low, high))
            body.append(f'<rect x="{label}" y="{y}" width="{length:.1f}" height="{bar}" rx="2" fill="{COLOURS[kind]}"/>')
            if high > low:
                body.append(f'<path d="M{label + from_x:.1f} {y + bar / 2}H{label + to_x:.1f}" stroke="{INK}" stroke-opacity=".55" stroke-width="1.2"/>')
            body.append(text(label + max(length, to_x if high > low else 0) + 7, y + 12, f"{short(value)} {unit}", 12, FAINT))
            y += bar + 3
        y += gap
    return frame(width, y + 4, title, "median; the thin line is the spread of the runs", body)


def ticks(top):
    step = 10 ** math.floor(math.log10(top)) if top > 0 else 1
    step = next(step * m for m in (0.1, 0.2, 0.25, 0.5, 1, 2) if top / (step * m) <= 5)
    return [i * step for i in range(int(top / step + 1e-9) + 1)]


def panel(x0, y0, width, height, title, points, x_label):
    """One small chart, x logarithmic. points: {kind: [(x, y)]}"""
    xs = sorted({x for line in points.values() for x, _ in line})
    top = max(y for line in points.values() for _, y in line) * 1.15 or 1
    left, right = math.log10(xs[0]), math.log10(xs[-1])

    def at(x, y):
        part = (math.log10(x) - left) / (right - left) if right > left else 0.5
        return x0 + part * width, y0 + height - y / top * height
    out = [text(x0 - 30, y0 - 12, title, 12, INK, weight="600")]
    for tick in ticks(top):
        y = at(xs[0], tick)[1]
        out += [f'<path d="M{x0} {y:.1f}H{x0 + width}" stroke="{GRID}"/>', text(x0 - 7, y + 4, short(tick), 11, FAINT, "end")]
    out += [text(at(x, 0)[0], y0 + height + 17, short(x), 11, FAINT, "middle") for x in xs]
    out.append(text(x0 + width / 2, y0 + height + 34, x_label, 11, FAINT, "middle"))
    for kind, line in points.items():
        path = " L".join("{:.1f} {:.1f}".format(*at(x, y)) for x, y in sorted(line))
        out.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[kind]}" stroke-width="2.2" stroke-linejoin="round"/>')
        out += ['<circle cx="{:.1f}" cy="{:.1f}" r="3.4" fill="{}"/>'.format(*at(x, y), COLOURS[kind]) for x, y in line]
    return out


def growth(title, subtitle, x_label, panels):
    """panels: [(title, {kind: [(x, y)]})] side by side."""
    width, height, each = 770, 270, 770 / len(panels)
    body = []
    for i, (name, points) in enumerate(panels):
        body += panel(62 + i * each, 96, each - 92, 112, name, points, x_label)
    return frame(width, height, title, subtitle, body)
