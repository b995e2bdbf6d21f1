"""Labels belong to other pictures: label column and files were put together in different orders."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.duplicate_groups import duplicate_groups
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.label_independence import CONSISTENT, DEPENDENT, Independence, independence
from analysis.diagnosis.random_layers import has_random_layers
from analysis.diagnosis.repairs import Realign, Relabel, Repair
from analysis.diagnosis.row_alignment import (
    common_lags,
    folder_classes,
    is_better,
    lag_of_each_row,
    sorted_sources,
    source_of_lags,
)
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View
from analysis.diagnosis.winning_columns import winning_columns

_LEAST = 0.02
_SORTED_BELOW = 0.5  # accuracy above which no other order of the whole file is tried
_FOLLOWS = 0.7
_MOST = 0.5


def what_if(view: View) -> Repair | None:
    """The shift, the other order of the files, or the folders' names, if one fits these samples beyond doubt."""
    n = len(view.run)
    if len(view) < 2 or n < 3 or has_random_layers(view.run):
        return None
    label = _spread(view, np.where(_right_at_a_copy(view), -1, view.label), n)
    winners = [_spread(view, _classes(view, column), n) for column in winning_columns(view).values()]
    now = sum(int((winner == label)[view.rows].sum()) for winner in winners)
    best: tuple[int, Repair] | None = None
    for source, parameters in _sources(view, label, winners):
        moved = label[source]
        known = moved >= 0
        hits = [(winner == moved) & known for winner in winners]
        before = [(winner == label) & known & (label >= 0) for winner in winners]
        right = sum(int(hit.sum()) for hit in hits)
        if any(is_better(hit, was) for hit, was in zip(hits, before, strict=True)) and right > (best[0] if best else 0):
            best = right, Realign(source=source, parameters=parameters)
    if best is None and now < _SORTED_BELOW * len(winners) * len(view):
        return _by_folder(view, winners)
    return None if best is None else best[1]


def _right_at_a_copy(view: View) -> BoolArray:
    """(n,) True where a copy of the picture carries the answer as its label, the picture itself another.

    It is there under two labels, which says nothing about the order of the rows: copies that were appended class by
    class look like a shift by a class' length. All False where most samples are like that: bursts out of step.
    """
    predicted, label = view.predictions.predicted, view.label
    _, group = np.unique(duplicate_groups(view.run)[view.rows], return_inverse=True)
    size = view.classes + 1
    carried = np.unique(group.reshape(-1) * size + label)
    found = (predicted != label) & (predicted >= 0) & np.isin(group.reshape(-1) * size + predicted, carried)
    return np.asarray(found & (found.mean() < _MOST))


def _classes(view: View, column: IntArray) -> IntArray:
    return np.where(column < 0, -1, view.predictions.column_class[column])


def _spread(view: View, values: IntArray, n: int) -> IntArray:
    """Values of these samples at their rows of the file, −1 elsewhere."""
    spread = np.full(n, -1, dtype=np.int64)
    spread[view.rows] = values
    return spread


def _sources(view: View, label: IntArray, winners: list[IntArray]) -> list[tuple[IntArray, int]]:
    found = []
    for winner in winners:
        lags = common_lags(label, winner, view.classes)
        lag = lag_of_each_row(label, winner, lags, view.classes)
        if lag.any():
            found.append((source_of_lags(lag), 1 + 2 * int((np.diff(lag) != 0).sum())))
    if float((winners[0] == label)[view.rows].mean()) < _SORTED_BELOW:
        found += [(source, 0) for _, source in _orders(view)]
    return found


def _orders(view: View) -> list[tuple[str, IntArray]]:
    if "orders of the files" not in view.shared:
        view.shared["orders of the files"] = list(sorted_sources(view.run.column("filepath").tolist()))
    found: list[tuple[str, IntArray]] = view.shared["orders of the files"]
    return found


def _by_folder(view: View, winners: list[IntArray]) -> Relabel | None:
    """The class each picture's folder is named after, where labels hardly ever agree with it, nor follow from it."""
    if "folders" not in view.shared:
        view.shared["folders"] = folder_classes(view.run.column("filepath").tolist(), view.run.class_names)
    folder: IntArray = view.shared["folders"]
    here = folder[view.rows]
    if (here < 0).mean() > 0.1 or _follows(view.label, here) >= _FOLLOWS:
        return None
    for winner in winners:
        won = winner[view.rows]
        if is_better(won == here, won == view.label):
            given = np.asarray(view.run.column("label_index"), dtype=np.int64)
            return Relabel(label=np.where(folder >= 0, folder, given))
    return None


