"""A part of a page is drawn when it comes near the view, and stays until it would say something else."""

import pytest
from streamlit.testing.v1 import AppTest

from app.components import near_view


def _page() -> None:
    import streamlit as st

    from app.widgets.in_view import in_view

    about = st.text_input("Filter", key="where")
    in_view("part", lambda: st.markdown(f"drawn of {about!r}"), height=300, about=about)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool | None]:
    """What the browser told: change `near`."""
    told: dict[str, bool | None] = {"near": None}
    monkeypatch.setattr(near_view, "is_near", lambda key: told["near"])
    return told


def _drawn(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value for one in app.markdown]


def test_it_waits_until_it_is_near(seen: dict[str, bool | None]) -> None:
    app = AppTest.from_function(_page, default_timeout=30).run()
    assert _drawn(app) == []
    seen["near"] = True
    assert _drawn(app.run()) == ["drawn of ''"]


def test_out_of_view_it_stays_until_it_would_say_something_else(seen: dict[str, bool | None]) -> None:
    seen["near"] = True
    app = AppTest.from_function(_page, default_timeout=30).run()
    seen["near"] = False
    assert _drawn(app.run()) == ["drawn of ''"]
    assert _drawn(app.text_input(key="where").set_value("loss > 2").run()) == []
    seen["near"] = True
    assert _drawn(app.run()) == ["drawn of 'loss > 2'"]


def test_of_another_visit_to_the_page_nothing_is_kept(seen: dict[str, bool | None]) -> None:
    seen["near"] = True
    app = AppTest.from_function(_page, default_timeout=30).run()
    seen["near"] = None
    assert _drawn(app.run()) == []
