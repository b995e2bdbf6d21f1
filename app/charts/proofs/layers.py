"""Something measured layer by layer, from the first to the last."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette

_NAMES = ("layer", "name", "module", "tensor")
_MEASURES = (  # column, name, unit; the first that a table has are drawn
    ("distance", "distance of the inputs from the stored statistics", "variances"),
    ("mean_distance", "distance of the mean", "standard deviations"),
    ("variance_distance", "distance of the variance", "log ratio"),
    ("drift", "drift ‖new − old‖ / ‖old‖", "share"),
    ("change", "change ‖new − old‖ / ‖old‖", "share"),
    ("residual", "change beyond a factor", "share"),
    ("cosine", "cosine between old and new weights", "cosine"),
    ("cka", "likeness of old and new features (CKA)", "0..1"),
    ("probe_drop", "drop of a probe on this layer", "share"),
)
_LOUDEST = {"is_suspect", "suspect", "stale", "drifted", "decisive", "frozen_moved"}
_MOST_NAMED = 40


def layers(table: pd.DataFrame) -> go.Figure | None:
    """One bar a layer in the network's order; layers that the test singles out are filled, the others hatched.

    Args:
        table: A text column with the layer's name (`layer`, `name`) and at least one known measure; `position` orders.
    """
    name = next((column for column in _NAMES if column in table), None)
    known = [measure for measure in _MEASURES if measure[0] in table and table[measure[0]].notna().any()]
    if name is None or not known or table.empty:
        return None
    rows = table.sort_values("position", kind="stable") if "position" in table else table
    column, words, unit = known[0]
    place = list(range(len(rows)))
    figure = go.Figure()
    singled = next((flag for flag in rows.columns if flag in _LOUDEST), None)
    loud = rows[singled].fillna(False).astype(bool).tolist() if singled else [True] * len(rows)
    figure.add_bar(
        x=place, y=rows[column], name=words,
        marker={"color": [palette.ERROR if one else palette.NEUTRAL for one in loud],
                "pattern": {"shape": ["" if one else "/" for one in loud]}},
        customdata=[palette.plain(layer) for layer in rows[name]],
        hovertemplate="%{customdata}<br>%{y:.3g} " + unit + "<extra></extra>",
    )  # fmt: skip
    palette.layout(figure, x="layer, from the first to the last", y=f"{words} ({unit})", height=340, legend="none")
    if len(rows) <= _MOST_NAMED:
        ticks = [_short(str(layer)) for layer in rows[name]]
        figure.update_xaxes(tickvals=place, ticktext=ticks, tickangle=-45)
    return figure.update_layout(bargap=0.15)


def _short(layer: str) -> str:
    return palette.plain(layer if len(layer) <= 24 else f"…{layer[-23:]}")
