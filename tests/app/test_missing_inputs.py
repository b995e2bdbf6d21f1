"""Untested causes by what a person has to do for them."""

from app.findings import parse
from app.missing_inputs import missing_inputs
from tests.app.checklists import faulty, finding
from tests.app.whole_checklist import whole

LINEAR = ["Use a state dict."]


def test_inputs_that_come_with_one_step_are_one_group_and_the_largest_is_first() -> None:
    found = parse({"findings": [
        finding("a", rank=1, verdict="not_testable", needs=["a list"], how_to_add=["Give `old`."]),
        finding("b", rank=2, verdict="not_testable", needs=["embeddings"], how_to_add=LINEAR),
        finding("c", rank=3, verdict="not_testable", needs=["the head"], how_to_add=LINEAR),
    ]})  # fmt: skip
    first, second = missing_inputs(found)
    assert (first.names, first.how_to_add) == (("embeddings", "the head"), ("Use a state dict.",))
    assert [entry.id for entry in first.findings] == ["b", "c"]
    assert [entry.id for entry in second.findings] == ["a"]


def test_an_older_file_without_how_to_add_is_grouped_by_need() -> None:
    assert [group.names for group in missing_inputs(parse(faulty()))] == [("head weights",)]


def test_only_what_is_shown_is_grouped() -> None:
    found = parse(whole())
    data = tuple(entry for entry in found.findings if entry.chapter == "data")
    assert [entry.id for group in missing_inputs(found, data) for entry in group.findings] == [
        "tail_classes", "train_val_leakage",
    ]  # fmt: skip
