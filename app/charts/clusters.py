"""Charts of the Clusters page."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette
from app.charts.examples import short


def ranking(table: pd.DataFrame) -> go.Figure:
    """Excess errors of each cluster: solid up to the lower 95 % bound, which ranks; hatched up to the estimate.

    Args:
        table: Rows of ``clusters.parquet``, best-ranked first.
    """
    order = [str(number) for number in table["cluster"]]
    sure = table["excess_low"].clip(lower=0)
    figure = go.Figure()
    figure.add_trace(_bars(table, sure, name="at least (95 %)", hatch=""))
    figure.add_trace(_bars(table, table["excess_errors"].clip(lower=0) - sure, name="estimate", hatch="/"))
    palette.layout(figure, x="errors beyond the expected (samples)", y="cluster", height=130 + 30 * len(table))
    names = [f"{number}: {short(name, 20)}" for number, name in zip(order, table["name"], strict=True)]
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickvals=order, ticktext=names
    )
    return figure.update_layout(barmode="stack", legend_traceorder="normal")


def _bars(table: pd.DataFrame, values: pd.Series, *, name: str, hatch: str) -> go.Bar:
    pattern = {"shape": hatch, "fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.6)", "size": 6}
    return go.Bar(
        x=values, y=[str(number) for number in table["cluster"]], orientation="h", name=name,
        marker={"color": palette.ERROR, "opacity": 1.0 if not hatch else 0.55, "pattern": pattern},
        customdata=table[["errors", "size", "expected_errors", "excess_low"]].to_numpy(),
        hovertemplate="%{customdata[0]:,} errors in %{customdata[1]:,} samples<br>%{customdata[2]:.1f} expected<br>"
        "at least %{customdata[3]:.1f} too many<extra></extra>",
    )  # fmt: skip
