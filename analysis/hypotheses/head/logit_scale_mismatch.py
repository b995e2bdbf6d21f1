"""The rows of one group of classes are longer than the others', so its logits are stretched, not just lifted."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.column_groups import (
    group_sweep,
    groupings,
    old_share,
    regroup_where_needed,
    regrouped_predictions,
    right_with_offset,
    right_within_group,
)
from analysis.diagnosis.group_scale import Rescale, fitted_factor
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.repairs import Both, Repair, Shift
from analysis.diagnosis.row_lengths import CLEARLY_LONGER, rows_of
from analysis.diagnosis.significance import paired
from analysis.diagnosis.view import View

_PER_GROUP = 100
_LEAST = 0.005  # accuracy beyond what a constant gives
_LUCK = 2.0  # standard errors
_RATIO = 1.3  # of factors and of lengths, to be tried at all
_FIX = "Multiply the weights of the new classes' rows by one factor"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Factor:
    """A factor on the new outputs and the constant that goes with it."""

    rescale: Rescale
    shift: Shift
    factor: float  # of the mean row, where every row has one of its own
    way: str  # weights | logits | unit rows
    is_new: BoolArray  # (C,)
    by_rows: bool  # the rows' lengths tell of it
    parameters: int = 2

    def apply(self, predictions: Predictions) -> Predictions:
        return self.shift.apply(self.rescale.apply(predictions))


def what_if(view: View) -> Repair | None:
    """The factor for the new outputs that serves these samples better than any constant does, or None.

    Where the rows' lengths themselves tell of a factor, it need not do better than a constant, only as well.
    """
    best: tuple[float, Repair] | None = None
    for is_new in groupings(view):
        regroup = regroup_where_needed(view, is_new)
        found = _best_factor(view, regrouped_predictions(view, regroup), is_new)
        if found is not None and (best is None or found[0] > best[0]):
            best = found[0], found[1] if regroup is None else Both(first=regroup, second=found[1])
    return None if best is None else best[1]


def _best_factor(view: View, predictions: Predictions, is_new: BoolArray) -> tuple[float, _Factor] | None:
    """Score and the factor that gives it; earlier candidates, which fit less, win where later ones may be luck."""
    old, share = view.is_old[view.label], old_share(view)
    plain = group_sweep(predictions, is_new, old)
    score = plain.score(share)
    by_rows = rows_of(view, len(is_new)).tell(is_new)
    now, top = float(score[plain.at(0.0)]), int(np.argmax(score))
    least = max(now, float(score[top]) - np.sqrt(plain.changes[top])) if by_rows else float(score[top])
    right = int(plain.correct[plain.at(0.0) if by_rows else top])
    if int(right_within_group(predictions, is_new, old).sum()) - right < _LEAST * len(view):
        return None  # no choice between the groups could gain enough
    best: tuple[float, _Factor] | None = None
    best_correct = predictions.correct
    for way, rescale, factor in _rescales(view, predictions, is_new):
        rescaled = rescale.apply(predictions)
        sweep = group_sweep(rescaled, is_new, old)
        delta = sweep.best_delta(share)
        delta = delta if sweep.gain(delta, share) > 1 else 0.0  # the simplest that does as well
        reached = float(sweep.score(share)[sweep.at(delta)])
        shift = Shift(offset=np.where(is_new, delta, 0.0), parameters=1)
        correct = shift.apply(rescaled).correct
        luck = _LUCK * float(np.sqrt((correct != best_correct).sum()))
        if reached > (best[0] + luck if best else least):
            found = _Factor(rescale=rescale, shift=shift, factor=factor, way=way, is_new=is_new, by_rows=by_rows)
            best, best_correct = (reached, found), correct
    return best


def _rescales(view: View, predictions: Predictions, is_new: BoolArray) -> list[tuple[str, Rescale, float]]:
    """Factors worth trying: on the weights with the biases kept, on the logits, and every row at the same length.

    Where the head's rows are known and are as long in both groups, there is no factor to look for: on a head trained on
    long-tailed classes a factor too would gain some points, for another reason.
    """
    rows = rows_of(view, len(is_new))
    bias, length, ratio = rows.bias, rows.length, rows.ratio(is_new)
    if ratio is not None and abs(np.log(ratio)) < np.log(_RATIO):
        return []
    found = []
    if ratio is not None:
        found.append(("weights", _rescale(np.where(is_new, 1 / ratio, 1.0), bias), 1 / ratio))
    for way, fixed in (("weights", bias), ("logits", np.zeros(len(is_new)))):
        factor = fitted_factor(predictions, is_new, fixed) if way == "logits" or bias.any() else None
        if factor is None or abs(np.log(factor)) < np.log(_RATIO):
            continue
        if ratio is None or (factor < 1) == (ratio > 1):  # longer rows want a smaller factor
            found.append((way, _rescale(np.where(is_new, factor, 1.0), fixed), factor))
    if ratio is not None and rows.tell(is_new):  # it would also mend classes with few images
        usual = float(np.nanmedian(length))
        own = np.where(np.isfinite(length) & (length > 0), usual / np.where(length > 0, length, 1.0), 1.0)
        found.append(("unit rows", _rescale(own, bias), 1 / ratio))
    return found


def _rescale(scale: FloatArray, fixed: FloatArray) -> Rescale:
    return Rescale(scale=scale, offset=(1 - scale) * fixed, parameters=1)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy with the factor against accuracy with the best constant (points), both on the held-out half.

    Where the rows' lengths tell of a factor, against accuracy as it is.
    """
    assert outcome is not None
    old = view.is_old[view.label]
    few = int(min(old.sum(), (~old).sum()))
    factors = _factors(outcome)
    plain = right_with_offset(view) if factors else outcome.before
    by_rows = bool(factors) and all(factor.by_rows for factor in factors)
    reference = outcome.before if by_rows or plain.mean() < outcome.before.mean() else plain
    score = paired(reference, outcome.after if factors else reference, _copies(view))
    groups = groupings(view)
    oracle = float(right_within_group(view.predictions, groups[0], old).mean()) if groups and few else None
    return Measurement(
        summary=_summary(outcome, plain, factors, old),
        denial=_denial(view, outcome, reference, factors),
        n=len(view),
        effect=score.change,
        p=score.p,
        ceiling=None if oracle is None or few < _PER_GROUP else max(0.0, oracle - float(reference.mean())),
        abstain=f"only {few:,} samples in one of the groups, {_PER_GROUP} are needed" if few < _PER_GROUP else None,
        evidence=(
            *_accuracies(outcome, plain, oracle, tried=bool(factors)),
            *_factor_evidence(factors, len(view)),
            *_norms(view, _new_columns(view, factors)),
        ),
        fix=_fix(factors) if factors else None,
        snippet=_snippet(view, factors) if factors else None,
    )


