"""An image folder root/CLASS/**/picture: the class is the sub-folder's name, as torchvision reads it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.datasets.dataset import Dataset, Problem
from analysis.errors import DatasetError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif")
"""torchvision's list and .gif."""

NAMED_IN_NOTICE = 5


def read_image_folder(path: Path) -> Dataset:
    """List the pictures of an image folder.

    Classes are string-sorted sub-folders, pictures are sorted inside them, nested folders belong to the class above
    them. Hidden folders, empty folders and files that are no pictures are left out and told in the notices.

    Args:
        path: The folder; also the root of the file paths.

    Raises:
        DatasetError: The folder cannot be read, has no class folders, or these hold no picture.
    """
    class_folders, notices = _class_folders(path)
    filepaths: list[str] = []
    labels: list[str] = []
    skipped: list[str] = []
    empty: list[str] = []
    problems: list[Problem] = []
    for name in class_folders:
        before = len(filepaths) + len(problems)
        for found in files_below(path / name):
            relative = os.path.relpath(found, path).replace(os.sep, "/")
            if not is_text(relative):
                problems.append(Problem(filepath=_as_text(relative), reason="the file name is not UTF-8", label=name))
            elif os.path.basename(found).startswith(".") or not found.lower().endswith(IMAGE_SUFFIXES):
                skipped.append(relative)
            else:
                filepaths.append(relative)
                labels.append(name)
        if len(filepaths) + len(problems) == before:
            empty.append(name)
    notices += _notice("class folder without a picture", "class folders without a picture", empty)
    notices += _notice("file that is no picture was left out", "files that are no pictures were left out", skipped)
    if not filepaths:
        raise DatasetError(
            f"{str(path)!r} holds no picture: expected ROOT/CLASS/picture with one of the endings "
            f"{' '.join(IMAGE_SUFFIXES)}; found {len(class_folders)} class folders and {len(skipped)} other files."
        )
    return Dataset(
        filepaths=filepaths,
        labels=labels,
        metadata=pd.DataFrame(index=range(len(filepaths))),
        root=path,
        confined=True,
        notices=tuple(notices),
        problems=tuple(problems),
    )


def _class_folders(path: Path) -> tuple[list[str], list[str]]:
    try:
        with os.scandir(path) as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError as error:
        raise DatasetError(f"The image folder {str(path)!r} cannot be read: {error.strerror}.") from error
    folders = [name for name, is_folder in found if is_folder]
    hidden = [name for name in folders if name.startswith(".") or not is_text(name)]
    loose = [name for name, is_folder in found if not is_folder and not name.startswith(".")]
    classes = [name for name in folders if name not in set(hidden)]
    if not classes:
        raise DatasetError(
            f"{str(path)!r} has no class folders: expected ROOT/CLASS/picture, found {len(loose)} files and "
            f"{len(hidden)} hidden folders. For one folder of pictures write a manifest with filepath and label."
        )
    notices = _notice("hidden folder was left out", "hidden folders were left out", hidden)
    notices += _notice(
        "file beside the class folders has no label", "files beside the class folders have no label", loose
    )
    return classes, notices


def files_below(folder: Path) -> Iterator[str]:
    """Files below a class folder in torchvision's order; a link that leads back up is not followed twice."""
    seen: set[str] = set()
    found: list[tuple[str, list[str]]] = []
    for where, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        found.append((where, files))
    for where, files in sorted(found):
        yield from (os.path.join(where, name) for name in sorted(files))


def _notice(one: str, many: str, names: list[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(repr(_as_text(name)) for name in names[:NAMED_IN_NOTICE])
    more = f" and {len(names) - NAMED_IN_NOTICE:,} more" if len(names) > NAMED_IN_NOTICE else ""
    return [f"{len(names):,} {one if len(names) == 1 else many}: {shown}{more}"]


def is_text(name: str) -> bool:
    """Whether a file name is UTF-8, so that a table can hold it."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _as_text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
