"""Links of every version are brought to this one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.links.versions import STEPS, VERSION, renamed, up_to_date

THREE = (renamed({"a": "b"}), renamed({}, pages={"old": "new"}), renamed({"b": "c"}))


def test_there_is_a_step_for_every_version() -> None:
    assert len(STEPS) == VERSION


@pytest.mark.parametrize(
    ("said", "name"), [(None, "a"), ("0", "a"), ("1", "b"), ("2", "b"), ("3", "c"), ("x", "a"), ("-1", "a"), ("٣", "a")]
)
def test_a_link_of_each_version_ends_at_todays_names(said: str | None, name: str) -> None:
    query = [(name, "1"), ("other", "2"), *([("v", said)] if said is not None else [])]
    page = "old" if said in (None, "0", "1") else "new"
    assert up_to_date(page, query, steps=THREE)[1] == [("c", "1"), ("other", "2")]


def test_pages_are_renamed() -> None:
    assert up_to_date("old", [], steps=THREE) == ("new", [])


def test_where_both_names_stand_the_new_one_counts() -> None:
    assert up_to_date("", [("a", "1"), ("c", "2")], steps=THREE)[1][-1] == ("c", "2")
    assert up_to_date("", [("a", "1"), ("b", "2")], steps=(renamed({"a": "b"}),))[1] == [("b", "2")]


def test_a_link_of_a_later_version_is_left_as_it_is() -> None:
    query = [("a", "1"), ("v", "4")]
    assert up_to_date("old", query, steps=THREE) == ("old", query)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=8))
def test_what_is_up_to_date_stays_as_it_is(query: list[tuple[str, str]]) -> None:
    once = up_to_date("x", query)
    assert up_to_date(*once) == once
