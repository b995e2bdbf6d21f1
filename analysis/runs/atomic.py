"""Files that are either whole or absent: written beside, flushed to disk, then renamed."""

import errno
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.arrays import AnyArray
from analysis.errors import OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into an OutputError that says what to do.

    Raises:
        OutputError: If the disk is full, or the folder is missing, read-only or not ours.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutputError(
                f"The disk is full: {path} could not be written. Everything finished before is kept; free some space, "
                "then run the same command with --resume."
            ) from error
        raise OutputError(
            f"{path} could not be written ({error.strerror or error}). Check that the folder exists and is yours to "
            "write, or choose another --out."
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes the place of `path` only when the block ends without an error."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with output_errors(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write strict JSON (no NaN), indented, UTF-8."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_plain)
    with replacing(path) as file:
        file.write(text.encode())


def write_table(path: Path, table: pa.Table | pd.DataFrame) -> None:
    """Write a Parquet file, zstd, row groups of 65,536."""
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd", row_group_size=65_536)


def write_array(path: Path, array: AnyArray) -> None:
    """Write one ``.npy`` file."""
    with replacing(path) as file:
        np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)


def write_arrays(path: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Write one ``.npz`` file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # numpy types **kwds as its own allow_pickle flag
    with replacing(path) as file:
        file.write(buffer.getbuffer())


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON file")
