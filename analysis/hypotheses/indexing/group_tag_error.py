"""Classes are called new that the old model knows, or old that it does not know."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval, wilson
from analysis.diagnosis.view import View
from analysis.spec.class_names import canonical_name

_LEAST = 0.01
_SHOWN = 500


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of samples whose class would change sides if the old model's own list decided; spelling does not count."""
    names, tagged = view.run.class_names, view.is_old
    known, spelled = _known(view)
    wrong = tagged != known
    affected = wrong[view.label]
    share = float(affected.mean()) if len(view) else 0.0
    low, high = wilson(int(affected.sum()), len(view))
    correct = view.predictions.correct
    return Measurement(
        abstain=None if known.any() else "the old model's class list shares no name with this one",
        summary=_summary(view, wrong, known, spelled, share) + _accuracies(view, known, correct),
        denial=f"All {int(tagged.sum()):,} classes that are called old are in the old model's list, and no other is.",
        n=len(view),
        effect=Interval(value=share, low=low if affected.any() else 0.0, high=high if affected.any() else 0.0),
        evidence=(
            Evidence(name="samples in the wrong group", value=share, threshold=_LEAST, unit="fraction", n=len(view)),
            Evidence(
                name="classes called new that the old model knows",
                value=float((known & ~tagged).sum()),
                unit="count",
                n=len(names),
            ),
            Evidence(
                name="of these, by another spelling", value=float((spelled & ~tagged).sum()), unit="count", n=len(names)
            ),
            Evidence(
                name="classes called old that the old model does not know",
                value=float((tagged & ~known).sum()),
                unit="count",
                n=len(names),
            ),
            *_by_group("as tagged", tagged[view.label], correct),
            *_by_group("by the old model's list", known[view.label], correct),
        ),
        tables={"tags": _table(view, wrong, known)} if wrong.any() else {},
    )


def _known(view: View) -> tuple[BoolArray, BoolArray]:
    """(C,) True where the old model's list has the class; and where it has it in another spelling only."""
    assert view.run.baseline is not None
    listed = frozenset(view.run.baseline.class_names)
    canonical = frozenset(canonical_name(name) for name in listed)
    names = view.run.class_names
    exact = np.array([name in listed for name in names], dtype=np.bool_)
    canonically = np.array([canonical_name(name) for name in names], dtype=object)
    taken = frozenset(canonically[exact].tolist())
    spelled = [not e and c in canonical and c not in taken for e, c in zip(exact, canonically.tolist(), strict=True)]
    return exact | np.array(spelled, dtype=np.bool_), np.array(spelled, dtype=np.bool_)


def _summary(view: View, wrong: BoolArray, known: BoolArray, spelled: BoolArray, share: float) -> str:
    names, tagged = view.run.class_names, view.is_old
    parts = []
    for mask, words in (
        (known & ~tagged, "called new, but the old model knows them"),
        (tagged & ~known, "called old, but the old model does not know them"),
    ):
        if mask.any():
            first = names[int(np.flatnonzero(mask)[0])]
            parts.append(f"{int(mask.sum()):,} classes are {words} (such as “{first}”)")
    other = int((spelled & wrong).sum())
    spelling = f", {other:,} of them because of another spelling" if other else ""
    return f"{'; '.join(parts)}{spelling}: {100 * share:.1f} % of the samples are counted in the wrong group."


def _accuracies(view: View, known: BoolArray, correct: BoolArray) -> str:
    texts = []
    for name, side in (("old", True), ("new", False)):
        was, now = (correct[mask[view.label] == side] for mask in (view.is_old, known))
        if len(was) and len(now):
            texts.append(f"{name} classes {100 * now.mean():.1f} % instead of {100 * was.mean():.1f} %")
    return f" Counted right, accuracy is: {', '.join(texts)}." if texts else ""


def _by_group(words: str, is_old: BoolArray, correct: BoolArray) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            name=f"accuracy on {name} classes, {words}",
            value=float(correct[is_old == side].mean()) if (is_old == side).any() else None,
            unit="fraction",
            n=int((is_old == side).sum()),
        )
        for name, side in (("old", True), ("new", False))
    )


def _table(view: View, wrong: BoolArray, known: BoolArray) -> pd.DataFrame:
    support = np.bincount(view.label, minlength=view.classes)
    classes = np.flatnonzero(wrong)
    classes = classes[np.argsort(-support[classes], kind="stable")][:_SHOWN]
    names = np.array(view.run.class_names, dtype=object)
    group = np.array(["new", "old"], dtype=object)
    return pd.DataFrame(
        {
            "class": names[classes],
            "tagged": group[view.is_old[classes].astype(int)],
            "in_the_old_models_list": group[known[classes].astype(int)],
            "samples": support[classes],
        }
    )


HYPOTHESIS = Hypothesis(
    id="group_tag_error",
    title="Old and new classes are told apart wrongly",
    chapter="indexing",
    claim="the list of old classes is not the list that the old model was trained with",
    lane=Lane.VALIDITY,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples", "split", "baseline"),
    measure=measure,
    min_effect=_LEAST,
    n_min=1,
    look_alikes=("class_name_variants", "logit_group_bias"),
    fix=(
        "Give the class list that the old checkpoint was trained with as `old` in [classes], and write names alike in "
        "both lists."
    ),
    source="Exact comparison of lists",
)
