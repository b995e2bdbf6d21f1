"""Most errors stay inside small families of classes that look alike: the rest of the task is solved."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.confusion_families import confusion_families, expected_inside
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval, binomial_tail, wilson
from analysis.diagnosis.view import View

_LEAST = 0.5  # share of the errors
_LARGEST = 20  # classes a family may have, and at most a fifth of all classes
_SOLVED = 0.03  # error rate below which there is nothing to explain
_FEWEST, _ENOUGH, _PER_CLASS = 60, 300, 3  # errors
_MOST_SEEN = 10_000
_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """Errors of both halves, each judged by the families of the other half.

    Attributes:
        errors: (E,) rows of the view. inside: (E,) the predicted class is of the label's family.
        expected: share that would be inside by chance.
        families: (2, C) found on the first and on the second half.
    """

    errors: IntArray
    inside: BoolArray
    expected: float
    families: tuple[IntArray, IntArray]

    @property
    def share(self) -> float:
        return float(self.inside.mean()) if len(self.inside) else 0.0

    def beyond_chance(self, share: float) -> float:
        return max(0.0, (share - self.expected) / max(1e-9, 1 - self.expected))


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of errors (fraction) inside families found on the other half, beyond what chance would put there."""
    del outcome
    n, wrong = len(view), ~view.predictions.correct
    rate = float(wrong.mean()) if n else 0.0
    most = max(2, min(_LARGEST, view.classes // 5))
    found = _found(view, most)
    low, high = wilson(int(found.inside.sum()), len(found.inside))
    effect = Interval(
        value=found.beyond_chance(found.share), low=found.beyond_chance(low), high=found.beyond_chance(high)
    )
    coarse = 1 - rate * (1 - found.share)
    needed = min(_ENOUGH, max(_FEWEST, _PER_CLASS * view.classes))
    few = len(found.errors) < needed and rate >= _SOLVED
    members = _members(found.families[0])
    said = f"{100 * coarse:.1f} % instead of {100 * (1 - rate):.1f} %"
    return Measurement(
        summary=(
            f"{100 * found.share:.0f} % of the {len(found.errors):,} errors are between classes of one small family "
            f"(chance would give {100 * found.expected:.0f} %){_example(view, found, members)}. With any class of "
            f"the right family counted as right, accuracy would be {said}."
        ),
        denial=_denial(found, rate, n, most),
        n=n,
        effect=Interval.exactly(0.0) if rate < _SOLVED else effect,
        p=binomial_tail(int(found.inside.sum()), len(found.inside), found.expected),
        abstain=f"only {len(found.errors):,} errors, {needed:,} are needed to tell families" if few else None,
        evidence=(
            Evidence(
                name="errors inside families found on the other half, beyond chance",
                value=effect.value,
                threshold=_LEAST,
                unit="fraction",
                n=len(found.errors),
            ),
            Evidence(name="errors inside families", value=found.share, unit="fraction", n=len(found.errors)),
            Evidence(name="the same by chance", value=found.expected, unit="fraction", n=len(found.errors)),
            Evidence(name="accuracy if the family is enough", value=coarse, unit="fraction", n=n),
            Evidence(name="families of two or more classes", value=float(len(members)), unit="count", n=view.classes),
        ),
        table=_table(view, found),
        tables={"families": _families_table(view, members), "pairs": _pairs_table(view)},
    )


def _found(view: View, most: int) -> _Found:
    """Families on each half, errors of the other half; an answer that stands for no class is in no family."""
    label, predicted = view.label, view.predictions.predicted
    wrong = ~view.predictions.correct & (label >= 0)
    support = np.bincount(np.maximum(label, 0), minlength=view.classes)
    rows, inside, expected, families = [], [], 0.0, []
    for half in (False, True):
        fit, held = (wrong & (predicted >= 0) & (view.second == side) for side in (half, not half))
        seen = _some(np.flatnonzero(fit))
        family = confusion_families(label[seen], predicted[seen], support, most)
        errors = np.flatnonzero(wrong & (view.second != half))
        rows.append(errors)
        same = (predicted[errors] >= 0) & (family[label[errors]] == family[predicted[errors]])
        inside.append(same)
        expected += expected_inside(label[held], predicted[held], family) * int(held.sum()) if held.any() else 0.0
        families.append(family)
    errors = np.concatenate(rows)
    return _Found(
        errors=errors,
        inside=np.concatenate(inside),
        expected=min(1.0, expected / max(1, len(errors))),
        families=(families[0], families[1]),
    )


def _some(rows: IntArray) -> IntArray:
    """At most 10,000 of them at random: enough to tell families, and quick on a model that is mostly wrong."""
    if len(rows) <= _MOST_SEEN:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, _MOST_SEEN, replace=False))


