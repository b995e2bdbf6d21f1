"""Charts of the Classes page."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import IntArray
from app.charts import palette
from app.charts.examples import short
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
    figure = go.Figure()
    for group in ("old", "new", "all"):
        rows = table[table["group"] == group]
        if rows.empty:
            continue
        figure.add_trace(
            go.Bar(
                x=rows["count"],
                y=rows["class_index"].astype(str),
                orientation="h",
                name={"old": "old class", "new": "new class"}.get(group, "class"),
                marker_color=palette.GROUP[group],
                text=[f"{count:,} ({share:.0%})" for count, share in zip(rows["count"], rows["share"], strict=True)],
                textangle=0,
                customdata=[palette.plain(name) for name in rows["name"]],
                hovertemplate="%{customdata}<br>%{text}<extra></extra>",
            )
        )
    legend = "none" if set(table["group"]) <= {"all"} else "top"
    palette.layout(figure, x=x, y="class", height=100 + 26 * len(table), legend=legend)
    if table["count"].max() < 6:
        figure.update_xaxes(dtick=1)
    order = list(table["class_index"].astype(str))
    names = [short(name) for name in table["name"]]
    return figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickvals=order, ticktext=names
    )


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
    figure = go.Figure(
        go.Heatmap(
            x=ticks, y=ticks, z=100 * errors, colorscale=scale(dark), zmin=0, zmax=top,
            customdata=np.stack([np.array(hover), np.array(hover).T, counts.astype(str)], axis=-1),
            hovertemplate="label %{customdata[1]}<br>prediction %{customdata[0]}<br>%{customdata[2]} samples, "
            "%{z:.1f} % of the label's<extra></extra>",
            xgap=1, ygap=1, colorbar={"title": "% of the<br>label's samples"},
        )
    )  # fmt: skip
    _mark_correct(figure, counts, share)
    palette.layout(figure, x="prediction", y="label", height=min(980, 200 + 26 * len(names)), legend="none")
    figure.update_xaxes(type="category", tickvals=ticks, ticktext=words, tickangle=-45, showgrid=False)
    return figure.update_yaxes(type="category", tickvals=ticks, ticktext=words, autorange="reversed", showgrid=False)


def _mark_correct(figure: go.Figure, counts: IntArray, share: np.ndarray) -> None:
    """The diagonal as text in teal: recall must be readable without drowning the errors' colours."""
    if len(counts) > 24:
        return
    for place in range(len(counts)):
        figure.add_annotation(
            x=str(place), y=str(place), text=f"{share[place, place]:.0%}", showarrow=False,
            font={"color": palette.CORRECT, "size": 11},
        )  # fmt: skip


def blocks(table: pd.DataFrame) -> go.Figure:
    """Two stacked bars: what becomes of samples with an old label, and with a new one.

    Args:
        table: Columns `label` (old | new), `outcome`, `count`, `share` (0..1 of the label group).
    """
    figure = go.Figure()
    for outcome, colour, pattern in _OUTCOMES:
        rows = table[table["outcome"] == outcome]
        figure.add_trace(
            go.Bar(
                x=100 * rows["share"],
                y=[f"{label} labels" for label in rows["label"]],
                orientation="h",
                name=f"predicted as {outcome}" if outcome != "correct" else "correct",
                marker={"color": colour, "pattern": {**_HATCH, "shape": pattern}},
                text=[f"{share:.1%}" if share >= 0.04 else "" for share in rows["share"]],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                customdata=rows["count"],
                hovertemplate="%{customdata:,} samples, %{x:.1f} %",
            )
        )
    palette.layout(figure, x="share of the group's samples (%)", y="label's group", height=220)
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(barmode="stack", bargap=0.35, legend_traceorder="normal")
