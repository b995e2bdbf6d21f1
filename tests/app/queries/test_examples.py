"""Filters and order of the Examples page, against pandas on the whole table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.queries import runs
from app.queries.example_expression import expression
from app.queries.examples import Filters, has_repaired, metadata_values, ordered
from app.queries.filters import passing
from app.queries.flags import flags
from app.queries.runs import RunKey
from tests.planting import make_run


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
    expected = set(_table(full).query(query)["sample_id"])
    assert set(ordered(full, filters).tolist()) == expected
    assert set(passing(full, expression(full, filters)).tolist()) == expected


def test_flagged_samples_are_the_evidence(full: RunKey) -> None:
    evidence = runs.evidence(full, "label_errors")
    assert set(ordered(full, Filters(finding="label_errors"))) == set(evidence["sample_id"])
    assert set(flags(full)) == {"label_errors"}
    assert ordered(full, Filters(finding="no_such_finding")).size == 0


def test_all_filters_together_are_one_expression(full: RunKey) -> None:
    assert expression(full, Filters(where="los > 2")) == ""
    for camera in metadata_values(full, "camera") or ():
        filters = Filters(
            where="loss > 0.1 or not correct", label="class", group="Old", outcome="Wrong", repaired=True,
            column="camera", value=camera,
        )  # fmt: skip
        assert set(passing(full, expression(full, filters)).tolist()) == set(ordered(full, filters).tolist())
    flagged = Filters(finding="label_errors", cluster=-1)
    assert set(passing(full, expression(full, flagged)).tolist()) == set(ordered(full, flagged).tolist())


@pytest.mark.parametrize("column", ["iso", "night", "taken"])
def test_values_of_any_kind_are_one_expression(column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2024-05-01")
    columns = {
        "iso": rng.choice([0.1, 100.0, np.nan], 40).astype(np.float32).tolist(),
        "night": rng.choice([True, False], 40).tolist(),
        "taken": [day + pd.Timedelta(days=int(n)) for n in rng.integers(0, 3, 40)],
    }
    make_run(tmp_path / "kinds", classes=4, per_class=10, metadata=columns)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    key = runs.run_key("kinds")
    values = metadata_values(key, column)
    assert values
    for value in values:
        filters = Filters(column=column, value=value)
        assert set(passing(key, expression(key, filters)).tolist()) == set(ordered(key, filters).tolist()), value


def test_groups_filter_nothing_without_a_split(nosplit: RunKey) -> None:
    assert ordered(nosplit, Filters(group="Old")).size == runs.size(nosplit)


def test_metadata_values_come_most_frequent_first(full: RunKey) -> None:
    expected = pd.Series(runs.column(full, "camera")).value_counts()
    assert set(metadata_values(full, "camera")) == set(expected.index)
    assert expected[metadata_values(full, "camera")[0]] == expected.max()


def test_repaired_predictions_are_noticed(full: RunKey) -> None:
    assert has_repaired(full)
