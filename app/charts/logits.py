"""Charts of the Logits page."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import FloatArray, IntArray
from app.charts import palette

_SWEEP = (  # column, name, colour, dash
    ("overall", "all samples", palette.NEUTRAL, "solid"),
    ("old", "old classes", palette.OLD, "solid"),
    ("new", "new classes", palette.NEW, "dash"),
    ("harmonic", "harmonic mean of both", palette.BOUND, "dot"),
)


def bias_sweep(table: pd.DataFrame, *, best: float, width: float) -> go.Figure:
    """Accuracy against a constant added to every new class's logit.

    Args:
        table: Columns `delta` (logits), `overall`, `old`, `new`, `harmonic` (0..1), ascending by delta.
        best: The offset with the best overall accuracy, marked.
        width: Largest offset shown to either side, in logits.
    """
    marks = [_mark(0.0, "today", "left" if best > 0 else "right")]
    if abs(best) > 1e-9:
        marks.append(_mark(best, f"best: {best:+.1f}", "right" if best > 0 else "left"))
    return palette.drawn(
        [_curve(table, *about) for about in _SWEEP],
        x="offset added to new logits (logits)",
        y="accuracy (%)",
        height=380,
        xaxis={"range": [-width, width]},
        yaxis={"rangemode": "tozero"},
        numbers=True,
        hovermode="x unified",
        **{what: [one for mark in marks for one in mark[what]] for what in ("shapes", "annotations")},
    )


def _curve(table: pd.DataFrame, column: str, name: str, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": table["delta"].to_numpy(),
        "y": 100 * table[column].to_numpy(),
        "name": name,
        "mode": "lines",
        "line": {"color": colour, "dash": dash, "width": 3 if column == "overall" else 2, "shape": "hvh"},
        "hovertemplate": "%{y:.1f} %",
    }


def _mark(offset: float, words: str, side: str) -> dict[str, list[dict[str, Any]]]:
    line = {"color": palette.NEUTRAL, "width": 1.5, "dash": "dash"}
    right = side == "right"
    return palette.vertical_line(
        offset, words, line=line, xanchor="left" if right else "right", xshift=5 if right else -5
    )


def old_against_new(
    counts: dict[str, IntArray], edges: tuple[FloatArray, FloatArray], *, dark: bool, height: int = 420
) -> go.Figure:
    """Density of samples over (largest old logit, largest new logit), one panel a label group, with the decision line.

    Args:
        counts: Label group (old | new) → samples a cell (X, Y).
        edges: Cell edges (X + 1,) of the old and (Y + 1,) of the new logit.
        dark: Whether the page is dark: many samples then are bright instead of deep.
        height: In pixels.
    """
    largest = max((int(panel.max(initial=0)) for panel in counts.values()), default=0)
    low, high = float(min(edges[0][0], edges[1][0])), float(max(edges[0][-1], edges[1][-1]))
    line = {
        "type": "scatter", "x": [low, high], "y": [low, high], "mode": "lines", "name": "decision line",
        "line": {"color": palette.ERROR, "width": 2, "dash": "dash"}, "hoverinfo": "skip",
    }  # fmt: skip
    panels = list(enumerate(counts.items(), start=1))
    traces: list[dict[str, Any]] = []
    for number, (_, panel) in panels:
        place = {"xaxis": _axis("x", number), "yaxis": _axis("y", number)}
        traces += [{**_density(panel, edges), **place}, {**line, **place, "showlegend": number == 1}]
    return palette.drawn(
        traces,
        x="largest old logit",
        y="largest new logit",
        height=height,
        annotations=[_title(group, _span(number, len(panels))) for number, (group, _) in panels],
        legend={"y": 1.1},
        margin={"r": 8, "t": 64, **palette.OF_NUMBERS},
        coloraxis=_colours(largest, dark),
        **_axes(len(panels), edges),
    )


def _axis(letter: str, number: int) -> str:
    return letter if number == 1 else f"{letter}{number}"


def _span(number: int, panels: int) -> tuple[float, float]:
    """Left and right end (0..1) of one of several panels side by side, from 1."""
    gap = 0.04
    width = (1 - gap * (panels - 1)) / panels
    return (number - 1) * (width + gap), (number - 1) * (width + gap) + width


def _axes(panels: int, edges: tuple[FloatArray, FloatArray]) -> dict[str, dict[str, Any]]:
    """The axes of all panels; they share the vertical one's range, and its numbers stand on the left only."""
    across = {"title": {"text": "largest old logit"}, "range": [edges[0][0], edges[0][-1]]}
    upward = {"range": [edges[1][0], edges[1][-1]]}
    axes: dict[str, dict[str, Any]] = {}
    for number in range(1, panels + 1):
        key = "" if number == 1 else str(number)
        axes[f"xaxis{key}"] = {**across, "anchor": _axis("y", number), "domain": _span(number, panels)}
        axes[f"yaxis{key}"] = {**upward, "anchor": _axis("x", number)} | (
            {"title": {"text": "largest new logit"}} if number == 1 else {"matches": "y", "showticklabels": False}
        )
    return axes


def _title(group: str, span: tuple[float, float]) -> dict[str, Any]:
    return {
        "text": f"label is {'an' if group == 'old' else 'a'} {group} class", "font": {"size": 16}, "showarrow": False,
        "x": sum(span) / 2, "y": 1.0, "xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom",
    }  # fmt: skip


def _density(panel: IntArray, edges: tuple[FloatArray, FloatArray]) -> dict[str, Any]:
    shown = np.where(panel > 0, np.log10(np.maximum(panel, 1)), np.nan).T
    return {
        "type": "heatmap", "x": edges[0], "y": edges[1], "z": shown.astype(np.float32), "customdata": panel.T,
        "coloraxis": "coloraxis",
        "hovertemplate": "%{customdata:,} samples<br>old %{x:.1f}, new %{y:.1f}<extra></extra>",
    }  # fmt: skip


def scale(dark: bool) -> list[list[object]]:
    """Few → many, without the palest step: a single sample must be seen too."""
    colours = [colour for _, colour in palette.SEQUENTIAL[1:]]
    return [[at / (len(colours) - 1), colour] for at, colour in enumerate(colours[::-1] if dark else colours)]


def _colours(largest: int, dark: bool) -> dict[str, object]:
    ticks = np.arange(0, max(1, int(np.ceil(np.log10(max(1, largest))))) + 1)
    return {
        "colorscale": scale(dark),
        "cmin": 0,
        "cmax": max(0.3, float(np.log10(max(1, largest)))),
        "colorbar": {
            "title": {"text": "samples"},
            "tickvals": ticks,
            "ticktext": [f"{10 ** int(tick):,}" for tick in ticks],
        },
    }
