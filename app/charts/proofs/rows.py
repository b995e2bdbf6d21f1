"""One number for every row of the head, such as its length."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import palette

MOST = 4000
_MEASURES = (  # column, axis title
    ("norm", "length of the class's row in the head (‖w‖)"),
    ("scale", "length left of the old row (factor)"),
    ("change", "change of the row ‖new − old‖ / ‖old‖"),
    ("cosine", "cosine between old and new row"),
)
_SINGLED_OUT = {
    "fresh": "never trained",
    "shrank": "only shrank",
    "overwritten": "overwritten",
    "singled_out": "singled out",
}


def rows(table: pd.DataFrame) -> go.Figure | None:
    """One dot a class in the order of the class list; rows that the test singles out are vermilion crosses.

    Args:
        table: `class_index`, one known measure, perhaps `name` and a column of yes and no. Of more than `MOST` rows
            an even share is drawn.
    """
    measure = next((one for one in _MEASURES if one[0] in table), None)
    if "class_index" not in table or measure is None or table.empty:
        return None
    column, title = measure
    drawn = table.iloc[np.unique(np.linspace(0, len(table) - 1, min(MOST, len(table))).astype(int))]
    flag = next((flag for flag in _SINGLED_OUT if flag in drawn), None)
    held = drawn[flag].to_numpy(dtype=bool) if flag else np.zeros(len(drawn), dtype=bool)
    figure = go.Figure()
    for name, chosen, colour, symbol in (
        ("rows" if flag is None else "other rows", ~held, palette.NEUTRAL, "circle-open"),
        (_SINGLED_OUT.get(flag or "", ""), held, palette.ERROR, "x"),
    ):
        if chosen.any():
            figure.add_trace(_dots(drawn[chosen], column, name, colour, symbol))
    palette.layout(figure, x="class (place in the class list)", y=title, height=320)
    return figure.update_yaxes(rangemode="tozero")


def _dots(table: pd.DataFrame, column: str, name: str, colour: str, symbol: str) -> go.Scatter:
    said = table["name"] if "name" in table else table["class_index"]
    return go.Scatter(
        x=table["class_index"], y=table[column], mode="markers", name=f"{name} ({len(table):,})",
        marker={"color": colour, "symbol": symbol, "size": 7}, customdata=[palette.plain(one) for one in said],
        hovertemplate="class %{customdata}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
