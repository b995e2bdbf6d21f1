"""The old classes' rows shrank although they were meant to be frozen: weight decay went on without a gradient."""

import numpy as np
import pandas as pd

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.baseline_rows import OldRows, Shrinkage, old_rows_of, shrinkage
from analysis.diagnosis.head_snippets import head_name
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.row_swap import SwappedRows, can_swap, swapped_rows
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_SHARE = 0.2  # of the rows, or of the tensors
_VALUES = 500
_SCALE, _RESIDUAL = 0.98, 0.02
_LEAST = 0.005  # of accuracy


def what_if(view: View) -> Repair | None:
    """The old rows put back by name; nothing is fitted."""
    rows, shrunk = old_rows_of(view), _shrinkage(view)
    if rows is None or shrunk is None or shrunk.only_shrank.mean() < _SHARE:
        return None
    some = np.flatnonzero(shrunk.only_shrank)
    return _put_back(view, rows, some) if can_swap(view, len(some)) else None


def _put_back(view: View, rows: OldRows, some: IntArray) -> SwappedRows:
    key = f"{view.predictions.source}: decayed rows"
    if key not in view.shared:
        there = rows.there[some]
        view.shared[key] = swapped_rows(
            view.all_embeddings, rows.old_weight[there], rows.old_bias[there], rows.here[some]
        )
    found: SwappedRows = view.shared[key]
    return found


def _shrinkage(view: View) -> Shrinkage | None:
    if "shrinkage" not in view.shared:
        rows = old_rows_of(view)
        view.shared["shrinkage"] = None if rows is None else shrinkage(rows)
    found: Shrinkage | None = view.shared["shrinkage"]
    return found


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Rows and tensors that only shrank: a factor with nothing beside it, or a constant taken from every value."""
    assert outcome is not None
    rows, shrunk, tensors = old_rows_of(view), _shrinkage(view), _tensors(view)
    head_share = 0.0 if shrunk is None else float(shrunk.only_shrank.mean())
    moved = tensors["shrank"].mean() if len(tensors) else 0.0
    gains = _pays(outcome)
    n = (rows.values if rows is not None else 0) + int(tensors["numel"].sum())
    return Measurement(
        summary=_summary(view, rows, shrunk, tensors, outcome if gains else None),
        denial=_denial(shrunk, tensors),
        n=n,
        effect=Interval.exactly(max(head_share, float(moved))),
        abstain="the two heads share no class, or their embeddings differ in size, and no other tensor can be compared"
        if not n
        else None,
        lane=None if gains else Lane.NOTE,
        gain=outcome.score.change if gains else None,
        evidence=_evidence(rows, shrunk, tensors, outcome),
        tables=_tables(view, rows, shrunk, tensors),
        snippet=_snippet(view) if head_share >= _SHARE else None,
    )


def _pays(outcome: Outcome) -> bool:
    """The weights prove the cause and nothing is fitted, so any certain cost counts, if it is not tiny."""
    change = outcome.score.change
    return change.low > 0 and change.value >= _LEAST


def _tensors(view: View) -> pd.DataFrame:
    """Weights outside the head that can be compared with the baseline's, and whether they only shrank."""
    weights = view.run.weights
    if weights is None:
        return pd.DataFrame(columns=["name", "scale", "residual", "numel", "shrank"])
    found = weights[weights["decisive"] & ~weights["is_head"] & weights["scale"].notna()].copy()
    factor = (found["scale"] <= _SCALE) & (found["scale"] > 0) & (found["residual"] <= _RESIDUAL)
    found["shrank"] = factor | found["soft_threshold"].notna()
    return found[["name", "scale", "residual", "numel", "shrank"]]


