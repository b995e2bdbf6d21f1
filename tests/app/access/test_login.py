"""Only a cookie that this server signed, for this purpose and lately, is a login."""

import json
from collections.abc import Callable
from typing import Any

import itsdangerous
import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app.access.login import COOKIE, claims_of
from tests.app.access.conftest import SECRET

Cookie = Callable[..., dict[str, str]]


def test_the_claims_of_a_login(sections: dict[str, Any], cookie: Cookie) -> None:
    claims = claims_of(cookie(email="a@x.org"), hours=1)
    assert claims is not None
    assert claims["email"] == "a@x.org"


def test_forged_torn_and_foreign_cookies_are_none(sections: dict[str, Any], cookie: Cookie) -> None:
    good = cookie(email="a@x.org")[COOKIE]
    other = create_signed_value(SECRET, "_streamlit_user_tokens", json.dumps({"is_logged_in": True})).decode()
    for value in ("", "x", good[:-2], good[1:], other, "ünlesbar", cookie(secret="another")[COOKIE], "a.b.c"):
        assert claims_of({COOKIE: value}, hours=1) is None, value
    assert claims_of({}, hours=1) is None


def test_who_is_not_logged_in_is_nobody(sections: dict[str, Any], cookie: Cookie) -> None:
    for claims in ({"is_logged_in": False}, {"is_logged_in": "yes"}):
        signed = create_signed_value(SECRET, COOKIE, json.dumps(claims)).decode()
        assert claims_of({COOKIE: signed}, hours=1) is None
    for text in ("[]", "no json", "null"):
        assert claims_of({COOKIE: create_signed_value(SECRET, COOKIE, text).decode()}, hours=1) is None


def test_an_old_login_has_run_out(sections: dict[str, Any], cookie: Cookie, monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = cookie(email="a@x.org")
    now = itsdangerous.TimestampSigner.get_timestamp
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: now(self) + 2 * 3600)
    assert claims_of(cookies, hours=3) is not None
    assert claims_of(cookies, hours=1) is None


def test_a_login_from_the_future_is_none(
    sections: dict[str, Any], cookie: Cookie, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's clock was set back since, or somebody hopes for a login that lasts: one logs in again."""
    cookies = cookie(email="a@x.org")
    now = itsdangerous.TimestampSigner.get_timestamp
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: now(self) - 3600)
    assert claims_of(cookies, hours=3) is None


def test_an_empty_secret_signs_for_nobody(sections: dict[str, Any], cookie: Cookie) -> None:
    sections["auth"]["cookie_secret"] = ""
    assert claims_of(cookie(secret="", email="a@x.org"), hours=1) is None
