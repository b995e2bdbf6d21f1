"""One sample's drawer: candidates, neighbours, reasons."""

import numpy as np
import pytest

from app.queries import runs
from app.queries.runs import RunKey
from app.queries.sample import candidates, near, reasons, sample


def test_candidates_hold_both_groups_and_the_label(full: RunKey) -> None:
    for sample_id in range(0, runs.size(full), 37):
        table = candidates(full, sample_id)
        assert set(table["group"]) == {"old", "new"}
        assert table["is_label"].sum() == 1
        assert (np.diff(table["logit"]) <= 0).all()
        assert table["class_index"].iloc[0] == runs.column(full, "prediction_index")[sample_id]


def test_probability_of_the_prediction_is_its_confidence(full: RunKey) -> None:
    table = candidates(full, 5)
    assert table["probability"].iloc[0] == pytest.approx(runs.column(full, "confidence")[5], rel=1e-4)


def test_neighbours_come_nearest_first(full: RunKey) -> None:
    found = near(full, 0)
    assert 0 not in set(found["sample_id"])
    assert (np.diff(found["similarity"]) <= 0).all()


def test_without_embeddings_there_are_no_neighbours(bare: RunKey) -> None:
    assert near(bare, 0) is None


def test_reasons_name_the_finding_and_its_score(full: RunKey) -> None:
    evidence = runs.evidence(full, "label_errors")
    flagged = int(evidence["sample_id"].iloc[0])
    assert reasons(full, flagged) == [("label_errors", "Some labels are wrong", pytest.approx(1.0))]
    clean = next(i for i in range(runs.size(full)) if i not in set(evidence["sample_id"]))
    assert reasons(full, clean) == []


@pytest.mark.parametrize("sample_id", [-1, 10**9])
def test_unknown_samples_are_none(full: RunKey, sample_id: int) -> None:
    assert sample(full, sample_id) is None


def test_a_sample_tells_its_names_and_groups(full: RunKey) -> None:
    shown = sample(full, 3)
    assert shown.label == runs.column(full, "label")[3]
    assert shown.label_group in ("old", "new")
    assert shown.metadata.keys() == {"camera"}
