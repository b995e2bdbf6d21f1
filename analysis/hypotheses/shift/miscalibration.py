"""Confidence does not say how often the answer is right."""

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.calibration import BINS, Calibration, calibration
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.temperature import best_temperature, softened
from analysis.diagnosis.view import View

_LEAST = 0.05  # of confidence, in the mean over the bins
_N_MIN = 1000
_PER_BIN = 10


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Debiased calibration error (fraction) in 15 bins of equal size; a temperature of one half, tried on the other."""
    del outcome
    correct = np.asarray(view.predictions.correct)
    if not len(view):
        return _nothing()
    now, cooled, temperatures = _confidences(view)
    seen, after = calibration(now, correct), calibration(cooled, correct)
    temperature = float(np.exp(np.mean(np.log(temperatures))))
    table = seen.bins
    table["confidence_with_temperature"] = np.bincount(seen.place, weights=cooled, minlength=len(table)) / table["n"]
    return Measurement(
        summary=_summary(seen, after, temperature, float(now.mean()), float(correct.mean())),
        denial=(
            f"Confidence can be read as it stands: it is off by {100 * seen.error:.1f} points on average (answers are "
            f"right in {100 * correct.mean():.1f} % of the cases, mean confidence is {100 * now.mean():.1f} %)."
        ),
        n=len(view),
        effect=Interval(value=seen.error, low=seen.low, high=seen.high),
        p=seen.p,
        gain=Interval.exactly(0.0),
        abstain=_no_temperature(seen, after),
        evidence=(*_evidence(seen, after, temperature, len(view)), *_groups(view, now, correct)),
        fix=f"Divide all logits by {temperature:.2f} before the softmax. It changes no answer, only the confidence.",
        snippet=f"probabilities = torch.softmax(model(pictures) / {temperature:.3f}, dim=1)\n",
        tables={"reliability": table},
    )


def _no_temperature(seen: Calibration, after: Calibration) -> str | None:
    """Why it is no matter of confidence, or None: wrong labels and a spoiled group are errors that none knows of."""
    if seen.error < _LEAST or after.error < seen.error:
        return None
    return (
        f"confidence is off by {100 * seen.error:.1f} points, but no temperature mends it (the best leaves "
        f"{100 * after.error:.1f}); errors that no confidence can know of look like this, such as wrong labels"
    )


def _nothing() -> Measurement:
    return Measurement(summary="", denial="", n=0, effect=Interval(value=0.0, low=0.0, high=1.0))


def _confidences(view: View) -> tuple[FloatArray, FloatArray, list[float]]:
    """Confidence now, (N,), under the temperature of the half a sample is not in, (N,), and both temperatures."""
    halves = [np.flatnonzero(view.second == second) for second in (False, True)]
    halves = [rows for rows in halves if len(rows)]
    samples = [softened(view.run, view.predictions, rows) for rows in halves]
    fitted = [best_temperature(half) for half in samples]
    now, cooled = np.empty(len(view)), np.empty(len(view))
    for rows, half, temperature in zip(halves, samples, reversed(fitted), strict=True):
        now[rows], cooled[rows] = half.confidence(1.0), half.confidence(temperature)
    return np.nan_to_num(now, nan=1.0), np.nan_to_num(cooled, nan=1.0), fitted


def _summary(seen: Calibration, after: Calibration, temperature: float, confidence: float, accuracy: float) -> str:
    way = "too sure of itself" if seen.over > 0 else "not sure enough of itself"
    return (
        f"The model is {way}: mean confidence is {100 * confidence:.1f} %, right are {100 * accuracy:.1f} % of the "
        f"answers; confidence is off by {100 * seen.error:.1f} points on average. With all logits divided by "
        f"{temperature:.2f} it is off by {100 * after.error:.1f}. Accuracy stays exactly the same."
    )


def _evidence(seen: Calibration, after: Calibration, temperature: float, n: int) -> tuple[Evidence, ...]:
    def number(name: str, value: float, threshold: float | None = None, unit: str = "fraction") -> Evidence:
        return Evidence(name=name, value=value, threshold=threshold, unit=unit, n=n)

    return (
        number(f"calibration error in {BINS} bins of equal size, debiased", seen.error, _LEAST),
        number("the same without debiasing", seen.plain),
        number("mean confidence minus accuracy", seen.over),
        number("temperature with the least cross-entropy", temperature, unit="ratio"),
        number("calibration error with the other half's temperature", after.error),
    )


def _groups(view: View, now: FloatArray, correct: BoolArray) -> list[Evidence]:
    """Far apart, they hint at a factor between the groups' logits."""
    if view.run.is_old is None:
        return []
    old = view.is_old[view.label]
    return [
        Evidence(
            name=f"calibration error on {name} classes",
            value=calibration(now[some], correct[some]).error,
            unit="fraction",
            n=int(some.sum()),
        )
        for name, some in (("old", old), ("new", ~old))
        if some.sum() >= _PER_BIN * BINS
    ]


HYPOTHESIS = Hypothesis(
    id="miscalibration",
    title="Confidence is not to be trusted",
    chapter="shift",
    claim="the confidence of the answers does not say how often they are right",
    lane=Lane.VALIDITY,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples",),
    measure=measure,
    min_effect=_LEAST,
    n_min=_N_MIN,
    look_alikes=("logit_scale_mismatch", "label_errors"),
    fix="Divide all logits by one temperature, fitted on samples that were not trained on.",
    source="Guo et al. 2017, arXiv 1706.04599; Kumar et al. 2019, arXiv 1909.10155",
)
