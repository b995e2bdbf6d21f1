"""Confidence against how often answers are right."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette


def reliability(table: pd.DataFrame) -> go.Figure | None:
    """Points with intervals against the diagonal; on it, confidence says how often answers are right.

    Args:
        table: One row a bin: `confidence`, `accuracy`, bounds `low`, `high` (0..1), `n`, and
            `confidence_with_temperature` where a temperature was fitted.
    """
    if not {"confidence", "accuracy", "low", "high", "n"} <= set(table.columns):
        return None
    figure = go.Figure()
    line = {"color": palette.NEUTRAL, "width": 1.5, "dash": "dash"}
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line=line, name="as it should be", hoverinfo="skip")
    figure.add_trace(_points(table, "confidence", "now", palette.ERROR, "circle"))
    if "confidence_with_temperature" in table:
        figure.add_trace(
            _points(table, "confidence_with_temperature", "with the temperature", palette.CORRECT, "diamond-open")
        )
    palette.layout(figure, x="mean confidence of the bin (%)", y="right answers (%)", height=360)
    low = max(0.0, 100 * float(table[[c for c in table if str(c).startswith("confidence")]].min().min()) - 5)
    figure.update_xaxes(range=[low, 101])
    return figure.update_yaxes(range=[max(0.0, min(low, 100 * float(table["low"].min())) - 2), 103])


def _points(table: pd.DataFrame, column: str, name: str, colour: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=100 * table[column], y=100 * table["accuracy"], name=name, mode="markers+lines",
        line={"color": colour, "width": 1, "dash": "solid" if column == "confidence" else "dot"},
        marker={"size": 8, "symbol": symbol, "color": colour},
        error_y={
            "type": "data", "symmetric": False, "array": 100 * (table["high"] - table["accuracy"]).clip(lower=0),
            "arrayminus": 100 * (table["accuracy"] - table["low"]).clip(lower=0), "color": colour, "thickness": 1,
        },
        customdata=table["n"],
        hovertemplate="confidence %{x:.1f} %, right %{y:.1f} % of %{customdata:,} samples<extra></extra>",
    )  # fmt: skip
