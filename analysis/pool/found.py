"""What a search found, as a table to look at, to label from, or to export."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.exports.csv_text import csv_bytes
from analysis.pool.pool import TRAINING, Pool
from analysis.pool.search import alike, asked_with
from analysis.runs.run import Run


def find_alike(run: Run, kind: str, samples: IntArray | None, k: int, *, diverse: bool = True) -> pd.DataFrame:
    """The k pictures of a pool that are most like some samples; byte for byte copies of validation pictures are none.

    Args:
        run: The run.
        kind: unlabeled | training.
        samples: Sample ids to ask with; None for every one.
        k: How many.
        diverse: As in `search.alike`.

    Returns:
        `row`, `filepath`, `similarity` (cosine), `nearest_sample_id`, `nearest_label`, `prediction`, `confidence` and,
        of training pictures, `label`; in the order chosen.

    Raises:
        RunError: The pool was never embedded, the samples are none, or none of them has an embedding.
    """
    pool = Pool.open(run.path, kind)
    if pool is None:
        option = " --training" if kind == TRAINING else ""
        raise RunError(f"Nothing was embedded yet; do it with `python -m analysis pool {run.path}{option}`.")
    samples = np.arange(len(run)) if samples is None else samples
    if run.embeddings is None or not len(samples):
        raise RunError("There is no sample to ask with." if not len(samples) else "This run has no embeddings.")
    asked = asked_with(samples)
    queries = np.asarray(run.embeddings[asked])
    if not np.isfinite(queries.astype(np.float32)).all(axis=1).any():
        raise RunError("None of these samples has an embedding that can be compared.")
    found = alike(pool.blocks(without=np.unique(run.column("content_hash"))), queries, k, diverse=diverse)
    table = pool.facts_of(found.row)
    nearest = asked[found.query]
    names = np.array([*run.class_names, ""], dtype=object)
    table["prediction"] = names[table["prediction_index"].to_numpy(dtype=np.int64)] if len(table) else []
    table["similarity"], table["nearest_sample_id"] = found.similarity, nearest
    table["nearest_label"] = run.column("label")[nearest]
    columns = ["row", "filepath", "similarity", "nearest_sample_id", "nearest_label", "prediction", "confidence"]
    return table[[*columns, *(["label"] if kind == TRAINING else [])]]


def csv_chunks(found: pd.DataFrame) -> Iterator[bytes]:
    """UTF-8 CSV of `find_alike`'s table, safe for spreadsheets; the place in the pool is left out."""
    table = pa.Table.from_pandas(found.drop(columns=["row"]), preserve_index=False)
    yield csv_bytes(table, header=True)
