"""Secrets never stand in the log."""

import json
import logging
import sys

import pytest

from app.logs import JsonLines, PlainLines, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cookie: _streamlit_user=abc.def; x", "Cookie: ***; x"),
        ("Authorization: Bearer", "Authorization: ***"),
        ("postgresql://me:hunter2@db/fault", "postgresql://me:***@db/fault"),
        ("/oauth2callback?code=abc&state=def", "/oauth2callback?code=***&state=***"),
        ('client_secret = "s3cret"', 'client_secret = "***"'),
        ("nothing to hide at C:1", "nothing to hide at C:1"),
    ],
)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def _record() -> logging.LogRecord:
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        return logging.LogRecord("faultline", logging.ERROR, "f", 1, "token=%s", ("abc",), sys.exc_info())


def test_json_lines_are_json_and_hold_the_trace() -> None:
    line = json.loads(JsonLines().format(_record()))
    assert (line["level"], line["message"]) == ("error", "token=***")
    assert "ValueError" in line["trace"]
    assert "hunter2" not in line["trace"]


def test_plain_lines_hide_the_same() -> None:
    text = PlainLines().format(_record())
    assert "token=***" in text
    assert "hunter2" not in text
