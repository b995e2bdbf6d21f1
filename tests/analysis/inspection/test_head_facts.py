"""Rows of the head, summed up; faults are counted and named."""

import numpy as np

from analysis.inspection.head_facts import head_facts, head_warnings
from analysis.models.head import Head, HeadPlace

PLACE = HeadPlace(
    name="fc",
    kind="linear",
    weight_name="fc.weight",
    bias_name="fc.bias",
    scale=None,
    is_final_linear=True,
    can_tap=True,
)
NAMES = ("ape", "bee", "cat", "dog")


def head(weight: list[list[float]], bias: list[float] | None = None) -> Head:
    return Head(
        place=PLACE, weight=np.array(weight, np.float32), bias=None if bias is None else np.array(bias, np.float32)
    )


def test_lengths_and_biases_are_summed_up_by_group() -> None:
    facts = head_facts(
        head([[3, 4], [0, 1], [6, 8], [0, 2]], [1, 2, 3, 4]), NAMES, np.array([True, False, True, False])
    )
    assert (facts.norms["old"].mean, facts.norms["new"].mean, facts.norms["all"].median) == (7.5, 1.5, 3.5)
    assert (facts.biases["old"].least, facts.biases["new"].largest) == (1.0, 4.0)
    assert list(head_warnings(facts, 4)) == []


def test_outputs_beyond_the_list_are_new() -> None:
    facts = head_facts(head([[1, 0], [2, 0], [4, 0]]), NAMES[:2], np.array([True, False]))
    assert (facts.norms["old"].count, facts.norms["new"].count) == (1, 2)
    assert facts.biases == {}
    assert list(head_warnings(facts, 2)) == ["The head has 3 outputs, the class list 2 names: 1 outputs have no name."]
    assert "1 names have no output" in next(head_warnings(facts, 4))


def test_faulty_rows_are_counted_once_and_named() -> None:
    weight = [[1, 2], [1, 2], [0, 0], [np.nan, 1], [2, 1], [2, 1]]
    facts = head_facts(head(weight, [0, 0, 0, 0, 0, 1]), NAMES, None)
    faults = facts.faults
    assert (faults.duplicate, faults.duplicate_names) == (1, ("bee",))
    assert (faults.dead, faults.dead_names) == (1, ("cat",))
    assert (faults.not_finite, faults.not_finite_names) == (1, ("dog",))
    assert facts.norms["all"].count == 5
    assert len(list(head_warnings(facts, 6))) == 3


def test_a_head_without_a_finite_row() -> None:
    facts = head_facts(head([[np.nan, 1], [np.inf, 1]]), NAMES, None)
    assert facts.norms == {}
    assert facts.faults.not_finite == 2
