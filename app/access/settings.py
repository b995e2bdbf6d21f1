"""What the administrator set: the sections ``[auth]`` and ``[faultline]`` of secrets.toml, and a few variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.runtime.secrets import secrets_singleton

from analysis.errors import SpecError
from app.access.roles import Role

SECTION = "faultline"
_NOBODY = "none"
_KEYS = frozenset({"role_claim", "admins", "editors", "viewers", "everyone_else", "session_hours"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Roles and their lists; a list holds e-mail addresses, subjects, or values of the role claim.

    Attributes:
        role_claim: Name of a claim that holds one word or a list of words, such as ``groups``; "" = none.
        admins: Who may do everything.
        editors: Who may change things and start jobs.
        viewers: Who may look and export.
        everyone_else: Role of those who log in and stand in no list; None: they are turned away.
        session_hours: How long a login lasts.
    """

    role_claim: str = ""
    admins: frozenset[str] = frozenset()
    editors: frozenset[str] = frozenset()
    viewers: frozenset[str] = frozenset()
    everyone_else: Role | None = Role.VIEWER
    session_hours: float = 7 * 24.0


def login_is_configured() -> bool:
    """Whether people have to log in: secrets.toml has a section ``[auth]``."""
    return bool(_section("auth"))


def access_settings() -> AccessSettings:
    """The section ``[faultline]`` of secrets.toml.

    Raises:
        SpecError: If a key or a value in it means nothing; nobody gets in until that is put right.
    """
    return check(_section(SECTION))


def check(given: Mapping[str, Any]) -> AccessSettings:
    """Settings from a section as TOML gives it.

    Raises:
        SpecError: If a key or a value means nothing.
    """
    if unknown := sorted(set(given) - _KEYS):
        raise SpecError(
            f"[{SECTION}] in secrets.toml: unknown key {unknown[0]!r}. Known are {', '.join(sorted(_KEYS))}."
        )
    other, hours = given.get("everyone_else", Role.VIEWER.value), given.get("session_hours", 7 * 24.0)
    words = (_NOBODY, *(role.value for role in Role))
    if other not in words:
        raise SpecError(f"[{SECTION}] everyone_else is {other!r}; it can be {', '.join(words)}.")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 24 * 30:
        raise SpecError(f"[{SECTION}] session_hours is {hours!r}; it is a number above 0, at most 720 (30 days).")
    return AccessSettings(
        role_claim=_text(given, "role_claim"),
        admins=_names(given, "admins"),
        editors=_names(given, "editors"),
        viewers=_names(given, "viewers"),
        everyone_else=None if other == _NOBODY else Role(other),
        session_hours=float(hours),
    )


def open_hosts() -> tuple[str, ...]:
    """Host names beside those of this machine that the app answers to: FAULTLINE_HOSTS, separated by commas."""
    return tuple(part.strip().lower() for part in os.environ.get("FAULTLINE_HOSTS", "").split(",") if part.strip())


def providers() -> tuple[str, ...]:
    """Names of the OpenID providers: ``default`` for a plain ``[auth]``, else its sub-sections."""
    section = _section("auth")
    named = tuple(str(name) for name, value in section.items() if isinstance(value, Mapping))
    return named if named and "client_id" not in section else ("default", *named)


def _section(name: str) -> Mapping[str, Any]:
    if not secrets_singleton.load_if_toml_exists():
        return {}
    found = secrets_singleton.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise SpecError(f"[{SECTION}] {name} is {value!r}; it is a text in quotes.")
    return value


def _names(given: Mapping[str, Any], name: str) -> frozenset[str]:
    value = given.get(name, [])
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) and part.strip() for part in value):
        raise SpecError(f'[{SECTION}] {name} is {value!r}; it is a list of texts, as ["admin@example.org"].')
    return frozenset(part.strip().casefold() for part in value)