def _new_columns(view: View, factors: list[_Factor]) -> BoolArray:
    """(C,) as the factors had it, else by the order of the list."""
    return factors[0].is_new if factors else ~view.is_old[: view.predictions.columns]


def _copies(view: View) -> np.ndarray | None:
    return view.column("content_hash") if "content_hash" in view.run.columns else None


def _factors(outcome: Outcome) -> list[_Factor]:
    made = [repair.second if isinstance(repair, Both) else repair for repair in outcome.repairs]
    return [repair for repair in made if isinstance(repair, _Factor)]


def _mean(factors: list[_Factor]) -> tuple[float, float]:
    """Factor and constant over both halves."""
    constants = [float(f.shift.offset[np.argmax(np.abs(f.shift.offset))]) for f in factors]
    return float(np.exp(np.mean([np.log(f.factor) for f in factors]))), float(np.mean(constants))


def _summary(outcome: Outcome, plain: BoolArray, factors: list[_Factor], old: BoolArray) -> str:
    if not factors:
        return "No factor was found."
    factor, _ = _mean(factors)
    stretched = f"{1 / factor:.1f} times too large" if factor < 1 else f"{factor:.1f} times too small"
    was, now = outcome.before, outcome.after
    return (
        f"The new classes' logits are about {stretched}: it is a factor, not a constant. Taking it out lifts accuracy "
        f"from {100 * was.mean():.1f} % to {100 * now.mean():.1f} % (the best constant: {100 * plain.mean():.1f} %; "
        f"old classes {_change(was, now, old)}, new {_change(was, now, ~old)})."
    )


def _change(was: BoolArray, now: BoolArray, some: BoolArray) -> str:
    return f"{100 * was[some].mean():.1f} → {100 * now[some].mean():.1f} %" if some.any() else "none"


