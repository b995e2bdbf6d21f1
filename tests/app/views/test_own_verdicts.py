"""Own verdicts and notes on the page Checklist: saved, signed, undone, never overwritten unseen."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import people
from app.people import Person, Role
from app.queries import investigations, runs
from app.queries.runs import RunKey
from tests.app.pages import open_page, words

FINDING = "index_map_scrambled"
NOTE = f"finding:{FINDING}"


@pytest.fixture
def key(shell_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunKey:
    """A run of its own, so that nothing that another test added is there."""
    shutil.copytree(shell_runs / "faulty", tmp_path / "faulty")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    _is(monkeypatch, "ada")
    return runs.run_key("faulty")


def _is(monkeypatch: pytest.MonkeyPatch, name: str, role: Role = Role.EDITOR) -> None:
    monkeypatch.setattr(people, "current", lambda: Person(name=name, role=role))


def _finding() -> AppTest:
    app = open_page("checklist", run="faulty", finding=FINDING)
    assert not app.exception
    return app


def _press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def _box(app: AppTest) -> object:
    return app.text_area[0]


def test_a_click_gives_the_own_verdict_and_the_list_shows_it(key: RunKey) -> None:
    app = _finding()
    app.segmented_control[0].set_value("dismissed").run()
    item = investigations.item(key, "verdict", FINDING)
    assert item is not None
    assert (item.value["state"], item.author) == ("dismissed", "ada")
    assert "you, just now" in words(app)
    app.segmented_control[0].set_value("confirmed").run()
    listed = open_page("checklist", run="faulty")
    assert ":violet-badge[:material/thumb_up: Confirmed]" in words(listed)
    assert "**Class indices are scrambled**" not in words(open_page("checklist", run="faulty", chk_own="Fixed"))


def test_reason_and_assignee_are_kept_with_it(key: RunKey) -> None:
    app = _finding()
    _press(app, "Reason and assignee")
    app.text_area[0].set_value("because *of* this")
    next(box for box in app.text_input if box.label == "Assigned to").set_value("bob")
    _press(app, "Save")
    item = investigations.item(key, "verdict", FINDING)
    assert item is not None
    assert item.value == {"state": "open", "reason": "because *of* this", "assignee": "bob"}
    assert "because \\*of\\* this" in words(app)
    assert "bob" in words(open_page("checklist", run="faulty", chk_assignee="bob"))


def test_a_note_is_written_changed_and_undone(key: RunKey) -> None:
    app = _finding()
    _press(app, "Add a note")
    app.text_area[0].set_value("one **bold** <script>")
    _press(app, "Save")
    assert "<strong>bold</strong> &lt;script&gt;" in app.get("html")[0].proto.body
    _press(app, "Edit")
    assert app.text_area[0].value == "one **bold** <script>"
    app.text_area[0].set_value("two")
    _press(app, "Save")
    _press(app, "Undo")
    item = investigations.item(key, "note", NOTE)
    assert item is not None
    assert item.value == {"text": "one **bold** <script>"}
    _press(app, "Edit")
    app.text_area[0].set_value("  ")
    _press(app, "Save")
    assert investigations.item(key, "note", NOTE) is None


def test_the_own_other_window_is_told_as_such(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _finding()
    _press(app, "Add a note")
    _is(monkeypatch, "ada")
    investigations.put(key, "note", NOTE, {"text": "from the other window"}, expected=0)
    app.text_area[0].set_value("from this one")
    _press(app, "Save")
    assert "Changed by you, in another window, just now" in words(app)
    assert app.text_area[0].value == "from this one"


def test_the_second_writer_sees_both_versions_and_loses_no_word(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _finding()
    _press(app, "Add a note")
    _is(monkeypatch, "bob")
    investigations.put(key, "note", NOTE, {"text": "bob's words"}, expected=0)
    _is(monkeypatch, "ada")
    app.text_area[0].set_value("ada's words")
    _press(app, "Save")
    assert "Changed by bob, just now" in words(app)
    assert "bob&#x27;s words" in app.get("html")[0].proto.body or "bob's words" in app.get("html")[0].proto.body
    assert app.text_area[0].value == "ada's words"
    item = investigations.item(key, "note", NOTE)
    assert item is not None
    assert item.author == "bob"
    _press(app, "Put both together")
    assert app.text_area[0].value == "bob's words\n\nada's words"
    _press(app, "Save")
    item = investigations.item(key, "note", NOTE)
    assert item is not None
    assert item.value == {"text": "bob's words\n\nada's words"}


def test_after_seeing_both_the_own_version_may_be_chosen(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _finding()
    _press(app, "Add a note")
    _is(monkeypatch, "bob")
    investigations.put(key, "note", NOTE, {"text": "bob's"}, expected=0)
    _is(monkeypatch, "ada")
    app.text_area[0].set_value("ada's")
    _press(app, "Save")
    _press(app, "Save mine instead")
    assert [change.author for change in investigations.history(key, kind="note")] == ["ada", "bob"]


def test_two_clicks_at_once_do_not_overwrite_one_another(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _finding()
    _is(monkeypatch, "bob")
    investigations.put(key, "verdict", FINDING, {"state": "fixed"}, expected=0)
    _is(monkeypatch, "ada")
    app.segmented_control[0].set_value("dismissed").run()
    item = investigations.item(key, "verdict", FINDING)
    assert item is not None
    assert item.value["state"] == "fixed"
    assert "**Fixed** was set just before your **Dismissed**, by bob" in app.warning[0].value


def test_a_viewer_sees_everything_and_changes_nothing(key: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    investigations.put(key, "note", NOTE, {"text": "seen"}, expected=0)
    _is(monkeypatch, "eve", Role.VIEWER)
    app = _finding()
    assert "seen" in app.get("html")[0].proto.body
    assert app.segmented_control[0].disabled
    assert all(button.disabled for button in app.button if button.label in ("Edit", "Add a note", "Undo"))


def test_a_database_that_cannot_be_read_is_said_and_the_finding_stays(
    key: RunKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no.sqlite").write_text("this is no database, and never was one" * 100)
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'no.sqlite'}")
    app = _finding()
    assert "is damaged, or is no database" in words(app)
    assert "**Class indices are scrambled**" in words(app).replace("\\", "")
    assert "**Class indices are scrambled**" in words(open_page("checklist", run="faulty")).replace("\\", "")
