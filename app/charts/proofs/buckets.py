"""Recall of classes by how many training pictures they had."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette


def buckets(table: pd.DataFrame) -> go.Figure | None:
    """Bars with 95 % intervals, one group of bars a bucket.

    Args:
        table: One row a group and bucket: `group` (old | new | all), `bucket` (text), `classes`, `samples`, `recall`
            with bounds `low`, `high` (0..1).
    """
    if not {"group", "bucket", "recall", "low", "high"} <= set(table.columns) or table.empty:
        return None
    figure = go.Figure()
    for group, rows in table.groupby("group", sort=False):
        name = str(group)
        figure.add_bar(
            x=[palette.plain(bucket) for bucket in rows["bucket"]], y=100 * rows["recall"],
            name={"all": "all classes"}.get(name, f"{name} classes"),
            marker={"color": palette.GROUP.get(name, palette.NEUTRAL), "pattern": {"shape": "/" * (name == "new")}},
            error_y={
                "type": "data", "symmetric": False, "array": 100 * (rows["high"] - rows["recall"]),
                "arrayminus": 100 * (rows["recall"] - rows["low"]), "color": palette.NEUTRAL,
            },
            customdata=rows[["classes", "samples"]].to_numpy() if {"classes", "samples"} <= set(rows) else None,
            hovertemplate="%{y:.1f} % of %{customdata[1]:,} samples of %{customdata[0]:,} classes",
        )  # fmt: skip
    palette.layout(figure, x="training pictures of the class", y="right answers (% of samples)", height=340)
    order = list(dict.fromkeys(palette.plain(bucket) for bucket in table["bucket"]))
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=order)
    return figure.update_yaxes(range=[0, 104])
