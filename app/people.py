"""Who is looking: the name and the role of the person behind this session."""

import getpass
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: look and export, change things and start jobs, or also delete and administer."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person; `name` signs what they add."""

    name: str
    role: Role

    @property
    def may_edit(self) -> bool:
        """Whether they may change things and start jobs."""
        return self.role is not Role.VIEWER


def current() -> Person:
    """The person of this session; without a login whoever runs the server, who may do everything."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # no such account, as in some containers
        name = "me"
    return Person(name=name, role=Role.ADMIN)
