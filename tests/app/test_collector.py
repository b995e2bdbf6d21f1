"""What lives as long as the server is left out of the collections after every run of a page."""

import gc

import pytest

from app import collector


def test_each_page_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_shown", set())
    frozen: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append("now"))
    for page in ("classes", "classes", "logits", "classes"):
        collector.page_was_shown(page)
    assert frozen == ["now", "now"]
