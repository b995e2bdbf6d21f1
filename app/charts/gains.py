"""What undoing each supported cause gives back, with its interval."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from app.charts import palette
from app.findings import Finding


def gains(findings: Sequence[Finding]) -> go.Figure:
    """Dots with 95 % intervals, one row a finding, the largest on top.

    Args:
        findings: With a gain; ceilings are drawn hollow and say "at most".
    """
    shown = [finding for finding in findings if finding.gain is not None][::-1]
    kinds = (("measured", False, palette.CORRECT), ("at most", True, palette.BOUND))
    dots = [
        _dots(rows, name, at_most=at_most, colour=colour)
        for name, at_most, colour in kinds
        if (rows := [finding for finding in shown if finding.at_most is at_most])
    ]
    zero = palette.vertical_line(0, "", line={"color": palette.NEUTRAL, "width": 1})["shapes"]
    order = {"categoryorder": "array", "categoryarray": [palette.plain(row.title) for row in shown]}
    return palette.drawn(
        dots, x="Gain in accuracy (points)", y="", height=90 + 34 * len(shown), yaxis=order, shapes=zero
    )


def _dots(rows: Sequence[Finding], name: str, *, at_most: bool, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [100 * (row.gain or 0) for row in rows],
        "y": [palette.plain(row.title) for row in rows],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_reach(row.gain, row.gain_high) for row in rows],
            "arrayminus": [_reach(row.gain_low, row.gain) for row in rows],
            "color": colour,
        },
        "mode": "markers",
        "marker": {
            "color": colour,
            "size": 11,
            "symbol": "circle-open" if at_most else "circle",
            "line": {"width": 2, "color": colour},
        },
        "name": name,
        "hovertemplate": "%{y}<br>" + ("at most " if at_most else "") + "%{x:+.1f} points<extra></extra>",
    }


def _reach(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else 100 * max(0.0, high - low)
