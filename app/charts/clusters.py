"""Charts of the Clusters page."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.arrays import FloatArray
from app.charts import palette
from app.charts.examples import in_order, short


def ranking(table: pd.DataFrame) -> go.Figure:
    """Excess errors of each cluster: solid up to the lower 95 % bound, which ranks; hatched up to the estimate.

    Args:
        table: Rows of ``clusters.parquet``, best-ranked first.
    """
    order = [str(number) for number in table["cluster"]]
    sure = table["excess_low"].clip(lower=0).to_numpy()
    left = table["excess_errors"].clip(lower=0).to_numpy() - sure
    return palette.drawn(
        [_bars(table, sure, name="at least (95 %)", hatch=""), _bars(table, left, name="estimate", hatch="/")],
        x="excess errors",
        y="cluster",
        height=130 + 30 * len(table),
        yaxis=in_order(order, [f"{n}: {short(name, 20)}" for n, name in zip(order, table["name"], strict=True)]),
        barmode="stack",
        legend={"traceorder": "normal"},
    )


def _bars(table: pd.DataFrame, values: FloatArray, *, name: str, hatch: str) -> dict[str, Any]:
    pattern = {"shape": hatch, "fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.6)", "size": 6}
    return {
        "type": "bar", "x": values, "y": [str(number) for number in table["cluster"]], "orientation": "h", "name": name,
        "marker": {"color": palette.ERROR, "opacity": 1.0 if not hatch else 0.55, "pattern": pattern},
        "customdata": table[["errors", "size", "expected_errors", "excess_low"]].to_numpy().tolist(),
        "hovertemplate": "%{customdata[0]:,} errors in %{customdata[1]:,} samples<br>%{customdata[2]:.1f} expected<br>"
        "at least %{customdata[3]:.1f} too many<extra></extra>",
    }  # fmt: skip