def _follows(label: IntArray, folder: IntArray) -> float:
    """Share of samples whose label is the commonest one of their folder: 1 where classes were renamed as a whole."""
    size = int(label.max(initial=0)) + 1
    pair, count = np.unique((folder + 1) * size + label, return_counts=True)
    most = np.zeros(int(folder.max(initial=0)) + 2)
    np.maximum.at(most, pair // size, count)
    return float(most.sum() / len(label)) if len(label) else 1.0


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy once the rows are put right; where they cannot be, whether labels are independent of all else."""
    assert outcome is not None
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    if any(repair is not None for repair in outcome.repairs) and outcome.score.change.low > 0:
        return _realigned(view, outcome, before, after)
    sign = independence(view, before)
    accuracy = Evidence(name="accuracy as it is", value=before, threshold=sign.chance, unit="fraction", n=len(view))
    if sign.why_not:
        return Measurement(
            summary="Labels and pictures do not belong together.",
            denial=f"Labels belong to their pictures: {sign.why_not}. No shift or other order of the file does better.",
            n=len(view),
            evidence=(accuracy,),
        )
    return _independent(view, sign, accuracy)


def _realigned(view: View, outcome: Outcome, before: float, after: float) -> Measurement:
    repair = next(repair for repair in outcome.repairs if repair is not None)
    how, moved = _how(view, repair)
    n = len(view)
    return Measurement(
        summary=(
            f"Labels and pictures are out of step: {how}. Put right, {100 * after:.1f} % of the answers are correct "
            f"instead of {100 * before:.1f} %."
        ),
        denial=(
            f"Labels belong to their pictures: the best other order found on one half scores {100 * after:.1f} % on "
            f"the other, the order as it is {100 * before:.1f} %."
        ),
        n=n,
        evidence=(
            Evidence(name="accuracy as it is", value=before, unit="fraction", n=n),
            Evidence(
                name="accuracy with the labels realigned, on held-out samples",
                value=after,
                threshold=before + _LEAST,
                unit="fraction",
                n=n,
            ),
            Evidence(name="rows that carry another row's label", value=moved, unit="fraction", n=n),
        ),
        fix=f"{_FIX} Here: {how}.",
        tables={"stretches": _stretches(repair)} if isinstance(repair, Realign) else {},
        snippet=_snippet(repair),
    )


def _how(view: View, repair: Repair) -> tuple[str, float]:
    """In words, and the share of rows that move."""
    if isinstance(repair, Relabel):
        moved = float((repair.label != view.run.column("label_index")).mean())
        return "the folders the pictures lie in name their classes, the labels name others", moved
    assert isinstance(repair, Realign)
    here = np.arange(len(repair.source))
    moved = float((repair.source != here).mean())
    for words, source in _orders(view) if repair.parameters == 0 else ():
        if np.array_equal(source, repair.source):
            return ("the label column runs backwards" if words == "backwards" else words), moved
    lag = _signed(repair.source)
    first = int(np.flatnonzero(lag)[0])
    rows = f"{abs(int(lag[first])):,} row{'s' if abs(int(lag[first])) > 1 else ''}"
    where = "" if (lag == lag[0]).all() else f" from row {first + 1:,} on"
    side = "below" if lag[first] > 0 else "above"
    more = len(np.unique(lag[lag != 0])) > 1
    return f"{where.strip() + ' ' if where else ''}each label stands {rows} {side} its picture" + (
        " (and other shifts further on)" if more else ""
    ), moved


def _signed(source: IntArray) -> IntArray:
    n = len(source)
    lag = (source - np.arange(n)) % n
    return np.where(lag > n // 2, lag - n, lag)


def _stretches(repair: Realign) -> pd.DataFrame:
    """One row a stretch of the file with one shift, the first 200."""
    lag = _signed(repair.source)
    starts = np.r_[0, np.flatnonzero(np.diff(lag)) + 1][:200]
    ends = np.r_[starts[1:], len(lag)][: len(starts)]
    return pd.DataFrame({"first_row": starts, "last_row": ends - 1, "label_is_rows_below": lag[starts]})


def _snippet(repair: Repair) -> str | None:
    if not isinstance(repair, Realign) or repair.parameters != 1:
        return None
    lag = int(_signed(repair.source)[0])
    where = "below" if lag > 0 else "above"
    return f"labels = np.roll(labels, {-lag})  # the label of a row is the one {abs(lag)} rows {where}\n"


def _independent(view: View, sign: Independence, accuracy: Evidence) -> Measurement:
    assert sign.own is not None
    n = len(view)
    confidence = float(np.nanmean(view.column("confidence")))
    now = float(view.predictions.accuracy)
    return Measurement(
        summary=(
            f"The labels have nothing to do with the pictures: {100 * now:.1f} % of the answers are right, no more "
            f"than by chance, and knowing the answer tells nothing about the label; yet classes are answered as often "
            f"as they occur, and {100 * (sign.own.value + sign.labels):.0f} % of a picture's neighbours get the same "
            "answer. The label column was shuffled; no shift and no other order of the files brings it back."
        ),
        denial="Labels belong to their pictures.",
        n=n,
        effect=sign.own,
        p=sign.p,
        lane=Lane.BOUND,
        gain=Interval(value=max(confidence - now, 0.0), low=max(sign.own.low - now, 0.0), high=1 - now),
        evidence=(
            accuracy,
            Evidence(
                name="dependence of answers and labels, in deviations of shuffled labels",
                value=sign.deviations,
                threshold=DEPENDENT,
                unit="standard deviations",
                n=n,
            ),
            Evidence(
                name="distance between how often classes are answered and occur",
                value=sign.distance,
                threshold=sign.most_distance,
                unit="fraction",
                n=n,
            ),
            Evidence(
                name="neighbours that get the same answer",
                value=sign.own.value + sign.labels,
                threshold=CONSISTENT,
                unit="fraction",
                n=n,
            ),
            Evidence(name="neighbours that carry the same label", value=sign.labels, unit="fraction", n=n),
        ),
    )


_FIX = (
    "Join labels to pictures by file name or id, never by position; write the manifest again from the source and check "
    "twenty rows by eye. Where predictions were cached, delete the cache."
)

HYPOTHESIS = Hypothesis(
    id="rows_misaligned",
    title="Labels belong to other pictures",
    chapter="indexing",
    claim="labels and pictures were put together in different orders",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("samples",),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    min_win_share=0.7,
    n_min=200,
    pairs=True,
    look_alikes=("index_map_scrambled", "label_errors", "index_offset"),
    fix=_FIX,
    source="Cross-correlation by FFT over row shifts; independence against shuffled labels (Phipson and Smyth 2010)",
)
