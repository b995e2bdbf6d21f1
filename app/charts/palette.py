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


OF_NUMBERS = {"l": 64, "b": 52}  # margins that hold short numbers and a title, in pixels
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0}  # above the chart

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


def drawn(
    traces: list[dict[str, Any]],
    *,
    x: str,
    y: str,
    height: int = 320,
    legend: Literal["top", "none"] | dict[str, Any] = "top",
    xaxis: dict[str, Any] | None = None,
    yaxis: dict[str, Any] | None = None,
    numbers: bool = False,
    **more: Any,
) -> go.Figure:
    """A figure in the house layout from whole dictionaries, as Plotly.js takes them.

    Plotly checks every key of a figure that is put together step by step, which takes ten times as long as all the
    rest and is the same at every drawing: here nothing is checked, the tests check one figure of each kind.

    Args:
        traces: With their `type`; no abbreviations such as `marker_color`. Data as arrays or lists.
        x: Title of the horizontal axis, unit included.
        y: Title of the vertical axis.
        height: In pixels.
        legend: Above the chart, or not at all; a dictionary: above, with what else the legend has.
        xaxis: What else the horizontal axis has.
        yaxis: What else the vertical axis has.
        numbers: Both axes hold short numbers, so the margins are known. Measuring them takes the browser a fifth of the
            whole drawing.
        more: What else the layout has; keys given here win.
    """
    house = {
        **_house(height, legend),
        "xaxis": {"title": {"text": x}, "automargin": not numbers, **(xaxis or {})},
        "yaxis": {"title": {"text": y}, "automargin": not numbers, **(yaxis or {})},
    }
    if numbers:
        house["margin"] |= OF_NUMBERS
    return go.Figure({"data": traces, "layout": {**house, **more}}, _validate=False)


def vertical_line(x: float, words: str, *, line: dict[str, Any], **annotation: Any) -> dict[str, list[dict[str, Any]]]:
    """`shapes` and `annotations` of a line over the whole height with words (no markup in them) at its upper end."""
    place = {"x": x, "y": 1, "xref": "x", "yref": "y domain", "xanchor": "left", "yanchor": "top", "showarrow": False}
    return {
        "shapes": [{"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain", "line": line}],
        "annotations": [{**place, "text": words, **annotation}],
    }


def _house(height: int, legend: str | dict[str, Any]) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 12 if legend == "none" else 36, "b": 8},
        "showlegend": legend != "none",
        "legend": {**LEGEND, **(legend if isinstance(legend, dict) else {})},
        "hoverlabel": {"align": "left"},
    }


def layout(
    figure: go.Figure, *, x: str, y: str, height: int = 320, legend: Literal["top", "none"] = "top", **more: Any
) -> go.Figure:
    """Give a figure the house layout: axis titles `x` and `y` with their units, thin margins, the legend above."""
    figure.update_layout(**_house(height, legend), **more)
    figure.update_xaxes(title=x, automargin=True)
    figure.update_yaxes(title=y, automargin=True)
    return figure


def plain(text: object) -> str:
    """Data as text for Plotly, which reads `<b>`, `<a>` and entities as markup."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
