"""Tables as CSV text, chunk by chunk."""

import csv
import io
from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.errors import RunError
from app.queries import points, runs
from app.queries.runs import RunKey

CHUNK_ROWS = 20_000
TABLES = ("samples", "classes", "confusions", "clusters", "label-issues", "problems", "findings")


def csv_chunks(key: RunKey, table: str, params: Mapping[str, str]) -> Iterator[str]:
    """CSV text of a table, header first; what does not exist is found out before the first chunk.

    Args:
        key: The run.
        table: One of `TABLES`.
        params: `cluster` keeps one cluster's samples, `area` those inside an outline drawn on the map.

    Raises:
        RunError: If there is no such table.
    """
    if table not in TABLES:
        raise RunError(f"There is no table {table!r}; there are {', '.join(TABLES)}.")
    return _chunks(_frame(key, table, params))


def _frame(key: RunKey, table: str, params: Mapping[str, str]) -> pd.DataFrame:
    if table in ("samples", "label-issues"):
        return _samples(key, table, params)
    if table == "findings":
        return pd.json_normalize((runs.findings(key) or {}).get("findings", []))
    frames = {"classes": runs.classes, "confusions": runs.confusions, "clusters": runs.clusters}
    return frames.get(table, runs.problems)(key)


def _samples(key: RunKey, table: str, params: Mapping[str, str]) -> pd.DataFrame:
    frame = runs.samples(key, runs.columns(key))
    if table == "label-issues":
        frame = frame[frame["label_issue"]].sort_values("label_quality", kind="stable")
    if "cluster" in params:
        wanted = params["cluster"]
        if wanted not in set(frame["cluster"].astype(str)):
            raise RunError(f"There is no cluster {wanted!r} in this run.")
        frame = frame[frame["cluster"].astype(str) == wanted]
    if "area" in params:
        frame = frame[frame["sample_id"].isin(points.samples_inside(key, params["area"]))]
    return frame


def _chunks(frame: pd.DataFrame) -> Iterator[str]:
    frame = frame.reset_index(drop=True)
    yield _line(frame.columns)
    for start in range(0, len(frame), CHUNK_ROWS):
        part = frame.iloc[start : start + CHUNK_ROWS].copy()
        for name in part.select_dtypes(exclude="number"):
            part[name] = part[name].map(harmless)
        yield part.to_csv(index=False, header=False)


def harmless(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _line(values: object) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(harmless(value) for value in values)  # type: ignore[attr-defined]
    return buffer.getvalue()
