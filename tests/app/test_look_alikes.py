"""Look-alikes: from both sides, and how each was told apart."""

import pytest

from app.findings import parse
from app.look_alikes import look_alikes
from tests.app.checklists import finding


def _outcomes(*others: dict[str, object]) -> dict[str, str]:
    own = finding("bias", verdict="supported", look_alikes=["named", "not_in_this_run"])
    found = parse({"findings": [own, *others]})
    return {one.finding.id: one.outcome for one in look_alikes(found, found.findings[0])}


def test_a_cause_that_names_this_one_is_alike_too() -> None:
    others = finding("named", rank=2), finding("naming", rank=3, look_alikes=["bias"]), finding("other", rank=4)
    assert _outcomes(*others) == {"named": "excluded", "naming": "excluded"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"explained_by": "bias"}, "explained by this one"),
        ({"explained_by": "third"}, "explained by “Third”"),
        ({"verdict": "supported"}, "is there as well"),
        ({"verdict": "inconclusive"}, "could not be excluded"),
        ({"verdict": "not_testable"}, "not excluded, because it could not be tested"),
        ({"verdict": "errored"}, "not excluded, because its test failed"),
    ],
)
def test_the_outcome_is_told_in_words(fields: dict[str, object], words: str) -> None:
    assert _outcomes(finding("named", rank=2, **fields), finding("third", rank=3)) == {"named": words}


def test_tested_ones_come_first() -> None:
    others = (finding("naming", rank=2, verdict="not_testable", look_alikes=["bias"]), finding("named", rank=3))
    assert list(_outcomes(*others)) == ["named", "naming"]


def test_beside_what_is_not_there_a_cause_was_found() -> None:
    own = finding("bias", look_alikes=["named"])
    found = parse({"findings": [own, finding("named", rank=2, verdict="supported")]})
    assert look_alikes(found, found.findings[0])[0].outcome == "was found"
