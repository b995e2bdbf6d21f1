"""Which clusters fail more than their classes explain: errors beyond what the same classes have elsewhere.

Letters: N samples, C classes, G clusters. The clusters were found without looking at labels or errors, so every one of
them may be tested on all samples, G tests in all.
"""

from statistics import NormalDist

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, FloatArray, IntArray

_PRIOR = 5.0  # samples that a class' error rate is drawn towards the overall rate with
_ALPHA = 0.05


def excess_errors(
    cluster: IntArray, label_index: IntArray, prediction_index: IntArray, correct: BoolArray
) -> pd.DataFrame:
    """One row a cluster (−1, the samples in none, left out), largest `excess_low` first.

    `expected_errors` = what its samples would have at the error rate of their own classes outside the cluster, drawn
    towards the overall rate; `excess_low` and `excess_high` = lower and upper 95 % bound of `excess_errors` (Wilson,
    each over all clusters together), the lower one never below 0.

    Args:
        cluster: (N,) −1 = in none.
        label_index: (N,) class.
        prediction_index: (N,) class, −1 = none; the errors are those of these predictions.
        correct: (N,).

    Returns:
        Columns cluster, size, errors, error_rate, expected_errors, excess_errors, excess_low, excess_high,
        top_label_index, top_prediction_index (the class most of its errors go to, −1 without errors).

    Source:
        Indirect standardisation; Wilson 1927.
    """
    numbers = np.unique(cluster[cluster >= 0])
    classes = int(label_index.max(initial=0)) + 1
    wrong = ~correct
    total, failed = _count(label_index, classes), _count(label_index[wrong], classes)
    order = np.argsort(cluster, kind="stable")
    ends = np.searchsorted(cluster[order], [numbers, numbers + 1])
    rows = []
    for number, start, end in zip(numbers, *ends, strict=True):
        inside = order[start:end]
        explained = _expected(label_index[inside], wrong[inside], total, failed)
        failing = inside[wrong[inside]]
        tops = _top(label_index[inside]), _top(prediction_index[failing])
        rows.append((int(number), len(inside), len(failing), explained, *tops))
    columns = ["cluster", "size", "errors", "expected_errors", "top_label_index", "top_prediction_index"]
    table = pd.DataFrame(rows, columns=columns)
    size, errors = table["size"].to_numpy(dtype=float), table["errors"].to_numpy(dtype=float)
    expected = table["expected_errors"].to_numpy(dtype=float)
    table.insert(3, "error_rate", errors / np.maximum(size, 1))
    table.insert(5, "excess_errors", errors - expected)
    z = NormalDist().inv_cdf(1 - _ALPHA / max(1, len(table)))
    table.insert(6, "excess_low", np.maximum(0, size * wilson_low(errors, size, z) - expected))
    table.insert(7, "excess_high", size * (1 - wilson_low(size - errors, size, z)) - expected)
    return table.sort_values(["excess_low", "excess_errors"], ascending=False, ignore_index=True)


def wilson_low(hits: FloatArray, n: FloatArray, z: float) -> FloatArray:
    """Lower Wilson bound of a share, 0..1.

    Source: Wilson 1927.
    """
    n = np.maximum(n, 1)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(np.maximum(share * (1 - share), 0) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.asarray(np.maximum(0.0, centre - half))


def _expected(label: IntArray, wrong: BoolArray, total: IntArray, failed: IntArray) -> float:
    """Errors that the samples of one cluster would have at the rates of their classes outside of it."""
    labels, count = np.unique(label, return_counts=True)
    lost = np.zeros(len(labels), dtype=np.int64)
    np.add.at(lost, np.searchsorted(labels, label[wrong]), 1)
    overall = (int(failed.sum()) - int(wrong.sum())) / max(1, int(total.sum()) - len(label))
    rate = (failed[labels] - lost + _PRIOR * overall) / (total[labels] - count + _PRIOR)
    return float((rate * count).sum())


def _count(values: IntArray, length: int) -> IntArray:
    return np.bincount(values, minlength=length)


def _top(values: IntArray) -> int:
    values = values[values >= 0]
    return int(np.bincount(values).argmax()) if len(values) else -1
