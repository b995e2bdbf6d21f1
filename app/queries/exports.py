"""Tables as CSV, chunk by chunk: the library's own exports, and the samples inside an outline drawn on the map."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import RunError
from analysis.exports.csv_stream import csv_chunks as library_chunks
from analysis.exports.csv_text import csv_bytes
from analysis.exports.tables import tables
from analysis.runs.run import Run
from app.queries import points, runs
from app.queries.runs import RunKey


def csv_chunks(key: RunKey, table: str, params: Mapping[str, str]) -> Iterator[bytes]:
    """UTF-8 CSV of a table, header first; what does not exist is found out before the first chunk.

    Args:
        key: The run.
        table: samples | classes | confusions | clusters | label-issues | problems | findings.
        params: `cluster` keeps one cluster's samples, `area` those inside an outline drawn on the map.

    Raises:
        RunError: If there is no such table or cluster, or the run has not got that far.
    """
    run = Run.open(runs.run_path(key.id))  # not the shared reader: a download may take long
    area = params.get("area")
    if area is not None and table == "samples":
        return _inside(key, run, area)
    return library_chunks(run, table, _number(params.get("cluster")))


def _number(cluster: str | None) -> int | None:
    if cluster is None:
        return None
    try:
        return int(cluster)
    except ValueError:
        raise RunError(f"There is no cluster {cluster!r} in this run; clusters are numbers.") from None


def _inside(key: RunKey, run: Run, area: str) -> Iterator[bytes]:
    if points.area_of(area) is None:
        raise RunError("The outline in this link cannot be read; draw it anew on the map.")
    ids = pa.array(points.samples_inside(key, area))
    batches = (batch.filter(pc.is_in(batch["sample_id"], ids)) for batch in tables(run, "samples"))
    return (csv_bytes(batch, header=number == 0) for number, batch in enumerate(batches))
