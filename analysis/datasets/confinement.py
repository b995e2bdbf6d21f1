"""Folders that pictures may lie in, where whoever started this process says so: FAULTLINE_CONFINE.

The app sets it for everything it starts: a manifest from a browser must not be able to show files of the server's
machine, neither by absolute paths nor through symbolic links. On the command line nothing is confined.
"""

import os
from functools import lru_cache

from analysis.errors import ImageError

VARIABLE = "FAULTLINE_CONFINE"


def allowed_file(path: str) -> str:
    """The same path, if it may be read.

    Raises:
        ImageError: With its links followed it lies outside every folder that FAULTLINE_CONFINE names.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return path
    folder, name = os.path.split(path)
    real = os.path.realpath(path) if os.path.islink(path) else os.path.join(_real(folder), name)
    if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in _roots(text)):
        raise ImageError("the file lies outside the folders that this app may read (FAULTLINE_ROOTS)")
    return path


@lru_cache(maxsize=4096)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


@lru_cache(maxsize=4)
def _roots(text: str) -> tuple[str, ...]:
    return tuple(os.path.realpath(part) for part in text.split(os.pathsep) if part)
