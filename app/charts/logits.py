"""Charts of the Logits page."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

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
    figure = go.Figure()
    for column, name, colour, dash in _SWEEP:
        line = {"color": colour, "dash": dash, "width": 3 if column == "overall" else 2, "shape": "hvh"}
        hover = "%{y:.1f} %"
        figure.add_trace(
            go.Scatter(x=table["delta"], y=100 * table[column], name=name, mode="lines", line=line, hovertemplate=hover)
        )
    palette.layout(figure, x="offset added to new logits (logits)", y="accuracy (%)", height=380)
    _mark(figure, 0.0, "today", "left" if best > 0 else "right")
    if abs(best) > 1e-9:
        _mark(figure, best, f"best: {best:+.1f}", "right" if best > 0 else "left")
    figure.update_xaxes(range=[-width, width])
    figure.update_yaxes(rangemode="tozero")
    return figure.update_layout(hovermode="x unified")


def _mark(figure: go.Figure, offset: float, words: str, side: str) -> None:
    figure.add_vline(
        x=offset,
        line={"color": palette.NEUTRAL, "width": 1.5, "dash": "dash"},
        annotation={
            "text": words,
            "yanchor": "top",
            "xanchor": "left" if side == "right" else "right",
            "xshift": 5 if side == "right" else -5,
        },
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
    titles = [f"label is {'an' if group == 'old' else 'a'} {group} class" for group in counts]
    figure = make_subplots(cols=len(counts), shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.04)
    largest = max((int(panel.max(initial=0)) for panel in counts.values()), default=0)
    low, high = float(min(edges[0][0], edges[1][0])), float(max(edges[0][-1], edges[1][-1]))
    for column, panel in enumerate(counts.values(), start=1):
        figure.add_trace(_density(panel, edges), row=1, col=column)
        line = {"color": palette.ERROR, "width": 2, "dash": "dash"}
        figure.add_trace(
            go.Scatter(
                x=[low, high], y=[low, high], mode="lines", line=line, name="decision line", showlegend=column == 1,
                hoverinfo="skip",
            ),
            row=1, col=column,
        )  # fmt: skip
    palette.layout(figure, x="largest old logit", y="largest new logit", height=height)
    figure.update_layout(legend={"y": 1.1}, margin={"t": 64}, coloraxis=_colours(largest, dark))
    figure.update_xaxes(range=[edges[0][0], edges[0][-1]])
    figure.update_yaxes(range=[edges[1][0], edges[1][-1]])
    return figure.update_yaxes(title=None, col=2)


def _density(panel: IntArray, edges: tuple[FloatArray, FloatArray]) -> go.Heatmap:
    shown = np.where(panel > 0, np.log10(np.maximum(panel, 1)), np.nan).T
    return go.Heatmap(
        x=edges[0], y=edges[1], z=shown.astype(np.float32), customdata=panel.T, coloraxis="coloraxis",
        hovertemplate="%{customdata:,} samples<br>old %{x:.1f}, new %{y:.1f}<extra></extra>",
    )  # fmt: skip


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
        "colorbar": {"title": "samples", "tickvals": ticks, "ticktext": [f"{10 ** int(tick):,}" for tick in ticks]},
    }
