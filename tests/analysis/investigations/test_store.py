"""Items, versions, conflicts and history, on both databases."""

import pickle
import threading
from pathlib import Path

import pytest

from analysis.errors import StoreError
from analysis.investigations.item import ConflictError
from analysis.investigations.store import InvestigationStore
from analysis.investigations.values import VALUE_CHARACTERS

RUN, OTHER = "00112233445566ff", "ffeeddccbbaa9988"


def test_an_empty_store_has_nothing(store: InvestigationStore) -> None:
    assert store.get(RUN, "note", "cluster:1") is None
    assert store.items(RUN, "note") == []
    assert store.history(RUN) == []
    assert store.last_change(RUN) == 0
    assert store.undo(RUN, author="ada") is None


def test_looking_makes_no_file(tmp_path: Path) -> None:
    with InvestigationStore(f"sqlite:///{tmp_path}/a/b.sqlite") as store:
        assert store.items(RUN, "note") == []
    assert list(tmp_path.iterdir()) == []


def test_what_was_put_is_there(store: InvestigationStore, url: str) -> None:
    value = {"text": "naïve “ü” 😀 \x00 ' ; DROP TABLE faultline_items; --", "n": 3, "list": [1, None, True]}
    item = store.put(RUN, "note", "class:1'; --", value, author="ada", expected=0)
    assert item is not None
    assert (item.value, item.version, item.author) == (value, 1, "ada")
    with InvestigationStore(url) as again:
        assert again.get(RUN, "note", "class:1'; --") == item
        assert again.items(RUN, "note") == [item]
        assert again.items(RUN, "verdict") == again.items(OTHER, "note") == []


def test_items_come_by_subject(store: InvestigationStore) -> None:
    for subject in ("b", "B", "a", "é"):
        store.put(RUN, "slice", subject, {}, author="ada", expected=0)
    assert [item.subject for item in store.items(RUN, "slice")] == ["B", "a", "b", "é"]


