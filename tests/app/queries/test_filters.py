"""The filter of all pages against pandas; what is wrong with it is said, and filters nothing."""

import numpy as np
import pytest

from analysis.expressions.error import ExpressionError
from app.queries import filters, runs
from app.queries.examples import Filters, ordered
from app.queries.runs import RunKey


def _expected(key: RunKey, query: str) -> list[int]:
    frame = runs.open_run(key).run.table()
    is_old = runs.is_old(key)
    if is_old is not None:
        frame["group"] = np.where(is_old[frame["label_index"]], "old", "new")
        frame["predicted_group"] = np.where(is_old[frame["prediction_index"]], "old", "new")
    return frame.query(query)["sample_id"].tolist()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ('label = "class 004" and loss > 2', 'label == "class 004" and loss > 2'),
        ('camera in ("phone", "scanner") and not correct', 'camera in ("phone", "scanner") and not correct'),
        ('camera = "<b>webcam</b>"', 'camera == "<b>webcam</b>"'),
        ("label = prediction", "label == prediction"),
        ('group = "old" and predicted_group = "new"', 'group == "old" and predicted_group == "new"'),
        ("cluster = 0 or confidence < 0.2", "cluster == 0 or confidence < 0.2"),
        ('filepath contains "1"', 'filepath.str.contains("1")'),
        ("correct_repaired and not correct", "correct_repaired and not correct"),
    ],
)
def test_who_passes_agrees_with_pandas(full: RunKey, text: str, query: str) -> None:
    expected = _expected(full, query)
    assert filters.passing(full, text).tolist() == expected
    assert set(ordered(full, Filters(where=text)).tolist()) == set(expected)
    assert filters.answer(full, text).passing == len(expected)


def test_flagged_samples_are_the_evidence(full: RunKey) -> None:
    flagged = runs.evidence(full, "label_errors")["sample_id"]
    assert set(filters.passing(full, 'flagged("label_errors")').tolist()) == set(flagged)
    with pytest.raises(ExpressionError, match="Those that do: label_errors"):
        filters.passing(full, 'flagged("nothing")')


def test_repaired_predictions_have_names(full: RunKey) -> None:
    index = runs.column(full, "prediction_repaired_index")
    assert filters.passing(full, 'prediction_repaired = "class 005"').tolist() == np.flatnonzero(index == 5).tolist()


def test_a_wrong_expression_filters_nothing_and_is_told(full: RunKey) -> None:
    found = filters.answer(full, "labl = 3")
    assert found.mask is None
    assert found.error is not None
    assert "label" in found.error.message
    assert ordered(full, Filters(where="labl = 3")).size == runs.size(full)


def test_no_expression_is_no_filter(full: RunKey) -> None:
    assert filters.answer(full, "").mask is None
    assert filters.passing(full, " ").size == runs.size(full)


def test_groups_need_the_old_list(nosplit: RunKey) -> None:
    assert "group" not in filters.names(nosplit)
    assert filters.answer(nosplit, 'group = "old"').error is not None


def test_columns_are_explained_with_values_they_have(full: RunKey) -> None:
    table = {one.name: one for one in filters.about(full)}
    assert tuple(table) == tuple(filters.names(full))
    assert table["camera"].kind == "text"
    assert table["correct"].kind == "yes or no"
    assert '"old"' in table["group"].examples
    for one in table.values():
        assert one.kind in ("number", "text", "yes or no", "date")
