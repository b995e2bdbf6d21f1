"""The validation set is too small to resolve the differences that one would act on."""

import numpy as np

from analysis.arrays import BoolArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval, wilson
from analysis.diagnosis.view import View

_POWER = 2.8  # z for 5 % two-sided plus z for 80 % power
_RESOLVED = 0.05
_FEW = 5


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Smallest difference of accuracy (points) between two models that this set shows with 80 % power."""
    del outcome
    correct = view.predictions.correct
    n = len(view)
    smallest = detectable(int(correct.sum()), n)
    low, high = wilson(float(correct.sum()), n)
    support = np.bincount(view.label[view.label >= 0])
    median = float(np.median(support[support > 0])) if support.any() else 0.0
    needed = int(np.ceil(n * (smallest / _RESOLVED) ** 2))
    evidence = [
        Evidence(
            name="smallest difference seen with 80 % power", value=smallest, threshold=_RESOLVED, unit="fraction", n=n
        ),
        Evidence(
            name="samples that would show a difference of 1 point",
            value=float(np.ceil(n * (smallest / 0.01) ** 2)),
            unit="count",
            n=n,
        ),
        Evidence(name="half-width of the 95 % interval of accuracy", value=(high - low) / 2, unit="fraction", n=n),
        Evidence(name="median samples a class", value=median, threshold=float(_FEW), unit="count", n=n),
        *_groups(view, correct),
    ]
    tiny = (
        f" Half of the classes have {median:.0f} samples or fewer: read no single class's recall."
        if median < _FEW
        else ""
    )
    return Measurement(
        summary=(
            f"With {n:,} samples, differences below {100 * smallest:.1f} points are noise. About {needed:,} samples "
            f"would show {100 * _RESOLVED:.0f} points.{tiny}"
        ),
        denial=f"With {n:,} samples, differences from {100 * smallest:.1f} points on are seen with 80 % power.{tiny}",
        n=n,
        effect=Interval.exactly(smallest),
        evidence=tuple(evidence),
    )


def detectable(hits: int, n: int) -> float:
    """Minimal detectable difference between two models scored on n samples each, 0..1.

    Two hits and two misses are added first, so that a perfect score on few samples proves little.

    Source: two-proportion z test, 2.8·√(2p(1−p)/n); Agresti and Coull 1998 for the share.
    """
    share = (hits + 2) / (n + 4)
    return float(min(1.0, _POWER * np.sqrt(2 * share * (1 - share) / max(n, 1))))


def _groups(view: View, correct: BoolArray) -> list[Evidence]:
    if view.run.is_old is None:
        return []
    old = view.is_old[view.label]
    return [
        Evidence(
            name=f"smallest difference seen on {name} classes",
            value=detectable(int(correct[mask].sum()), int(mask.sum())),
            unit="fraction",
            n=int(mask.sum()),
        )
        for name, mask in (("old", old), ("new", ~old))
        if mask.any()
    ]


HYPOTHESIS = Hypothesis(
    id="val_too_small",
    title="The validation set is small",
    chapter="data",
    claim="the validation set has too few samples for the differences that are read from it",
    lane=Lane.VALIDITY,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples",),
    measure=measure,
    min_effect=_RESOLVED,
    n_min=1,
    fix="Label more validation samples, or decide only on differences larger than this.",
    source="Wilson 1927; Agresti and Coull 1998",
)
