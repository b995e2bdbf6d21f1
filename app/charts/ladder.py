"""The accuracy ladder: from today through each fix, conditional on the ones before, to what remains."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from app.charts import palette
from app.findings import Rung


def ladder(rungs: Sequence[Rung], *, chance: float | None = None) -> go.Figure:
    """Draw the ladder as a lying waterfall, so that long names stay readable: today on top, what remains at the bottom.

    Args:
        rungs: From today upwards; accuracies are fractions and never fall.
        chance: Accuracy of guessing, drawn as a dashed line.

    Returns:
        One bar a rung, from the accuracy before the fix to the one after it; ceilings are hatched and say "at most".
    """
    figure = go.Figure()
    floor = 0.0
    for number, rung in enumerate(rungs):
        top = max(rung.accuracy, floor)
        first = number == 0
        _bar(figure, rung, number, 0.0 if first else floor, top, first=first)
        if number + 1 < len(rungs):
            figure.add_shape(
                type="line", y0=number - 0.3, y1=number + 1.3, x0=100 * top, x1=100 * top,
                line={"color": palette.NEUTRAL, "width": 1, "dash": "dot"},
            )  # fmt: skip
        floor = top
    if chance is not None:
        figure.add_vline(
            x=100 * chance, line={"color": palette.NEUTRAL, "width": 1, "dash": "dash"},
            annotation={"text": f"guessing {100 * chance:.2g} %", "font": {"size": 11}},
            annotation_position="bottom right",
        )  # fmt: skip
    palette.layout(figure, x="Accuracy (% of samples)", y="", height=80 + 46 * len(rungs), legend="none")
    labels = [_wrapped(rung.label) for rung in rungs]
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(rungs))), ticktext=labels, range=[len(rungs) - 0.4, -0.6],
        showgrid=False, ticksuffix="  ",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 104], tickvals=[0, 20, 40, 60, 80, 100], showgrid=True)
    return figure


def _bar(figure: go.Figure, rung: Rung, number: int, base: float, top: float, *, first: bool) -> None:
    figure.add_bar(
        orientation="h", y=[number], x=[100 * (top - base)], base=[100 * base], width=0.6, marker=_marker(rung, first),
        hovertemplate=_hover(rung, top, base, first), showlegend=False,
    )  # fmt: skip
    text = _label(rung, top, base, first)
    if top < 0.6:
        place = {"x": 100 * top, "xanchor": "left", "xshift": 6}
    elif first:
        place = {"x": 100 * top, "xanchor": "right", "xshift": -6, "font": {"color": "white"}}
    else:  # where the bar ends near the edge there is room before it
        place = {"x": 100 * base, "xanchor": "right", "xshift": -6}
    figure.add_annotation(y=number, text=text, showarrow=False, **place)


def _marker(rung: Rung, first: bool) -> dict[str, Any]:
    if first:
        return {"color": palette.NEUTRAL}
    if rung.id is None:
        return {
            "color": "rgba(138,146,163,0.12)", "line": {"color": palette.NEUTRAL, "width": 1},
            "pattern": {"shape": ".", "fgcolor": palette.NEUTRAL, "size": 6, "solidity": 0.15},
        }  # fmt: skip
    if rung.at_most:
        return {
            "color": "rgba(154,127,196,0.25)", "line": {"color": palette.BOUND, "width": 1.5},
            "pattern": {"shape": "/", "fgcolor": palette.BOUND, "size": 7, "solidity": 0.35},
        }  # fmt: skip
    return {"color": palette.CORRECT}


def _label(rung: Rung, top: float, base: float, first: bool) -> str:
    if first:
        return f"<b>{100 * top:.1f} %</b>"
    if rung.id is None:
        return f"{100 * (top - base):.1f} points"
    at_most = "at most " if rung.at_most else ""
    return f"{at_most}<b>{100 * top:.1f} %</b> (+{100 * (top - base):.1f})"


def _hover(rung: Rung, top: float, base: float, first: bool) -> str:
    name = palette.plain(rung.label)
    if first:
        return f"{name}: {100 * top:.1f} % right<extra></extra>"
    if rung.id is None:
        return f"{name}: {100 * (top - base):.1f} points<extra></extra>"
    at_most = "at most " if rung.at_most else ""
    return f"{name}<br>{at_most}+{100 * (top - base):.1f} points, to {at_most}{100 * top:.1f} %<extra></extra>"


def _wrapped(label: str, width: int = 24) -> str:
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(palette.plain(line) for line in lines)
