"""Colours of meaning, the same on every chart; from Okabe and Ito's set, which colour-blind people can tell apart.

Colour never stands alone: names, icons, hatching or position say the same.
"""

from typing import Any, Literal

import plotly.graph_objects as go

# Middle tones that stand out on the light and on the dark background alike (contrast ≥ 3 on both).
OLD = "#3a8fcc"  # classes known before the expansion: blue
NEW = "#d98c00"  # classes added by it: orange
ERROR = "#d9642a"  # wrong: vermilion
CORRECT = "#129a78"  # right: teal
NEUTRAL = "#8a92a3"  # neither
BOUND = "#9a7fc4"  # at most this much: violet, always hatched

GROUP = {"old": OLD, "new": NEW, "all": NEUTRAL}

SEQUENTIAL = [  # few → many; perceptually even (viridis' blue-green half), legible on both backgrounds
    [0.0, "#e9eef6"],
    [0.25, "#a8c6e0"],
    [0.5, "#5b9bc9"],
    [0.75, "#2a6ca3"],
    [1.0, "#123f6b"],
]


def layout(
    figure: go.Figure, *, x: str, y: str, height: int = 320, legend: Literal["top", "none"] = "top", **more: Any
) -> go.Figure:
    """Give a figure the house layout: axis titles `x` and `y` with their units, thin margins, the legend above."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36 if legend == "top" else 12, "b": 8},
        showlegend=legend == "top",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0},
        hoverlabel={"align": "left"},
        **more,
    )
    figure.update_xaxes(title=x, automargin=True)
    figure.update_yaxes(title=y, automargin=True)
    return figure


def plain(text: object) -> str:
    """Data as text for Plotly, which reads `<b>`, `<a>` and entities as markup."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
