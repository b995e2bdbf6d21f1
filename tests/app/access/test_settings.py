"""The section [faultline] of secrets.toml: what is wrong in it is said, and lets nobody in."""

from typing import Any

import pytest

from analysis.errors import SpecError
from app.access.settings import access_settings, check, login_is_configured, providers


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"admin": []}, "unknown key 'admin'"),
        ({"admins": "a@x.org"}, "list of texts"),
        ({"editors": [3]}, "list of texts"),
        ({"everyone_else": "owner"}, "can be none, viewer, editor, admin"),
        ({"session_hours": 0}, "above 0"),
        ({"session_hours": True}, "above 0"),
        ({"session_hours": 1000}, "at most 720"),
        ({"role_claim": ["groups"]}, "text in quotes"),
    ],
)
def test_what_means_nothing_is_an_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        check(given)


def test_the_sections_are_read(sections: dict[str, Any]) -> None:
    assert login_is_configured()
    assert access_settings().admins == {"admin@example.org"}
    assert providers() == ("default",)
    sections["auth"] = {"google": {"client_id": "a"}, "okta": {"client_id": "b"}}
    assert providers() == ("google", "okta")


def test_without_a_secrets_file_there_is_no_login() -> None:
    assert not login_is_configured()
