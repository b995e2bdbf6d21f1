"""Accuracy of the same pictures prepared in other ways."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.reports.per_class import wilson
from app.charts import palette

MOST = 14


def variants(table: pd.DataFrame) -> go.Figure | None:
    """One row a variant, the best on top: accuracy with its interval, and that of the base on the same pictures.

    Args:
        table: `label`, `accuracy`, `accuracy_base` (0..1), `images`, `is_full`.
    """
    if not {"label", "accuracy", "accuracy_base", "images"} <= set(table.columns) or table.empty:
        return None
    rows = table.sort_values(["accuracy", "images"], ascending=False, kind="stable").head(MOST).iloc[::-1]
    y = np.arange(len(rows))
    figure = go.Figure()
    base = {"symbol": "line-ns-open", "size": 16, "color": palette.NEUTRAL, "line": {"width": 2}}
    figure.add_scatter(
        x=100 * rows["accuracy_base"], y=y, mode="markers", marker=base, name="as it was, on the same pictures",
        hovertemplate="as it was: %{x:.1f} %<extra></extra>",
    )  # fmt: skip
    full = rows["is_full"].to_numpy(dtype=bool) if "is_full" in rows else np.zeros(len(rows), dtype=bool)
    for name, chosen, symbol, colour in (
        ("variant, every picture", full, "circle", palette.CORRECT),
        ("variant, a few pictures", ~full, "circle-open", palette.OLD),
    ):
        if chosen.any():
            figure.add_trace(_dots(rows[chosen], y[chosen], name, symbol, colour))
    palette.layout(figure, x="right answers (% of the pictures asked)", y="", height=110 + 30 * len(rows))
    figure.update_xaxes(range=[-1, 103])
    return figure.update_yaxes(
        tickvals=y, ticktext=[_label(row) for row in rows.itertuples()], range=[-0.6, len(rows) - 0.4], showgrid=False
    )


def _dots(rows: pd.DataFrame, y: np.ndarray, name: str, symbol: str, colour: str) -> go.Scatter:
    accuracy, images = rows["accuracy"].to_numpy(dtype=float), rows["images"].to_numpy(dtype=float)
    low, high = wilson(np.rint(accuracy * images), images)
    return go.Scatter(
        x=100 * accuracy, y=y, mode="markers", name=name, marker={"symbol": symbol, "size": 10, "color": colour,
                                                                  "line": {"width": 2, "color": colour}},
        error_x={"type": "data", "symmetric": False, "array": 100 * (high - accuracy),
                 "arrayminus": 100 * (accuracy - low), "color": colour, "thickness": 1.5},
        customdata=rows["images"],
        hovertemplate="%{x:.1f} % of %{customdata:,} pictures<extra></extra>",
    )  # fmt: skip


def _label(row: object) -> str:
    words = str(getattr(row, "label", ""))
    short = words if len(words) <= 44 else f"{words[:43]}…"
    return f"{palette.plain(short)} ({int(getattr(row, 'images', 0)):,})  "
