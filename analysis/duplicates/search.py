"""The search for copies of one picture, and the two tables it writes."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.images import small_picture
from analysis.duplicates.exact import exact_copies, exact_duplicates
from analysis.duplicates.near import Pairs, near_copies, near_duplicates
from analysis.duplicates.reading import are_there, file_sizes, of_files, of_thumbnails
from analysis.duplicates.small_picture import SmallPictures
from analysis.errors import ImageError
from analysis.progress import ProgressCallback
from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from analysis.runs.leak_pictures import write_leak_pictures
from analysis.runs.run import Run

Notice = Callable[[str], None]
STAGE = "duplicates"
EXACT, NEAR = "exact", "near"
_VERSION = 2  # raised when what is kept of a picture changes
_BLOCK = 65_536  # training pictures compared at once
_PICTURES = 20_000  # training pictures kept in the run
_GRAPH = 3  # nearest neighbours by embedding that are compared as pictures


def find_duplicates(
    run: Run, validation: Dataset, training: Dataset | None, *, progress: ProgressCallback, notice: Notice
) -> None:
    """Write ``duplicates.parquet`` and, where the training pictures can be read, ``leaks.parquet``.

    What was searched before with the same training set is not searched again.

    Args:
        run: N samples with thumbnails.
        validation: where their files lie, to know which sizes are worth a hash.
        training: the training set, or None.
        progress: called with stage, done, total.
        notice: told what a person should know.
    """
    wanted = _key(run, training)
    if _finished(run, wanted):
        return
    for stale in (layout.DUPLICATES, layout.LEAKS, layout.LEAK_PICTURES, layout.LEAK_PICTURE_INDEX):
        (run.path / stale).unlink(missing_ok=True)
    pictures = of_thumbnails(run, lambda done, total: progress(f"{STAGE}: validation", done, total))
    progress(f"{STAGE}: comparing", 0, 0)
    found = near_duplicates(pictures, _neighbours(run))
    facts: dict[str, Any] = {"key": wanted}
    if training is not None:
        facts["training"] = _search_training(
            run, pictures, found.apart, validation, training, progress=progress, notice=notice
        )
    write_table(run.path / layout.DUPLICATES, _duplicates(pictures, found.copies, _cosine(run, found.copies)))
    write_json(run.path / layout.DUPLICATES_FACTS, facts)
    shutil.rmtree(run.path / layout.FINGERPRINTS, ignore_errors=True)


def _search_training(
    run: Run,
    pictures: SmallPictures,
    apart: FloatArray,
    validation: Dataset,
    training: Dataset,
    *,
    progress: ProgressCallback,
    notice: Notice,
) -> dict[str, int]:
    """Write ``leaks.parquet``; nothing where no training picture is on this machine. Returns the counts."""
    there = are_there(training)
    if not there:
        notice(
            f"None of the {len(training):,} training pictures is on this machine, so it was not searched whether "
            "validation pictures are among them."
        )
        return {"listed": len(training), "read": 0}
    shards = of_files(
        training,
        file_sizes(run, validation),
        _shards_folder(run, training),
        lambda done, total: progress(f"{STAGE}: training", done, total),
    )
    seen: list[SmallPictures] = []  # their hashes; the pictures themselves go by
    near = near_copies(pictures, _in_blocks(shards, seen), apart)
    trained = SmallPictures.joined(seen)
    leaks, places = _leaks(pictures, trained, near, training)
    write_leak_pictures(run.path, _small(training, places))
    write_table(run.path / layout.LEAKS, leaks)
    read = int(trained.is_readable.sum())
    if read < len(training):
        notice(
            f"{len(training) - read:,} of the {len(training):,} training pictures could not be read, so copies of "
            "validation pictures among them are not known."
        )
    return {"listed": len(training), "read": read}


def _in_blocks(shards: Iterator[SmallPictures], seen: list[SmallPictures]) -> Iterator[SmallPictures]:
    """Shards put together to blocks that are worth comparing at once; what is kept of each goes to `seen`."""
    block: list[SmallPictures] = []
    for shard in shards:
        seen.append(shard.bare())
        block.append(shard)
        if sum(map(len, block)) >= _BLOCK:
            yield SmallPictures.joined(block)
            block = []
    if block:
        yield SmallPictures.joined(block)


def _duplicates(pictures: SmallPictures, near: Pairs, cosine: FloatArray) -> pd.DataFrame:
    """One row a pair, the earlier sample as `other`."""
    later, first = exact_duplicates(pictures.content_hash, pictures.shows_something)
    differ = pictures.content_hash[near.query] != pictures.content_hash[near.key]
    query, key = np.maximum(near.query, near.key)[differ], np.minimum(near.query, near.key)[differ]
    table = pd.DataFrame(
        {
            "sample_id": np.r_[later, query].astype(np.int64),
            "other": np.r_[first, key].astype(np.int64),
            "kind": [EXACT] * len(later) + [NEAR] * len(query),
            "similarity": np.r_[np.ones(len(later)), near.similarity[differ]].astype(np.float32),
            "embedding_cosine": np.r_[np.full(len(later), np.nan), cosine[differ]].astype(np.float32),
        }
    )
    return table.sort_values(["sample_id", "other"], ignore_index=True)


def _leaks(
    pictures: SmallPictures, trained: SmallPictures, near: Pairs, training: Dataset
) -> tuple[pd.DataFrame, IntArray]:
    """One row a pair of a validation and a training picture, exact ones first; and the training picture's number."""
    row, place = exact_copies(pictures.content_hash, pictures.shows_something, trained.content_hash, trained.is_hashed)
    is_exact = np.zeros(len(pictures), dtype=np.bool_)
    is_exact[row] = True
    others = ~is_exact[near.query]
    rows, places = np.r_[row, near.query[others]], np.r_[place, near.key[others]]
    table = pd.DataFrame(
        {
            "sample_id": rows.astype(np.int64),
            "filepath": _texts(training.filepaths, places),
            "label": _texts(training.labels, places),
            "kind": [EXACT] * len(row) + [NEAR] * int(others.sum()),
            "similarity": np.r_[np.ones(len(row)), near.similarity[others]].astype(np.float32),
        }
    )
    ordered = table.sort_values(["sample_id", "similarity"], ascending=[True, False], kind="stable")
    return ordered.reset_index(drop=True), places[ordered.index.to_numpy()]


