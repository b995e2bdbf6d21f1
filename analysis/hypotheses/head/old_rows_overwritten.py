"""Training the new classes overwrote the old classes' rows, while the network below still serves them."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.baseline_rows import OldRows, old_rows_of, shrinkage
from analysis.diagnosis.class_prior import clear_gain
from analysis.diagnosis.column_groups import best_offset, right_with_offset, right_within_group
from analysis.diagnosis.group_scale import Rescale, fitted_factor
from analysis.diagnosis.head_snippets import head_name
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Both, Repair, best_of
from analysis.diagnosis.row_matching import misplaced_rows
from analysis.diagnosis.row_swap import SwappedRows, can_swap, swapped_rows
from analysis.diagnosis.view import View

_LEAST = 0.03
_STANDARD_ERRORS = 3.0
_OLD_SAMPLES = 200
_PROBED = 4_000  # samples of old classes


def what_if(view: View) -> Repair | None:
    """Old rows put back by name, then the best constant between the groups; None where that serves old samples less.

    Rows are at fault where others do better among the old columns alone, in which no constant between groups plays a
    part; or where they do clearly better over all classes than any constant: rows that all moved the same way, as
    training on new classes alone moves them, are in order among themselves and lose by picture to new ones. Where a
    factor would do as well as they, `logit_scale_mismatch`, which is tried beside this one, explains it away.
    """
    rows = old_rows_of(view)
    now, then = _among(view, rows)
    fixed, broken = int((then & ~now).sum()), int((now & ~then).sum())
    if rows is None or not len(now) or broken - fixed > np.sqrt(fixed + broken):
        return None
    is_sure = fixed - broken > max(np.sqrt(fixed + broken), _least(now) * len(now))
    if view.run.is_old is None:
        return _swap(view, rows) if is_sure else None
    constant = best_offset(view)
    plain = view.predictions if constant is None else constant.apply(view.predictions)
    if not is_sure and _lost_between_groups(view, plain) <= _LEAST * len(view):
        return None
    swap = _swap(view, rows)
    swapped = replace(view, predictions=swap.at(view.rows).apply(view.predictions))
    beside = _beside(swapped)
    mended = swapped.predictions if beside is None else beside.apply(swapped.predictions)
    if not is_sure and not _is_clearly_better(plain, mended):
        return None
    return swap if beside is None else Both(first=_with_parameters(swap), second=beside)


def _lost_between_groups(view: View, predictions: Predictions) -> int:
    """Samples whose class would win within its group."""
    is_new = ~view.is_old[: predictions.columns]
    within = right_within_group(predictions, is_new, view.is_old[view.label])
    return int(within.sum()) - int(predictions.correct.sum())


def _is_clearly_better(plain: Predictions, mended: Predictions) -> bool:
    worth = int(mended.correct.sum()) - int(plain.correct.sum()) > _LEAST * len(plain)
    return worth and clear_gain(plain.correct, mended.correct) > _STANDARD_ERRORS


def _least(now: BoolArray) -> float:
    """What the old rows must put right among the old classes: three points, or half of what is wrong if that is less.

    Where hardly anything is wrong among them, rows pushed aside show in what the new classes win, not there.
    """
    return min(_LEAST, max(0.005, 0.5 * (1 - float(now.mean())))) if len(now) else _LEAST


def _beside(view: View) -> Repair | None:
    """What brings new rows, trained beside spoilt ones, to the old rows' level: a constant, or a factor as well.

    The factor only where it puts right clearly more of these samples than a constant does.
    """
    offset = best_offset(view)
    is_new = ~view.is_old[: view.predictions.columns]
    factor = fitted_factor(view.predictions, is_new, np.zeros(view.predictions.columns))
    if factor is None:
        return offset
    scale = Rescale(scale=np.where(is_new, factor, 1.0), offset=np.zeros(len(is_new)), parameters=1)
    scaled = replace(view, predictions=scale.apply(view.predictions))
    second = best_offset(scaled)
    finer: Repair = scale if second is None else Both(first=scale, second=second)
    now = view.predictions if offset is None else offset.apply(view.predictions)
    then = finer.apply(view.predictions)
    return finer if clear_gain(now.correct, then.correct) > 2 else offset


def _with_parameters(swap: SwappedRows) -> SwappedRows:
    """One more than a constant alone, so that the constant is preferred where it does as well."""
    return replace(swap, parameters=1)


def _swap(view: View, rows: OldRows) -> SwappedRows:
    """The old rows' logits, once for all samples."""
    key = f"{view.predictions.source}: overwritten rows"
    if key not in view.shared:
        some = _spoilt(view, rows)
        there = rows.there[some]
        view.shared[key] = swapped_rows(
            view.all_embeddings, rows.old_weight[there], rows.old_bias[there], rows.here[some]
        )
    found: SwappedRows = view.shared[key]
    return found


