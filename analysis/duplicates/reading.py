"""Small pictures of the validation set, from the run's thumbnails, and of the training set, from its files."""

import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from analysis.datasets.dataset import Dataset
from analysis.datasets.images import content_hash
from analysis.duplicates.small_picture import SmallPictures, shrink
from analysis.errors import ImageError
from analysis.runs.atomic import write_arrays
from analysis.runs.run import Run

SHARD = 2048  # pictures
_THREADS = 4  # Pillow lets go of the interpreter while it decodes
Tell = Callable[[int, int], None]  # done, total


def of_thumbnails(run: Run, tell: Tell) -> SmallPictures:
    """All N samples of a run, in sample order; `content_hash` is the one in ``samples.parquet``."""
    n = len(run)
    pictures = SmallPictures.missing(n)
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in range(0, n, SHARD):
            rows = range(start, min(start + SHARD, n))
            for row, small in zip(rows, threads.map(lambda row: _shrunk(run.thumbnail(row)), rows), strict=True):
                _put(pictures, row, small)
            tell(rows.stop, n)
    pictures.content_hash[:], pictures.is_hashed[:] = run.column("content_hash"), True
    return pictures


def of_files(dataset: Dataset, sizes: frozenset[int] | None, folder: Path, tell: Tell) -> Iterator[SmallPictures]:
    """The pictures of a data set, shard by shard; finished shards are kept in `folder` and not read again.

    Args:
        dataset: n pictures, in this order.
        sizes: of files, in bytes, that are worth a hash; None for every file.
        folder: where finished shards lie; must belong to this very data set.
        tell: called with pictures done and pictures in all.
    """
    n = len(dataset)
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in range(0, n, SHARD):
            rows = range(start, min(start + SHARD, n))
            file = folder / f"{start // SHARD:06d}.npz"
            kept = _stored(file, len(rows))
            if kept is None:
                kept = SmallPictures.missing(len(rows))
                read = threads.map(lambda row: _file(dataset, row, sizes), rows)
                for place, (data_hash, small) in enumerate(read):
                    _put(kept, place, small)
                    if data_hash is not None:
                        kept.content_hash[place], kept.is_hashed[place] = data_hash, True
                write_arrays(file, kept.arrays())
            tell(rows.stop, n)
            yield kept


def are_there(dataset: Dataset) -> int:
    """How many of a data set's files exist."""
    return sum(_size(dataset, row) is not None for row in range(len(dataset)))


def file_sizes(run: Run, dataset: Dataset) -> frozenset[int] | None:
    """Sizes in bytes of the validation files; None if one of them is not there, for then any size may be theirs.

    Args:
        run: names the files.
        dataset: says where they lie.
    """
    place = {filepath: row for row, filepath in enumerate(dataset.filepaths)}
    rows = [place.get(filepath, -1) for filepath in run.column("filepath")]
    sizes = {None if row < 0 else _size(dataset, row) for row in rows}
    return None if None in sizes else frozenset(size for size in sizes if size is not None)


def _size(dataset: Dataset, row: int) -> int | None:
    try:
        found = os.stat(dataset.path_of(row))
    except (OSError, ValueError, ImageError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _file(dataset: Dataset, row: int, sizes: frozenset[int] | None) -> tuple[int | None, tuple[object, object] | None]:
    if _size(dataset, row) is None:  # a pipe or a device would never end
        return None, None
    try:
        data = Path(dataset.path_of(row)).read_bytes()
    except OSError:
        return None, None
    return content_hash(data) if sizes is None or len(data) in sizes else None, _shrunk(data)


def _shrunk(data: bytes | None) -> tuple[object, object] | None:
    return shrink(data) if data else None


def _put(pictures: SmallPictures, row: int, small: tuple[object, object] | None) -> None:
    if small is not None:
        pictures.gray[row], pictures.colour[row] = small
        pictures.is_readable[row] = True


def _stored(file: Path, length: int) -> SmallPictures | None:
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as stored:
            kept = SmallPictures(**{name: stored[name] for name in stored.files})
    except (ValueError, TypeError, OSError):
        return None
    return kept if len(kept) == length else None
