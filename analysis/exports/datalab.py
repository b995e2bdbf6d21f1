"""A run as cleanlab's Datalab would list its issues: the same column names, scores where low means bad.

The scores are Datalab's own formulas on the run's neighbour graph; which pictures are copies is what the pictures say,
not the embeddings, and label issues are the checklist's.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.exports.sample_rows import sample_batches
from analysis.runs.run import Run

NEIGHBOURS = 10  # that an outlier is far from
_OUTLIER = 0.37037  # 1/2.7: how far beyond the upper quartile, in interquartile ranges
_TINY = 100 * np.finfo(np.float64).eps
_FROM_SAMPLES = {
    "sample_id": "sample_id", "filepath": "filepath", "label_issue": "is_label_issue", "label_quality": "label_score",
    "label": "given_label", "prediction": "predicted_label",
}  # fmt: skip


def datalab_batches(run: Run, ids: IntArray | None) -> Iterator[pa.Table]:
    """Batches with `is_label_issue`, `label_score`, `given_label`, `predicted_label`, `is_outlier_issue`, ….

    What a run does not know (no neighbour graph, no search for copies) is an empty cell.

    Args:
        run: The run.
        ids: Ascending sample ids, None for all.

    Source: cleanlab 2.9, ``Datalab.get_issues``; Kuan and Mueller 2022, arXiv 2207.03061 (outliers).
    """
    batches = sample_batches(run, ids, list(_FROM_SAMPLES))
    average, nearest = _distances(run)
    is_outlier, outlier_score = outliers(average)
    sets = _copies(run)
    near_score = near_duplicate_scores(nearest)

    def with_issues(batch: pa.Table) -> pa.Table:
        rows = batch["sample_id"].to_numpy()
        named = batch.rename_columns([_FROM_SAMPLES[name] for name in batch.column_names])
        copies = None if sets is None else [sets.get(row, []) for row in rows.tolist()]
        added = {
            "is_outlier_issue": pa.array(is_outlier[rows], mask=np.isnan(average[rows])),
            "outlier_score": _numbers(outlier_score[rows]),
            "is_near_duplicate_issue": pa.array(
                [None] * len(rows) if copies is None else map(bool, copies), pa.bool_()
            ),
            "near_duplicate_score": _numbers(near_score[rows]),
            "near_duplicate_sets": pa.array([None] * len(rows) if copies is None else copies, pa.list_(pa.int64())),
            "distance_to_nearest_neighbor": _numbers(nearest[rows]),
        }
        for name, column in added.items():
            named = named.append_column(name, column)
        return named

    return map(with_issues, batches)


def outliers(average: FloatArray) -> tuple[BoolArray, FloatArray]:
    """Which samples lie far from all others (N,), and a score (N,) in 0..1, low = far; NaN stays NaN.

    Args:
        average: (N,) mean cosine distance to the nearest neighbours.
    """
    known = average[np.isfinite(average)]
    if not len(known):
        return np.zeros(len(average), dtype=np.bool_), np.full(len(average), np.nan)
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    threshold = high + (1 / _OUTLIER - 1) * (high - low)
    with np.errstate(invalid="ignore"):
        return average > threshold, np.exp(-average / max(median, _TINY))


def near_duplicate_scores(nearest: FloatArray) -> FloatArray:
    """1 − exp(−d / median d) of the cosine distance (N,) to the nearest neighbour, 0 = the same; NaN stays NaN."""
    known = nearest[np.isfinite(nearest)]
    scale = max(float(np.median(known)), _TINY) if len(known) else 1.0
    return np.asarray(1 - np.exp(-nearest / scale))


def _distances(run: Run) -> tuple[FloatArray, FloatArray]:
    """Mean distance (N,) to the ten nearest, and to the nearest one; NaN where there is none."""
    if run.neighbours is None:
        missing = np.full(len(run), np.nan)
        return missing, missing
    index, similarity = run.neighbours
    distance = np.where(index >= 0, 1 - similarity, np.nan)[:, :NEIGHBOURS].clip(min=0)
    filled = np.isfinite(distance)
    with np.errstate(invalid="ignore"):
        average = np.where(filled, distance, 0).sum(axis=1) / filled.sum(axis=1)
    return average, distance[:, 0]


def _copies(run: Run) -> dict[int, list[int]] | None:
    """The copies of each sample that has any, ascending; None where nobody looked."""
    pairs = run.duplicates
    if pairs is None:
        return None
    found: dict[int, list[int]] = {}
    for one, other in zip(pairs["sample_id"].tolist(), pairs["other"].tolist(), strict=True):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return {sample: sorted(copies) for sample, copies in found.items()}


def _numbers(values: FloatArray) -> pa.Array:
    return pa.array(values.astype(np.float32), mask=np.isnan(values))
