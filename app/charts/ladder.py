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
    floors = [0.0, *(max(rung.accuracy for rung in rungs[:number]) for number in range(1, len(rungs)))]
    tops = [max(rung.accuracy, floor) for rung, floor in zip(rungs, floors, strict=True)]
    steps = list(zip(rungs, floors, tops, strict=True))
    return palette.drawn(
        [_bar(number, *step) for number, step in enumerate(steps)],
        x="Accuracy (% of samples)",
        y="",
        height=80 + 46 * len(rungs),
        legend="none",
        shapes=[_joint(number, top) for number, top in enumerate(tops[:-1])] + _guessing_line(chance),
        annotations=[_text(number, *step) for number, step in enumerate(steps)] + _guessing_text(chance),
        yaxis={
            "tickmode": "array", "tickvals": list(range(len(rungs))),
            "ticktext": [_wrapped(rung.label) for rung in rungs],
            "range": [len(rungs) - 0.4, -0.6], "showgrid": False, "ticksuffix": "  ",
        },
        xaxis={"range": [0, 104], "tickvals": [0, 20, 40, 60, 80, 100], "showgrid": True},
    )  # fmt: skip


def _bar(number: int, rung: Rung, base: float, top: float) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "y": [number], "x": [100 * (top - base)], "base": [100 * base], "width": 0.6,
        "marker": _marker(rung, number == 0), "hovertemplate": _hover(rung, top, base, number == 0),
        "showlegend": False,
    }  # fmt: skip


def _joint(number: int, top: float) -> dict[str, Any]:
    """The dotted line from the end of one bar to the start of the next."""
    line = {"color": palette.NEUTRAL, "width": 1, "dash": "dot"}
    return {"type": "line", "y0": number - 0.3, "y1": number + 1.3, "x0": 100 * top, "x1": 100 * top, "line": line}


def _guessing_line(chance: float | None) -> list[dict[str, Any]]:
    if chance is None:
        return []
    line = {"color": palette.NEUTRAL, "width": 1, "dash": "dash"}
    return [{"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": 100 * chance, "x1": 100 * chance, "line": line}]


def _guessing_text(chance: float | None) -> list[dict[str, Any]]:
    if chance is None:
        return []
    place = {"x": 100 * chance, "yref": "paper", "y": 0, "xanchor": "left", "yanchor": "bottom", "xshift": 2}
    return [{"text": f"guessing {100 * chance:.2g} %", "font": {"size": 11}, "showarrow": False, **place}]


def _text(number: int, rung: Rung, base: float, top: float) -> dict[str, Any]:
    """What a bar says: beside its end, inside where it is long, before it where it ends near the edge."""
    if top < 0.6:
        place: dict[str, Any] = {"x": 100 * top, "xanchor": "left", "xshift": 6}
    elif number == 0 or top - base > 0.3:
        place = {"x": 100 * top, "xanchor": "right", "xshift": -6, "font": {"color": "white"}}
    else:
        place = {"x": 100 * base, "xanchor": "right", "xshift": -6}
    return {"y": number, "text": _label(rung, top, base, number == 0), "showarrow": False, **place}


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