def _spoilt(view: View, rows: OldRows) -> IntArray:
    """Which of the old rows are put back: those under another name or merely shrunk are others' cases."""
    if "rows that may be spoilt" not in view.shared:
        some = np.flatnonzero(~misplaced_rows(view) & ~shrinkage(rows).only_shrank)
        view.shared["rows that may be spoilt"] = some if len(some) >= 2 and can_swap(view, len(some)) else some[:0]
    found: IntArray = view.shared["rows that may be spoilt"]
    return found


def _among(view: View, rows: OldRows | None) -> tuple[BoolArray, BoolArray]:
    """Right answers among the old columns only: with the rows as they are, and put back.

    Asked of at most 4,000 samples of old classes: a healthy head is told by them, without asking all samples.
    """
    nobody = np.zeros(0, dtype=np.bool_)
    if rows is None or not len(some := _spoilt(view, rows)):
        return nobody, nobody
    predictions = view.predictions
    asked = np.flatnonzero(np.isin(predictions.label, rows.here))
    asked = asked[:: max(1, len(asked) // _PROBED)]
    there, columns = rows.there[some], np.isin(predictions.column_class, rows.here)
    swap = swapped_rows(view.embeddings[asked], rows.old_weight[there], rows.old_bias[there], rows.here[some], width=1)
    before = predictions.at(asked)
    answers = []
    for state in (before, swap.apply(before)):
        _, column = best_of(state, columns)
        answers.append(np.asarray((column >= 0) & (state.column_class[column] == state.label)))
    return answers[0], answers[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Factorial:
    """Accuracy on old samples among the old columns; by network, then by head. None where it was not asked."""

    n: int
    new_new: float | None
    new_old: float | None
    old_old: float | None

    @property
    def is_as_good_as_before(self) -> bool:
        """The rows serve the old classes no worse than the old model did: nothing was spoilt."""
        return self.new_new is not None and self.old_old is not None and self.new_new >= self.old_old

    @property
    def were_pushed(self) -> bool:
        """Among themselves the rows are in order; if they are at fault, then against the new ones."""
        return self.new_new is not None and self.new_old is not None and self.new_old < self.new_new + _LEAST


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """The 2 × 2 of networks and heads on the old classes, and what swapping the rows gives back over all classes."""
    assert outcome is not None
    rows = old_rows_of(view)
    found = _factorial(view, rows)
    is_found = any(repair is not None for repair in outcome.repairs)
    constant = float(right_with_offset(view).mean()) if is_found and view.run.is_old is not None else None
    return Measurement(
        summary=_summary(found, outcome, constant),
        denial=_denial(found),
        n=found.n,
        ceiling=0.0 if found.is_as_good_as_before and not is_found else None,
        evidence=_evidence(found, outcome, constant),
        abstain=_abstain(view, rows, found),
        snippet=_snippet(view) if is_found else None,
    )


def _factorial(view: View, rows: OldRows | None) -> _Factorial:
    n = 0 if rows is None else int(np.isin(view.label, rows.here).sum())
    now, then = _among(view, rows)
    if not len(now):
        return _Factorial(n=n, new_new=None, new_old=None, old_old=_old_model(view))
    return _Factorial(n=n, new_new=float(now.mean()), new_old=float(then.mean()), old_old=_old_model(view))


def _old_model(view: View) -> float | None:
    baseline = view.run.baseline
    if baseline is None or not len(view.run.baseline_rows):
        return None
    return float(baseline.column("correct").mean())


def _abstain(view: View, rows: OldRows | None, found: _Factorial) -> str | None:
    if rows is None:
        return "the two heads share no class, or their embeddings differ in size"
    if found.new_old is None and not misplaced_rows(view).all() and not shrinkage(rows).only_shrank.all():
        return "the head cannot be asked again with other rows, or that would take too long"
    return None


def _evidence(found: _Factorial, outcome: Outcome, constant: float | None) -> tuple[Evidence, ...]:
    n, before, pushed = len(outcome.after), float(outcome.before.mean()), found.were_pushed and constant is not None
    among = None if found.new_new is None or pushed else found.new_new + _LEAST
    named = {
        "new network, new rows": (found.new_new, None),
        "new network, old rows": (found.new_old, among),
        "old network, old rows": (found.old_old, None),
    }
    return (
        *(
            Evidence(name=f"old classes among themselves: {name}", value=v, threshold=t, unit="fraction", n=found.n)
            for name, (v, t) in named.items()
        ),
        Evidence(
            name="accuracy with the old rows put back, on held-out samples",
            value=float(outcome.after.mean()),
            threshold=(max(before, constant or 0.0) if pushed else before) + _LEAST,
            unit="fraction",
            n=n,
        ),
        Evidence(
            name="accuracy with the best constant between the groups instead, on held-out samples",
            value=constant,
            unit="fraction",
            n=n,
        ),
    )


def _summary(found: _Factorial, outcome: Outcome, constant: float | None) -> str:
    was, now = 100 * (found.new_new or 0), 100 * (found.new_old or 0)
    among = f"the new network gets {was:.1f} % right with its own rows and {now:.1f} % with the old ones"
    if found.old_old is not None:
        among += f" (the old model: {100 * found.old_old:.1f} %)"
    text = f"The old classes' rows were overwritten: among the old classes {among}."
    if found.were_pushed and constant is not None:
        text = f"The old classes' rows were pushed aside: they lose to new ones, while among the old classes {among}."
    beside = "" if constant is None else f" (the best constant between the groups: {100 * constant:.1f} %)"
    return (
        f"{text} With the old rows put back by name, accuracy over all classes is {100 * outcome.after.mean():.1f} % "
        f"instead of {100 * outcome.before.mean():.1f} %{beside}."
    )


def _denial(found: _Factorial) -> str:
    if found.new_new is None or found.new_old is None:
        return "The old rows have not been overwritten: those of another direction stand under another name."
    return (
        f"The old classes' rows have not been spoilt: among the old classes the new network gets "
        f"{100 * found.new_new:.1f} % right with its own rows and {100 * found.new_old:.1f} % with the old ones."
    )


def _snippet(view: View) -> str:
    head = head_name(view.run)
    return (
        "# put the old classes' rows back by name; old_index and new_index are {class name: row}\n"
        "for name, row in old_index.items():\n"
        f'    new["{head}.weight"][new_index[name]] = old["{head}.weight"][row]\n'
        f'    new["{head}.bias"][new_index[name]] = old["{head}.bias"][row]\n'
    )


HYPOTHESIS = Hypothesis(
    id="old_rows_overwritten",
    title="The old classes' rows were overwritten",
    chapter="head",
    claim="training on the new classes spoilt the old classes' rows of the head",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "embeddings", "head", "baseline_head"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=_OLD_SAMPLES,
    pairs=True,
    look_alikes=("backbone_forgetting", "logit_group_bias", "old_rows_decayed", "index_map_scrambled"),
    fix=(
        "Put the old rows (weight and bias) back from the baseline, by class name, and add one constant to the new "
        "classes' biases; next time replay old pictures while training, or freeze the old rows outside the optimiser."
    ),
    source="Exact swap of rows; 2 × 2 of networks and heads; Mai et al. 2024, arXiv 2409.16223",
)
