"""Where runs live and which folders a typed path may point into."""

import os
from pathlib import Path

from analysis.errors import AnalysisError


def runs_root() -> Path:
    """The folder whose sub-folders are the runs: FAULTLINE_RUNS, or ``runs`` in the current folder."""
    return Path(os.environ.get("FAULTLINE_RUNS") or "runs").expanduser().resolve()


def allowed_roots() -> tuple[Path, ...]:
    """Folders that typed paths may lie in: FAULTLINE_ROOTS, or the current folder and home; always the runs root."""
    given = [part for part in os.environ.get("FAULTLINE_ROOTS", "").split(os.pathsep) if part.strip()]
    folders = [Path(part).expanduser() for part in given] or [Path.cwd(), Path.home()]
    return tuple(dict.fromkeys(folder.resolve() for folder in [*folders, runs_root()]))


def allowed_path(text: str) -> Path:
    """The absolute path that `text` names, links followed.

    Raises:
        AnalysisError: If it lies outside every allowed root; says how to allow it.
    """
    path = Path(text.strip()).expanduser().resolve()
    roots = allowed_roots()
    if not any(path.is_relative_to(root) for root in roots):
        folder = path if path.is_dir() else path.parent
        value = os.pathsep.join(str(root) for root in (*roots, folder))
        raise AnalysisError(
            f"{path} lies outside the folders this app may read ({', '.join(map(str, roots))}). To allow it, stop the "
            f"app and start it again with FAULTLINE_ROOTS='{value}' in its environment."
        )
    return path
