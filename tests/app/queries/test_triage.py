"""Tags of people: kept, filtered by, counted, held against findings, and exported without formulas."""

import csv
import io
from collections.abc import Iterator

import pytest

from analysis.errors import StoreError
from app import people
from app.people import Person, Role
from app.queries import examples, filters, investigations, runs, triage
from app.queries.examples import Filters
from app.queries.runs import RunKey


@pytest.fixture(autouse=True)
def _an_editor(monkeypatch: pytest.MonkeyPatch, full: RunKey) -> Iterator[None]:
    monkeypatch.setattr(people, "current", lambda: Person(name="=cmd", role=Role.EDITOR))
    yield
    held = {item.subject: None for item in investigations.items(full, triage.KIND)}
    if held:
        investigations.put_many(full, triage.KIND, held)


def test_tags_are_kept_taken_away_and_undone(full: RunKey) -> None:
    triage.set_tag(full, [3, 5, 10**9, -1], "wrong label")
    triage.set_tag(full, [5], "ambiguous")
    assert triage.tags(full) == {3: "wrong label", 5: "ambiguous"}
    triage.undo(full)
    assert triage.tags(full) == {3: "wrong label", 5: "wrong label"}
    triage.set_tag(full, [3], None)
    assert triage.tags(full) == {5: "wrong label"}
    with pytest.raises(ValueError, match="is no tag"):
        triage.set_tag(full, [3], "<script>")


def test_expressions_follow_the_tags(full: RunKey) -> None:
    where = 'triage = "wrong label"'
    assert filters.passing(full, where).size == 0
    triage.set_tag(full, [7, 9], "wrong label")
    assert filters.passing(full, where).tolist() == [7, 9]
    assert set(examples.ordered(full, Filters(where=where)).tolist()) == {7, 9}
    assert filters.passing(full, "triage is missing").size == runs.size(full) - 2
    assert {one.name: one for one in filters.about(full)}["triage"].examples.startswith('"wrong label"')


def test_counts_are_those_of_the_filter(full: RunKey) -> None:
    triage.set_tag(full, [1, 2, 3], "wrong label")
    triage.set_tag(full, [4], "duplicate")
    shares = {share.tag: share for share in triage.shares_among(full, filters.passing(full, "sample_id >= 3"))}
    assert (shares["wrong label"].count, shares["wrong label"].looked_at) == (1, 2)


def test_a_finding_is_held_against_what_people_saw(full: RunKey) -> None:
    assert triage.audited(full, "label_errors") is None
    flagged = runs.evidence(full, "label_errors")["sample_id"].tolist()
    triage.set_tag(full, flagged[:4], "wrong label")
    triage.set_tag(full, flagged[4:5], "model error")
    other = next(sample for sample in range(runs.size(full)) if sample not in flagged)
    triage.set_tag(full, [other], "wrong label")
    audited = triage.audited(full, "label_errors")
    assert (audited.count, audited.looked_at) == (4, 5)
    assert triage.audited(full, "no_such_finding") is None


def test_the_list_reads_back_and_holds_no_formula(full: RunKey) -> None:
    triage.set_tag(full, [8, 2], "bad picture")
    rows = list(csv.DictReader(io.StringIO(b"".join(triage.csv(full)).decode("utf-8"))))
    assert [row["sample_id"] for row in rows] == ["2", "8"]
    assert {row["tag"] for row in rows} == {"bad picture"}
    assert {row["author"] for row in rows} == {"'=cmd"}
    assert [row["label"] for row in rows] == [runs.column(full, "label")[sample] for sample in (2, 8)]
    some = list(
        csv.DictReader(io.StringIO(b"".join(triage.csv(full, filters.passing(full, "sample_id > 5"))).decode()))
    )
    assert [row["sample_id"] for row in some] == ["8"]


def test_viewers_cannot_tag(full: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "current", lambda: Person(name="v", role=Role.VIEWER))
    with pytest.raises(StoreError):
        triage.set_tag(full, [1], "duplicate")
    monkeypatch.setattr(people, "current", lambda: Person(name="e", role=Role.EDITOR))
