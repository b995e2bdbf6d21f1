"""Choosing among re-runs: the confirmed variant of an axis that serves one half best, and what the search saw.

A variant that was confirmed holds answers for all N samples, so it is a repair like any other. The others were tried on
m pictures only: enough to say that they gain nothing, never to claim a gain.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.column_maps import balanced_column, balancing_offsets
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Rerun
from analysis.diagnosis.significance import Paired, paired
from analysis.diagnosis.view import View
from analysis.runs.reruns import Rerun as Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The best variant of an axis as the search saw it, on m pictures.

    Attributes:
        variant: its id. label: in words.
        score: change of accuracy on those pictures; chosen as the best of `tried`, so it is too good if anything.
        tried: how many variants of the axis were tried.
    """

    variant: str
    label: str
    score: Paired
    tried: int


def best_rerun(view: View, axis: str, *, parameters: int = 0) -> Rerun | None:
    """The confirmed variant of an axis that serves these samples best, or None where none does better than now.

    Compared by right answers plus right answers with column-wide offsets taken out, so that a variant is found although
    the head hides its gain.

    Args:
        view: n samples, of one half.
        axis: one that `Reruns.of` knows.
        parameters: how many numbers the variant fitted; with more, simpler repairs are preferred within noise.
    """
    reruns = view.run.reruns
    if reruns is None or not len(view):
        return None
    table = reruns.of(axis, view.predictions.source)
    best: tuple[int, Rerun] | None = None
    now = _right(view.predictions)
    for variant in table.loc[table["is_full"].astype(bool), "variant"] if len(table) else ():
        repair = _repair(variant, reruns.get(variant), parameters, len(view.run))
        right = _right(_applied(view, repair))
        if right > now and (best is None or right > best[0]):
            best = right, repair
    return None if best is None else best[1]


def gain_of(view: View, repair: Rerun) -> float:
    """Accuracy that a re-run gives these samples, as they are or with column-wide offsets taken out (the larger)."""
    before, after = view.predictions, _applied(view, repair)
    plain = after.accuracy - before.accuracy
    return max(plain, (_balanced_right(after) - _balanced_right(before)) / max(1, len(view)))


def screened(view: View, axis: str) -> Screened | None:
    """The variant of an axis that did best on its pictures, before any repair of the head; None if none was tried.

    Args:
        view: all N samples.
        axis: one that `Reruns.of` knows.
    """
    reruns = view.run.reruns
    if reruns is None:
        return None
    table = reruns.of(axis, view.predictions.source)
    found = []
    for variant, label in zip(table["variant"], table["label"], strict=True) if len(table) else ():
        try:
            answers = reruns.get(variant)
        except KeyError:
            continue
        found.append(Screened(variant=variant, label=label, score=_score(view, answers), tried=len(table)))
    return max(found, key=lambda one: one.score.change.value, default=None)


def _score(view: View, answers: Answers) -> Paired:
    """Right answers of the variant against those of its base on the pictures both were asked."""
    base = _answers_of(view)
    _, here, there = np.intersect1d(base.rows, answers.rows, assume_unique=True, return_indices=True)
    return paired(_correct(view, base, here), _correct(view, answers, there))


def _answers_of(view: View) -> Answers:
    source = view.predictions.source
    if source and view.run.reruns is not None:
        return view.run.reruns.get(source)
    index, logit = view.run.topk()
    return Answers(
        rows=np.arange(len(view.run)),
        index=index,
        logit=logit,
        logsumexp=view.run.column("logsumexp"),
        embeddings=None,
    )


def _correct(view: View, answers: Answers, rows: IntArray) -> BoolArray:
    label = view.run.column("label_index")[answers.rows[rows]]
    return Predictions.of_candidates(
        answers.index[rows], answers.logit[rows], label, view.run.outputs, answers.logsumexp[rows]
    ).correct


def _repair(variant: str, answers: Answers, parameters: int, samples: int) -> Rerun:
    if len(answers.rows) != samples:
        raise ValueError(f"{variant} is said to be complete but holds {len(answers.rows):,} of {samples:,} samples")
    return Rerun(
        source=variant,
        index=answers.index,
        logit=answers.logit,
        logsumexp=answers.logsumexp,
        parameters=parameters,
    )


def _applied(view: View, repair: Rerun) -> Predictions:
    rows: IntArray | BoolArray = view.rows
    part = Rerun(
        source=repair.source, index=repair.index[rows], logit=repair.logit[rows], logsumexp=repair.logsumexp[rows]
    )
    return part.apply(view.predictions)


def _right(predictions: Predictions) -> int:
    return int(predictions.correct.sum()) + _balanced_right(predictions)


def _balanced_right(predictions: Predictions) -> int:
    balanced = balanced_column(predictions, balancing_offsets(predictions))
    classes = predictions.column_class
    right = (balanced >= 0) & (classes[balanced] == predictions.label)
    return int(right.sum())
