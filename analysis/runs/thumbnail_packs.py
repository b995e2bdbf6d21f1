"""Small pictures of the samples, one after another in a few large files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from analysis.arrays import IntArray
from analysis.runs import layout


def pack_file(run: Path, number: int) -> Path:
    """The file of one pack."""
    return run / layout.THUMBNAILS / f"pack-{number:06d}.bin"


@dataclass(frozen=True, slots=True, eq=False)
class ThumbnailPacks:
    """Where each sample's picture lies.

    Attributes:
        run: the run's folder.
        places: (N, 3) int64, memory-mapped: pack number, offset and length in bytes; length 0 = no picture.
    """

    run: Path
    places: IntArray

    @classmethod
    def open(cls, run: Path) -> Self | None:
        """The packs of a run; None where it keeps no pictures."""
        index = run / layout.THUMBNAIL_INDEX
        return cls(run, np.load(index, mmap_mode="r", allow_pickle=False)) if index.is_file() else None

    def picture(self, sample_id: int) -> bytes | None:
        """JPEG, PNG, WebP or GIF; None where there is none, or no such sample."""
        if not 0 <= sample_id < len(self.places):
            return None
        pack, offset, length = (int(value) for value in self.places[sample_id])
        file = pack_file(self.run, pack)
        if length == 0 or not file.is_file():
            return None
        with file.open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)
