"""Two histories of one run become one: nothing newer is overwritten, no word is lost."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.investigations.merging import Merged
from analysis.investigations.store import InvestigationStore

RUN = "00112233445566ff"


@pytest.fixture
def other(new_url: Callable[[], str]) -> Iterator[InvestigationStore]:
    """A second, empty store."""
    with InvestigationStore(new_url()) as opened:
        yield opened


def _put(store: InvestigationStore, author: str, text: str | None, subject: str = "x", run: str = RUN) -> None:
    seen = store.get(run, "note", subject)
    value = None if text is None else {"text": text}
    store.put(run, "note", subject, value, author=author, expected=seen.version if seen else 0)


def _hand_over(source: InvestigationStore, target: InvestigationStore, run: str = RUN) -> Merged:
    return target.merge(run, source.history(run, limit=None))


def _state(store: InvestigationStore, run: str = RUN) -> dict[str, object]:
    return {item.subject: item.value for item in store.items(run, "note")}


def _texts(store: InvestigationStore, run: str) -> set[str]:
    return {str(change.after["text"]) for change in store.history(run, limit=None) if change.after}


def test_an_empty_store_becomes_a_copy_with_its_history(store: InvestigationStore, other: InvestigationStore) -> None:
    for text in ("one", "two"):
        _put(store, "ada", text)
    _put(store, "bob", "gone", "y")
    _put(store, "bob", None, "y")
    store.undo(RUN, author="bob")
    done = _hand_over(store, other)
    assert (len(done.taken), done.conflicts, done.changes) == (2, (), 5)
    assert other.items(RUN, "note") == store.items(RUN, "note")
    assert other.history(RUN) == store.history(RUN)
    assert _hand_over(store, other) == Merged(taken=(), conflicts=(), changes=0)
    assert _hand_over(other, store) == Merged(taken=(), conflicts=(), changes=0)


def test_who_went_on_from_what_was_handed_over_is_taken(store: InvestigationStore, other: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _hand_over(store, other)
    _put(other, "bob", "two")
    assert _hand_over(store, other).taken == (), "what is newer here stays"
    assert _state(other) == {"x": {"text": "two"}}
    assert _hand_over(other, store).taken == (("note", "x"),)
    assert store.items(RUN, "note") == other.items(RUN, "note")


def test_what_was_changed_on_both_sides_stays_and_the_others_words_are_in_the_history(
    store: InvestigationStore, other: InvestigationStore
) -> None:
    _put(store, "ada", "one")
    _hand_over(store, other)
    _put(store, "ada", "ada's")
    _put(other, "bob", "bob's")
    _put(other, "bob", "bob's second")
    done = _hand_over(other, store)
    assert (done.taken, done.conflicts) == ((), (("note", "x"),))
    assert _state(store) == {"x": {"text": "ada's"}}
    assert [change.after for change in store.history(RUN) if change.aside] == [
        {"text": "bob's second"}, {"text": "bob's"},
    ]  # fmt: skip
    undone = store.undo(RUN, author="ada")
    assert undone is not None
    assert undone.after == {"text": "one"}, "what came aside stands in nobody's way"
    assert store.undo(RUN, author="bob") is None


def test_the_same_words_on_both_sides_are_no_conflict(store: InvestigationStore, other: InvestigationStore) -> None:
    _put(store, "ada", "same")
    _put(other, "bob", "same")
    assert _hand_over(other, store).conflicts == ()


def test_a_deletion_is_taken_over(store: InvestigationStore, other: InvestigationStore) -> None:
    _put(store, "ada", "one")
    _hand_over(store, other)
    _put(other, "bob", None)
    _hand_over(other, store)
    assert _state(store) == {}


_STEPS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from(["1", "2", None])), max_size=6
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_STEPS, here=_STEPS, there=_STEPS)
def test_merging_again_changes_nothing_and_no_word_is_lost(
    store: InvestigationStore, other: InvestigationStore, before: list[tuple[str, str, str | None]],
    here: list[tuple[str, str, str | None]], there: list[tuple[str, str, str | None]],
) -> None:  # fmt: skip
    run = uuid.uuid4().hex  # a new one for each example, in the same databases
    for who, subject, text in before:
        _put(store, who, text, subject, run)
    _hand_over(store, other, run)
    for target, steps in ((store, here), (other, there)):
        for who, subject, text in steps:
            _put(target, who, text, subject, run)
    mine = {item.subject: item.version for item in store.items(run, "note")}
    said = _texts(store, run) | _texts(other, run)
    done = _hand_over(other, store, run)
    assert _texts(store, run) == said
    assert all(item.version >= mine.get(item.subject, 0) for item in store.items(run, "note"))
    now = _state(store, run)
    assert _hand_over(other, store, run).changes == 0
    assert _state(store, run) == now
    if not done.conflicts:
        _hand_over(store, other, run)
        assert _state(other, run) == now
