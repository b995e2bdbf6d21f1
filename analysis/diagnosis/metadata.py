"""The manifest's own columns as groups of samples, worked out once a run."""

from dataclasses import dataclass

from analysis.diagnosis.view import View
from analysis.reports.metadata_columns import Levels, Skipped, levels_of

_AT_ONCE = 50  # columns in memory as the file has them
_MOST_VALUES = 400_000_000  # samples × columns that are searched


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metadata:
    """Columns that make groups, and those that do not, with the reason."""

    columns: tuple[Levels, ...]
    skipped: tuple[Skipped, ...]


def metadata_of(view: View) -> Metadata:
    """The manifest's columns of all N samples as levels."""
    if "metadata" not in view.shared:
        view.shared["metadata"] = _read(view)
    made: Metadata = view.shared["metadata"]
    return made


def _read(view: View) -> Metadata:
    names = list(view.run.metadata_columns)
    most = max(1, _MOST_VALUES // max(1, len(view.run)))
    found: list[Levels] = []
    skipped = [Skipped(name=name, reason=f"only the first {most:,} columns are looked at") for name in names[most:]]
    for start in range(0, len(names[:most]), _AT_ONCE):
        made, odd = levels_of(view.run.table(names[:most][start : start + _AT_ONCE]))
        found += made
        skipped += odd
    return Metadata(columns=tuple(found), skipped=tuple(skipped))
