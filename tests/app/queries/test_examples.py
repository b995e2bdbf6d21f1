"""Filters and order of the Examples page, against pandas on the whole table."""

import numpy as np
import pandas as pd
import pytest

from app.queries import runs
from app.queries.examples import Filters, has_repaired, metadata_values, ordered
from app.queries.flags import flags
from app.queries.runs import RunKey


def _table(key: RunKey) -> pd.DataFrame:
    frame = runs.open_run(key).run.table()
    is_old = runs.is_old(key)
    frame["old"] = is_old[frame["label_index"]] if is_old is not None else False
    return frame


def test_largest_loss_first(full: RunKey) -> None:
    expected = _table(full).sort_values("loss", ascending=False, kind="stable")["sample_id"]
    assert ordered(full, Filters()).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("sort", "reverse", "column", "ascending"),
    [
        ("Label quality", False, "label_quality", True),
        ("Entropy", False, "entropy", False),
        ("Margin", False, "margin", True),
        ("Confidence", True, "confidence", True),
    ],
)
def test_every_order(full: RunKey, sort: str, reverse: bool, column: str, ascending: bool) -> None:
    values = runs.column(full, column)[ordered(full, Filters(sort=sort, reverse=reverse))]
    assert (np.diff(values) >= 0).all() if ascending else (np.diff(values) <= 0).all()


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        (Filters(outcome="Wrong"), "not correct"),
        (Filters(outcome="Correct", group="Old"), "correct and old"),
        (Filters(group="New"), "not old"),
        (Filters(label="#4"), "label_index == 4"),
        (Filters(label="class 004"), "label_index == 4"),
        (Filters(prediction="CLASS 00"), "prediction_index in [3, 4, 5, 6, 7, 8, 9]"),
        (Filters(cluster=0, outcome="Wrong"), "cluster == 0 and not correct"),
        (Filters(column="camera", value="scanner"), "camera == 'scanner'"),
        (Filters(repaired=True, outcome="Wrong"), "not correct_repaired"),
        (Filters(label="no such class"), "label_index == 999"),
    ],
)
def test_filters_agree_with_pandas(full: RunKey, filters: Filters, query: str) -> None:
    assert set(ordered(full, filters).tolist()) == set(_table(full).query(query)["sample_id"])


def test_flagged_samples_are_the_evidence(full: RunKey) -> None:
    evidence = runs.evidence(full, "label_errors")
    assert set(ordered(full, Filters(finding="label_errors"))) == set(evidence["sample_id"])
    assert set(flags(full)) == {"label_errors"}
    assert ordered(full, Filters(finding="no_such_finding")).size == 0


def test_groups_filter_nothing_without_a_split(nosplit: RunKey) -> None:
    assert ordered(nosplit, Filters(group="Old")).size == runs.size(nosplit)


def test_metadata_values_come_most_frequent_first(full: RunKey) -> None:
    expected = pd.Series(runs.column(full, "camera")).value_counts()
    assert set(metadata_values(full, "camera")) == set(expected.index)
    assert expected[metadata_values(full, "camera")[0]] == expected.max()


def test_repaired_predictions_are_noticed(full: RunKey) -> None:
    assert has_repaired(full)
