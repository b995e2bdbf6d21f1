"""The manifest's own columns as groups of samples, and the slices of them that fail; worked out once a run."""

from dataclasses import dataclass

import numpy as np

from analysis.diagnosis.view import View
from analysis.reports.metadata_columns import Levels, Skipped, levels_of
from analysis.reports.slices import SliceSearch, find_slices

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


def slices_of(view: View) -> SliceSearch:
    """Slices of all N samples that fail under the view's predictions, searched once for several hypotheses."""
    key = "failing slices"
    kept = view.kept.get(key)
    if kept is None or kept[0] is not view.predictions:
        columns = metadata_of(view).columns
        search = find_slices(columns, view.label, np.asarray(~view.predictions.correct), view.second)
        view.kept[key] = kept = (view.predictions, search)
    found: SliceSearch = kept[1]
    return found
