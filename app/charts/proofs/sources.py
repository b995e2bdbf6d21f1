"""Sources of pictures: how the network answers on each."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import BoolArray, FloatArray
from app.charts import palette
from app.charts.examples import short

MOST = 15


def sources(table: pd.DataFrame) -> go.Figure | None:
    """One dot a source with its 95 % interval, the worst on top; those that the test singles out are filled.

    Args:
        table: `source` (or `column`) and either `gap`, `gap_low`, `gap_high` (share of wrong answers beyond those of
            the same classes otherwise) and `shifted` or `holds`, or `odds`, `odds_low`, `odds_high` (of a new class as
            answer, against pictures from elsewhere) and `holds`.
    """
    if "column" in table:
        table = table.rename(columns={"column": "source"})
    columns = set(table.columns)
    if table.empty or "source" not in columns:
        return None
    if {"gap", "gap_low", "gap_high"} <= columns and columns & {"shifted", "holds"}:
        return _gaps(table)
    return _odds(table) if {"odds", "odds_low", "odds_high", "holds"} <= columns else None


def _gaps(table: pd.DataFrame) -> go.Figure:
    rows = table.sort_values("gap", ascending=False, kind="stable").head(MOST).iloc[::-1]
    values = [100 * rows[column].to_numpy(dtype=float) for column in ("gap", "gap_low", "gap_high")]
    held, mark = ("shifted", "looks different") if "shifted" in rows else ("holds", "decides")
    figure = _dots(rows, values, rows[held].to_numpy(dtype=bool), mark, "%{x:+.1f} points")
    figure.add_vline(x=0, line={"color": palette.NEUTRAL, "width": 1})
    return figure.update_xaxes(title="wrong answers beyond those of the same classes otherwise (points)")


def _odds(table: pd.DataFrame) -> go.Figure:
    rows = table.sort_values("odds", ascending=False, kind="stable").head(MOST).iloc[::-1]
    values = [np.clip(rows[c].to_numpy(dtype=float), 1e-3, 1e6) for c in ("odds", "odds_low", "odds_high")]
    figure = _dots(rows, values, rows["holds"].to_numpy(dtype=bool), "decides", "odds × %{x:.2g}")
    figure.add_vline(x=1, line={"color": palette.NEUTRAL, "width": 1})
    return figure.update_xaxes(
        title="odds of a new class as the answer, against pictures from elsewhere (factor)", type="log", dtick=1
    )


def _dots(rows: pd.DataFrame, values: list[FloatArray], held: BoolArray, mark: str, hover: str) -> go.Figure:
    value, low, high = values
    place = [str(number) for number in range(len(rows))]
    figure = go.Figure(
        go.Scatter(
            x=value, y=place, mode="markers",
            marker={"size": 11, "color": [palette.ERROR if one else palette.NEUTRAL for one in held],
                    "symbol": ["circle" if one else "circle-open" for one in held]},
            error_x={"type": "data", "symmetric": False, "array": np.maximum(high - value, 0),
                     "arrayminus": np.maximum(value - low, 0), "color": palette.NEUTRAL},
            hovertemplate=hover + "<extra></extra>",
        )
    )  # fmt: skip
    palette.layout(figure, x="", y="", height=90 + 32 * len(rows), legend="none")
    marks = [f", {mark}" if one else "" for one in held]
    names = [f"{short(name, 40)}{words}  " for name, words in zip(rows["source"], marks, strict=True)]
    return figure.update_yaxes(type="category", tickvals=place, ticktext=names)
