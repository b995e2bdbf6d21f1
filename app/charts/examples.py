"""Charts of the Examples page."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import palette

_LONGEST_NAME = 28


def short(name: object, longest: int = _LONGEST_NAME) -> str:
    """A name as plain text for an axis, shortened in the middle so that both ends can be read."""
    text = str(name)
    if len(text) > longest:
        text = f"{text[: longest // 2]}…{text[-(longest // 2 - 1) :]}"
    return palette.plain(text)


def top_logits(table: pd.DataFrame) -> go.Figure:
    """Horizontal bars of one sample's largest logits, coloured by group, the label marked.

    Args:
        table: Largest first; columns `class_index`, `name`, `group` (old | new | all), `logit`, `probability`,
            `is_label`.
    """
    figure = go.Figure()
    for group in ("old", "new", "all"):
        rows = table[table["group"] == group]
        if len(rows):
            figure.add_trace(_bars(rows, group))
    order = [f"{index}" for index in table["class_index"]]
    ticks = [f"<b>{short(name)} ◂ label</b>" if own else short(name) for name, own in _names(table)]
    palette.layout(
        figure,
        x="logit",
        y="class",
        height=96 + 26 * len(table),
        legend="none" if set(table["group"]) == {"all"} else "top",
    )
    return figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickvals=order, ticktext=ticks
    )


def _names(table: pd.DataFrame) -> list[tuple[str, bool]]:
    return list(zip(table["name"], table["is_label"], strict=True))


def _bars(rows: pd.DataFrame, group: str) -> go.Bar:
    return go.Bar(
        x=rows["logit"],
        y=[f"{index}" for index in rows["class_index"]],
        orientation="h",
        name={"old": "old class", "new": "new class"}.get(group, "class"),
        marker_color=palette.GROUP[group],
        marker_line={"width": [2.5 if own else 0 for own in rows["is_label"]], "color": palette.CORRECT},
        customdata=list(zip(map(palette.plain, rows["name"]), rows["probability"], strict=True)),
        text=[f"{value:.1f}" for value in rows["logit"]],
        textposition="auto",
        textangle=0,
        hovertemplate="%{customdata[0]}<br>logit %{x:.2f}<br>probability %{customdata[1]:.2%}<extra></extra>",
    )
