"""Links between pages."""

import pytest

from app import state
from app.queries.runs import RunKey


def test_the_default_page_lives_at_the_root_and_ids_are_quoted() -> None:
    assert state.href("overview", "a b") == "/?run=a+b"
    assert state.href("classes", "ä&b", cls=3) == "/classes?run=%C3%A4%26b&cls=3"
    assert state.csv_url(RunKey("a b?", 1), "samples", cluster=3) == "/api/runs/a%20b%3F/export/samples?cluster=3"


def test_a_picture_s_address_moves_with_the_run() -> None:
    assert state.thumbnail_url(RunKey("r", 1), 7) != state.thumbnail_url(RunKey("r", 2), 7)


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), ("-1", -1), ("x", None), ("", None), ("１", None), ("1.5", None)]
)
def test_numbers_in_links(monkeypatch: pytest.MonkeyPatch, value: str, number: int | None) -> None:
    monkeypatch.setattr(state, "link_value", lambda name: value or None)
    assert state.link_int("cls") == number
