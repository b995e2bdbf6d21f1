"""What the lists of samples tell without a picture being opened."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.datasets.dataset import Dataset
from analysis.datasets.labels import label_indices
from analysis.errors import ImageError

LOOKED_AT = 1_000
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """A set of samples in numbers.

    Attributes:
        samples: Number of samples N with a file path and a label.
        unusable: Number of rows that are already known to be unusable.
        classes: Number of classes with at least one sample.
        classes_without_samples: Number of classes in the list that have none; None without a class list.
        unknown_labels: Number of samples whose label is no class name; None without a class list.
        unknown_names: The most frequent of these labels.
        metadata: Names of the manifest's other columns.
        files_looked_at: Number of files whose existence was checked, spread evenly.
        files_missing: How many of these do not exist.
        first_missing: One of them.
    """

    samples: int
    unusable: int
    classes: int
    classes_without_samples: int | None
    unknown_labels: int | None
    unknown_names: tuple[str, ...]
    metadata: tuple[str, ...]
    files_looked_at: int
    files_missing: int
    first_missing: str | None


def data_facts(dataset: Dataset, names: Sequence[str] | None, *, look: bool = True) -> DataFacts:
    """Sum a set of samples up.

    Args:
        dataset: The samples.
        names: Class names in index order, or None where the list could not be read.
        look: Whether to check that files exist.
    """
    index = None if names is None else label_indices(dataset.labels, names).index
    present = set(dataset.labels) if index is None else set(np.unique(index[index >= 0]).tolist())
    unknown = [] if index is None else [dataset.labels[row] for row in np.flatnonzero(index < 0).tolist()]
    looked, missing = _missing(dataset) if look else (0, [])
    return DataFacts(
        samples=len(dataset),
        unusable=len(dataset.problems),
        classes=len(present),
        classes_without_samples=None if names is None else len(names) - len(present),
        unknown_labels=None if index is None else len(unknown),
        unknown_names=tuple(name for name, _ in Counter(unknown).most_common(SHOWN)),
        metadata=tuple(map(str, dataset.metadata.columns)),
        files_looked_at=looked,
        files_missing=len(missing),
        first_missing=missing[0] if missing else None,
    )


def data_errors(facts: DataFacts, what: str) -> Iterator[str]:
    """Yield a sentence for each thing that leaves nothing to evaluate."""
    if facts.files_looked_at and facts.files_missing == facts.files_looked_at:
        yield (
            f"None of {facts.files_looked_at:,} files of the {what} set that were looked for exists, such as "
            f"{facts.first_missing}. Set `root` in [data] to the folder that relative file paths start from."
        )
    if facts.unknown_labels and facts.unknown_labels == facts.samples:
        yield (
            f"None of the {facts.samples:,} labels of the {what} set is in the class list; found "
            f"{', '.join(map(repr, facts.unknown_names))}. Labels must be spelled like the class names."
        )


def data_warnings(facts: DataFacts, what: str) -> Iterator[str]:
    """Yield a sentence for each thing that a run can live with."""
    if 0 < facts.files_missing < facts.files_looked_at:
        yield (
            f"{facts.files_missing:,} of {facts.files_looked_at:,} files of the {what} set that were looked for do not "
            f"exist, such as {facts.first_missing}."
        )
    if facts.unknown_labels and facts.unknown_labels < facts.samples:
        yield (
            f"{facts.unknown_labels:,} of {facts.samples:,} samples of the {what} set have a label that is not in the "
            f"class list, such as {', '.join(map(repr, facts.unknown_names))}; they are kept out of accuracy."
        )
    if facts.unusable:
        yield f"{facts.unusable:,} rows of the {what} set cannot be used."


def _missing(dataset: Dataset) -> tuple[int, list[str]]:
    """Look for files spread evenly over the set; return how many were looked for, and those that are not there."""
    spread = np.linspace(0, max(len(dataset) - 1, 0), min(len(dataset), LOOKED_AT))
    rows: list[int] = np.unique(spread.astype(np.int64)).tolist()
    return len(rows), [dataset.filepaths[row] for row in rows if not _exists(dataset, row)]


def _exists(dataset: Dataset, row: int) -> bool:
    try:
        return os.path.exists(dataset.path_of(row))
    except ImageError:
        return False
