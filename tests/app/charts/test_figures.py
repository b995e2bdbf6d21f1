"""What every figure of the exploring pages must have: axis titles, the house colours, names as text."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.charts import classes, examples, logits, palette
from app.charts.distributions import Mark, distribution, histogram_table
from app.charts.gains import gains
from app.charts.ladder import ladder
from app.findings import parse
from tests.app.checklists import faulty
from tests.exploring import HOSTILE

NAMES = pd.DataFrame(
    {
        "class_index": [0, 1, 2],
        "name": HOSTILE,
        "group": ["old", "new", "old"],
        "logit": [3.0, 2.0, -1.0],
        "probability": [0.6, 0.3, 0.1],
        "is_label": [False, True, False],
        "count": [9, 4, 1],
        "share": [0.09, 0.04, 0.01],
    }
)
BLOCKS = pd.DataFrame(
    [(g, o, 5, 1 / 3) for g in ("old", "new") for o in ("correct", "a wrong old class", "a wrong new class")],
    columns=["label", "outcome", "count", "share"],
)
SWEEP = pd.DataFrame({"delta": [-2.0, 0.0, 2.0], "overall": 0.5, "old": 0.4, "new": 0.6, "harmonic": 0.48})
EDGES = (np.linspace(-1, 5, 4), np.linspace(0, 6, 4))
COUNTS = {"old": np.arange(9).reshape(3, 3), "new": np.zeros((3, 3), dtype=np.int64)}

FIGURES = {
    "top_logits": examples.top_logits(NAMES),
    "thieves": classes.thieves(NAMES, x="samples of this class"),
    "matrix": classes.confusion_matrix(
        (*HOSTILE[:2], "other"), np.array([[5, 1, 0], [2, 3, 1], [0, 0, 9]]), dark=False
    ),
    "blocks": classes.blocks(BLOCKS),
    "bias_sweep": logits.bias_sweep(SWEEP, best=-2.0, width=5.0),
    "old_against_new": logits.old_against_new(COUNTS, EDGES, dark=True),
    "distribution": distribution(
        histogram_table({"old labels": np.arange(9.0)}),
        x="logit",
        colours={"old labels": palette.OLD},
        mark=Mark(value=3.0, words="this <script>", colour=palette.ERROR),
    ),
    "ladder": ladder(parse(faulty()).ladder, chance=0.1),
    "gains": gains(parse(faulty()).with_verdict("supported")),
}


NAMED_BARS = {"ladder", "gains"}  # what their bars are is written beside each


@pytest.mark.parametrize("name", FIGURES)
def test_both_axes_say_what_they_show(name: str) -> None:
    figure = FIGURES[name]
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text or name in NAMED_BARS


@pytest.mark.parametrize("name", FIGURES)
def test_every_key_is_one_that_plotly_knows(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # raises for any other; the charts themselves are drawn unchecked


@pytest.mark.parametrize("name", FIGURES)
def test_names_are_text_not_markup(name: str) -> None:
    figure = FIGURES[name].to_json()
    assert "<script" not in figure
    assert "\\u003cscript" not in figure


def _colour(figure: go.Figure, name: str) -> str:
    trace = next(trace for trace in figure.data if trace.name == name)
    return trace.line.color if isinstance(trace, go.Scatter) else trace.marker.color


def test_old_is_blue_and_new_is_orange_everywhere() -> None:
    assert _colour(FIGURES["bias_sweep"], "old classes") == palette.OLD
    assert _colour(FIGURES["bias_sweep"], "new classes") == palette.NEW
    for name in ("top_logits", "thieves"):
        assert _colour(FIGURES[name], "old class") == palette.OLD
        assert _colour(FIGURES[name], "new class") == palette.NEW
    assert _colour(FIGURES["blocks"], "predicted as a wrong new class") == palette.NEW
    assert _colour(FIGURES["blocks"], "correct") == palette.CORRECT


def test_label_is_marked_in_words_not_by_colour_alone() -> None:
    ticks = FIGURES["top_logits"].layout.yaxis.ticktext
    assert [("label" in tick) for tick in ticks] == [False, True, False]


def test_two_classes_with_one_name_stay_two_bars() -> None:
    twins = NAMES.assign(name="twin")
    figure = examples.top_logits(twins)
    assert len({y for trace in figure.data for y in trace.y}) == 3


def test_matrix_colours_errors_only() -> None:
    z = FIGURES["matrix"].data[0].z
    assert np.isnan(np.diag(z)).all()
    assert z[1][0] == pytest.approx(100 * 2 / 6)


def test_empty_cells_of_the_density_are_not_drawn() -> None:
    assert np.isnan(FIGURES["old_against_new"].data[2].z).all()


def test_sweep_marks_today_and_the_best_offset() -> None:
    texts = [note.text for note in FIGURES["bias_sweep"].layout.annotations]
    assert texts == ["today", "best: -2.0"]


@pytest.mark.parametrize("name", ["blocks", "bias_sweep"])
def test_figures_of_several_traces_have_their_legend(name: str) -> None:
    layout = FIGURES[name].to_dict()["layout"]
    assert layout["showlegend"]
    assert layout["legend"]["orientation"] == "h"
