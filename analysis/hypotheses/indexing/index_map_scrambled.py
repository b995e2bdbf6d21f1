"""Outputs answer for other classes than the list says: rows were copied by position, or the list was re-sorted."""

from collections.abc import Set

import numpy as np

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.diagnosis.class_orders import old_then_new
from analysis.diagnosis.column_groups import regroup_where_needed, regrouped_predictions
from analysis.diagnosis.column_maps import (
    balanced_column,
    balancing_offsets,
    map_of_confusions,
    map_of_embeddings,
)
from analysis.diagnosis.halves import halves
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Rename
from analysis.diagnosis.rows_in_place import map_of_rows, measured_by_rows, rows_evidence
from analysis.diagnosis.view import View
from analysis.diagnosis.winning_columns import beats, right_answers, winning_columns

_INNER_SALT = 7
_FEW = 4  # samples a class below which an inner split cannot choose
_LARGEST_PRODUCT = 2e12  # multiplications of the comparison with head rows
_MIN_COVERAGE = 0.3
_FEWEST = 60  # samples
_CLEAR = 1.5  # standard deviations on the inner held-out part
_NEARLY_ALL = 0.98
_AS_GOOD = 0.98  # of the right answers of a fitted order: then a known order is the better explanation


def what_if(view: View) -> Rename | None:
    """Fit an order of the outputs: each guess is made on one part of these samples and compared on the rest.

    Guesses: from confusions, cautiously and not; the same with column-wide offsets taken out (they hide confusions);
    from the directions of the head's rows. Compared by right answers, with and without those offsets; ways of guessing
    that are equally good on the rest are compared again by what they make of all samples.
    """
    predictions = view.predictions
    if len(predictions) == 0 or predictions.columns < 2:
        return None
    columns = winning_columns(view)
    inner = halves(view.rows, view.label, salt=_INNER_SALT).second
    guesses = _guesses(view, columns, np.flatnonzero(~inner), "part")
    columns = columns | _asked_again(view, guesses.get("embeddings"))
    scores = {name: _right(guess, columns, view.label, inner) for name, guess in guesses.items()}
    now = _right(predictions.column_class, columns, view.label, inner)
    best = max(scores.values())
    few = float(np.median(np.bincount(view.label)[np.unique(view.label)])) < _FEW
    equal = {name for name, score in scores.items() if score == best}
    if best <= now:
        if not few:
            return None
        equal = {"confusions"}
    elif not few and not _is_clear(view, [guesses[name] for name in equal], columns, inner):
        return None
    everything = np.ones(len(view), dtype=np.bool_)
    whole = _guesses(view, columns, np.flatnonzero(everything), "whole", only=equal)
    column_class = max(whole.values(), key=lambda guess: _right(guess, columns, view.label, everything))
    known = _known_order(view, columns, _right(column_class, columns, view.label, everything))
    if known is not None:
        return Rename(column_class=known, parameters=0)
    moved = int((column_class != predictions.column_class).sum())
    return Rename(column_class=column_class, parameters=moved) if moved else None


def _asked_again(view: View, by_rows: IntArray | None) -> dict[str, IntArray]:
    """Winners among candidates of both groups as the head's rows divide them, where the stored ones lack a group.

    Under a constant, the candidates stored of either group of the list can all be outputs of new classes; then an order
    that is right for the old ones as well cannot be told from one that is not.
    """
    if by_rows is None or view.run.is_old is None:
        return {}
    is_new = (by_rows >= 0) & ~view.run.is_old[np.maximum(by_rows, 0)]
    regroup = regroup_where_needed(view, is_new) if is_new.any() and not is_new.all() else None
    if regroup is None:
        return {}
    predictions = regrouped_predictions(view, regroup)
    return {"asked again": balanced_column(predictions, balancing_offsets(predictions))}


def _is_clear(view: View, guesses: list[IntArray], columns: dict[str, IntArray], rows: BoolArray) -> bool:
    """Is one of the guesses better than the order as it is by more than chance, on samples it was not made on?"""
    here = {name: column[rows] for name, column in columns.items()}
    now, label = view.predictions.column_class, view.label[rows]
    return any(beats(guess, now, here, label, deviations=_CLEAR) for guess in guesses)


