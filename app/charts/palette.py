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


DISTINCT = (  # Okabe and Ito, then Tol's bright set: colour-blind people tell them apart
    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#aa3377", "#228833", "#b8a000", "#4477aa",
)  # fmt: skip
PERCEPTUAL = (  # viridis without its darkest and lightest parts: even steps, visible on both backgrounds
    "#46327e", "#3b528b", "#31688e", "#277f8e", "#1f968b", "#2eb37c", "#5ec962", "#90d743",
)  # fmt: skip


def perceptual(count: int) -> list[str]:
    """So many colours, at most 8, evenly over the scale."""
    last = len(PERCEPTUAL) - 1
    return [PERCEPTUAL[round(last * number / max(1, count - 1))] for number in range(count)]


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
