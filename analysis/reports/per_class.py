"""One row a class: how often it is right, how sure that is, and what its head row looks like."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.runs.run import Run


def per_class(run: Run, train_count: IntArray | None = None) -> pd.DataFrame:
    """The table ``classes.parquet`` of a run.

    Args:
        run: With its samples; C = classes of the list and outputs of the head together.
        train_count: (C,) or fewer, training samples of each class; None where they are not known.
    """
    return class_table(
        names=run.class_names,
        label_index=run.column("label_index"),
        prediction_index=run.column("prediction_index"),
        loss=run.column("loss"),
        is_old=run.is_old,
        head=run.head,
        train_count=train_count,
    )


def class_table(
    *,
    names: tuple[str, ...],
    label_index: IntArray,
    prediction_index: IntArray,
    loss: FloatArray,
    is_old: BoolArray | None = None,
    head: tuple[FloatArray, FloatArray] | None = None,
    train_count: IntArray | None = None,
) -> pd.DataFrame:
    """Support, precision, recall and F1 of C classes; O(N + C·D), never C × C.

    A quotient without a denominator is NaN, not 0: precision of a class never predicted, recall without samples. F1 is
    0 where a class has samples or predictions but none right, NaN where it has neither.

    Args:
        names: (C,).
        label_index: (N,) in 0..C−1; others are left out.
        prediction_index: (N,) likewise.
        loss: (N,) cross-entropy in nats; NaN is left out of the mean.
        is_old: (C,) or None without a split: `group` is then null.
        head: Weight (outputs, D) and bias (outputs,), outputs ≤ C; classes beyond have NaN.
        train_count: Training samples of the first classes; null elsewhere.

    Returns:
        Columns and order of CONTRACT's ``classes.parquet``.
    """
    size = len(names)
    support = _count(label_index, size)
    predicted = _count(prediction_index, size)
    correct = _count(label_index[label_index == prediction_index], size)
    low, high = wilson(correct, support)
    norm, bias = _head_rows(head, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {
            "class_index": np.arange(size, dtype=np.int32),
            "name": pd.array(list(names), dtype="string"),
            "group": pd.array([None] * size if is_old is None else np.where(is_old, "old", "new"), dtype="string"),
            "support": support,
            "predicted": predicted,
            "correct": correct,
            "precision": correct / predicted,
            "recall": correct / support,
            "f1": 2 * correct / (support + predicted),
            "recall_low": low,
            "recall_high": high,
            "mean_loss": _mean(loss, label_index, size),
            "head_norm": norm,
            "head_bias": bias,
            "train_count": _padded(train_count, size),
        }
    return pd.DataFrame(columns)


def wilson(successes: IntArray, trials: IntArray, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bound (0..1) of a share; NaN without trials.

    Source: Wilson 1927, doi 10.1080/01621459.1927.10502953.
    """
    z2 = ndtri((1 + confidence) / 2) ** 2
    n = np.where(trials > 0, trials, np.nan).astype(np.float64)
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n) / (1 + z2 / n)
    # Rounding may leave the exact ends 0 and 1 by 1e-17.
    low, high = np.where(successes == 0, 0 * n, centre - half), np.where(successes == trials, 0 * n + 1, centre + half)
    return low, high


def _count(index: IntArray, size: int) -> IntArray:
    return np.bincount(index[(index >= 0) & (index < size)], minlength=size)


def _mean(loss: FloatArray, label_index: IntArray, size: int) -> FloatArray:
    usable = ~np.isnan(loss) & (label_index >= 0) & (label_index < size)
    total = np.bincount(label_index[usable], weights=loss[usable].astype(np.float64), minlength=size)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / _count(label_index[usable], size))


def _head_rows(head: tuple[FloatArray, FloatArray] | None, size: int) -> tuple[FloatArray, FloatArray]:
    norm, bias = np.full(size, np.nan), np.full(size, np.nan)
    if head is not None:
        norm[: len(head[0])] = np.sqrt(np.einsum("cd,cd->c", head[0], head[0], dtype=np.float64))
        bias[: len(head[1])] = head[1]
    return norm, bias


def _padded(train_count: IntArray | None, size: int) -> pd.api.extensions.ExtensionArray:
    known = [] if train_count is None else [int(count) for count in train_count[:size]]
    return pd.array([*known, *[None] * (size - len(known))], dtype="Int64")
