"""The ladder: each bar stands on the one before, ceilings are hatched and say so."""

import pytest

from app.charts.ladder import ladder
from app.findings import Rung, parse
from tests.app.checklists import faulty


def test_bars_start_where_the_one_before_ended() -> None:
    figure = ladder(parse(faulty()).ladder, chance=0.1)
    spans = [(bar.base[0], bar.base[0] + bar.x[0]) for bar in figure.data]
    assert spans == [pytest.approx(span) for span in [(0, 10), (10, 52), (52, 72), (72, 76), (76, 100)]]


def test_ceilings_are_hatched_and_in_words() -> None:
    figure = ladder(parse(faulty()).ladder)
    assert [bar.marker.pattern.shape for bar in figure.data] == [None, None, None, "/", "."]
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert [text for text in texts if "at most" in text] == ["at most <b>76.0 %</b> (+4.0)"]


def test_axis_says_what_it_measures_and_names_are_text() -> None:
    figure = ladder([Rung(label="<b>x</b> & y", accuracy=0.5, id=None, at_most=False)])
    assert figure.layout.xaxis.title.text == "Accuracy (% of samples)"
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt; &amp; y"]


def test_a_rung_below_the_one_before_draws_nothing_backwards() -> None:
    rungs = [
        Rung(label="Today", accuracy=0.5, id=None, at_most=False),
        Rung(label="a", accuracy=0.4, id="a", at_most=False),
    ]
    assert ladder(rungs).data[1].x == (0.0,)
