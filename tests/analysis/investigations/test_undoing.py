"""Undo is a change like any other, and never takes away what somebody else did."""

import pytest

from analysis.errors import StoreError
from analysis.investigations.item import Change, ConflictError
from analysis.investigations.store import InvestigationStore

RUN = "00112233445566ff"


def _put(store: InvestigationStore, author: str, text: str | None, subject: str = "x", kind: str = "note") -> None:
    seen = store.get(RUN, kind, subject)
    value = None if text is None else {"text": text}
    store.put(RUN, kind, subject, value, author=author, expected=seen.version if seen else 0)


def _text(store: InvestigationStore, subject: str = "x", kind: str = "note") -> str | None:
    found = store.get(RUN, kind, subject)
    return None if found is None else str(found.value["text"])


def _undo(store: InvestigationStore, author: str, number: int | None = None) -> Change:
    done = store.undo(RUN, author=author, number=number)
    assert done is not None
    return done


def test_undo_goes_back_step_by_step_and_then_has_nothing(store: InvestigationStore) -> None:
    for text in ("one", "two", None):
        _put(store, "ada", text)
    assert _undo(store, "ada").after == {"text": "two"}
    assert _undo(store, "ada").after == {"text": "one"}
    assert _undo(store, "ada").after is None
    assert _text(store) is None
    assert store.undo(RUN, author="ada") is None
    assert [change.undone for change in store.history(RUN)] == [False] * 3 + [True] * 3


def test_an_undoing_can_be_undone_and_that_again(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _put(store, "ada", "two")
    back = _undo(store, "ada")
    assert _undo(store, "ada", back.number).after == {"text": "two"}
    assert _text(store) == "two"
    assert _undo(store, "ada").after == {"text": "one"}
    assert _undo(store, "ada").after is None


def test_what_another_person_did_since_stays(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _put(store, "bob", "two")
    with pytest.raises(ConflictError, match="bob") as caught:
        store.undo(RUN, author="ada")
    assert caught.value.current == store.get(RUN, "note", "x")
    assert _text(store) == "two"


def test_what_was_overwritten_is_skipped_for_what_was_not(store: InvestigationStore) -> None:
    _put(store, "ada", "mine", subject="y")
    _put(store, "ada", "one")
    _put(store, "bob", "two")
    assert _undo(store, "ada").subject == "y"
    assert _text(store) == "two"


def test_once_the_other_took_it_back_the_own_step_can_be_undone(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _put(store, "bob", "two")
    _undo(store, "bob")
    assert _undo(store, "ada").after is None


def test_a_return_to_the_same_value_by_another_person_is_theirs(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _put(store, "ada", "two")
    _put(store, "bob", "three")
    _put(store, "bob", "two")
    with pytest.raises(ConflictError):
        store.undo(RUN, author="ada")


def test_only_own_steps(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    assert store.undo(RUN, author="bob") is None
    for number in (1, 99):
        with pytest.raises(StoreError, match="cannot be taken back"):
            store.undo(RUN, author="bob", number=number)


def test_a_step_is_undone_once(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    back = _undo(store, "ada", 1)
    with pytest.raises(StoreError, match="cannot be taken back"):
        store.undo(RUN, author="ada", number=1)
    _undo(store, "ada", back.number)
    with pytest.raises(StoreError, match="cannot be taken back"):
        store.undo(RUN, author="ada", number=back.number)


def test_redoing_in_another_order_is_refused(store: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _put(store, "ada", "two")
    second, _ = _undo(store, "ada"), _undo(store, "ada")
    with pytest.raises(ConflictError):
        store.undo(RUN, author="ada", number=second.number)


def test_kinds_are_kept_apart(store: InvestigationStore) -> None:
    _put(store, "ada", "tag", subject="7", kind="triage")
    _put(store, "ada", "one")
    done = store.undo(RUN, author="ada", kinds={"triage"})
    assert done is not None
    assert (done.kind, done.undoes) == ("triage", 1)
    assert store.undo(RUN, author="ada", kinds=["triage"]) is None
    assert _text(store) == "one"


def test_a_step_of_many_is_undone_as_one_except_what_others_changed(store: InvestigationStore) -> None:
    store.put_many(RUN, "triage", {str(n): {"text": "a"} for n in range(5)}, author="ada")
    store.put_many(RUN, "triage", {str(n): {"text": "b"} for n in range(700)}, author="ada")
    store.put_many(RUN, "triage", {"3": {"text": "bob's"}}, author="bob")
    before = store.last_change(RUN)
    first = _undo(store, "ada")
    assert store.last_change(RUN) == before + 699
    assert [(item.subject, item.value["text"]) for item in store.items(RUN, "triage")] == [
        ("0", "a"), ("1", "a"), ("2", "a"), ("3", "bob's"), ("4", "a"),
    ]  # fmt: skip
    _undo(store, "ada", first.number)
    assert len(store.items(RUN, "triage")) == 700
    assert _text(store, "3", "triage") == "bob's"
