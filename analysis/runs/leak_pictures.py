"""Small pictures of the training files that validation pictures are copies of, kept in the run so that it travels."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from analysis.runs import layout
from analysis.runs.atomic import replacing, write_array


def write_leak_pictures(run: Path, pictures: Iterable[bytes | None]) -> None:
    """Keep one picture a row of ``leaks.parquet``, in its order; None where there is none.

    The same bytes for several rows are kept once.
    """
    places: dict[bytes, tuple[int, int]] = {}
    index, end = [], 0
    with replacing(run / layout.LEAK_PICTURES) as pack:
        for picture in pictures:
            if not picture:
                index.append((0, 0))
                continue
            digest = hashlib.blake2b(picture, digest_size=16).digest()
            if digest not in places:
                places[digest] = (end, len(picture))
                pack.write(picture)
                end += len(picture)
            index.append(places[digest])
    write_array(run / layout.LEAK_PICTURE_INDEX, np.array(index, dtype=np.int64).reshape(-1, 2))


def leak_picture(run: Path, row: int) -> bytes | None:
    """The training picture of one row of ``leaks.parquet``, or None."""
    index, pack = run / layout.LEAK_PICTURE_INDEX, run / layout.LEAK_PICTURES
    if not index.is_file() or not pack.is_file():
        return None
    places = np.load(index, mmap_mode="r", allow_pickle=False)
    if not 0 <= row < len(places) or not places[row, 1]:
        return None
    with pack.open("rb") as stream:
        stream.seek(int(places[row, 0]))
        return stream.read(int(places[row, 1]))
