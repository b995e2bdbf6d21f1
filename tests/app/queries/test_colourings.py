"""What the map is coloured by: every code has a category with its count; columns of any kind."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries import colourings, points, runs, triage
from app.queries.colourings import FILTERED, OTHER, TORN, Colouring, _by_column
from app.queries.runs import RunKey


def _is_complete(found: Colouring, samples: int) -> None:
    counts = {category.code: category.count for category in found.categories}
    codes, number = np.unique(found.codes, return_counts=True)
    assert dict(zip(codes.tolist(), number.tolist(), strict=True)).items() <= counts.items()
    assert sum(counts.values()) == samples
    assert found.codes.dtype == np.uint8
    assert max(counts, default=0) <= OTHER
    assert len(counts) == len(found.categories)


def test_every_offered_colouring_is_complete(full: RunKey) -> None:
    offered = colourings.offered(full)
    assert {"Correctness", "Group", "Label", "Prediction", "Loss", "Cluster", "Trustworthiness"} <= set(offered)
    assert "camera" in offered
    for by in offered.values():
        _is_complete(colourings.colouring(full, by), runs.size(full))


def test_triage_is_a_colouring_that_follows_the_tags(
    full: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    before = colourings.offered(full)["Triage"]
    assert "Nobody has tagged" in colourings.colouring(full, before).note
    triage.set_tag(full, [3, 5], "wrong label")
    triage.set_tag(full, [7], "duplicate")
    after = colourings.offered(full)["Triage"]
    assert after != before
    found = colourings.colouring(full, after)
    _is_complete(found, runs.size(full))
    assert {one.name: one.count for one in found.categories} == {
        "not looked at": runs.size(full) - 3, "wrong label": 2, "duplicate": 1,
    }  # fmt: skip
    assert found.codes[3] == found.codes[5] != found.codes[7] != OTHER


@pytest.mark.parametrize("by", ["Nothing", "column:nothing", "column:loss", ""])
def test_what_is_not_offered_is_refused(full: RunKey, by: str) -> None:
    with pytest.raises(KeyError):
        colourings.colouring(full, by)


def test_repaired_predictions_have_other_colours(full: RunKey) -> None:
    before, after = (colourings.colouring(full, "Correctness", repaired=repaired) for repaired in (False, True))
    assert np.array_equal(before.codes == 0, runs.column(full, "correct"))
    assert np.array_equal(after.codes == 0, runs.column(full, "correct_repaired"))


values = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=2), st.floats(), st.booleans())


@given(st.lists(values, max_size=80))
def test_columns_of_mixed_kinds(column: list) -> None:
    array = np.empty(len(column), dtype=object)
    array[:] = column
    _is_complete(_by_column(array), len(column))


@given(st.lists(st.floats(width=32), max_size=120))
def test_columns_of_numbers(column: list) -> None:
    array = np.array(column, dtype=np.float32)
    found = _by_column(array)
    _is_complete(found, len(column))
    known = np.isfinite(array)
    assert ((found.codes == OTHER) == ~known).all()
    order = np.argsort(array[known], kind="stable")
    assert (np.diff(found.codes[known][order].astype(int)) >= 0).all()


def test_numbers_are_cut_into_equal_parts() -> None:
    found = _by_column(np.random.default_rng(0).gamma(1, 1, 8000))
    assert [category.count for category in found.categories] == [1000] * 8
    assert len({category.colour for category in found.categories}) == 8


def test_many_values_are_the_frequent_ones_and_the_rest() -> None:
    column = np.array([f"v{number}" for number in range(50) for _ in range(number + 1)], dtype=object)
    found = _by_column(column)
    assert found.categories[0].name == "other (30 values)"
    assert [category.name for category in found.categories[1:3]] == ["v49", "v48"]
    assert len(found.categories) == 21
    assert found.note == "20 of 50 values: the most frequent ones"
    looks = {(category.colour, category.shape) for category in found.categories[1:]}
    assert len(looks) == 20


def test_a_column_whose_values_all_differ_says_so() -> None:
    found = _by_column(np.array([f"id {number}" for number in range(100)], dtype=object))
    assert [category.code for category in found.categories] == [OTHER]
    assert "nothing to colour by" in found.note


def test_bytes_carry_filter_and_trust(full: RunKey) -> None:
    passing = np.arange(runs.size(full)) % 2 == 0
    content = np.frombuffer(colourings.bytes_of(full, "Loss", repaired=False, passing=passing), dtype=np.uint8)
    assert np.array_equal(content & OTHER, colourings.colouring(full, "Loss").codes)
    assert np.array_equal((content & FILTERED) == 0, passing)
    assert np.array_equal((content & TORN) > 0, points.torn(full))
    counted = colourings.counted(colourings.colouring(full, "Loss"), passing)
    assert sum(category.count for category in counted) == passing.sum()