def _members(family: IntArray) -> list[IntArray]:
    """Classes of each family of two or more, largest family first."""
    order = np.argsort(family, kind="stable")
    ends = np.flatnonzero(np.diff(family[order])) + 1
    return sorted((part for part in np.split(order, ends) if len(part) > 1), key=len, reverse=True)


def _example(view: View, found: _Found, members: list[IntArray]) -> str:
    """The family with most errors inside, in words."""
    if not members:
        return ""
    family = found.families[0]
    rows = found.errors[found.inside]
    count = np.bincount(family[view.label[rows]], minlength=int(family.max()) + 1)
    best = max(members, key=lambda part: int(count[family[part[0]]]))
    names = [f"“{view.run.class_names[c]}”" for c in best[:4].tolist()]
    more = f" and {len(best) - 4} more" if len(best) > 4 else ""
    return f", such as {', '.join(names)}{more}"


def _denial(found: _Found, rate: float, n: int, most: int) -> str:
    if rate < _SOLVED:
        return (
            f"Only {100 * rate:.1f} % of {n:,} samples are wrong: there is nothing for look-alike classes to explain."
        )
    chance = f"{100 * found.expected:.0f} %"
    return (
        f"Errors are not confined to families of look-alike classes: {100 * found.share:.0f} % fall inside groups of "
        f"at most {most} classes that the other half of the samples suggests; chance gives {chance}."
    )


def _table(view: View, found: _Found) -> pd.DataFrame:
    """Errors inside families, family by family."""
    rows = found.errors[found.inside]
    table = pd.DataFrame(
        {
            "sample_id": view.rows[rows],
            "score": 1.0,
            "family": found.families[0][view.label[rows]],
            "predicted_index": view.predictions.predicted[rows],
        }
    )
    return table.sort_values(["family", "sample_id"], ignore_index=True)


def _families_table(view: View, members: list[IntArray]) -> pd.DataFrame:
    names, wrong = view.run.class_names, ~view.predictions.correct
    family = np.full(view.classes, -1)
    for number, part in enumerate(members):
        family[part] = number
    of_label = family[np.maximum(view.label, 0)]
    of_answer = np.where(view.predictions.predicted >= 0, family[np.maximum(view.predictions.predicted, 0)], -2)
    samples, errors, inside = (
        np.bincount(of_label[mask & (of_label >= 0)], minlength=len(members))
        for mask in (np.ones(len(view), dtype=np.bool_), wrong, wrong & (of_label == of_answer))
    )
    table = pd.DataFrame(
        {
            "family": np.arange(len(members)),
            "classes": [", ".join(names[c] for c in part.tolist()) for part in members],
            "size": [len(part) for part in members],
            "samples": samples,
            "errors": errors,
            "errors_inside": inside,
        }
    )
    return table.sort_values("errors_inside", ascending=False, kind="stable", ignore_index=True).head(_LISTED)


def _pairs_table(view: View) -> pd.DataFrame:
    """The pairs of classes with most errors between them, both directions."""
    label, predicted = view.label, view.predictions.predicted
    wrong = ~view.predictions.correct & (predicted >= 0) & (label >= 0)
    low, high = np.minimum(label, predicted)[wrong], np.maximum(label, predicted)[wrong]
    codes, count = np.unique(low * view.classes + high, return_counts=True)
    top = np.argsort(-count, kind="stable")[:_LISTED]
    first, second = np.divmod(codes[top], view.classes)
    forth = (low * view.classes + high)[label[wrong] == low]
    there = np.bincount(np.searchsorted(codes, forth), minlength=len(codes))[top]
    names = np.array(view.run.class_names, dtype=object)
    return pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "errors": count[top],
            "first_as_second": there,
            "second_as_first": count[top] - there,
        }
    )


HYPOTHESIS = Hypothesis(
    id="fine_grained_confusion",
    title="Look-alike classes are confused",
    chapter="data",
    claim="most errors are between classes of small families that look alike, and the rest of the task is solved",
    lane=Lane.NOTE,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples",),
    measure=measure,
    min_effect=_LEAST,
    n_min=200,
    look_alikes=("duplicate_class_columns", "label_errors", "index_map_scrambled"),
    fix=(
        "Give the network more pixels of what tells these classes apart (higher resolution, tighter crops), more "
        "pictures of the families, or a loss that compares within them; where people cannot tell them apart "
        "either, merge the classes or count the family as right."
    ),
    source="Blondel et al. 2008, arXiv 0803.0476; Bertinetto et al. 2020, arXiv 1912.09393",
)
