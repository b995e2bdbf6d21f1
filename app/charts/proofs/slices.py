"""Slices of the data against what was to be expected of them."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette
from app.charts.examples import short

MOST = 15


def slices(table: pd.DataFrame) -> go.Figure | None:
    """Held-out error rate of each slice beside the expected one, most errors in excess on top.

    Args:
        table: `slice`, `held_out_size`, `held_out_errors`, `held_out_expected`, `failing` (bool).
    """
    needed = {"slice", "held_out_size", "held_out_errors", "held_out_expected", "failing"}
    if not needed <= set(table.columns) or table.empty:
        return None
    excess = table["held_out_errors"] - table["held_out_expected"]
    rows = table.assign(excess=excess).sort_values("excess", ascending=False, kind="stable").head(MOST).iloc[::-1]
    size = rows["held_out_size"].clip(lower=1)
    place = [str(number) for number in range(len(rows))]
    customdata = rows[["held_out_errors", "held_out_size", "held_out_expected"]].to_numpy()
    figure = go.Figure()
    figure.add_bar(
        x=100 * rows["held_out_errors"] / size, y=place, orientation="h", name="wrong on held-out samples",
        marker={
            "color": palette.ERROR, "opacity": [1.0 if failing else 0.4 for failing in rows["failing"]],
            "pattern": {"shape": ["" if failing else "/" for failing in rows["failing"]]},
        },
        customdata=customdata,
        hovertemplate="%{customdata[0]:,} of %{customdata[1]:,} wrong, %{customdata[2]:.1f} expected<extra></extra>",
    )  # fmt: skip
    marker = {"symbol": "line-ns-open", "size": 18, "color": palette.NEUTRAL, "line": {"width": 3}}
    figure.add_scatter(
        x=100 * rows["held_out_expected"] / size, y=place, mode="markers", marker=marker,
        name="expected of these classes", hovertemplate="%{x:.1f} % expected<extra></extra>",
    )  # fmt: skip
    palette.layout(figure, x="wrong answers (% of the slice)", y="", height=110 + 32 * len(rows))
    figure.update_xaxes(range=[0, 104])
    names = [f"{short(row.slice, 44)}{'' if row.failing else ' (not failing)'}  " for row in rows.itertuples()]
    return figure.update_yaxes(type="category", tickvals=place, ticktext=names)
