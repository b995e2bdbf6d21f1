"""The prefix, and addresses that stay inside."""

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.access.paths import below_prefix, local_address, prefixed


@pytest.mark.parametrize(
    ("path", "inside"), [("/fault", "/"), ("/fault/", "/"), ("/fault/api", "/api"), ("/faults/api", "/faults/api")]
)
def test_the_prefix_is_taken_off(monkeypatch: pytest.MonkeyPatch, path: str, inside: str) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: "/fault/")
    assert below_prefix(path) == inside
    assert [route.path for route in prefixed([Route("/api", PlainTextResponse)])] == ["/fault/api"]


@pytest.mark.parametrize("text", ["", "x", "//x", "/\\x", "http://x", "/a\nb", "/\t/x", "/ä"])
def test_what_could_lead_elsewhere_is_no_address(text: str) -> None:
    assert local_address(text) is None


def test_a_local_address_stays_as_it_is() -> None:
    assert local_address("/examples?run=a&b=%2F%2F") == "/examples?run=a&b=%2F%2F"
