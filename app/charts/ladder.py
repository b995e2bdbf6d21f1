"""The accuracy ladder: from today through each fix, conditional on the ones before, to what remains."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts import palette
from app.findings import Rung


def ladder(rungs: Sequence[Rung], *, chance: float | None = None) -> go.Figure:
    """Draw the ladder as a waterfall.

    Args:
        rungs: From `Today` upwards; accuracies are fractions and never fall.
        chance: Accuracy of guessing, drawn as a dotted line.

    Returns:
        Bars from the accuracy before a fix to the one after it; rungs that are ceilings are hatched and say "at most".
    """
    figure = go.Figure()
    floor = 0.0
    for number, rung in enumerate(rungs):
        top = max(rung.accuracy, floor)
        base = 0.0 if number == 0 else floor
        figure.add_bar(
            x=[number],
            y=[100 * (top - base)],
            base=[100 * base],
            marker=_marker(rung, first=number == 0),
            width=0.62,
            text=[_label(rung, top, floor, first=number == 0)],
            textposition="none",
            hovertemplate=_hover(rung, top, base, first=number == 0),
            showlegend=False,
        )
        figure.add_annotation(
            x=number, y=100 * top, text=_label(rung, top, floor, first=number == 0), showarrow=False, yshift=11
        )
        if number + 1 < len(rungs):
            figure.add_shape(
                type="line", x0=number - 0.31, x1=number + 1.31, y0=100 * top, y1=100 * top,
                line={"color": palette.NEUTRAL, "width": 1, "dash": "dot"},
            )  # fmt: skip
        floor = top
    if chance is not None:
        figure.add_hline(
            y=100 * chance, line={"color": palette.NEUTRAL, "width": 1, "dash": "dash"},
            annotation={"text": f"chance {100 * chance:.2g} %", "font": {"size": 11}}, annotation_position="top right",
        )  # fmt: skip
    palette.layout(figure, x="", y="Accuracy (% of samples)", height=340, legend="none")
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(rungs))), ticktext=[_wrapped(rung.label) for rung in rungs]
    )
    figure.update_yaxes(range=[0, 112], tickvals=[0, 20, 40, 60, 80, 100])
    return figure


def _marker(rung: Rung, *, first: bool) -> dict[str, object]:
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


def _label(rung: Rung, top: float, before: float, *, first: bool) -> str:
    if first:
        return f"<b>{100 * top:.1f} %</b>"
    if rung.id is None:
        return f"{100 * (top - before):.1f} points"
    at_most = "at most " if rung.at_most else ""
    return f"{at_most}<b>{100 * top:.1f} %</b>"


def _hover(rung: Rung, top: float, base: float, *, first: bool) -> str:
    name = palette.plain(rung.label)
    if first:
        return f"{name}: {100 * top:.1f} % right<extra></extra>"
    if rung.id is None:
        return f"{name}: {100 * (top - base):.1f} points<extra></extra>"
    at_most = "at most " if rung.at_most else ""
    return f"{name}<br>{at_most}+{100 * (top - base):.1f} points, to {at_most}{100 * top:.1f} %<extra></extra>"


def _wrapped(label: str, width: int = 16) -> str:
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(palette.plain(line) for line in lines)
