"""Sources of pictures: how much worse the network does on each."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette
from app.charts.examples import short

MOST = 15


def sources(table: pd.DataFrame) -> go.Figure | None:
    """Gap to the same classes elsewhere with its 95 % interval, the worst source on top.

    Args:
        table: `source`, `gap`, `gap_low`, `gap_high` (share of wrong answers beyond those of the same classes
            elsewhere, held out), `shifted` (bool).
    """
    if not {"source", "gap", "gap_low", "gap_high", "shifted"} <= set(table.columns) or table.empty:
        return None
    rows = table.sort_values("gap", ascending=False, kind="stable").head(MOST).iloc[::-1]
    place = [str(number) for number in range(len(rows))]
    colours = [palette.ERROR if shifted else palette.NEUTRAL for shifted in rows["shifted"]]
    figure = go.Figure(
        go.Scatter(
            x=100 * rows["gap"], y=place, mode="markers",
            marker={"size": 11, "color": colours,
                    "symbol": ["circle" if shifted else "circle-open" for shifted in rows["shifted"]]},
            error_x={"type": "data", "symmetric": False, "array": 100 * (rows["gap_high"] - rows["gap"]),
                     "arrayminus": 100 * (rows["gap"] - rows["gap_low"]), "color": palette.NEUTRAL},
            hovertemplate="%{x:+.1f} points<extra></extra>",
        )
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": palette.NEUTRAL, "width": 1})
    title = "wrong answers beyond those of the same classes elsewhere (points)"
    palette.layout(figure, x=title, y="", height=90 + 32 * len(rows), legend="none")
    names = [f"{short(row.source, 40)}{', looks different' if row.shifted else ''}  " for row in rows.itertuples()]
    return figure.update_yaxes(type="category", tickvals=place, ticktext=names)
