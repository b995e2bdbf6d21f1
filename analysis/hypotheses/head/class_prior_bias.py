"""Classes that were frequent in training win too often, and rare ones too seldom."""

import numpy as np
from scipy.stats import linregress

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.class_prior import clear_gain, log_prior, macro_weights, shift_by_class, train_counts
from analysis.diagnosis.column_groups import right_with_offset
from analysis.diagnosis.count_buckets import EDGES
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair, Shift
from analysis.diagnosis.significance import Interval, paired
from analysis.diagnosis.view import View

_STRENGTHS = np.arange(0.25, 2.01, 0.25)
_STANDARD_ERRORS = 1.5  # to be gained on the samples it is fitted on, without help for classes with few images
_LEAST = 0.005
_UNEVEN = 2.0  # most frequent class over the least frequent one
_SLOPE, _SLOPE_P = 0.2, 0.01
_FIX = "the logarithm of each class' share of the training images from its bias"


def what_if(view: View) -> Repair | None:
    """Minus τ times the log training share of each class; τ serves these samples best, every class counting the same.

    The gain must come from classes that have enough images: a class with fewer than 8 lacks images, not balance.
    """
    counts = train_counts(view)
    careful, full = log_prior(counts, few_left_out=True), log_prior(counts, few_left_out=False)
    if not len(view) or float(np.ptp(careful)) < np.log(_UNEVEN):
        return None
    right, weight = view.predictions.correct, macro_weights(view.label)
    best: tuple[float, float] | None = None
    for strength in _STRENGTHS:
        after = shift_by_class(view, -strength * careful, parameters=1).apply(view.predictions).correct
        score = float((weight * after).sum())
        if clear_gain(right, after, weight) > _STANDARD_ERRORS and (best is None or score > best[0]):
            best = score, float(strength)
    return None if best is None else shift_by_class(view, -best[1] * full, parameters=1)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy with the prior taken out, held out, against accuracy with the best constant between old and new.

    Where the outputs' excess itself follows the training counts within the groups, against accuracy as it is.
    """
    assert outcome is not None
    counts = train_counts(view)
    slope, p = _slope(view, log_prior(counts, few_left_out=True), counts)
    follows = slope >= _SLOPE and p <= _SLOPE_P
    found = [repair for repair in outcome.repairs if isinstance(repair, Shift)]
    plain = outcome.before if view.run.is_old is None or follows or not found else right_with_offset(view)
    reference = plain if plain.mean() >= outcome.before.mean() else outcome.before
    strength = _strength(found, log_prior(counts, few_left_out=False), view)
    score = paired(reference, outcome.after if found else reference, view.column("content_hash"))
    even = float(np.ptp(log_prior(counts, few_left_out=True))) < np.log(_UNEVEN)
    return Measurement(
        summary=_summary(outcome, view, strength),
        denial=_denial(outcome, score.change, even=even),
        n=len(view),
        effect=score.change,
        p=score.p,
        ceiling=0.0 if even else None,
        evidence=_evidence(view, outcome, slope, p, strength),
        fix=f"Subtract {strength:.2f} times {_FIX}, or train with balanced classes." if found else None,
        snippet=_snippet(view, strength) if found else None,
    )


def _slope(view: View, prior: FloatArray, counts: np.ndarray) -> tuple[float, float]:
    """How the excess of answers, log(predicted / samples), grows with the log training share within a group; and p."""
    support = np.bincount(view.label, minlength=view.classes)[: view.classes]
    predicted = view.predictions.predicted
    answers = np.bincount(predicted[predicted >= 0], minlength=view.classes)[: view.classes]
    used = (support > 0) & (counts > 0) & (prior != 0)
    excess = np.log((answers + 0.5) / (support + 0.5))
    group = view.is_old if view.run.is_old is not None else np.ones(view.classes, dtype=np.bool_)
    x, y = prior.copy(), excess.copy()
    for some in (group & used, ~group & used):
        if some.any():
            x[some], y[some] = x[some] - x[some].mean(), y[some] - y[some].mean()
    if used.sum() < 5 or np.ptp(x[used]) < 1e-9:
        return 0.0, 1.0
    fit = linregress(x[used], y[used])
    return float(fit.slope), float(fit.pvalue)


def _strength(found: list[Shift], prior: FloatArray, view: View) -> float:
    """τ, the mean over both halves; 0 without a repair."""
    known = view.predictions.column_class
    per_column = np.where(known >= 0, prior[np.maximum(known, 0)], 0.0)
    place = int(np.argmax(np.abs(per_column))) if len(per_column) else 0
    fitted = [-float(shift.offset[place] / per_column[place]) for shift in found if per_column[place]]
    return float(np.mean(fitted)) if fitted else 0.0


def _macro(view: View, correct: BoolArray) -> float:
    return float((macro_weights(view.label) * correct).mean()) if len(view) else 0.0


def _summary(outcome: Outcome, view: View, strength: float) -> str:
    return (
        f"Classes with many training images win too often. Subtracting {strength:.2f} times the log of each class' "
        f"training share lifts accuracy from {100 * outcome.before.mean():.1f} % to {100 * outcome.after.mean():.1f} % "
        f"(mean recall over classes from {100 * _macro(view, outcome.before):.1f} % to "
        f"{100 * _macro(view, outcome.after):.1f} %{_of_few(view, outcome)})."
    )


def _of_few(view: View, outcome: Outcome) -> str:
    """What classes with few training images get of it: the prior is how their lack of images shows."""
    counts = train_counts(view)
    few = (counts > 0) & (counts < EDGES[1])
    some = few[view.label]
    if not some.any():
        return ""
    classes = int(np.count_nonzero(np.bincount(view.label[some])))
    return (
        f"; accuracy on the {classes:,} with fewer than {EDGES[1]} training images "
        f"from {100 * outcome.before[some].mean():.1f} % to {100 * outcome.after[some].mean():.1f} %"
    )


def _denial(outcome: Outcome, change: Interval, *, even: bool) -> str:
    if even:
        return "All classes with at least 8 training images have about the same number of them: there is no imbalance."
    if outcome.repairs == (None, None):
        return "Subtracting the log of the classes' training shares gains nothing: their frequency does not leak in."
    return (
        "Subtracting the log of the classes' training shares changes accuracy by "
        f"{100 * change.value:+.1f} points beyond what a constant between old and new classes gives."
    )


def _evidence(view: View, outcome: Outcome, slope: float, p: float, strength: float) -> tuple[Evidence, ...]:
    n, classes = len(view), int(np.count_nonzero(np.bincount(view.label))) if len(view) else 0

    def share(name: str, value: float, threshold: float | None = None) -> Evidence:
        return Evidence(name=name, value=value, threshold=threshold, unit="fraction", n=n)

    return (
        Evidence(
            name="growth of a class' excess of answers with its log training share, within old and new",
            value=slope,
            threshold=_SLOPE,
            unit="ratio",
            n=classes,
        ),
        Evidence(name="p of no such growth", value=p, threshold=_SLOPE_P, unit="p", n=classes),
        Evidence(name="strength that scores best (τ)", value=strength, unit="ratio", n=n),
        share("accuracy now", float(outcome.before.mean())),
        share("accuracy with the prior taken out, on held-out samples", float(outcome.after.mean())),
        share("mean recall over classes now", _macro(view, outcome.before)),
        share("mean recall over classes with the prior taken out", _macro(view, outcome.after)),
    )


def _snippet(view: View, strength: float) -> str:
    name = str(((view.run.meta.get("model") or {}).get("head") or {}).get("name") or "head")
    return (
        f'head = model.get_submodule("{name}")\n'
        "share = torch.tensor([train_count[name] for name in class_names], dtype=torch.float32).clamp(min=1)\n"
        f"with torch.no_grad():\n    head.bias -= {strength:.3f} * (share / share.sum()).log()\n"
    )


HYPOTHESIS = Hypothesis(
    id="class_prior_bias",
    title="Frequent classes win too often",
    chapter="head",
    claim="how often a class was seen in training leaks into its logit",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "train_counts"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=200,
    explains=("logit_group_bias", "logit_scale_mismatch", "val_train_prior_shift"),
    look_alikes=("logit_group_bias", "tail_classes", "val_train_prior_shift"),
    fix=f"Subtract a multiple of {_FIX}, or train with balanced classes.",
    source="Menon et al. 2021, arXiv 2007.07314",
)
