"""Who is looking: the name and the role of the person behind a session or a request."""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from starlette.requests import HTTPConnection

from app.access.errors import AccessDeniedError
from app.access.login import claims_of
from app.access.roles import Role, role_of
from app.access.settings import access_settings, login_is_configured

__all__ = ["Person", "Role", "current", "must_administer", "must_edit", "of_request"]

GUEST = "guest"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "testclient"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person; `name` signs what they add."""

    name: str
    role: Role

    @property
    def may_edit(self) -> bool:
        """Whether they may change things and start jobs."""
        return self.role is not Role.VIEWER

    @property
    def may_administer(self) -> bool:
        """Whether they may also delete what others made."""
        return self.role is Role.ADMIN


def current() -> Person:
    """The person of this session.

    With a login it is whoever logged in. Without one, whoever sits at this machine may do everything, and everybody who
    comes over the network may only look.

    Raises:
        AccessDeniedError: With a login, when it has run out or gives no role.
    """
    cookies = st.context.cookies.to_dict()
    is_remote = isinstance(st.context.ip_address, str) or "X-Forwarded-For" in st.context.headers
    person = _person(cookies, is_remote=is_remote)
    if person is None:
        raise AccessDeniedError("Your login has run out, or gives no right to see this. Load the page again to log in.")
    return person


def of_request(connection: HTTPConnection) -> Person | None:
    """The same for a request or a websocket; None where nobody is logged in, or nobody who may see anything."""
    host = connection.client.host if connection.client else None
    is_remote = (host is not None and host not in _LOOPBACK) or "x-forwarded-for" in connection.headers
    return _person(connection.cookies, is_remote=is_remote)


def must_edit(what: str) -> Person:
    """The person of this session, who may change things.

    Args:
        what: What they are about to do, for the message: "start a job".

    Raises:
        AccessDeniedError: If they may only look. Buttons are disabled then; this guards the door behind them.
    """
    person = current()
    if not person.may_edit:
        raise AccessDeniedError(f"To {what} takes the role editor; {person.name} is a {person.role}.")
    return person


def must_administer(what: str) -> Person:
    """The person of this session, who may administer; raises AccessDeniedError like `must_edit`."""
    person = current()
    if not person.may_administer:
        raise AccessDeniedError(f"To {what} takes the role admin; {person.name} is a {person.role}.")
    return person


def _person(cookies: Mapping[str, str], *, is_remote: bool) -> Person | None:
    if not login_is_configured():
        return Person(name=GUEST, role=Role.VIEWER) if is_remote else Person(name=_account(), role=Role.ADMIN)
    settings = access_settings()
    claims = claims_of(cookies, hours=settings.session_hours)
    role = None if claims is None else role_of(claims, settings)
    return None if claims is None or role is None else Person(name=_called(claims), role=role)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such account, as in some containers
        return "me"


def _called(claims: Mapping[str, Any]) -> str:
    """The shortest name that is unique at the provider: the address, else the user name, else the subject."""
    for name in ("email", "preferred_username", "sub"):
        value = claims.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:200]
    return "somebody"