def _evidence(
    rows: OldRows | None, shrunk: Shrinkage | None, tensors: pd.DataFrame, outcome: Outcome
) -> tuple[Evidence, ...]:
    s = 0 if rows is None else len(rows.here)
    scale, residual = (None, None) if shrunk is None else (_median(shrunk.scale), _median(shrunk.residual))
    share = None if shrunk is None else float(shrunk.only_shrank.mean())
    constant = None if shrunk is None else shrunk.constant
    return (
        Evidence(name="old rows that only shrank", value=share, threshold=_SHARE, unit="fraction", n=s),
        Evidence(name="length left of the old rows, median", value=scale, threshold=_SCALE, unit="fraction", n=s),
        Evidence(
            name="change of the old rows besides the shrinking, median",
            value=residual,
            threshold=_RESIDUAL,
            unit="fraction of the length",
            n=s,
        ),
        Evidence(
            name="constant that every value of the old rows lost (Adam with L2)",
            value=constant,
            unit="share of the mean value",
            n=s,
        ),
        Evidence(
            name="weights outside the head that only shrank",
            value=float(tensors["shrank"].mean()) if len(tensors) else None,
            threshold=_SHARE,
            unit="fraction",
            n=len(tensors),
        ),
        Evidence(
            name="accuracy with the old rows put back",
            value=float(outcome.after.mean()) if len(outcome.after) else None,
            unit="fraction",
            n=len(outcome.after),
        ),
    )


def _median(values: FloatArray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def _tables(
    view: View, rows: OldRows | None, shrunk: Shrinkage | None, tensors: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    found = {"layers": tensors.drop(columns="shrank").reset_index(drop=True)} if len(tensors) else {}
    if rows is not None and shrunk is not None:
        found["rows"] = pd.DataFrame(
            {
                "class_index": rows.here,
                "name": [view.run.class_names[index] for index in rows.here],
                "scale": shrunk.scale,
                "residual": shrunk.residual,
            }
        )
    return found


def _summary(
    view: View, rows: OldRows | None, shrunk: Shrinkage | None, tensors: pd.DataFrame, paid: Outcome | None
) -> str:
    parts = []
    if rows is not None and shrunk is not None and shrunk.only_shrank.mean() >= _SHARE:
        some = shrunk.only_shrank
        how = (
            f"lost one constant in every value ({100 * shrunk.constant:.0f} % of the mean), as Adam's L2 does"
            if shrunk.constant is not None
            else f"kept their direction but only {100 * float(np.median(shrunk.scale[some])):.0f} % of their length"
        )
        parts.append(f"{int(some.sum()):,} of {len(rows.here):,} old classes' rows {how}")
    if len(tensors) and tensors["shrank"].mean() >= _SHARE:
        parts.append(f"{int(tensors['shrank'].sum()):,} of {len(tensors):,} weights outside the head only shrank")
    text = "; ".join(parts) + ": they were decayed, not trained."
    if paid is None:
        asked = len(view) and rows is not None
        return text + (" Putting the old rows back changes no accuracy worth a repair." if asked else "")
    return (
        f"{text} With the old rows put back, accuracy is {100 * paid.after.mean():.1f} % instead of "
        f"{100 * paid.before.mean():.1f} %."
    )


def _denial(shrunk: Shrinkage | None, tensors: pd.DataFrame) -> str:
    if shrunk is None or _median(shrunk.scale) is None:
        return f"None of {len(tensors):,} weights outside the head only shrank against the baseline."
    return (
        f"The old rows were not merely decayed: of {len(shrunk.scale):,} rows {int(shrunk.only_shrank.sum()):,} only "
        f"shrank (they keep {100 * (_median(shrunk.scale) or 0):.0f} % of the old direction and changed by "
        f"{100 * (_median(shrunk.residual) or 0):.0f} % besides)."
    )


def _snippet(view: View) -> str:
    name = head_name(view.run)
    return (
        f"# put the old classes' rows back, by name\n"
        f"for name, row in old_index.items():  # {{class name: row in the old checkpoint}}\n"
        f'    model["{name}.weight"][new_index[name]] = old["{name}.weight"][row]\n'
        f'    model["{name}.bias"][new_index[name]] = old["{name}.bias"][row]\n'
    )


HYPOTHESIS = Hypothesis(
    id="old_rows_decayed",
    title="The old classes' rows were decayed",
    chapter="head",
    claim="weight decay shrank weights that were meant to stay frozen",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("baseline_head",),
    measure=measure,
    what_if=what_if,
    min_effect=_SHARE,
    n_min=_VALUES,
    explains=("old_rows_overwritten", "logit_group_bias", "logit_scale_mismatch"),
    look_alikes=("old_rows_overwritten", "logit_scale_mismatch"),
    fix=(
        "Put the old rows back from the baseline, by class name. Then take frozen weights out of the optimiser (a "
        "gradient of zeros is not enough: weight decay still moves them), or set their gradient to None."
    ),
    source="Loshchilov and Hutter 2019, arXiv 1711.05101; exact comparison with the baseline's rows",
)