def _denial(view: View, outcome: Outcome, reference: BoolArray, factors: list[_Factor]) -> str:
    ratio = rows_of(view, view.predictions.columns).ratio(_new_columns(view, factors))
    rows = "" if ratio is None else f" The new rows are {ratio:.2f} times as long as the old on average."
    if not factors:
        return f"No factor between old and new logits does better than a constant does.{rows}"
    gain = 100 * (outcome.after.mean() - reference.mean())
    return f"A factor between old and new logits changes accuracy by {gain:+.1f} points beyond a constant.{rows}"


def _accuracies(outcome: Outcome, plain: BoolArray, oracle: float | None, *, tried: bool) -> tuple[Evidence, ...]:
    n, best = len(plain), max(float(plain.mean()), float(outcome.before.mean()))

    def share(name: str, value: float | None, threshold: float | None = None) -> Evidence:
        return Evidence(name=name, value=value, threshold=threshold, unit="fraction", n=n)

    return (
        share("accuracy now", float(outcome.before.mean())),
        share("accuracy with the best constant, on held-out samples", float(plain.mean()) if tried else None),
        share("accuracy with a factor, on held-out samples", float(outcome.after.mean()), best + _LEAST),
        share("accuracy if the group were always chosen right (ceiling)", oracle),
    )


def _factor_evidence(factors: list[_Factor], n: int) -> tuple[Evidence, ...]:
    if not factors:
        return ()
    factor, constant = _mean(factors)
    return (
        Evidence(name="factor for the new classes that scores best", value=factor, unit="ratio", n=n),
        Evidence(name="constant that goes with it", value=constant, unit="logits", n=n),
    )


def _norms(view: View, is_new: BoolArray) -> tuple[Evidence, ...]:
    """How the rows of both groups differ in length and bias: what a factor would come from."""
    rows = rows_of(view, view.predictions.columns)
    ratio = rows.ratio(is_new)
    if ratio is None:
        return ()
    n, bias = rows.known(is_new), rows.bias
    return (
        Evidence(name="length of new rows over old rows", value=ratio, threshold=CLEARLY_LONGER, unit="ratio", n=n),
        Evidence(
            name="Cliff's delta of the lengths (1 = every new row is longer)",
            value=rows.cliff(is_new),
            unit="",
            n=n,
        ),
        Evidence(name="p of equal lengths (Mann–Whitney)", value=rows.p_equal(is_new), unit="p", n=n),
        Evidence(
            name="mean bias of new rows minus old rows",
            value=float(bias[is_new].mean() - bias[~is_new].mean()),
            unit="logits",
            n=n,
        ),
    )


def _fix(factors: list[_Factor]) -> str:
    factor, constant = _mean(factors)
    if factors[0].way == "unit rows":
        return "Bring all rows to the same length (a cosine head does so by itself), then fine-tune with both groups."
    kept = "and keep their biases" if factors[0].way == "weights" else "and their biases too"
    return f"{_FIX}, {factor:.3g}, {kept}, then add {constant:+.2f} to their biases; a cosine head prevents it."


def _snippet(view: View, factors: list[_Factor]) -> str:
    factor, constant = _mean(factors)
    name = str(((view.run.meta.get("model") or {}).get("head") or {}).get("name") or "head")
    biases = f"head.bias[new] += {constant:.4f}"
    if factors[0].way == "logits":
        biases = f"head.bias[new] = {factor:.5f} * head.bias[new] + {constant:.4f}"
    weights = f"head.weight[new] *= {factor:.5f}"
    if factors[0].way == "unit rows":
        weights = "head.weight *= head.weight.norm(dim=1).median() / head.weight.norm(dim=1, keepdim=True)"
    return (
        f'head = model.get_submodule("{name}")\n'
        "new = torch.tensor([name not in old_classes for name in class_names])\n"
        f"with torch.no_grad():\n    {weights}\n    {biases}\n"
    )


HYPOTHESIS = Hypothesis(
    id="logit_scale_mismatch",
    title="One group's logits are stretched",
    chapter="head",
    claim="the new classes' logits are larger or smaller than the old ones' by a factor",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "split"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=200,
    explains=("logit_group_bias",),
    pairs=True,
    look_alikes=("logit_group_bias", "class_prior_bias", "miscalibration", "backbone_forgetting"),
    fix=f"{_FIX}, then fine-tune with both groups balanced in every batch; a cosine head prevents it.",
    source="Zhao et al. 2020, arXiv 1911.07053 (WA); Wu et al. 2019, arXiv 1905.13260 (BiC)",
)
