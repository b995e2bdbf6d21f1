"""Arrays of an ``.npz`` file without reading them: a page that shows ten neighbours reads ten rows, not a graph."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from analysis.arrays import AnyArray

_HEADER = 30  # bytes of a zip member's local header before its name
_NAME_LENGTHS = slice(26, 30)


def mapped_arrays(file: Path) -> dict[str, AnyArray]:
    """Every array of an uncompressed ``.npz``, memory-mapped and read-only; an empty or compressed one is read.

    Raises:
        ValueError: If the file holds an array of objects.
    """
    found: dict[str, AnyArray] = {}
    with zipfile.ZipFile(file) as archive, file.open("rb") as stream:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            stream.seek(member.header_offset)
            lengths = np.frombuffer(stream.read(_HEADER)[_NAME_LENGTHS], dtype="<u2")
            stream.seek(int(lengths.sum()), 1)
            if member.compress_type != zipfile.ZIP_STORED:
                with archive.open(member) as packed:
                    found[name] = npy.read_array(packed, allow_pickle=False)
                continue
            read = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
            shape, is_fortran, dtype = read(stream)
            if dtype.hasobject:
                raise ValueError(f"{file} holds objects in {name}; arrays of numbers were expected.")
            if 0 in shape:
                found[name] = np.zeros(shape, dtype=dtype)
                continue
            flat = np.memmap(file, dtype, "r", stream.tell(), (int(np.prod(shape)),))
            found[name] = flat.reshape(shape, order="F" if is_fortran else "C")
    return found
