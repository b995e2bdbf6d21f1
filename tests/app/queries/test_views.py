"""Saved views: kept, found, opened on whichever copy of the run, renamed, deleted."""

from pathlib import Path

import pytest

from app.queries import investigations, runs, views
from app.queries.investigations import StoreError
from app.queries.runs import RunKey
from tests.planting import make_run

QUERY = [("run", "a"), ("ex_group", "old"), ("ex_group", "new & <b>"), ("v", "1"), ("rid", "x")]


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunKey:
    make_run(tmp_path / "a", per_class=2)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return runs.run_key("a")


def test_a_view_leads_back_to_its_page_and_filters(key: RunKey) -> None:
    views.save(key, "  dark   ones ", "examples", QUERY)
    (view,) = views.views(key)
    assert view.name == "dark ones"
    assert view.address == "/examples?run=a&ex_group=old&ex_group=new+%26+%3Cb%3E"


def test_names_are_given_once(key: RunKey) -> None:
    views.save(key, "one", "", [])
    with pytest.raises(StoreError, match="already, saved by"):
        views.save(key, "one", "classes", [])
    views.save(key, "two", "classes", [])
    one, two = views.views(key)
    with pytest.raises(StoreError, match="already"):
        views.rename(key, one, "two")
    views.rename(key, one, "one")
    views.rename(key, one, "three")
    assert [view.name for view in views.views(key)] == ["three", "two"]
    with pytest.raises(StoreError, match="deleted"):
        views.rename(key, one, "four")
    views.delete(key, two)
    assert [view.name for view in views.views(key)] == ["three"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_is_none_is_refused(key: RunKey, name: str) -> None:
    with pytest.raises(StoreError, match="1 to 80"):
        views.save(key, name, "", [])


def test_a_view_that_is_too_large_is_refused(key: RunKey) -> None:
    with pytest.raises(StoreError, match="too much"):
        views.save(key, "large", "", [("area", "1" * 20_000)])


@pytest.mark.parametrize(
    "value",
    [{}, {"page": "//evil.invalid", "query": [["run", "b"]]}, {"page": 3, "query": 5, "v": []}, {"query": [["a"], 1]}],
)
def test_a_view_from_elsewhere_stays_in_this_app(key: RunKey, value: dict[str, object]) -> None:
    investigations.put(key, "view", "odd", value, expected=0)
    (view,) = views.views(key)
    assert view.address.partition("?")[0] in ("/", "/3")
    assert "run=a" in view.address
    assert "run=b" not in view.address
