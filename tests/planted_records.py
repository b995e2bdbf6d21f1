"""What a planted run records of each sample, from its full N × C logits: a second implementation of the reducers."""

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray

TOP = 32


def record_table(logits: FloatArray, label: IntArray, names: list[str], is_old: BoolArray | None) -> pd.DataFrame:
    """Everything ``samples.parquet`` keeps of a full logit matrix (N, C), in float64 numpy."""
    n, outputs = logits.shape
    z = logits.astype(np.float64)
    rows = np.arange(n)
    has_column = label < outputs
    safe = np.minimum(label, outputs - 1)
    prediction = np.where(
        np.isnan(z).any(axis=1), np.isnan(z).argmax(axis=1), np.nan_to_num(z, nan=-np.inf).argmax(axis=1)
    )
    label_logit = np.where(has_column, z[rows, safe], np.nan)
    lse = _logsumexp(z)
    p = np.exp(z - lse[:, None])
    others = z.copy()
    others[rows[has_column], label[has_column]] = -np.inf
    table = pd.DataFrame({"sample_id": rows})
    table["label"] = [names[i] if i < len(names) else f"class {i:03d}" for i in label]
    table["label_index"] = label.astype(np.int32)
    table["prediction"] = [names[i] for i in prediction]
    table["prediction_index"] = prediction.astype(np.int32)
    table["correct"] = prediction == label
    table["confidence"] = np.exp(z[rows, prediction] - lse)
    table["loss"] = lse - label_logit
    table["margin"] = label_logit - others.max(axis=1)
    table["entropy"] = lse - np.where(p > 0, p * z, 0 * p).sum(axis=1)
    rank = (z > label_logit[:, None]).sum(axis=1)
    table["label_rank"] = np.where(has_column, rank, outputs).astype(np.int32)
    table["label_logit"] = label_logit
    for group, mask in _groups(is_old, outputs).items():
        where = np.flatnonzero(mask)
        table[f"max_logit_{group}"] = z[:, where].max(axis=1)
        table[f"best_{group}_index"] = where[z[:, where].argmax(axis=1)].astype(np.int32)
        table[f"mean_logit_{group}"] = z[:, where].mean(axis=1)
        table[f"logsumexp_{group}"] = _logsumexp(z[:, where])
    table["logsumexp"] = lse
    index, logit = _top(z, is_old)
    table["topk_index"], table["topk_logit"] = list(index), list(logit)
    table["nonfinite"] = (~np.isfinite(z)).sum(axis=1).astype(np.int32)
    return table


def _groups(is_old: BoolArray | None, outputs: int) -> dict[str, BoolArray]:
    return {} if is_old is None else {"old": is_old[:outputs], "new": ~is_old[:outputs]}


def _logsumexp(z: FloatArray) -> FloatArray:
    top = z.max(axis=1)
    return np.asarray(top + np.log(np.exp(z - top[:, None]).sum(axis=1)))


def _largest(z: FloatArray) -> IntArray:
    """The `TOP` largest of each row; of many columns without sorting them all, so that ties may go to any."""
    if z.shape[1] <= 64 * TOP:
        return np.argsort(-z, axis=1, kind="stable")[:, :TOP]
    return np.argpartition(-z, TOP - 1, axis=1)[:, :TOP]


def _top(z: FloatArray, is_old: BoolArray | None) -> tuple[AnyArray, AnyArray]:
    outputs = z.shape[1]
    parts = list(_groups(is_old, outputs).values()) or [np.ones(outputs, dtype=np.bool_)]
    first = np.nan_to_num(z, nan=np.inf)
    index = np.hstack([np.flatnonzero(m)[_largest(first[:, m])] for m in parts if m.any()])
    order = np.argsort(-np.take_along_axis(first, index, axis=1), axis=1, kind="stable")
    index = np.take_along_axis(index, order, axis=1)
    return index.astype(np.int32), np.take_along_axis(z, index, axis=1).astype(np.float32)
