"""The app's door to what people add: signed, cached until something changes, closed for viewers."""

import shutil
from pathlib import Path

import pytest

from app import people
from app.people import Person, Role
from app.queries import investigations, runs
from app.queries.investigations import ConflictError, StoreError
from app.queries.runs import RunKey
from tests.planting import make_run


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunKey:
    make_run(tmp_path / "a", per_class=4)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return runs.run_key("a")


def _is(monkeypatch: pytest.MonkeyPatch, name: str, role: Role = Role.EDITOR) -> None:
    monkeypatch.setattr(people, "current", lambda: Person(name=name, role=role))


def test_what_is_added_is_signed_and_seen_at_once(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    _is(monkeypatch, "ada")
    assert investigations.items(key, "note") == []
    item = investigations.put(key, "note", "cluster:1", {"text": "one"}, expected=0)
    assert item is not None
    assert item.author == "ada"
    assert investigations.items(key, "note") == [item]
    assert investigations.item(key, "note", "cluster:1") == item
    assert investigations.item(key, "note", "cluster:2") is None
    assert investigations.last_change(key) == 1


def test_a_second_person_meets_the_first(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    _is(monkeypatch, "ada")
    investigations.put(key, "note", "x", {"text": "one"}, expected=0)
    _is(monkeypatch, "bob")
    with pytest.raises(ConflictError, match="ada"):
        investigations.put(key, "note", "x", {"text": "two"}, expected=0)
    assert investigations.undo(key) is None


def test_tags_are_one_step(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    _is(monkeypatch, "ada")
    investigations.put_many(key, "triage", {"1": {"tags": ["blurred"]}, "2": {"tags": ["blurred"]}})
    assert len(investigations.history(key, kind="triage")) == 2
    assert investigations.undo(key, {"triage"}) is not None
    assert investigations.items(key, "triage") == []


def test_a_viewer_changes_nothing(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    _is(monkeypatch, "eve", Role.VIEWER)
    with pytest.raises(StoreError, match="editors"):
        investigations.put(key, "note", "x", {"text": "one"}, expected=0)
    with pytest.raises(StoreError, match="editors"):
        investigations.put_many(key, "triage", {"1": {}})
    with pytest.raises(StoreError, match="editors"):
        investigations.undo(key)
    assert investigations.last_change(key) == 0


def test_a_copied_and_renamed_run_keeps_what_was_added(key: RunKey, tmp_path: Path) -> None:
    investigations.put(key, "note", "x", {"text": "one"}, expected=0)
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    assert investigations.item(runs.run_key("copy"), "note", "x") is not None
