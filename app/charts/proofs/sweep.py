"""Accuracy against one number that is turned, such as an offset or a temperature."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette

_LINES = (  # columns that mean it, name, colour, dash
    (("overall", "accuracy", "all"), "all samples", palette.NEUTRAL, "solid"),
    (("old", "accuracy_old"), "old classes", palette.OLD, "solid"),
    (("new", "accuracy_new"), "new classes", palette.NEW, "dash"),
    (("harmonic",), "harmonic mean of both", palette.BOUND, "dot"),
)
_TURNED = {  # column → axis title, value of today
    "offset": ("offset added to the new classes' logits (logits)", 0.0),
    "delta": ("offset added to the new classes' logits (logits)", 0.0),
    "shift": ("offset added to the logits (logits)", 0.0),
    "factor": ("factor on the new classes' logits", 1.0),
    "scale": ("factor on the new classes' logits", 1.0),
    "alpha": ("share of the new weights (0 = old model, 1 = this one)", 1.0),
    "tau": ("strength of the correction for class frequency (τ)", 0.0),
    "strength": ("strength of the correction", 0.0),
    "temperature": ("temperature the logits are divided by", 1.0),
}


def sweep(table: pd.DataFrame) -> go.Figure | None:
    """One line a group of samples over the turned number; today's and the best value are marked.

    Args:
        table: First column the turned number, then accuracies (0..1) in `overall`, `old`, `new`, `harmonic`;
            `chosen` is True for the fitted one.

    Returns:
        None where the table has no such columns.
    """
    turned = str(table.columns[0]) if len(table.columns) else ""
    lines = [(names, *rest) for names, *rest in _LINES if any(name in table for name in names)]
    if not lines or len(table) < 2 or not pd.api.types.is_numeric_dtype(table[turned]):
        return None
    rows = table.sort_values(turned)
    figure = go.Figure()
    for names, name, colour, dash in lines:
        column = next(column for column in names if column in rows)
        line = {"color": colour, "dash": dash, "width": 3 if name == "all samples" else 2}
        figure.add_scatter(x=rows[turned], y=100 * rows[column], name=name, mode="lines", line=line,
                           hovertemplate="%{y:.1f} %")  # fmt: skip
    title, today = _TURNED.get(turned, (turned.replace("_", " "), None))
    palette.layout(figure, x=title, y="accuracy (% of samples)", height=340)
    _mark(figure, rows, turned, lines[0][0], today)
    top = 100 * max(float(rows[next(c for c in line[0] if c in rows)].max()) for line in lines)
    figure.update_yaxes(range=[0, max(5.0, 1.14 * top)], tickvals=list(range(0, 101, 20)) if top > 50 else None)
    return figure.update_layout(hovermode="x unified")


def _mark(figure: go.Figure, rows: pd.DataFrame, turned: str, names: tuple[str, ...], today: float | None) -> None:
    column = next(column for column in names if column in rows)
    best, word = float(rows[turned].iloc[int(rows[column].to_numpy().argmax())]), "best"
    if "chosen" in rows and rows["chosen"].any():
        best, word = float(rows.loc[rows["chosen"].astype(bool), turned].iloc[0]), "fitted"
    right = today is None or best > today
    if today is not None and rows[turned].min() <= today <= rows[turned].max():
        _line(figure, today, "today", to_right=not right)
    if today is None or abs(best - today) > 1e-9:
        _line(figure, best, f"{word}: {best:.3g}", to_right=right)


def _line(figure: go.Figure, x: float, words: str, *, to_right: bool) -> None:
    place = {"xanchor": "left" if to_right else "right", "xshift": 5 if to_right else -5}
    line = {"color": palette.NEUTRAL, "width": 1.5, "dash": "dash"}
    figure.add_vline(x=x, line=line, annotation={"text": words, "yanchor": "top", **place})
