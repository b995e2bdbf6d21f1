"""Which output wins each sample, with and without constants that lift some outputs over others."""

import hashlib

import numpy as np

from analysis.arrays import IntArray
from analysis.diagnosis.column_maps import balanced_column, balancing_offsets
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.view import View

_PROBED = 4096


def winning_columns(view: View) -> dict[str, IntArray]:
    """(n,) winning column of each sample, −1 = none: "as it is" and "balanced" (`balancing_offsets` taken out).

    A fault of the order can hide under a constant of a group: the second shows it. Kept for these samples while
    candidates and offsets stay as they are; what a column stands for plays no part.
    """
    predictions = view.predictions
    key = f"winning columns {_digest(predictions)}"
    if key not in view.kept:
        balanced = balanced_column(predictions, balancing_offsets(predictions))
        view.kept[key] = {"as it is": predictions.column, "balanced": balanced}
    found: dict[str, IntArray] = view.kept[key]
    return found


def right_answers(column_class: IntArray, columns: dict[str, IntArray], label: IntArray) -> int:
    """Right answers if column j stood for `column_class[j]`, (C,), summed over both kinds of winner."""
    total = 0
    for column in columns.values():
        total += int(((column >= 0) & (column_class[column] == label)).sum())
    return total


def beats(
    first: IntArray, second: IntArray, columns: dict[str, IntArray], label: IntArray, *, deviations: float
) -> bool:
    """Is the first map of columns to classes, (C,), better than the second beyond chance, for either kind of winner?

    Args:
        first: class of each column.
        second: likewise.
        columns: of `winning_columns`.
        label: (n,).
        deviations: by how many standard deviations of the answers that change.
    """
    for column in columns.values():
        a = (column >= 0) & (first[column] == label)
        b = (column >= 0) & (second[column] == label)
        changed = int((a != b).sum())
        if int(a.sum()) - int(b.sum()) > deviations * np.sqrt(max(changed, 1)):
            return True
    return False


def _digest(predictions: Predictions) -> str:
    digest = hashlib.blake2b(f"{predictions.source} {predictions.index.shape}".encode(), digest_size=16)
    step = max(1, len(predictions) // _PROBED)
    for array in (
        predictions.column_offset,
        predictions.column_dropped,
        predictions.logsumexp,
        predictions.index[::step],
        predictions.logit[::step],
    ):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
