"""Distributions as filled steps: one series a group, shares instead of counts so that small groups can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import FloatArray
from app.charts import palette

MOST_BINS = 80


def histogram_table(
    series: Mapping[str, FloatArray], *, bins: int = MOST_BINS, limits: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Histograms of several series over the same bins; values that are not finite are left out.

    Args:
        series: Name → values, any length; at least one series.
        bins: At most so many bins over the range of all values together; fewer where there are few values.
        limits: Range of the bins where the quantity has one of its own, such as 0 to 100 per cent.

    Returns:
        Rows series × bin: `series`, `left`, `right` (edges), `count`, `share` (0..1 of that series).
    """
    finite = {name: values[np.isfinite(values)] for name, values in series.items()}
    values = np.concatenate([*finite.values(), np.zeros(0)])
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if limits is not None:
        low, high = limits
    elif low == high:
        low, high = low - 0.5, high + 0.5
    bins = int(np.clip(2 * np.sqrt(len(values)), 8, bins))
    width = (high - low) / bins
    edges = np.linspace(low - 1.5 * width, high + 1.5 * width, bins + 4)  # empty bins at both ends: steps reach 0
    parts = []
    for name, part in finite.items():
        counts, _ = np.histogram(part, bins=edges)
        share = counts / max(1, len(part))
        frame = {"series": name, "left": edges[:-1], "right": edges[1:], "count": counts, "share": share}
        parts.append(pd.DataFrame(frame))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A vertical line at a value (nothing where it is NaN) with words, plain text, beside it."""

    value: float
    words: str
    colour: str


def distribution(
    table: pd.DataFrame,
    *,
    x: str,
    colours: Mapping[str, str],
    height: int = 300,
    of: str = "samples",
    mark: Mark | None = None,
) -> go.Figure:
    """Filled steps of one or more histograms.

    Args:
        table: As `histogram_table` gives it.
        x: Title of the horizontal axis, unit included.
        colours: Series → colour; a second series is dashed, so that colour never stands alone.
        height: In pixels.
        of: What is counted.
        mark: A line to draw over them.
    """
    series = list(table.groupby("series", sort=False))
    steps = [
        _steps(str(name), rows, colour=colours[str(name)], dash="dot" if number else "solid", of=of)
        for number, (name, rows) in enumerate(series)
    ]
    line = {} if mark is None or not np.isfinite(mark.value) else _line(mark)
    return palette.drawn(steps, x=x, y=f"share of {of} (%)", height=height, hovermode="x unified", numbers=True, **line)


def _line(mark: Mark) -> dict[str, Any]:
    return palette.vertical_line(
        mark.value, palette.plain(mark.words), line={"color": mark.colour, "width": 2}, font={"color": mark.colour}
    )


def _steps(name: str, rows: pd.DataFrame, *, colour: str, dash: str, of: str) -> dict[str, Any]:
    counts = rows["count"].to_numpy()
    return {
        "type": "scatter",
        "x": (rows["left"].to_numpy() + rows["right"].to_numpy()) / 2,
        "y": 100 * rows["share"].to_numpy(),
        "name": f"{palette.plain(name)} ({int(counts.sum()):,})",
        "mode": "lines",
        "line": {"color": colour, "width": 2, "shape": "hvh", "dash": dash},
        "fill": "tozeroy",
        "fillcolor": _faint(colour),
        "customdata": counts,
        "hovertemplate": f"%{{y:.1f}} % (%{{customdata:,}} {of} near %{{x:.2f}})",
    }


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
