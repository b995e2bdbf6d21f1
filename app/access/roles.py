"""What a person may do, by what their provider says of them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.access.settings import AccessSettings


class Role(StrEnum):
    """What a person may do: look and export, change things and start jobs, or also delete and administer."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


def role_of(claims: Mapping[str, Any], settings: "AccessSettings") -> Role | None:
    """The highest role that the lists give a person; None where they are turned away.

    An e-mail address counts only where the provider does not say that it is unverified: whoever may type any address
    into a provider could otherwise name an administrator's.
    """
    words = _words(claims, settings.role_claim)
    lists = ((Role.ADMIN, settings.admins), (Role.EDITOR, settings.editors), (Role.VIEWER, settings.viewers))
    for role, names in lists:
        if words & names:
            return role
    return settings.everyone_else


def _words(claims: Mapping[str, Any], role_claim: str) -> frozenset[str]:
    found: list[Any] = [claims.get("sub")]
    if claims.get("email_verified", True) in (True, "true"):
        found.append(claims.get("email"))
    claim = claims.get(role_claim) if role_claim else None
    found += claim if isinstance(claim, list | tuple) else [claim]
    return frozenset(word.strip().casefold() for word in found if isinstance(word, str) and word.strip())
