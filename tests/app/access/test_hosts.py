"""Which names the app answers to."""

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.access.hosts import AllowedHosts, host_name, is_allowed


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    options: dict[str, object] = {"server.address": "localhost", "server.allowedHosts": []}
    monkeypatch.setattr(st, "get_option", options.get)
    return options


def test_a_local_server_answers_to_local_names_only(address: dict[str, object]) -> None:
    assert is_allowed("localhost")
    assert is_allowed("127.0.0.1")
    assert not is_allowed("evil.example")
    assert not is_allowed("")


def test_more_names_can_be_given(address: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_HOSTS", "fault.example.org, *.lab.example.org")
    assert is_allowed("fault.example.org")
    assert is_allowed("a.lab.example.org")
    assert is_allowed("localhost")
    assert not is_allowed("lab.example.org.evil.example")
    assert not is_allowed("evillab.example.org")


def test_an_open_server_without_names_answers_to_all(
    address: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    address["server.address"] = "0.0.0.0"
    assert is_allowed("anything.example")
    monkeypatch.setenv("FAULTLINE_HOSTS", "fault.example.org")
    assert not is_allowed("anything.example")


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:8501", "localhost"), ("[::1]:8501", "::1"), ("A.Example.", "a.example"), ("[", ""), ("", "")],
)
def test_names_of_headers(header: str, name: str) -> None:
    assert host_name(header) == name


def test_the_refusal_says_how_to_allow_it(address: dict[str, object]) -> None:
    app = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("inside"))],
        middleware=[Middleware(AllowedHosts)],
    )
    client = TestClient(app)
    answer = client.get("/x", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "FAULTLINE_HOSTS" in answer.text
    assert client.get("/x", headers={"host": "localhost:1"}).text == "inside"
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).text == "inside"
