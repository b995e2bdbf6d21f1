"""What people make of findings, in words."""

from app.own_verdict import OwnVerdicts, complete, difference


def test_what_is_not_known_is_open() -> None:
    assert (
        complete(None) == complete({"state": "<b>", "reason": None}) == {"state": "open", "reason": "", "assignee": ""}
    )
    assert complete({"state": "fixed", "more": 1})["state"] == "fixed"


def test_a_change_is_told_in_words() -> None:
    before = {"state": "open", "reason": "", "assignee": "bob"}
    assert difference(before, {**before, "state": "fixed"}) == ["set it to Fixed"]
    assert difference(before, {"state": "confirmed", "reason": "seen", "assignee": "ada"}) == [
        "set it to Confirmed", "assigned it to ada", "gave the reason “seen”",
    ]  # fmt: skip
    assert difference({**before, "reason": "x"}, {**before, "assignee": ""}) == [
        "took it from bob",
        "removed the reason",
    ]
    assert difference({"state": "open"}, None) == ["cleared it"]


def test_all_of_a_run() -> None:
    own = OwnVerdicts({"a": {"state": "fixed", "assignee": "bob"}, "b": {"assignee": "ada"}}, frozenset({"c"}))
    assert [own.state(name) for name in "abc"] == ["fixed", "open", "open"]
    assert own.of("c") is None
    assert own.assignees == ["ada", "bob"]