def test_the_second_writer_meets_what_the_first_wrote(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    mine = store.put(RUN, "note", "x", {"text": "two"}, author="ada", expected=1)
    with pytest.raises(ConflictError, match="ada changed it") as caught:
        store.put(RUN, "note", "x", {"text": "three"}, author="bob", expected=1)
    assert caught.value.current == mine
    assert store.get(RUN, "note", "x") == mine
    assert pickle.loads(pickle.dumps(caught.value)).current == mine


def test_an_item_that_appeared_meanwhile_is_a_conflict_too(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    with pytest.raises(ConflictError):
        store.put(RUN, "note", "x", {"text": "two"}, author="bob", expected=0)


def test_an_item_that_was_deleted_meanwhile_is_a_conflict_without_an_item(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    assert store.put(RUN, "note", "x", None, author="ada", expected=1) is None
    with pytest.raises(ConflictError, match="deleted") as caught:
        store.put(RUN, "note", "x", {"text": "two"}, author="bob", expected=1)
    assert caught.value.current is None


def test_two_people_who_write_the_same_do_not_disagree(store: InvestigationStore) -> None:
    first = store.put(RUN, "verdict", "x", {"state": "fixed", "why": "a"}, author="ada", expected=0)
    assert store.put(RUN, "verdict", "x", {"why": "a", "state": "fixed"}, author="bob", expected=0) == first
    assert store.last_change(RUN) == 1


def test_a_version_never_comes_twice(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    store.put(RUN, "note", "x", None, author="ada", expected=1)
    assert store.put(RUN, "note", "x", None, author="ada", expected=0) is None
    again = store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    assert again is not None
    assert again.version == 3
    with pytest.raises(ConflictError):
        store.put(RUN, "note", "x", {"text": "late"}, author="bob", expected=1)


def test_many_are_one_step_and_the_last_writer_wins(store: InvestigationStore) -> None:
    store.put(RUN, "triage", "7", {"tag": "blurred"}, author="ada", expected=0)
    many = {str(number): {"tag": "wrong label"} for number in range(1200)}
    done = store.put_many(RUN, "triage", many, author="bob")
    assert len(done) == len(store.items(RUN, "triage")) == 1200
    assert store.last_change(RUN) == 1201
    assert len({change.step for change in store.history(RUN, kind="triage", limit=1200)}) == 1
    assert store.put_many(RUN, "triage", many, author="ada") == []
    assert store.put_many(RUN, "triage", {}, author="ada") == []
    assert store.put_many(RUN, "triage", {"7": None, "99999": None}, author="ada") == []
    assert len(store.items(RUN, "triage")) == 1199


def test_the_history_says_who_changed_what_newest_first(store: InvestigationStore) -> None:
    store.put(RUN, "note", "x", {"text": "one"}, author="ada", expected=0)
    store.put(RUN, "note", "y", {"text": "else"}, author="ada", expected=0)
    store.put(RUN, "note", "x", {"text": "two"}, author="bob", expected=1)
    store.put(RUN, "note", "x", None, author="ada", expected=2)
    store.put(OTHER, "note", "x", {"text": "elsewhere"}, author="ada", expected=0)
    history = store.history(RUN, kind="note", subject="x")
    assert [(change.number, change.author, change.before, change.after) for change in history] == [
        (4, "ada", {"text": "two"}, None),
        (3, "bob", {"text": "one"}, {"text": "two"}),
        (1, "ada", None, {"text": "one"}),
    ]
    assert [change.number for change in store.history(RUN, limit=2)] == [4, 3]
    assert (store.last_change(RUN), store.last_change(OTHER)) == (4, 1)


def test_a_clock_that_jumps_does_not_change_the_order(
    store: InvestigationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, now in enumerate((2e9, 1e9, 3e9, 0.0)):
        monkeypatch.setattr("analysis.investigations.step.time.time", lambda now=now: now)
        store.put(RUN, "note", "x", {"text": version}, author="ada", expected=version)
    assert [change.after for change in store.history(RUN)] == [{"text": 3}, {"text": 2}, {"text": 1}, {"text": 0}]
    undone = store.undo(RUN, author="ada")
    assert undone is not None
    assert undone.after == {"text": 2}


@pytest.mark.parametrize("value", [{"text": "x" * VALUE_CHARACTERS}, {"nan": float("nan")}, {"object": object()}])
def test_what_cannot_be_kept_is_refused(store: InvestigationStore, value: dict[str, object]) -> None:
    with pytest.raises(StoreError, match=r"too large|no JSON"):
        store.put(RUN, "note", "x", value, author="ada", expected=0)
    assert store.last_change(RUN) == 0


@pytest.mark.parametrize("subject", ["", "x" * 501, "a\x00b", "\ud800"])
def test_a_name_that_no_database_holds_is_refused(store: InvestigationStore, subject: str) -> None:
    with pytest.raises(StoreError, match="subject"):
        store.put(RUN, "note", subject, {}, author="ada", expected=0)
    with pytest.raises(StoreError, match="author"):
        store.put(RUN, "note", "x", {}, author=subject, expected=0)


def test_of_many_writers_at_once_each_edit_is_kept_once(store: InvestigationStore, url: str) -> None:
    conflicts = []

    def work(author: str) -> None:
        with InvestigationStore(url) as own:
            for number in range(10):
                while True:
                    seen = own.get(RUN, "note", "shared")
                    lines = [*(seen.value["lines"] if seen else []), f"{author} {number}"]
                    try:
                        own.put(RUN, "note", "shared", {"lines": lines}, author=author,
                                expected=seen.version if seen else 0)  # fmt: skip
                        break
                    except ConflictError as conflict:
                        conflicts.append(conflict)

    threads = [threading.Thread(target=work, args=(f"writer {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    item = store.get(RUN, "note", "shared")
    assert item is not None
    assert sorted(item.value["lines"]) == sorted(f"writer {w} {n}" for w in range(4) for n in range(10))
    assert item.version == store.last_change(RUN) == 40
    assert [change.number for change in store.history(RUN)] == list(range(40, 0, -1))