def _known_order(view: View, columns: dict[str, IntArray], fitted: int) -> IntArray | None:
    """Old rows kept in place, by the list's order or by the old model's own; it also covers classes without samples."""
    orders = [old_then_new(view.run.is_old, view.predictions.columns), _baseline_order(view)]
    right = [(right_answers(order, columns, view.label), order) for order in orders if order is not None]
    best = max(right, key=lambda pair: pair[0], default=(0, None))
    now = right_answers(view.predictions.column_class, columns, view.label)
    return best[1] if best[0] >= _AS_GOOD * fitted and best[0] > now else None


def _baseline_order(view: View) -> IntArray | None:
    """Class of each output where the old model's rows stand first, in the order of its own list."""
    if view.run.baseline is None:
        return None
    old = view.run.baseline_class
    if not len(old) or (old < 0).all():
        return None
    named = old[old >= 0]
    order = np.r_[old, np.setdiff1d(np.arange(view.classes), named)][: view.predictions.columns]
    classes = np.full(view.predictions.columns, -1, dtype=np.int64)
    classes[: len(order)] = order
    return None if np.array_equal(classes, np.arange(len(classes))) else classes


def _guesses(
    view: View, columns: dict[str, IntArray], rows: IntArray, part: str, only: Set[str] | None = None
) -> dict[str, IntArray]:
    predictions, label = view.predictions, view.label[rows]
    found: dict[str, IntArray] = {}
    plans = {
        "confusions": ("as it is", 0.5),
        "confusions, cautious": ("as it is", 1.5),
        "balanced": ("balanced", 0.5),
        "balanced, cautious": ("balanced", 1.5),
    }
    for name, (which, doubt) in plans.items():
        if only is None or name in only:
            found[name] = map_of_confusions(
                label, columns[which][rows], predictions.column_class, classes=view.classes, doubt=doubt
            )
    if (only is None or "embeddings" in only) and _has_rows(view):
        found["embeddings"] = view.once(f"map of embeddings, {part}", lambda: _from_embeddings(view, rows))
    by_rows = map_of_rows(view) if only is None or "baseline's rows" in only else None
    if by_rows is not None:
        found["baseline's rows"] = by_rows
    return found


def _has_rows(view: View) -> bool:
    head, embeddings = view.run.head, view.run.embeddings
    if head is None or embeddings is None or len(head[0]) != view.predictions.columns:
        return False
    if not np.isfinite(head[0]).all(axis=1).any():
        return False
    return len(np.unique(view.label)) * head[0].size <= _LARGEST_PRODUCT


def _from_embeddings(view: View, rows: IntArray) -> IntArray:
    assert view.run.head is not None
    return map_of_embeddings(
        view.embeddings[rows],
        view.label[rows],
        view.run.head[0],
        np.arange(view.predictions.columns),
        classes=view.classes,
    )


def _right(column_class: IntArray, columns: dict[str, IntArray], label: IntArray, rows: BoolArray) -> int:
    total = 0
    for column in columns.values():
        won = column[rows]
        total += int(((won >= 0) & (column_class[won] == label[rows])).sum())
    return total


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Columns that both halves move to the same class, and what moving them gives back."""
    assert outcome is not None
    coverage = _coverage(view)
    if len(view) < _FEWEST or coverage < _MIN_COVERAGE:
        by_rows = measured_by_rows(view)
        if by_rows is not None and (by_rows.abstain is None or not len(view)):
            return by_rows
    first, second = outcome.repairs
    agreed: AnyArray = np.zeros(0, dtype=np.int64)
    if isinstance(first, Rename) and isinstance(second, Rename):
        same = first.column_class == second.column_class
        agreed = np.flatnonzero(same & (first.column_class != np.arange(len(first.column_class))))
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    covered = _covered(view)
    score = outcome.score
    return Measurement(
        summary=_summary(view, agreed, first, before, after) + _missing(view, outcome, covered),
        denial=(
            f"The outputs stand in the listed order: the best other order found on one half scores {100 * after:.1f} % "
            f"on the other, the listed order {100 * before:.1f} %."
        ),
        n=score.n,
        evidence=_evidence(view, outcome, agreed, coverage) + _covered_evidence(outcome, covered) + rows_evidence(view),
        abstain=f"only {100 * coverage:.0f} % of the classes have samples in both halves"
        if coverage < _MIN_COVERAGE
        else None,
    )


def _evidence(view: View, outcome: Outcome, agreed: IntArray, coverage: float) -> tuple[Evidence, ...]:
    score, before, after = outcome.score, float(outcome.before.mean()), float(outcome.after.mean())
    return (
        Evidence(name="accuracy in the listed order", value=before, unit="fraction", n=score.n),
        Evidence(
            name="accuracy in the matched order, on held-out samples",
            value=after,
            threshold=before + 0.02,
            unit="fraction",
            n=score.n,
        ),
        Evidence(
            name="outputs that both halves move to the same class",
            value=float(len(agreed)),
            unit="count",
            n=view.classes,
        ),
        Evidence(
            name="share of changed answers that became right",
            value=score.win_share,
            threshold=0.7,
            unit="fraction",
            n=score.fixed + score.broken,
        ),
        Evidence(
            name="classes with samples in both halves",
            value=coverage,
            threshold=_MIN_COVERAGE,
            unit="fraction",
            n=view.classes,
        ),
    )


def _covered(view: View) -> BoolArray:
    """(n,) True where the sample's class has samples in the other half, so that its output could be found there."""
    sides = [np.bincount(view.label[view.second == side], minlength=view.classes) > 0 for side in (False, True)]
    return np.asarray(np.where(view.second, sides[0][view.label], sides[1][view.label]))


