"""The class list holds one name in several spellings: upper case, spaces, underscores, Unicode."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Merge
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.twin_classes import merged, mixing_of
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View
from analysis.spec.class_names import canonical_name

_TOLD_APART = 0.8
_FEWEST = 10


def what_if(view: View) -> Merge | None:
    """Count spellings of one name as one class, but for pairs that these samples clearly tell apart."""
    pairs = _pairs(view)
    if not len(pairs):
        return None
    mixings = mixing_of(view.label, view.predictions.predicted, pairs, view.classes)
    kept = np.array([m.within < _FEWEST or m.told_apart < _TOLD_APART for m in mixings])
    return Merge(into=merged(pairs[kept], view.classes), parameters=0) if kept.any() else None


def _pairs(view: View) -> IntArray:
    if "spellings" not in view.shared:
        view.shared["spellings"] = spellings(view.run.class_names)
    found: IntArray = view.shared["spellings"]
    return found


def spellings(names: Sequence[str]) -> IntArray:
    """(P, 2) the first class of each name, and every later one that only differs in spelling."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        groups[canonical_name(name)].append(index)
    pairs = [(group[0], other) for group in groups.values() for other in group[1:]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Number of names that are in the list in more than one spelling; exact."""
    assert outcome is not None
    pairs = _pairs(view)
    before, after = (float(right.mean()) if len(view) else 0.0 for right in (outcome.before, outcome.after))
    gains = len(view) > 0 and is_material(outcome.score.change, before)
    return Measurement(
        summary=_summary(view, pairs, before, after, gains=gains),
        denial=f"No two of {view.classes:,} class names differ in spelling only.",
        n=max(1, len(view)),
        effect=Interval.exactly(len(pairs)),
        lane=None if gains else Lane.NOTE,
        evidence=(
            Evidence(
                name="names in a second spelling", value=float(len(pairs)), threshold=1.0, unit="count", n=view.classes
            ),
            Evidence(name="accuracy as it is", value=before, unit="fraction", n=len(view)),
            Evidence(name="accuracy with spellings counted as one", value=after, unit="fraction", n=len(view)),
        ),
        tables={"pairs": _table(view, pairs)} if len(pairs) else {},
        snippet=_snippet(view, pairs) if len(pairs) else None,
    )


def _summary(view: View, pairs: IntArray, before: float, after: float, *, gains: bool) -> str:
    if not len(pairs):
        return "Every name is there once."
    names = view.run.class_names
    example = f"“{names[pairs[0, 0]]}” and “{names[pairs[0, 1]]}”"
    text = (
        f"{len(pairs):,} class name{'s are' if len(pairs) > 1 else ' is'} in the list in a second spelling ({example})"
    )
    if gains:
        return (
            f"{text}. Counted as one, {100 * after:.1f} % of the answers are correct instead of {100 * before:.1f} %."
        )
    if not len(view):
        return f"{text}, each with an output of its own."
    return f"{text}; counting them as one changes accuracy from {100 * before:.1f} % to {100 * after:.1f} % only."


def _table(view: View, pairs: IntArray) -> pd.DataFrame:
    names = np.array(view.run.class_names, dtype=object)
    mixings = mixing_of(view.label, view.predictions.predicted, pairs, view.classes)
    return pd.DataFrame(
        {
            "class": names[pairs[:, 0]],
            "also_spelled": names[pairs[:, 1]],
            "samples": [m.n for m in mixings],
            "get_the_other_spelling": [m.mixed for m in mixings],
        }
    )


def _snippet(view: View, pairs: IntArray) -> str:
    names = view.run.class_names
    twins = {names[b]: names[a] for a, b in pairs[:20].tolist()}
    return f"spellings = {twins!r}\nlabels = [spellings.get(name, name) for name in labels]\n"


HYPOTHESIS = Hypothesis(
    id="class_name_variants",
    title="Class names in several spellings",
    chapter="indexing",
    claim="the class list holds one name in several spellings, each with an output of its own",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("samples|head",),
    measure=measure,
    what_if=what_if,
    min_effect=1.0,
    n_min=1,
    explains=("duplicate_class_columns",),
    look_alikes=("duplicate_class_columns", "fine_grained_confusion"),
    fix=(
        "Bring names to one spelling (Unicode form, case, spaces) before lists are merged, and merge the rows of the "
        "head."
    ),
    source="Exact comparison of names under Unicode NFKC and case folding (Unicode Standard Annex #15)",
)
