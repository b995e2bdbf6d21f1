"""Classes with few training images are answered wrongly more often than others of their group."""

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.class_prior import FEW, train_counts
from analysis.diagnosis.count_buckets import EDGES, ClassRecord, TailGap, bucket_table, tail_gap
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_LEAST = 0.10  # recall
_WORTH = 0.005  # accuracy
_N_MIN = 20
_NAMED = 5


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Recall of classes with few training images (fewer than 8, else 20) below that of others in the same group."""
    del outcome
    counts = train_counts(view)
    correct = np.asarray(view.predictions.correct)
    support = np.bincount(view.label, minlength=view.classes)[: view.classes]
    right = np.bincount(view.label[correct], minlength=view.classes)[: view.classes]
    record = ClassRecord(
        counts=counts, right=right, support=support, is_old=None if view.run.is_old is None else view.is_old
    )
    fewer = FEW if support[(counts > 0) & (counts < FEW)].sum() >= _N_MIN else EDGES[1]
    few = (counts > 0) & (counts < fewer) & (support > 0)
    found = tail_gap(record, fewer_than=fewer)
    buckets = {"buckets": bucket_table(record)}
    if found is None:
        return _no_contrast(view, few, fewer, buckets)
    n = int(support[found.tail].sum())
    short = np.where(found.tail, np.maximum(found.reference * support - right, 0), 0)
    bound = _bound(found, right, support, len(view))
    return Measurement(
        summary=_summary(view, found, short, fewer=fewer, bound=bound),
        denial=(
            f"Classes with fewer than {fewer} training images are right nearly as often as others of their group: "
            f"their recall lies {100 * found.gap.value:.1f} points below."
        ),
        n=n,
        effect=found.gap,
        p=found.p,
        gain=Interval(value=bound, low=0.0, high=bound),
        lane=None if bound >= _WORTH else Lane.NOTE,
        evidence=_evidence(found, record, fewer, n),
        table=_samples(view, found.tail, correct, counts),
        tables=buckets,
    )


def _no_contrast(view: View, few: BoolArray, fewer: int, buckets: dict[str, pd.DataFrame]) -> Measurement:
    """Without such classes there is nothing to find; without others beside them nothing can be compared."""
    return Measurement(
        summary="",
        denial=f"No class has fewer than {fewer} training images.",
        n=len(view),
        effect=Interval.exactly(0.0),
        abstain=(
            f"{int(few.sum()):,} classes have fewer than {fewer} training images, but none of their group has three "
            "times as many to compare them with"
            if few.any()
            else None
        ),
        tables=buckets,
    )


def _bound(found: TailGap, right: IntArray, support: IntArray, n: int) -> float:
    """Accuracy if tail classes were right as often as the others of their group."""
    lacking = 0.0
    for reference in np.unique(found.reference[found.tail]):
        some = found.tail & (found.reference == reference)
        lacking += max(0.0, float(reference * support[some].sum() - right[some].sum()))
    return lacking / n


def _summary(view: View, found: TailGap, short: FloatArray, *, fewer: int, bound: float) -> str:
    n = int(found.tail[view.label].sum())
    worst = np.argsort(-short)[: min(_NAMED, int(found.tail.sum()))]
    names = ", ".join(f"“{view.run.class_names[j]}”" for j in worst)
    more = f" and {int(found.tail.sum()) - len(worst):,} more" if found.tail.sum() > len(worst) else ""
    return (
        f"{int(found.tail.sum()):,} classes have fewer than {fewer} training images ({names}{more}). Their recall lies "
        f"{100 * found.gap.value:.0f} points below that of other classes of their group ({n:,} samples); more images "
        f"of them could bring at most {100 * bound:.1f} points of accuracy."
    )


def _evidence(found: TailGap, record: ClassRecord, fewer: int, n: int) -> tuple[Evidence, ...]:
    counts, right, support, tail = record.counts, record.right, record.support, found.tail
    used = (support > 0) & (counts > 0)
    recalls = right[used] / support[used]
    ranks = spearmanr(counts[used], recalls) if np.ptp(counts[used]) and np.ptp(recalls) else None
    recall = float((right[tail] / support[tail]).mean())
    return (
        Evidence(
            name=f"recall below that of other classes of the group, classes with fewer than {fewer} training images",
            value=found.gap.value,
            threshold=_LEAST,
            unit="fraction",
            n=n,
        ),
        Evidence(name="mean recall of these classes", value=recall, unit="fraction", n=n),
        Evidence(name="such classes", value=float(tail.sum()), unit="count", n=len(counts)),
        Evidence(
            name="rank correlation of training images and recall (Spearman)",
            value=None if ranks is None else float(ranks.statistic),
            unit="",
            n=int(used.sum()),
        ),
    )


def _samples(view: View, tail: BoolArray, correct: BoolArray, counts: IntArray) -> pd.DataFrame:
    """Wrong samples of these classes, those with the fewest training images first."""
    rows = np.flatnonzero(tail[view.label] & ~correct)
    table = pd.DataFrame({"sample_id": view.rows[rows], "score": 1 / np.maximum(1, counts[view.label[rows]])})
    table["train_count"] = counts[view.label[rows]]
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True)


HYPOTHESIS = Hypothesis(
    id="tail_classes",
    title="Classes with few training images",
    chapter="data",
    claim="some classes have too few training images to be learnt",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "train_counts"),
    measure=measure,
    min_effect=_LEAST,
    n_min=_N_MIN,
    look_alikes=("class_prior_bias", "logit_group_bias", "label_errors"),
    fix="Collect more images of these classes, or repeat them in training; their rows can be set from class means.",
    source="Cui et al. 2019, arXiv 1901.05555; Liu et al. 2019, arXiv 1904.05160",
)
