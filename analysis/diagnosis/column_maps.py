"""Guesses of which class each output column answers for, from confusions or from embeddings.

Letters: n samples, K stored candidates, C columns, D dimensions.
"""

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.matching import completed, maximum_weight_matching
from analysis.diagnosis.predictions import Predictions, winner
from analysis.diagnosis.wide_top import places_of_largest

_CANDIDATES = 8
_FLOATS = 2**23  # cosines held at once: so many classes against all C rows
_ROWS = 8192  # embeddings summed at once
_ROUNDS = 25
_BALANCED = 0.1  # logits
_BALANCED_ON = 20_000


def map_of_confusions(
    label: IntArray, column: IntArray, column_class: IntArray, *, classes: int, doubt: float
) -> IntArray:
    """Class of each column, (C,), by matching labels with the columns that won.

    Args:
        label: (n,) class.
        column: (n,) winning column, −1 = none.
        column_class: (C,) what each column stands for now.
        classes: number of classes.
        doubt: samples a change of class has to outweigh; ½ moves on the least sign.
    """
    held = (column >= 0) & (label >= 0)
    pair, count = np.unique(label[held] * len(column_class) + column[held], return_counts=True)
    row, col = pair // len(column_class), pair % len(column_class)
    weight = count - doubt * (column_class[col] != row)
    match = maximum_weight_matching(row, col, weight, rows=classes, columns=len(column_class))
    return completed(column_class, match, classes)


def map_of_embeddings(
    embeddings: FloatArray, label: IntArray, weight: FloatArray, column_class: IntArray, *, classes: int
) -> IntArray:
    """Class of each column, (C,), by matching class means with head rows; biases play no part.

    A trained row points where its class lies: cos(μ_i − μ̄, w_j − w̄) is largest at the right pair.

    Args:
        embeddings: (n, D).
        label: (n,) class.
        weight: (C, D) head rows.
        column_class: (C,) what each column stands for now.
        classes: number of classes.

    Source:
        Papyan et al. 2020, arXiv 2008.08186 (self-duality of neural collapse).
    """
    present, mean = class_means(embeddings, label)
    usable: BoolArray = np.asarray(np.isfinite(weight).all(axis=1))
    rows = np.where(usable[:, None], weight, 0).astype(np.float32)
    rows -= rows[usable].mean(axis=0)
    rows[~usable] = 0
    rows, mean = _unit(rows), _unit(mean - mean.mean(axis=0))
    kept = min(_CANDIDATES, len(rows))
    index = np.empty((len(present), kept), dtype=np.int64)
    cosine = np.empty((len(present), kept), dtype=np.float64)
    step = max(1, _FLOATS // len(rows))
    for start in range(0, len(present), step):
        block = slice(start, start + step)
        similarity = mean[block] @ rows.T
        index[block] = places_of_largest(similarity, kept)
        cosine[block] = np.take_along_axis(similarity, index[block], axis=1)
    row = np.repeat(present, kept)
    match = maximum_weight_matching(row, index.ravel(), cosine.ravel(), rows=classes, columns=len(column_class))
    return completed(column_class, match, classes)


def class_means(embeddings: FloatArray, label: IntArray) -> tuple[IntArray, FloatArray]:
    """Classes that occur, (P,), and the mean embedding of each, (P, D) float32."""
    present, place, count = np.unique(label, return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    total = np.zeros((len(present), embeddings.shape[1]))
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        classes, starts = np.unique(place[rows], return_index=True)  # a class may go on in the next block
        total[classes] += np.add.reduceat(np.asarray(embeddings[rows], dtype=np.float64), starts, axis=0)
    return present, np.asarray(total / count[:, None], dtype=np.float32)


def _unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


def balancing_offsets(predictions: Predictions) -> FloatArray:
    """Logits to add to each column, (C,), so that all columns win about equally often; labels are not used.

    It takes away whatever constant lifts some columns over others, so that confusions hidden by it can be seen.

    Source:
        Sinkhorn and Knopp 1967 (alternate scaling of rows and columns).
    """
    step = max(1, len(predictions) // _BALANCED_ON)
    some = predictions.at(np.arange(0, len(predictions), step))
    index, logit = some.index, some.logits(slice(None))
    held = (index >= 0) & np.isfinite(logit)
    offset = np.zeros(predictions.columns)
    if not held.any():
        return offset
    logit[~held] = -np.inf
    place = np.where(held, index, 0).ravel()  # what is not held weighs nothing, wherever it is counted
    seen = np.bincount(place, weights=held.ravel(), minlength=predictions.columns) > 0
    target = np.log(len(some) / max(1, int(seen.sum())))
    for _ in range(_ROUNDS):
        p = logit + offset[index]
        top = p.max(axis=1, keepdims=True)
        p -= np.where(np.isfinite(top), top, 0)
        np.exp(p, out=p)
        p /= np.maximum(p.sum(axis=1, keepdims=True), 1e-300)
        share = np.bincount(place, weights=p.ravel(), minlength=predictions.columns)
        move = target - np.log(np.maximum(share, 1e-30))
        offset += np.where(seen, np.clip(move, -20, 20), 0)
        if np.abs(move[seen]).max() < _BALANCED:
            break
    return np.asarray(offset - offset.mean())


def balanced_column(predictions: Predictions, offset: FloatArray) -> IntArray:
    """(n,) winning column with `offset` (C,) added; NaN does not win here, it would hide everything else."""
    won = np.full(len(predictions), -1, dtype=np.int64)
    for rows, logit in predictions.blocks():
        index = predictions.index[rows]
        shifted = np.where((index >= 0) & np.isfinite(logit), logit + offset[index], -np.inf)
        won[rows] = winner(shifted, index)
    return won
