"""The accuracy ladder as an inline SVG: what each repair adds, from today to what nothing here explains."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

ROW = 30
LABELS = 300
BARS = 420
WIDTH = LABELS + BARS + 90


def ladder_svg(ladder: Sequence[Mapping[str, Any]]) -> str:
    """One bar a rung, from the accuracy before it to its own.

    Args:
        ladder: Rungs of ``findings.json``: label, accuracy (0..1), at_most; the first is today's accuracy.
    """
    if not ladder:
        return ""
    rows, before = [], 0.0
    for number, rung in enumerate(ladder):
        rows.append(_row(number, rung, before))
        before = float(rung["accuracy"])
    height = ROW * len(ladder) + 4
    words = "Accuracy ladder: " + ", ".join(f"{rung['label']} {_percent(rung)}" for rung in ladder)
    return (
        f'<svg class="ladder" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words)}">'
        f"{''.join(rows)}</svg>"
    )


def _row(number: int, rung: Mapping[str, Any], before: float) -> str:
    low, high = sorted((before, float(rung["accuracy"])))
    top = ROW * number
    kind = "today" if number == 0 else "bound" if rung.get("at_most") else "gain"
    left, width = LABELS + BARS * low, max(1.5, BARS * (high - low))
    label = str(rung["label"])
    short = label if len(label) <= 42 else label[:41] + "…"
    return (
        f'<text x="{LABELS - 10}" y="{top + 20}" text-anchor="end">{escape(short)}</text>'
        f'<rect class="{kind}" x="{left:.1f}" y="{top + 6}" width="{width:.1f}" height="{ROW - 10}" rx="2"/>'
        f'<text x="{left + width + 6:.1f}" y="{top + 20}">{_percent(rung)}</text>'
    )


def _percent(rung: Mapping[str, Any]) -> str:
    ceiling = rung.get("at_most") and rung.get("id") is not None  # the last rung is everything, no ceiling
    return f"{'≤ ' if ceiling else ''}{100 * float(rung['accuracy']):.1f} %"
