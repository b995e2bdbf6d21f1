"""How far answers lie from their labels in the list of classes."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette


def offsets(table: pd.DataFrame) -> go.Figure | None:
    """One bar a distance; distance 0 are right answers.

    Args:
        table: `offset` (places in the list, signed) and `samples`.
    """
    if not {"offset", "samples"} <= set(table.columns) or table.empty:
        return None
    right = (table["offset"] == 0).tolist()
    figure = go.Figure(
        go.Bar(
            x=table["offset"], y=table["samples"],
            marker={"color": [palette.CORRECT if zero else palette.ERROR for zero in right],
                    "pattern": {"shape": ["" if zero else "/" for zero in right]}},
            hovertemplate="%{y:,} answers are %{x:+d} places off<extra></extra>",
        )
    )  # fmt: skip
    palette.layout(
        figure, x="label − answer (places in the class list; 0 = right)", y="answers (samples)", height=300,
        legend="none",
    )  # fmt: skip
    reach = max(3, int(table["offset"].abs().max()) + 1)
    return figure.update_xaxes(range=[-reach, reach])
