"""A login that is configured, and cookies as the server signs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.secrets import Secrets, secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app.access.login import COOKIE

SECRET = "0123456789abcdef"
SECTIONS: dict[str, Any] = {
    "auth": {"cookie_secret": SECRET, "client_id": "x", "redirect_uri": "http://testserver/oauth2callback"},
    "faultline": {
        "admins": ["Admin@example.org"],
        "editors": ["vision-team"],
        "role_claim": "groups",
        "everyone_else": "none",
        "viewers": ["viewer@example.org"],
    },
}


@pytest.fixture
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return tmp_path


@pytest.fixture
def sections(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The sections of secrets.toml; a test may change them."""
    given: dict[str, Any] = json.loads(json.dumps(SECTIONS))
    monkeypatch.setattr(secrets_singleton, "load_if_toml_exists", lambda: True)
    # The object itself takes no attributes.
    monkeypatch.setattr(Secrets, "get", lambda self, name, default=None: given.get(name, default), raising=False)
    return given


@pytest.fixture
def cookie() -> Callable[..., dict[str, str]]:
    """Makes the cookie of a login from claims."""

    def make(secret: str = SECRET, **claims: Any) -> dict[str, str]:
        value = json.dumps({"is_logged_in": True, **claims})
        return {COOKIE: create_signed_value(secret, COOKIE, value).decode()}

    return make