def _covered_evidence(outcome: Outcome, covered: BoolArray) -> tuple[Evidence, ...]:
    name = "accuracy in the matched order, on classes with samples in both halves"
    value = float(outcome.after[covered].mean()) if covered.any() else None
    return (Evidence(name=name, value=value, unit="fraction", n=int(covered.sum())),)


def _missing(view: View, outcome: Outcome, covered: BoolArray) -> str:
    """What the number leaves out: classes of one picture cannot be found on one half and proved on the other."""
    if covered.mean() >= _NEARLY_ALL or not covered.any():
        return ""
    classes = len(np.unique(view.label[~covered]))
    return (
        f" This leaves out {classes:,} classes with pictures in one half only ({100 * (~covered).mean():.0f} % of the "
        f"samples), whose outputs cannot be checked; on the others it is {100 * outcome.after[covered].mean():.1f} %, "
        "which is what to expect of all once the true order is known."
    )


def _coverage(view: View) -> float:
    labels = np.unique(view.label)
    both = np.intersect1d(view.label[view.second], view.label[~view.second])
    return len(both) / len(labels) if len(labels) else 0.0


def _summary(view: View, agreed: IntArray, repair: object, before: float, after: float) -> str:
    names = view.run.class_names
    text = f"{len(agreed):,} of {view.classes:,} outputs answer for another class than the list says"
    if len(agreed) and isinstance(repair, Rename):
        j = int(agreed[0])
        text += f" (output {j}, listed as “{names[j]}”, answers for “{names[repair.column_class[j]]}”)"
    if isinstance(repair, Rename) and _copied_by_position(view, repair.column_class, agreed):
        text += ", in the pattern of old rows copied by position into a list that was re-sorted"
    return f"{text}. In the right order {100 * after:.1f} % of the answers are correct instead of {100 * before:.1f} %."


def _copied_by_position(view: View, column_class: IntArray, agreed: IntArray) -> bool:
    """Does output k answer for the k-th old class?"""
    if view.run.is_old is None:
        return False
    old = np.flatnonzero(view.run.is_old)
    among = agreed[agreed < len(old)]
    return len(among) >= 3 and bool((column_class[among] == old[among]).mean() >= 0.9)


HYPOTHESIS = Hypothesis(
    id="index_map_scrambled",
    title="Class indices are scrambled",
    chapter="indexing",
    claim="the head's outputs stand in another order than the class list",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples|baseline_head",),
    measure=measure,
    what_if=what_if,
    min_effect=0.02,
    min_win_share=0.7,
    n_min=_FEWEST,
    explains=("old_rows_overwritten",),
    pairs=True,
    fix=(
        "Put the head's rows (weight and bias) in the order of the class list, or give the list the order the head was "
        "trained with; when expanding a model copy rows by class name, never by position."
    ),
    source="Optimal assignment on held-out confusions; Papyan et al. 2020, arXiv 2008.08186 for the rows",
)
