"""How often each class is wrong with each value of a metadata column."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import palette
from app.charts.examples import short
from app.charts.logits import scale

MOST_CLASSES, MOST_VALUES = 20, 12


def cells(table: pd.DataFrame, *, dark: bool = False) -> go.Figure | None:
    """Heat map of class × value; cells in which the value speaks against the class are outlined by a cross.

    Args:
        table: One row a cell: `class_index`, `class`, `value`, `size`, `errors`, `against` (bool), classes with the
            most to show first.
        dark: Whether the page is dark.
    """
    if not {"class_index", "class", "value", "size", "errors", "against"} <= set(table.columns) or table.empty:
        return None
    classes = list(dict.fromkeys(table["class_index"]))[:MOST_CLASSES]
    values = table.groupby("value")["size"].sum().sort_values(ascending=False).index[:MOST_VALUES].tolist()
    kept = table[table["class_index"].isin(classes) & table["value"].isin(values)]
    row, column = kept["class_index"].map(classes.index).to_numpy(), kept["value"].map(values.index).to_numpy()
    share, size = np.full((len(classes), len(values)), np.nan), np.zeros((len(classes), len(values)), dtype=np.int64)
    share[row, column] = 100 * kept["errors"] / kept["size"].clip(lower=1)
    size[row, column] = kept["size"]
    crosses = np.full(share.shape, "", dtype=object)
    crosses[row, column] = np.where(kept["against"], "✕", "")
    figure = go.Figure(
        go.Heatmap(
            x=[str(place) for place in range(len(values))], y=[str(place) for place in range(len(classes))], z=share,
            zmin=0, zmax=100, colorscale=scale(dark), xgap=1, ygap=1, customdata=size, text=crosses,
            texttemplate="%{text}", colorbar={"title": "% wrong"},
            hovertemplate="%{z:.0f} % of %{customdata:,} samples wrong<extra></extra>",
        )
    )  # fmt: skip
    palette.layout(figure, x="value (✕ = rare in this class)", y="class", height=130 + 26 * len(classes), legend="none")
    names = kept.drop_duplicates("class_index").set_index("class_index")["class"]
    figure.update_xaxes(type="category", tickvals=[str(p) for p in range(len(values))], showgrid=False,
                        ticktext=[short(value, 22) for value in values])  # fmt: skip
    return figure.update_yaxes(
        type="category", autorange="reversed", tickvals=[str(p) for p in range(len(classes))], showgrid=False,
        ticktext=[short(names[index], 24) for index in classes],
    )  # fmt: skip
