"""Charts of the Examples page."""

from typing import Any

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
    bars = [_bars(rows, group) for group in ("old", "new", "all") if len(rows := table[table["group"] == group])]
    ticks = [f"<b>{short(name)} ◂ label</b>" if own else short(name) for name, own in _names(table)]
    return palette.drawn(
        bars,
        x="logit",
        y="class",
        height=96 + 26 * len(table),
        legend="none" if set(table["group"]) == {"all"} else "top",
        yaxis=in_order([f"{index}" for index in table["class_index"]], ticks),
    )


def in_order(values: list[str], words: list[str]) -> dict[str, Any]:
    """An axis of bars from top to bottom in this order, with other words than the values for people to read."""
    return {
        "type": "category", "categoryorder": "array", "categoryarray": values[::-1], "tickvals": values,
        "ticktext": words,
    }  # fmt: skip


def _names(table: pd.DataFrame) -> list[tuple[str, bool]]:
    return list(zip(table["name"], table["is_label"], strict=True))


def _bars(rows: pd.DataFrame, group: str) -> dict[str, Any]:
    widths = [2.5 if own else 0 for own in rows["is_label"]]
    return {
        "type": "bar",
        "x": rows["logit"].to_numpy(),
        "y": [f"{index}" for index in rows["class_index"]],
        "orientation": "h",
        "name": {"old": "old class", "new": "new class"}.get(group, "class"),
        "marker": {"color": palette.GROUP[group], "line": {"width": widths, "color": palette.CORRECT}},
        "customdata": list(zip(map(palette.plain, rows["name"]), rows["probability"], strict=True)),
        "text": [f"{value:.1f}" for value in rows["logit"]],
        "textposition": "auto",
        "textangle": 0,
        "hovertemplate": "%{customdata[0]}<br>logit %{x:.2f}<br>probability %{customdata[1]:.2%}<extra></extra>",
    }
