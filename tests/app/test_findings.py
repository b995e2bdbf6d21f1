"""Reading findings.json: rank order, and blanks where something is missing."""

from app.findings import parse
from tests.app.checklists import faulty, finding


def test_findings_come_in_rank_order() -> None:
    found = faulty()
    found["findings"].reverse()
    assert [entry.rank for entry in parse(found).findings] == list(range(1, 11))


def test_what_an_older_file_lacks_is_blank() -> None:
    checklist = parse({"findings": [{"id": "x", "verdict": "refuted"}]})
    only = checklist.get("x")
    assert only is not None
    assert (only.gain, only.evidence, only.needs, only.title) == (None, (), (), "")
    assert checklist.leading == "no_fault"
    assert checklist.ladder == ()
    assert checklist.accuracy.overall is None


def test_numbers_are_numbers_or_nothing() -> None:
    checklist = parse({"findings": [finding("x", gain="0.3", accuracy_if_fixed=True, gain_low=0)]})
    only = checklist.get("x")
    assert only is not None
    assert (only.gain, only.accuracy_if_fixed, only.gain_low) == (None, None, 0.0)
