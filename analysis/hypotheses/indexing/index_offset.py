"""Every class is taken for the one k places further on, everywhere or from some place in the list."""

from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.class_orders import old_then_new
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Rename
from analysis.diagnosis.staircase import steady_path
from analysis.diagnosis.view import View
from analysis.diagnosis.winning_columns import beats, right_answers, winning_columns

_LEAST = 0.02
_MOST_STEPS = 10
_CLASSES_A_STEP = 8
_OFFSETS = 16
_FEWEST = 5  # classes; of fewer, too many orders are a shift
_RARE = 0.01  # of the samples: an offset less common than this is not looked at
_SHIFTED_FOR_EACH = 5  # columns that follow the offset, for each that was moved on its own
_CERTAIN = 2.5  # standard deviations, for the samples it is fitted on
_STEP_COST = 6.0  # right answers a step has to bring, counted over both kinds of winner


def what_if(view: View) -> Rename | None:
    """The offset of each output that suits these samples best: constant, or a staircase of at most ten steps.

    Rows copied by position can look like one; where that order does as well, it is left to `index_map_scrambled`.
    """
    if len(view) == 0 or view.classes < _FEWEST:
        return None
    columns, size = winning_columns(view), view.classes
    pairs = _pairs(columns, view.label, size)
    offsets = _common_offsets(pairs, size, len(view))
    if len(offsets) < 2:
        return None
    score = _score(pairs, offsets, view.predictions.columns, size)
    path = _staircase(score, size)
    column_class = _one_column_a_class((np.arange(len(path)) + offsets[path]) % size, pairs)
    appended = old_then_new(view.run.is_old, view.predictions.columns)
    if not beats(column_class, view.predictions.column_class, columns, view.label, deviations=_CERTAIN):
        return None
    right = right_answers(column_class, columns, view.label)
    if appended is not None and right_answers(appended, columns, view.label) >= right:
        return None
    return Rename(column_class=column_class, parameters=1 + len(_steps(column_class, size)))


def _pairs(columns: dict[str, IntArray], label: IntArray, size: int) -> tuple[IntArray, IntArray, IntArray]:
    """Column, label, and how many samples won by that column have that label."""
    both = np.concatenate([column[column >= 0] * size + label[column >= 0] for column in columns.values()])
    pair, count = np.unique(both, return_counts=True)
    return pair // size, pair % size, count


