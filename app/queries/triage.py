"""What people said of single samples: one tag a sample, set by a key, undone, counted, and held against findings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from analysis.arrays import IntArray
from analysis.errors import StoreError
from analysis.exports.csv_text import csv_bytes
from analysis.expressions.columns import Texts
from analysis.reports.triage import CONFIRMS, TAGS, Share, audit, shares, tag_column
from app.queries import investigations, runs
from app.queries.flags import flags
from app.queries.investigations import Change, Item
from app.queries.runs import RunKey

KIND = "triage"
KEYS = {str(place): tag for place, tag in enumerate(TAGS, start=1)}  # the key that sets a tag; 0 takes it away


def tags(key: RunKey) -> Mapping[int, str]:
    """The tag of every sample that has one; empty where the store cannot be read."""
    return {sample: str(item.value["tag"]) for sample, item in _items(key).items()}


def _items(key: RunKey) -> dict[int, Item]:
    try:
        found = investigations.items(key, KIND)
    except StoreError:
        return {}
    last = runs.size(key)
    by_sample = {int(item.subject): item for item in found if item.subject.isascii() and item.subject.isdigit()}
    return {sample: item for sample, item in by_sample.items() if sample < last and item.value.get("tag")}


def set_tag(key: RunKey, samples: Sequence[int], tag: str | None) -> None:
    """Give samples a tag, or (None) take theirs away; one step that is undone as one.

    Raises:
        StoreError: If it cannot be saved, or the person may only look.
        ValueError: For a tag that is none.
    """
    if tag is not None and tag not in TAGS:
        raise ValueError(f"{tag!r} is no tag; there are {', '.join(TAGS)}")
    size = runs.size(key)
    chosen = [sample for sample in samples if 0 <= sample < size]
    if chosen:
        value = None if tag is None else {"tag": tag}
        investigations.put_many(key, KIND, {str(sample): value for sample in chosen})


def undo(key: RunKey) -> Change | None:
    """Take back the person's own last tagging; None where there is none."""
    return investigations.undo(key, {KIND})


def column(key: RunKey) -> Texts:
    """The tags as expressions compare them: ``triage = "wrong label"``, ``triage is missing``."""
    return tag_column(tags(key), runs.size(key))


def version(key: RunKey) -> int:
    """Grows whenever tags may have changed; keys what is worked out from them."""
    try:
        return investigations.last_change(key)
    except StoreError:
        return 0


def shares_among(key: RunKey, samples: IntArray) -> tuple[Share, ...]:
    """How often each tag was given among some samples."""
    found = tags(key)
    tagged = np.fromiter(found, dtype=np.int64, count=len(found))
    looked_at = tagged[np.isin(tagged, samples, kind="table")]  # a table, because sorting a million ids takes a second
    return shares([found[int(sample)] for sample in looked_at])


def audited(key: RunKey, finding: str) -> Share | None:
    """How often a finding was right about the samples that people looked at; None where nobody can have said so."""
    if finding not in CONFIRMS or finding not in flags(key):
        return None
    found = audit(flags(key)[finding][0].tolist(), tags(key), CONFIRMS[finding])
    return found if found.looked_at else None


def csv(key: RunKey, samples: IntArray | None = None) -> Iterator[bytes]:
    """Every tagged sample (of some) as CSV: which, what it is labelled and taken for, who said what of it when."""
    chosen = None if samples is None else set(samples.tolist())
    found = _items(key)
    rows = [(sample, found[sample]) for sample in sorted(found) if chosen is None or sample in chosen]
    ids = np.array([sample for sample, _ in rows], dtype=np.int64)
    table = {"sample_id": pa.array(ids)}
    for name in ("filepath", "label", "prediction"):
        table[name] = pa.array(list(runs.column(key, name)[ids]), pa.string())
    table["tag"] = pa.array([str(item.value["tag"]) for _, item in rows], pa.string())
    table["author"] = pa.array([item.author for _, item in rows], pa.string())
    moments = [datetime.fromtimestamp(item.at, UTC).isoformat(timespec="seconds") for _, item in rows]
    table["at"] = pa.array(moments, pa.string())
    yield csv_bytes(pa.table(table), header=True)
