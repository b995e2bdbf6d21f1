"""Claims become the highest role that a list gives, and nothing by an address that nobody checked."""

import pytest

from app.access.roles import Role, role_of
from app.access.settings import check

SETTINGS = check(
    {"admins": ["a@x.org"], "editors": ["team", "e@x.org"], "role_claim": "groups", "everyone_else": "none"}
)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "a@x.org"}, Role.ADMIN),
        ({"email": "A@X.org ", "email_verified": True}, Role.ADMIN),
        ({"email": "a@x.org", "email_verified": False}, None),
        ({"email": "a@x.org", "email_verified": "false"}, None),
        ({"sub": "a@x.org"}, Role.ADMIN),
        ({"groups": ["other", "Team"]}, Role.EDITOR),
        ({"groups": "team"}, Role.EDITOR),
        ({"groups": [["team"]]}, None),
        ({"groups": ["team"], "email": "a@x.org"}, Role.ADMIN),
        ({"roles": ["team"]}, None),
        ({"email": None, "sub": 5, "groups": {"team": 1}}, None),
        ({}, None),
    ],
)
def test_roles(claims: dict[str, object], role: Role | None) -> None:
    assert role_of(claims, SETTINGS) is role


def test_everyone_else_is_a_viewer_unless_told_otherwise() -> None:
    assert role_of({"email": "b@x.org"}, check({})) is Role.VIEWER
    assert role_of({"email": "b@x.org"}, check({"everyone_else": "editor"})) is Role.EDITOR
