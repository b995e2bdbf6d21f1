"""What undoing each supported cause gives back, with its interval."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts import palette
from app.findings import Finding


def gains(findings: Sequence[Finding]) -> go.Figure:
    """Dots with 95 % intervals, one row a finding, the largest on top.

    Args:
        findings: With a gain; ceilings are drawn hollow and say "at most".
    """
    shown = [finding for finding in findings if finding.gain is not None][::-1]
    figure = go.Figure()
    for name, at_most, colour in (("measured", False, palette.CORRECT), ("at most", True, palette.BOUND)):
        rows = [finding for finding in shown if finding.at_most is at_most]
        if rows:
            figure.add_scatter(
                x=[100 * (row.gain or 0) for row in rows],
                y=[palette.plain(row.title) for row in rows],
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [_reach(row.gain, row.gain_high) for row in rows],
                    "arrayminus": [_reach(row.gain_low, row.gain) for row in rows],
                    "color": colour,
                },
                mode="markers",
                marker={
                    "color": colour,
                    "size": 11,
                    "symbol": "circle-open" if at_most else "circle",
                    "line": {"width": 2, "color": colour},
                },
                name=name,
                hovertemplate="%{y}<br>" + ("at most " if at_most else "") + "%{x:+.1f} points<extra></extra>",
            )
    figure.update_yaxes(categoryorder="array", categoryarray=[palette.plain(row.title) for row in shown])
    palette.layout(figure, x="Gain in accuracy (points)", y="", height=90 + 34 * len(shown))
    figure.add_vline(x=0, line={"color": palette.NEUTRAL, "width": 1})
    return figure


def _reach(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else 100 * max(0.0, high - low)
