"""Rows of the head are broken: not a number, all zero, or the same as another row."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.head_rows import RowFaults, fitted_rows, row_faults
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Drop, Repair, ReplaceRows
from analysis.diagnosis.significance import Interval, benjamini_hochberg
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_SUPPORT = 10  # samples a class needs before its silent output is called dead
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Renewed:
    """Broken columns out, then renewed rows in."""

    drop: Drop
    rows: ReplaceRows | None
    parameters: int

    def apply(self, predictions: Predictions) -> Predictions:
        dropped = self.drop.apply(predictions)
        return dropped if self.rows is None else self.rows.apply(dropped)


def what_if(view: View) -> Repair | None:
    """Rows fitted on these samples in place of broken ones; without embeddings, rows that are not finite left out."""
    head, faults = _head(view)
    if head is None or not faults.broken.any():
        return None
    weight, bias = head
    broken = np.flatnonzero(faults.broken & ~_rightful(view, weight, faults))
    nonfinite = Drop(dropped=faults.nonfinite)
    if not view.head_gives_the_logits():
        return nonfinite if faults.nonfinite.any() else None
    columns, rows, biases = fitted_rows(view.predictions, view.embeddings, weight, bias, broken)
    if not len(columns):
        return nonfinite if faults.nonfinite.any() else None
    new = ReplaceRows(
        embeddings=view.all_embeddings, weight=rows, bias=biases, columns=columns, parameters=int(rows.size)
    )
    return _Renewed(drop=nonfinite, rows=new, parameters=int(rows.size))


def _head(view: View) -> tuple[tuple[FloatArray, FloatArray] | None, RowFaults]:
    head = view.run.head
    assert head is not None
    faults: RowFaults = view.once("row faults", lambda: row_faults(*head))
    return (head if len(head[0]) == view.predictions.columns else None), faults


def _rightful(view: View, weight: FloatArray, faults: RowFaults) -> BoolArray:
    """(C,) of identical rows the one whose class brings most of the samples that they win keeps its row.

    Which of them wins says nothing: their logits are equal, or differ by the biases alone.
    """
    keeps = np.zeros(len(weight), dtype=np.bool_)
    predictions = view.predictions
    groups: dict[bytes, list[int]] = {}
    for column in np.flatnonzero(faults.repeated):
        groups.setdefault(weight[column].tobytes(), []).append(int(column))
    for columns in groups.values():
        won = predictions.label[np.isin(predictions.column, columns)]
        samples = np.bincount(won, minlength=view.classes)
        keeps[columns[int(np.argmax(samples[np.maximum(predictions.column_class[columns], 0)]))]] = True
    return keeps


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Broken rows (count, exact) and outputs that are never even among the stored candidates of their many samples."""
    assert outcome is not None
    head, bias = view.run.head or (np.zeros((0, 0)), np.zeros(0))
    _, faults = _head(view)
    dead = _dead(view) & ~faults.broken[: view.classes] if len(faults.broken) >= view.classes else _dead(view)
    outliers = _bias_outliers(bias)
    broken = np.flatnonzero(faults.broken)
    touched = np.union1d(broken, np.flatnonzero(dead))
    on_them = np.isin(view.label, touched)
    wrong = int((on_them & ~view.predictions.correct).sum())
    gains = is_material(outcome.score.change, float(outcome.before.mean()))
    n = len(view)
    counts = {
        "not a number": int(faults.nonfinite.sum()),
        "all zeros": int(faults.tiny.sum()),
        "identical to another row": int(faults.repeated.sum()),
        "never among the candidates though the class has samples": int(dead.sum()),
    }
    return Measurement(
        summary=_summary(view, counts, touched, outcome, wrong, gains=gains),
        denial=f"All {len(head):,} rows of the head are finite, of usual size and different from one another.",
        n=n,
        effect=Interval.exactly(len(touched)),
        lane=None if gains else Lane.BOUND if wrong else Lane.NOTE,
        gain=None if gains or not wrong else Interval(value=wrong / n, low=0.0, high=wrong / n),
        evidence=(
            *(
                Evidence(name=f"rows: {k}", value=float(v), threshold=1.0, unit="count", n=len(head))
                for k, v in counts.items()
            ),
            Evidence(
                name="rows nearly identical to another",
                value=float(faults.nearly_repeated.sum()),
                unit="count",
                n=len(head),
            ),
            Evidence(name="biases far from the others", value=float(outliers), unit="count", n=len(head)),
            Evidence(
                name="wrong answers on the classes of these rows",
                value=float(wrong),
                unit="count",
                n=int(on_them.sum()),
            ),
            Evidence(
                name="accuracy with these rows renewed, on held-out samples",
                value=float(outcome.after.mean()),
                unit="fraction",
                n=n,
            ),
        ),
    )


def _dead(view: View) -> BoolArray:
    """(C,) never a stored candidate although its class has samples enough to expect it (false discovery rate 5 %).

    Classes beyond the head's outputs are another hypothesis' business.
    """
    classes = view.predictions.classes(slice(None))
    came_up = np.bincount(classes[classes >= 0], minlength=view.classes)[: view.classes] > 0
    support = np.bincount(view.label, minlength=view.classes)[: view.classes]
    support[view.run.outputs :] = 0
    among = float((classes == view.label[:, None]).any(axis=1).mean()) if len(view) else 0.0
    suspects = np.flatnonzero(~came_up & (support >= _SUPPORT))
    dead = np.zeros(view.classes, dtype=np.bool_)
    tested = np.flatnonzero(support >= _SUPPORT)
    p = np.where(came_up[tested], 1.0, (1 - among) ** support[tested])
    dead[tested[benjamini_hochberg(p) <= 0.05]] = True
    dead[np.setdiff1d(np.arange(view.classes), suspects)] = False
    return dead


def _bias_outliers(bias: FloatArray) -> int:
    finite = bias[np.isfinite(bias)]
    if not len(finite):
        return 0
    away = np.abs(finite - np.median(finite))
    spread = float(np.median(away))
    return int((away > 10 * spread).sum()) if spread > 0 else 0


def _summary(
    view: View, counts: dict[str, int], touched: IntArray, outcome: Outcome, wrong: int, *, gains: bool
) -> str:
    found = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    names = view.run.class_names
    shown = ", ".join(f"“{names[j]}”" for j in touched[:_NAMED])
    more = f" and {len(touched) - _NAMED:,} more" if len(touched) > _NAMED else ""
    text = f"Broken rows in the head: {found} (of the outputs listed as {shown}{more})."
    if gains:
        return (
            f"{text} With these rows left out or fitted anew, accuracy is {100 * outcome.after.mean():.1f} % "
            f"instead of {100 * outcome.before.mean():.1f} %."
        )
    return f"{text} {wrong:,} wrong answers are on their classes."


HYPOTHESIS = Hypothesis(
    id="head_rows_degenerate",
    title="Rows of the head are broken",
    chapter="head",
    claim="rows of the head are not finite, zero or copies of one another",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "head"),
    measure=measure,
    what_if=what_if,
    min_effect=1.0,
    n_min=1,
    pairs=True,
    fix="Take these rows from an earlier checkpoint, or fit them anew on labelled samples with the other rows fixed.",
    source="Exact checks; logistic regression with the other rows fixed; Benjamini and Hochberg 1995",
)
