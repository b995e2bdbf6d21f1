"""Classes, confusions and copies of the samples that pass a filter, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from app.queries import classes, confusions, duplicates, passing, runs
from app.queries.classes import Filters
from app.queries.passing import EVERY, Filter
from app.queries.runs import RunKey

WHERE = Filter('camera = "phone" and loss > 0.1')
NOBODY = Filter('camera = "nothing"')


@pytest.fixture
def chosen(full: RunKey) -> np.ndarray:
    return (runs.column(full, "camera") == "phone") & (runs.column(full, "loss") > 0.1)


def test_no_filter_is_the_runs_own_table(full: RunKey) -> None:
    pd.testing.assert_frame_equal(passing.classes(full, EVERY), runs.classes(full))
    pd.testing.assert_frame_equal(passing.confusions(full, EVERY), runs.confusions(full))
    assert passing.mask(full, EVERY) is None


def test_classes_count_what_passes(full: RunKey, chosen: np.ndarray) -> None:
    label, correct = runs.column(full, "label_index")[chosen], runs.column(full, "correct")[chosen]
    found = classes.table(full, WHERE)
    assert found["support"].tolist() == np.bincount(label, minlength=12).tolist()
    assert found["correct"].tolist() == np.bincount(label[correct], minlength=12).tolist()
    pd.testing.assert_series_equal(found["head_norm"], runs.classes(full)["head_norm"])
    assert found["group"].tolist() == runs.classes(full)["group"].tolist()
    order = classes.ordered(full, Filters(sort="Support", where=WHERE))
    assert (np.diff(found["support"].to_numpy()[order]) <= 0).all()


def test_confusions_count_what_passes(full: RunKey, chosen: np.ndarray) -> None:
    pairs = confusions.pairs(full, "All", WHERE)
    assert pairs["count"].sum() == (chosen & ~runs.column(full, "correct")).sum()
    matrix = confusions.matrix(full, 40, WHERE)
    assert matrix is not None
    assert matrix.counts.sum() == chosen.sum()
    assert confusions.pairs(full, "All", NOBODY).empty
    assert confusions.matrix(full, 10, NOBODY) is None
    assert confusions.levels(full, NOBODY) == ()


def test_samples_of_a_class_that_pass(full: RunKey, chosen: np.ndarray) -> None:
    expected = np.flatnonzero(chosen & (runs.column(full, "label_index") == 4))
    assert sorted(classes.worst_samples(full, 4, WHERE).tolist()) == expected.tolist()
    assert len(classes.rivals(full, 4, WHERE)["this class"]) == len(expected)


def test_pairs_of_which_one_sample_passes(full: RunKey, chosen: np.ndarray) -> None:
    every = duplicates.pairs(full, duplicates.WITHIN, duplicates.Filters())
    expected = every[chosen[every["sample_id"]] | chosen[every["other"]]]
    found = duplicates.pairs(full, duplicates.WITHIN, duplicates.Filters(passing=WHERE))
    assert found["sample_id"].tolist() == expected["sample_id"].tolist()
    assert len(found) < len(every)
