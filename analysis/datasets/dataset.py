"""What a validation set is once it is read: file paths, labels, metadata, and what was odd about it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.datasets.confinement import allowed_file
from analysis.errors import ImageError

Subset = Literal["validation", "training"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A sample that cannot be used.

    Attributes:
        filepath: As the manifest or the folder names it.
        reason: One line.
        label: The label text, where there is one.
    """

    filepath: str
    reason: str
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Pictures with labels, in the order of the manifest or of the sorted folders; nothing is opened yet.

    N: samples.

    Attributes:
        filepaths: (N) as the manifest names them, or relative to the image folder.
        labels: (N) label texts as given, not yet looked up in a class list.
        metadata: N rows, the manifest's other columns.
        root: Folder that relative file paths start from.
        confined: True where absolute paths have to lie under `root` as well (a root was asked for).
        notices: What a person should know about how the set was read.
        problems: Samples that are already known to be unusable; not among the N.
    """

    filepaths: Sequence[str]
    labels: Sequence[str]
    metadata: pd.DataFrame
    root: Path
    confined: bool = False
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.filepaths)

    def problem(self, index: int, reason: str) -> Problem:
        """Say why one of the N samples cannot be used."""
        return Problem(filepath=self.filepaths[index], reason=reason, label=self.labels[index])

    def path_of(self, index: int) -> str:
        """The file of one sample.

        Args:
            index: 0 ≤ index < N.

        Raises:
            ImageError: The path leads out of the root.
        """
        return allowed_file(resolve_path(self.filepaths[index], root=str(self.root), confined=self.confined))


def resolve_path(filepath: str, *, root: str, confined: bool) -> str:
    """Join a file path from a manifest to its root, without letting it leave.

    The check is on the text of the path: a symbolic link inside the root is its owner's decision.

    Args:
        filepath: Relative to `root`, or absolute.
        root: Absolute folder.
        confined: Absolute paths have to lie under `root`, too.

    Raises:
        ImageError: The path leads out of the root, or no file can have this name.
    """
    if "\0" in filepath:
        raise ImageError("the file path holds a NUL character")
    joined = os.path.join(root, filepath)
    is_absolute = os.path.isabs(filepath)
    if not is_absolute and ".." not in filepath:
        return joined  # nearly all: no need to take it apart
    may_be_anywhere = is_absolute and not confined
    joined = os.path.normpath(joined)
    if not may_be_anywhere and not Path(joined).is_relative_to(os.path.normpath(root)):
        raise ImageError(f"the path leads out of the data root {root!r}; set root in [data] to a folder above it")
    return joined
