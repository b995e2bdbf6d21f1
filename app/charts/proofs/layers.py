"""Something measured layer by layer, from the first to the last."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts import palette

_NAMES = ("layer", "name", "module", "tensor")
_MEASURES = (  # column, what it is, unit; the first two that a table has are drawn, one below the other
    ("mean_distance", "distance of the mean", "variances"),
    ("var_distance", "distance of the variance", "|ln ratio|"),
    ("distance", "distance of the inputs", "variances"),
    ("drift", "drift ‖new − old‖² / ‖old‖²", "share of the old weights"),
    ("turned", "turned away, 1 − cosine", "0 = same direction"),
    ("change", "change ‖new − old‖ / ‖old‖", "share of the old weights"),
    ("scale", "length left of the old weights", "factor"),
    ("residual", "change beyond a factor", "share of the old weights"),
    ("cosine", "likeness of direction", "cosine"),
    ("cka", "likeness of the features", "CKA"),
    ("probe_drop", "drop of a probe", "share"),
)
_SINGLED_OUT = ("singled_out", "suspect", "stale", "drifted", "untouched", "shrank", "random")
_MOST_NAMED = 40


def layers(table: pd.DataFrame) -> go.Figure | None:
    """One bar a layer in the network's order; layers that the test singles out are vermilion, the others hatched.

    Args:
        table: A text column with the layer's name (`layer`, `name`) and at least one known measure; `position` orders.

    Returns:
        None where the table has no such columns.
    """
    name = next((column for column in _NAMES if column in table), None)
    known = [measure for measure in _MEASURES if measure[0] in table and table[measure[0]].notna().any()][:2]
    if name is None or not known or table.empty:
        return None
    rows = table.sort_values("position", kind="stable") if "position" in table else table
    figure = make_subplots(rows=len(known), shared_xaxes=True, vertical_spacing=0.08)
    for place, (column, words, unit) in enumerate(known, start=1):
        figure.add_trace(_bars(rows, name, column, unit), row=place, col=1)
        figure.update_yaxes(title=f"{words}<br>({unit})", row=place, col=1)
    titles = [figure.layout[f"yaxis{place or ''}"].title.text for place in ("", *range(2, len(known) + 1))]
    palette.layout(figure, x="", y=titles[0], height=120 + 180 * len(known), legend="none")
    for place, title in enumerate(titles, start=1):
        figure.update_yaxes(title=title, row=place, col=1)
    figure.update_xaxes(title="layer, from the first to the last", row=len(known), col=1)
    if len(rows) <= _MOST_NAMED:
        ticks = [_short(str(layer)) for layer in rows[name]]
        figure.update_xaxes(tickvals=list(range(len(rows))), ticktext=ticks, tickangle=-45)
    else:
        figure.update_xaxes(showticklabels=False)
    return figure.update_layout(bargap=0.15)


def _bars(rows: pd.DataFrame, name: str, column: str, unit: str) -> go.Bar:
    loud = _loud(rows)
    quiet = "/" if any(loud) else ""
    return go.Bar(
        x=list(range(len(rows))), y=rows[column],
        marker={"color": [palette.ERROR if one else palette.NEUTRAL for one in loud],
                "pattern": {"shape": ["" if one else quiet for one in loud]}},
        customdata=[palette.plain(layer) for layer in rows[name]],
        hovertemplate="%{customdata}<br>%{y:.3g} " + unit + "<extra></extra>",
    )  # fmt: skip


def _loud(rows: pd.DataFrame) -> Sequence[bool]:
    column = next((column for column in _SINGLED_OUT if column in rows), None)
    if column is None:
        return [False] * len(rows)
    return [bool(value) for value in rows[column].fillna(False)]


def _short(layer: str) -> str:
    return palette.plain(layer if len(layer) <= 24 else f"…{layer[-23:]}")
