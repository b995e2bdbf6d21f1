"""Tables of findings as figures: both axes named, names as text, and a table of another make is no crash."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from app.charts import palette
from app.charts.proofs.drawn import KINDS, drawn, title_of
from tests.exploring import HOSTILE

SWEEP = pd.DataFrame(
    {"offset": [-8.0, 0.0, 2.0], "overall": [0.9, 0.5, 0.4], "old": [0.9, 0.3, 0.2], "new": [0.8, 0.9, 1.0],
     "chosen": [True, False, False]}
)  # fmt: skip
LAYERS = pd.DataFrame(
    {"position": [2, 1], "layer": HOSTILE[:2], "mean_distance": [0.1, 3.0], "var_distance": [0.2, 1.5],
     "untouched": [False, True]}
)  # fmt: skip
RELIABILITY = pd.DataFrame(
    {"bin": [0, 1], "n": [50, 50], "confidence": [0.7, 0.99], "accuracy": [0.6, 0.8], "low": [0.5, 0.7],
     "high": [0.7, 0.9], "confidence_with_temperature": [0.6, 0.82]}
)  # fmt: skip
BUCKETS = pd.DataFrame(
    {"group": ["old", "old", "new"], "bucket": ["1–9", "10–99", "1–9"], "classes": [3, 4, 5], "samples": [30, 40, 50],
     "recall": [0.2, 0.8, 0.3], "low": [0.1, 0.7, 0.2], "high": [0.3, 0.9, 0.4]}
)  # fmt: skip
VARIANTS = pd.DataFrame(
    {"variant": ["a", "b"], "label": HOSTILE[:2], "accuracy": [0.4, 0.9], "accuracy_base": [0.5, 0.5],
     "images": [40, 1200], "is_full": [False, True]}
)  # fmt: skip
SLICES = pd.DataFrame(
    {"slice": HOSTILE[:2], "held_out_size": [100, 50], "held_out_errors": [80, 10], "held_out_expected": [20.0, 9.0],
     "failing": [True, False]}
)  # fmt: skip
GAPS = pd.DataFrame(
    {
        "source": HOSTILE[:2],
        "gap": [0.5, -0.1],
        "gap_low": [0.4, -0.2],
        "gap_high": [0.6, 0.0],
        "shifted": [True, False],
    }
)
ODDS = pd.DataFrame(
    {
        "source": HOSTILE[:2],
        "odds": [11.0, 0.5],
        "odds_low": [4.0, 0.2],
        "odds_high": [30.0, 1.1],
        "holds": [True, False],
    }
)
OFFSETS = pd.DataFrame({"offset": [-1, 0, 3], "samples": [900, 20, 5]})
ROWS = pd.DataFrame({"class_index": [0, 1, 2], "name": HOSTILE, "norm": [1.0, 2.0, 0.1], "fresh": [False, False, True]})

COLUMNS = GAPS.rename(columns={"source": "column", "shifted": "holds"})
CELLS = pd.DataFrame(
    {"class_index": [4, 4, 1], "class": [HOSTILE[0], HOSTILE[0], HOSTILE[1]], "value": [HOSTILE[2], "b", "b"],
     "size": [10, 30, 40], "errors": [9, 3, 2], "against": [True, False, False]}
)  # fmt: skip

TABLES = {
    "sweep": SWEEP, "layers": LAYERS, "reliability": RELIABILITY, "buckets": BUCKETS, "variants": VARIANTS,
    "slices": SLICES, "sources": GAPS, "offsets": OFFSETS, "rows": ROWS,
    "columns": COLUMNS, "cells": CELLS,
}  # fmt: skip


def _figure(name: str, table: pd.DataFrame | None = None) -> go.Figure:
    figure = drawn(name, TABLES[name] if table is None else table)
    assert figure is not None
    return figure


def test_every_kind_that_is_drawn_is_tested() -> None:
    assert set(TABLES) == {name for name, kind in KINDS.items() if kind.draw is not None}


@pytest.mark.parametrize("name", TABLES)
def test_the_measured_axis_says_what_it_shows_and_names_are_text(name: str) -> None:
    figure = _figure(name)
    titles = [axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes()) if axis.title.text]
    assert titles
    written = figure.to_json()
    assert "<script" not in written
    assert "\\u003cscript" not in written


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_another_make_becomes_a_table(name: str) -> None:
    assert drawn(name, pd.DataFrame({"something": ["else"]})) is None
    assert drawn(name, TABLES[name].head(0)) is None


def test_an_unknown_table_is_named_readably() -> None:
    assert drawn("never_seen", SWEEP) is None
    assert title_of("never_seen") == "Never seen"


def test_the_sweep_marks_today_and_the_fitted_value() -> None:
    figure = _figure("sweep")
    assert {note.text for note in figure.layout.annotations} == {"today", "fitted: -8"}
    colours = {trace.name: trace.line.color for trace in figure.data}
    assert (colours["old classes"], colours["new classes"]) == (palette.OLD, palette.NEW)


def test_a_sweep_without_a_fitted_value_marks_the_best() -> None:
    figure = _figure("sweep", SWEEP.drop(columns="chosen"))
    assert {note.text for note in figure.layout.annotations} == {"today", "best: -8"}


def test_layers_stand_in_the_networks_order_and_those_singled_out_are_marked() -> None:
    mean, variance = _figure("layers").data
    assert list(mean.y) == [3.0, 0.1]
    assert list(variance.y) == [1.5, 0.2]
    assert mean.marker.color == (palette.ERROR, palette.NEUTRAL)
    assert mean.marker.pattern.shape == ("", "/")


def test_the_best_variant_stands_on_top_beside_what_was() -> None:
    figure = _figure("variants")
    assert "1,200" in figure.layout.yaxis.ticktext[-1]
    base, full, few = figure.data
    assert list(base.x) == [50.0, 50.0]
    assert (list(full.x), list(few.x)) == ([90.0], [40.0])
    assert few.error_x.arrayminus[0] > full.error_x.arrayminus[0]


def test_slices_that_do_not_fail_are_hatched_and_say_so() -> None:
    figure = _figure("slices")
    assert list(figure.data[0].x) == [20.0, 80.0]
    assert figure.data[0].marker.pattern.shape == ("/", "")
    assert "not failing" in figure.layout.yaxis.ticktext[0]


def test_sources_are_drawn_by_gap_or_by_odds() -> None:
    assert list(_figure("sources").data[0].x) == [-10.0, 50.0]
    odds = _figure("sources", ODDS)
    assert list(odds.data[0].x) == [0.5, 11.0]
    assert odds.layout.xaxis.type == "log"


def test_right_answers_stand_out_among_the_offsets() -> None:
    assert _figure("offsets").data[0].marker.color == (palette.ERROR, palette.CORRECT, palette.ERROR)


def test_rows_that_were_singled_out_are_crosses() -> None:
    others, fresh = _figure("rows").data
    assert (others.marker.symbol, fresh.marker.symbol) == ("circle-open", "x")
    assert list(fresh.y) == [0.1]


def test_many_rows_are_thinned_evenly() -> None:
    many = pd.DataFrame({"class_index": range(50_000), "norm": 1.0})
    drawn_rows = _figure("rows", many).data[0]
    assert len(drawn_rows.x) == 4000
    assert (drawn_rows.x[0], drawn_rows.x[-1]) == (0, 49_999)


def test_a_cell_holds_the_share_that_is_wrong_and_marks_values_that_speak_against_the_class() -> None:
    heat = _figure("cells").data[0]
    assert heat.z.tolist()[0] == [10.0, 90.0]
    assert heat.text.tolist() == [["", "✕"], ["", ""]]
    assert heat.z[1][0] == 5.0
