"""Charts of the Classes page."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import FloatArray, IntArray
from app.charts import palette
from app.charts.examples import in_order, short
from app.charts.logits import scale

_OUTCOMES = (  # outcome, colour, pattern
    ("correct", palette.CORRECT, ""),
    ("a wrong old class", palette.OLD, "/"),
    ("a wrong new class", palette.NEW, "\\"),
)


_HATCH = {"fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.45)", "size": 8, "solidity": 0.2}


def thieves(table: pd.DataFrame, *, x: str) -> go.Figure:
    """Horizontal bars: the classes that samples were lost to or taken from.

    Args:
        table: Largest first; columns `class_index`, `name`, `group` (old | new | all), `count`, `share` (0..1).
        x: Title of the horizontal axis.
    """
    order = [str(index) for index in table["class_index"]]
    bars = [_lost(rows, group) for group in ("old", "new", "all") if len(rows := table[table["group"] == group])]
    return palette.drawn(
        bars,
        x=x,
        y="class",
        height=100 + 26 * len(table),
        legend="none" if set(table["group"]) <= {"all"} else "top",
        xaxis={"dtick": 1} if table["count"].max() < 6 else {},
        yaxis=in_order(order, [short(name) for name in table["name"]]),
    )


def _lost(rows: pd.DataFrame, group: str) -> dict[str, Any]:
    counts = rows["count"].to_numpy()
    return {
        "type": "bar",
        "x": counts,
        "y": [str(index) for index in rows["class_index"]],
        "orientation": "h",
        "name": {"old": "old class", "new": "new class"}.get(group, "class"),
        "marker": {"color": palette.GROUP[group]},
        "text": [f"{count:,} ({share:.0%})" for count, share in zip(counts, rows["share"], strict=True)],
        "textangle": 0,
        "customdata": [palette.plain(name) for name in rows["name"]],
        "hovertemplate": "%{customdata}<br>%{text}<extra></extra>",
    }


def confusion_matrix(names: tuple[str, ...], counts: IntArray, *, dark: bool) -> go.Figure:
    """Heat map of label × prediction: colour is the share of the label's samples, off the diagonal only.

    Args:
        names: K names, perhaps with “other” last.
        counts: (K, K) samples.
        dark: Whether the page is dark.
    """
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    errors = share.copy()
    np.fill_diagonal(errors, np.nan)
    if names and names[-1] == "other":
        errors[-1, -1] = np.nan
    errors[errors == 0] = np.nan
    named = errors[: len(names) - 1, : len(names) - 1] if names[-1:] == ("other",) else errors
    top = 100 * float(np.nanmax(named)) if np.isfinite(named).any() else 100.0  # “other” must not set the scale
    ticks = [str(place) for place in range(len(names))]
    words = [short(name, 18) for name in names]
    hover = [[palette.plain(prediction) for prediction in names] for _ in names]
    heat = {
        "type": "heatmap", "x": ticks, "y": ticks, "z": 100 * errors, "colorscale": scale(dark), "zmin": 0, "zmax": top,
        "customdata": np.stack([np.array(hover), np.array(hover).T, counts.astype(str)], axis=-1).tolist(),
        "hovertemplate": "label %{customdata[1]}<br>prediction %{customdata[0]}<br>%{customdata[2]} samples, "
        "%{z:.1f} % of the label's<extra></extra>",
        "xgap": 1, "ygap": 1, "colorbar": {"title": {"text": "% of the<br>label's samples"}},
    }  # fmt: skip
    axis = {"type": "category", "tickvals": ticks, "ticktext": words, "showgrid": False}
    return palette.drawn(
        [heat],
        x="prediction",
        y="label",
        height=min(980, 200 + 26 * len(names)),
        legend="none",
        xaxis={**axis, "tickangle": -45},
        yaxis={**axis, "autorange": "reversed"},
        annotations=_recalls(share),
    )


def _recalls(share: FloatArray) -> list[dict[str, Any]]:
    """The diagonal as text in teal: recall must be readable without drowning the errors' colours."""
    if len(share) > 24:
        return []
    font = {"color": palette.CORRECT, "size": 11}
    return [
        {"x": str(place), "y": str(place), "text": f"{share[place, place]:.0%}", "showarrow": False, "font": font}
        for place in range(len(share))
    ]


def blocks(table: pd.DataFrame) -> go.Figure:
    """Two stacked bars: what becomes of samples with an old label, and with a new one.

    Args:
        table: Columns `label` (old | new), `outcome`, `count`, `share` (0..1 of the label group).
    """
    return palette.drawn(
        [_outcome(table[table["outcome"] == outcome], outcome, colour, hatch) for outcome, colour, hatch in _OUTCOMES],
        x="share of the group's samples (%)",
        y="label's group",
        height=220,
        yaxis={"autorange": "reversed"},
        barmode="stack",
        bargap=0.35,
        legend={"traceorder": "normal"},
    )


def _outcome(rows: pd.DataFrame, outcome: str, colour: str, hatch: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": 100 * rows["share"].to_numpy(),
        "y": [f"{label} labels" for label in rows["label"]],
        "orientation": "h",
        "name": f"predicted as {outcome}" if outcome != "correct" else "correct",
        "marker": {"color": colour, "pattern": {**_HATCH, "shape": hatch}},
        "text": [f"{share:.1%}" if share >= 0.04 else "" for share in rows["share"]],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "customdata": rows["count"].to_numpy(),
        "hovertemplate": "%{customdata:,} samples, %{x:.1f} %",
    }
