"""What a viewer reads of messages and logs: where things lie on the server's disk is left out."""

import os
import re
from pathlib import Path

from app import people
from app.logs import without_secrets
from app.queries.roots import allowed_roots, runs_root

_SHOWN = "…"


def for_reader(text: str) -> str:
    """A message or a log for the person of this session: secrets out for all, full paths for viewers only."""
    text = without_secrets(text)
    return text if people.current().may_edit else without_paths(text)


def without_paths(text: str) -> str:
    """A text with the folders of this machine cut off the paths in it; a file's own name stays."""
    known = {str(path) for path in (runs_root(), *allowed_roots(), Path.home(), Path.cwd()) if path != Path("/")}
    for folder in sorted(known, key=len, reverse=True):
        text = text.replace(folder, _SHOWN)
    return _ABSOLUTE.sub(lambda found: f"{_SHOWN}/{os.path.basename(found[0])}", text)


# Two parts at least: "and/or" and "/" are no paths. An address behind "://" is none either.
_ABSOLUTE = re.compile(r"(?<![\w/:.…])/(?:[^\s/:'\"“”,]+/)+[^\s/:'\"“”,]+")
