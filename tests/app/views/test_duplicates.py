"""The page Duplicates: what it says, its filters in the link, and its empty states."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from tests.app.pages import open_page, words
from tests.exploring import make_explored_run


def test_within_validation(explored_root: Path) -> None:
    app = open_page("duplicates", run="full")
    assert not app.exception
    said = words(app)
    assert "15 of 720 validation samples" in said
    assert "2 of them have a copy under another label" in said
    assert "8 pairs" in said
    assert {metric.label for metric in app.metric} == {"Accuracy today", "Every picture once", "On the copies alone"}


def test_the_link_restores_the_filters(explored_root: Path) -> None:
    app = open_page("duplicates", run="full", dup_view="Groups", dup_labels="Different labels")
    assert "1 group." in words(app)
    app = open_page("duplicates", run="full", dup_where="Also in training", dup_kind="Near")
    said = words(app)
    assert "5 of 720 validation samples" in said
    assert "4 pairs" in said
    assert "10 of 1,000 training pictures could not be read" in said
    app = open_page("duplicates", run="full", dup_kind="Exact", dup_labels="Different labels")
    assert "No pair passes these filters" in words(app)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    make_explored_run(tmp_path / "run", classes=8, per_class=10, copies=True)
    return tmp_path / "run"


def test_nothing_found_is_good_news(small: Path) -> None:
    for name in (layout.DUPLICATES, layout.LEAKS):
        write_table(small / name, pd.read_parquet(small / name).head(0))
    assert "None of the 80 validation pictures is there twice" in words(open_page("duplicates", run="run"))
    said = words(open_page("duplicates", run="run", dup_where="Also in training"))
    assert "is among the 990 training pictures that were compared" in said


@pytest.mark.parametrize(
    ("training", "said"),
    [
        (None, "The investigation names none"),
        ({"listed": 12, "read": 0}, "None of its 12 pictures could be read"),
    ],
)
def test_training_pictures_that_are_missing(small: Path, training: object, said: str) -> None:
    (small / layout.LEAKS).unlink()
    write_json(small / layout.DUPLICATES_FACTS, {"key": "x", "training": training})
    assert said in words(open_page("duplicates", run="run", dup_where="Also in training"))


def test_a_stage_that_was_skipped_or_is_still_to_come(small: Path) -> None:
    (small / layout.DUPLICATES).unlink()
    assert "The stage was skipped" in words(open_page("duplicates", run="run"))
    meta = json.loads((small / layout.META).read_text())
    write_json(small / layout.META, meta | {"state": "running"})
    assert "was interrupted before it was computed" in words(open_page("duplicates", run="run"))
