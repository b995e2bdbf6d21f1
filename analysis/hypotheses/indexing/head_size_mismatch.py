"""The head has another number of outputs than the class list has names."""

import numpy as np

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Rename
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_SHIFTS = (0, -1, 1)


def what_if(view: View) -> Rename | None:
    """Named outputs only; of no shift and shifts by one, whichever suits these samples best."""
    predictions, listed = view.predictions, _listed(view)
    if predictions.columns == listed or not len(view):
        return None
    best: tuple[int, Rename] | None = None
    for shift in _SHIFTS:
        moved = predictions.column_class + shift
        repair = Rename(column_class=np.where((moved >= 0) & (moved < listed), moved, -1), parameters=0)
        correct = int(repair.apply(predictions).correct.sum())
        if best is None or correct > best[0]:
            best = correct, repair
    return None if best is None else best[1]


def _listed(view: View) -> int:
    return int(view.run.meta.get("classes_in_list") or view.classes)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Difference between outputs and names (count); exact."""
    assert outcome is not None
    outputs, listed = view.run.outputs, _listed(view)
    beyond = int((view.label >= outputs).sum())
    extra = max(0, outputs - listed)
    won = int((view.predictions.predicted >= listed).sum())
    before, after = (float(right.mean()) if len(view) else 0.0 for right in (outcome.before, outcome.after))
    gains = len(view) > 0 and is_material(outcome.score.change, before)
    unused = listed - len(np.unique(view.label[view.label < listed]))
    return Measurement(
        summary=_summary((outputs, listed), won, beyond, outcome, gains=gains),
        denial=f"The head has {outputs:,} outputs for {listed:,} names.",
        n=max(1, len(view)),
        effect=Interval.exactly(abs(outputs - listed)),
        lane=None if gains else Lane.BOUND if beyond else Lane.NOTE,
        gain=None if gains or not beyond else Interval(value=beyond / len(view), low=0.0, high=beyond / len(view)),
        evidence=(
            Evidence(name="outputs of the head", value=float(outputs), threshold=float(listed), unit="count", n=listed),
            Evidence(name="samples won by an output without a name", value=float(won), unit="count", n=len(view)),
            Evidence(name="samples whose class has no output", value=float(beyond), unit="count", n=len(view)),
            Evidence(name="names without a sample", value=float(unused), unit="count", n=listed),
            Evidence(
                name="accuracy with named outputs only, on held-out samples", value=after, unit="fraction", n=len(view)
            ),
        ),
        fix=None
        if extra
        else "Rebuild the head with one output a class, or take the names that it was not trained for out of the list.",
    )


def _summary(sizes: tuple[int, int], won: int, beyond: int, outcome: Outcome, *, gains: bool) -> str:
    outputs, listed = sizes
    text = f"The head has {outputs:,} outputs, the class list {listed:,} names"
    if won:
        text += f"; outputs without a name win {won:,} samples"
    if beyond:
        text += f"; {beyond:,} samples belong to classes without an output and cannot be right"
    shifted = next((r for r in outcome.repairs if isinstance(r, Rename)), None)
    if gains and shifted is not None:
        how = "with named outputs only"
        kept = np.flatnonzero(shifted.column_class >= 0)
        if len(kept) and shifted.column_class[kept[0]] != kept[0]:
            side = "before" if shifted.column_class[kept[0]] < kept[0] else "after"
            how = f"with every output read as the class {side} it"
        text += (
            f"; {how}, accuracy is {100 * outcome.after.mean():.1f} % instead of {100 * outcome.before.mean():.1f} %"
        )
    return text + "."


HYPOTHESIS = Hypothesis(
    id="head_size_mismatch",
    title="Head and class list differ in length",
    chapter="indexing",
    claim="the head has another number of outputs than the class list has names",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("samples|head",),
    measure=measure,
    what_if=what_if,
    min_effect=1.0,
    n_min=1,
    pairs=True,
    fix=(
        "Use the class list the head was trained with, or cut the head's rows down to the listed classes (and check "
        "for a background output)."
    ),
    source="Exact comparison of shapes",
)
