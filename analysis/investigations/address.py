"""Where the store is: one address for a whole team, or a file in the runs folder with nothing to set up."""

import os
from pathlib import Path

VARIABLE = "FAULTLINE_DATABASE"
FILE = ".faultline/investigations.sqlite"


def database_url(runs_root: Path) -> str:
    """The database's address: what FAULTLINE_DATABASE says, or a SQLite file below the runs root."""
    return os.environ.get(VARIABLE, "").strip() or f"sqlite:///{runs_root / FILE}"
