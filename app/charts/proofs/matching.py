"""Labels against answers in the order of the class list, before and after: a right order is a diagonal."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.arrays import IntArray
from app.charts import palette
from app.charts.logits import scale


def matching(before: IntArray, after: IntArray, *, classes: int, dark: bool) -> go.Figure:
    """Two heat maps of label × answer, neighbouring classes of the list taken together where they are many.

    Args:
        before: (B, B) samples by block of the label and block of the answer, as it is.
        after: (B, B) the same with the faults undone.
        classes: C, how many classes the B blocks span.
        dark: Whether the page is dark.
    """
    figure = make_subplots(
        cols=2, shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=["as it is", "with the faults undone"]
    )
    edges = np.linspace(0, classes, len(before) + 1)
    middle = (edges[:-1] + edges[1:] - 1) / 2
    for column, counts in enumerate((before, after), start=1):
        share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        figure.add_trace(
            go.Heatmap(
                x=middle, y=middle, z=np.where(counts > 0, share, np.nan), coloraxis="coloraxis", customdata=counts,
                hovertemplate="label %{y:.0f}, answer %{x:.0f}<br>%{customdata:,} samples, %{z:.0f} %<extra></extra>",
            ),
            row=1, col=column,
        )  # fmt: skip
    palette.layout(figure, x="answer (place in the class list)", y="label (place in the class list)", height=380)
    figure.update_layout(
        margin={"t": 32}, showlegend=False,
        coloraxis={"colorscale": scale(dark), "cmin": 0, "cmax": 100, "colorbar": {"title": "% of the<br>label's"}},
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    return figure.update_yaxes(title=None, col=2)
