"""Horizontal bar charts as SVG, readable on light and dark pages, without any library."""
from xml.sax.saxutils import escape

BAR, GAP, LABEL, WIDTH, VALUE = 18, 8, 230, 460, 150
COLOURS = {"ours": "#1b7f5c", "java": "#b5651d", "limit": "#8a8f98"}


def bars(title, unit, rows):
    """rows: [(label, kind, value, text)] with kind one of COLOURS -> SVG text"""
    top = max((value for _, _, value, _ in rows), default=1) or 1
    height = 40 + len(rows) * (BAR + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDTH + VALUE}" height="{height}" '
           f'font-family="sans-serif" font-size="13" role="img" aria-label="{escape(title)}">',
           f'<rect width="100%" height="100%" fill="#ffffff"/><text x="8" y="22" font-weight="bold">{escape(title)} ({escape(unit)})</text>']
    for i, (label, kind, value, text) in enumerate(rows):
        y, length = 36 + i * (BAR + GAP), max(2, value / top * WIDTH)
        out.append(f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>'
                   f'<rect x="{LABEL}" y="{y}" width="{length:.0f}" height="{BAR}" fill="{COLOURS[kind]}"/>'
                   f'<text x="{LABEL + length + 6:.0f}" y="{y + 13}">{escape(text)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
