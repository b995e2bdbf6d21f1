"""What a link says of the run it means, so that whoever opens it elsewhere can tell whether it is the same one."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from analysis.runs.identity import run_identity

PARTS = ("checkpoint", "data", "classes", "preprocessing")
_TEXT = re.compile(r"([0-9a-f]{16})" + r"-([0-9a-f]{6}|none)" * len(PARTS))


@dataclass(frozen=True, slots=True)
class RunMark:
    """A run's identity and, in short, what it is made of; as text 44 characters at most."""

    identity: str
    parts: tuple[str, ...]  # of each of PARTS, 6 hexadecimal digits; "none" where the run does not know it

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> Self:
        """The mark of a run, from the content of its ``run.json``."""
        digests = meta.get("digests") or {}
        return cls(run_identity(meta), tuple(_short(digests[name]) if name in digests else "none" for name in PARTS))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The mark that `str` wrote; None for any other text."""
        found = _TEXT.fullmatch(text)
        return None if found is None else cls(found[1], tuple(found.groups()[1:]))

    def __str__(self) -> str:
        return "-".join((self.identity, *self.parts))

    def differences(self, other: Self) -> tuple[str, ...]:
        """Names of the `PARTS` that are not the same in the two."""
        return tuple(name for name, mine, theirs in zip(PARTS, self.parts, other.parts, strict=True) if mine != theirs)


def _short(digest: object) -> str:
    return hashlib.blake2b(str(digest).encode(), digest_size=3).hexdigest()