def _small(training: Dataset, places: IntArray) -> Iterator[bytes | None]:
    """Small versions of training pictures, one at a time; only the first `_PICTURES`, so that a run stays light."""
    for number, place in enumerate(places.tolist()):
        try:
            yield small_picture(Path(training.path_of(place)).read_bytes()) if number < _PICTURES else None
        except (OSError, ImageError):  # gone since it was compared
            yield None


def _texts(values: Any, places: IntArray) -> AnyArray:
    return np.array([str(values[place]) for place in places.tolist()], dtype=object)


def _neighbours(run: Run) -> tuple[IntArray, IntArray] | None:
    if run.neighbours is None:
        return None
    index = run.neighbours[0][:, :_GRAPH]
    row, place = np.nonzero(index >= 0)
    return row, index[row, place].astype(np.int64)


def _cosine(run: Run, pairs: Pairs) -> FloatArray:
    """Of the pairs' embeddings, NaN without embeddings."""
    if run.embeddings is None or not len(pairs.query):
        return np.full(len(pairs.query), np.nan)
    a, b = (np.asarray(run.embeddings[rows], dtype=np.float64) for rows in (pairs.query, pairs.key))
    length = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    with np.errstate(all="ignore"):
        return np.asarray((a * b).sum(axis=1) / length)


def _key(run: Run, training: Dataset | None) -> str:
    """Changes with the samples and with the list of training files."""
    digest = hashlib.blake2b(f"{_VERSION}\n{len(run)}\n".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(run.column("content_hash")).tobytes())
    digest.update(_listing(training))
    return digest.hexdigest()


def _listing(training: Dataset | None) -> bytes:
    if training is None:
        return b""
    lines = "\n".join(f"{path}\t{label}" for path, label in zip(training.filepaths, training.labels, strict=True))
    return f"{training.root}\n{lines}".encode(errors="surrogatepass")


def _shards_folder(run: Run, training: Dataset) -> Path:
    name = hashlib.blake2b(f"{_VERSION}\n".encode() + _listing(training), digest_size=8).hexdigest()
    folder = run.path / layout.FINGERPRINTS / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _finished(run: Run, key: str) -> bool:
    file = run.path / layout.DUPLICATES_FACTS
    if not file.is_file() or not (run.path / layout.DUPLICATES).is_file():
        return False
    try:
        return bool(json.loads(file.read_text("utf-8"))["key"] == key)
    except (ValueError, KeyError, TypeError):
        return False