def _common_offsets(pairs: tuple[IntArray, IntArray, IntArray], size: int, n: int) -> IntArray:
    """0 and the most common differences of label and column, in (−C/2, C/2], ascending."""
    column, label, count = pairs
    share = np.bincount((label - column) % size, weights=count, minlength=size) / n
    common = np.argsort(-share, kind="stable")[:_OFFSETS]
    common = np.union1d(common[share[common] >= _RARE], [0])
    return np.sort(np.where(common > size // 2, common - size, common))


def _score(pairs: tuple[IntArray, IntArray, IntArray], offsets: IntArray, columns: int, size: int) -> FloatArray:
    """(columns, offsets) right answers of each column under each offset."""
    column, label, count = pairs
    score = np.zeros((columns, len(offsets)))
    for place, offset in enumerate(offsets):
        hit = (column + offset) % size == label
        score[:, place] = np.bincount(column[hit], weights=count[hit], minlength=columns)
    return score


def _staircase(score: FloatArray, size: int) -> IntArray:
    """Place of each column's offset; steps go one way, and there is no more than one for eight classes."""
    allowed, cost = min(_MOST_STEPS, max(1, size // _CLASSES_A_STEP)), _STEP_COST
    while True:
        path = steady_path(score, cost, monotone=True)
        if int((np.diff(path) != 0).sum()) <= allowed:
            return path
        cost *= 2


def _one_column_a_class(column_class: IntArray, pairs: tuple[IntArray, IntArray, IntArray]) -> IntArray:
    """At a step down two columns claim one class: the one that is right less often answers for none.

    It belongs to a class that was taken out of the list, or that was moved: then for the class without a column that
    it mostly wins.
    """
    column, label, count = pairs
    hits = np.zeros(len(column_class))
    right = column_class[column] == label
    np.add.at(hits, column[right], count[right])
    order = np.lexsort((-hits, column_class))
    again = np.r_[False, column_class[order][1:] == column_class[order][:-1]]
    freed = order[again]
    result = column_class.copy()
    result[freed] = -1
    shifted = int(((result >= 0) & (result != np.arange(len(result)))).sum())
    if shifted < _SHIFTED_FOR_EACH * len(freed):
        return result  # too many exceptions for a rule
    for one in freed:
        claims = (column == one) & ~np.isin(label, result)
        if claims.any() and count[claims].max() > _STEP_COST:
            result[one] = label[claims][count[claims].argmax()]
    return result


def _steps(column_class: IntArray, size: int) -> IntArray:
    """Columns at which the offset changes (a wrap from the last class to the first is no step)."""
    held = np.flatnonzero(column_class >= 0)
    return held[np.flatnonzero(np.diff(_signed(column_class, size)[held])) + 1]


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of answers that are off by the commonest number of places, and accuracy once the offset is undone."""
    assert outcome is not None
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    repair = next((r for r in outcome.repairs if isinstance(r, Rename)), None)
    offset, share, exact = _commonest(view)
    score = outcome.score
    return Measurement(
        summary=_summary(view, repair, before, after),
        denial=(
            f"Answers are not off by a fixed number of places: {100 * exact:.1f} % are right, and the commonest offset "
            f"({offset:+,}) covers {100 * share:.1f} %."
        ),
        n=score.n,
        evidence=(
            Evidence(name="commonest offset of label and output", value=float(offset), unit="places", n=score.n),
            Evidence(name="answers off by just that", value=share, threshold=_LEAST, unit="fraction", n=score.n),
            Evidence(name="answers that are right", value=exact, unit="fraction", n=score.n),
            Evidence(
                name="steps of the staircase",
                value=None if repair is None else float(len(_steps(repair.column_class, view.classes))),
                threshold=float(_MOST_STEPS),
                unit="count",
                n=view.classes,
            ),
            Evidence(
                name="accuracy with the offset undone, on held-out samples",
                value=after,
                threshold=before + _LEAST,
                unit="fraction",
                n=score.n,
            ),
        ),
        tables={} if repair is None else {"offsets": _offsets(view), "moves": _stretches(view, repair.column_class)},
        snippet=None if repair is None else _snippet(repair.column_class, view),
    )


def _commonest(view: View) -> tuple[int, float, float]:
    """The commonest difference but 0, its share, and the share of 0."""
    column, size = view.predictions.column, view.classes
    held = column >= 0
    share = np.bincount((view.label[held] - column[held]) % size, minlength=size) / max(1, len(view))
    exact, share[0] = float(share[0]), 0
    offset = int(share.argmax())
    return (offset - size if offset > size // 2 else offset), float(share[offset]), exact


def _summary(view: View, repair: Rename | None, before: float, after: float) -> str:
    if repair is None:
        return "No offset was found."
    names, moved = view.run.class_names, repair.column_class
    steps = _steps(moved, view.classes)
    offset = _signed(moved, view.classes)
    shifted = int(np.flatnonzero(offset)[0])
    where = (
        f"Every output answers for the class {_places(int(offset[shifted]))} in the list"
        if not len(steps)
        else f"From output {shifted:,} on, outputs answer for the class {_places(int(offset[shifted]))} in the list"
        + (f", in {len(steps):,} steps" if len(steps) > 1 else "")
    )
    return (
        f"{where} (output {shifted:,}, listed as “{names[shifted]}”, answers for “{names[moved[shifted]]}”). "
        f"With that undone, {100 * after:.1f} % of the answers are correct instead of {100 * before:.1f} %."
    )


def _places(offset: int) -> str:
    count = abs(offset)
    return f"{count:,} place{'s' if count > 1 else ''} {'further on' if offset > 0 else 'before it'}"


def _signed(column_class: IntArray, size: int) -> IntArray:
    offset = np.where(column_class < 0, 0, (column_class - np.arange(len(column_class))) % size)
    return np.where(offset > size // 2, offset - size, offset)


def _offsets(view: View) -> pd.DataFrame:
    """How many answers are off by how many places: the commonest 41 differences."""
    column, size = view.predictions.column, view.classes
    held = column >= 0
    count = np.bincount((view.label[held] - column[held]) % size, minlength=size)
    most = np.argsort(-count, kind="stable")[:41]
    most = most[count[most] > 0]
    return pd.DataFrame({"offset": np.where(most > size // 2, most - size, most), "samples": count[most]}).sort_values(
        "offset", ignore_index=True
    )


def _stretches(view: View, column_class: IntArray) -> pd.DataFrame:
    """One row a stretch of the list with one offset."""
    offset = _signed(column_class, view.classes)
    bounds = [0, *_steps(column_class, view.classes).tolist(), len(column_class)]
    names = view.run.class_names
    rows = [(a, b - 1, names[a], names[b - 1], int(offset[a])) for a, b in pairwise(bounds)]
    return pd.DataFrame(rows, columns=["first_output", "last_output", "first_name", "last_name", "offset"])


def _snippet(column_class: IntArray, view: View) -> str:
    offset = _signed(column_class, view.classes)
    bounds = [0, *_steps(column_class, view.classes).tolist(), len(column_class)]
    pieces = ", ".join(f"({a}, {b}, {int(offset[a])})" for a, b in pairwise(bounds))
    return (
        "# class of each output: first output, end, offset\n"
        "classes = torch.cat([torch.arange(a, b) + k for a, b, k in (" + pieces + ",)])"
        f" % {view.classes}\n"
        "order = classes.argsort()\n"
        "head.weight.data, head.bias.data = head.weight.data[order], head.bias.data[order]\n"
    )


HYPOTHESIS = Hypothesis(
    id="index_offset",
    title="Class indices are off by a fixed number",
    chapter="indexing",
    claim="outputs and class list are shifted against each other, everywhere or from some class on",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples",),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    min_win_share=0.7,
    n_min=60,
    explains=("index_map_scrambled", "rows_misaligned", "head_size_mismatch"),
    pairs=True,
    look_alikes=("index_map_scrambled", "index_sort_order", "head_size_mismatch", "rows_misaligned"),
    fix=(
        "Look for a background class, a class taken out of the list but not out of the head, or indices that start at "
        "1; then rebuild the list with the head's own order, or move the head's rows back by the same number."
    ),
    source="Histogram of label − output; steps by Viterbi 1967",
)
