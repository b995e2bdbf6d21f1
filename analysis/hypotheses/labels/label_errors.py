"""Labels of the validation set are wrong: the classifier and the neighbours agree on another one."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.diagnosis.duplicate_groups import conflicting_samples
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.label_swaps import Swap, label_swaps, swap_probability
from analysis.diagnosis.scattered_labels import Scattered, scattered_labels
from analysis.diagnosis.separation import Separation
from analysis.diagnosis.significance import Interval, binomial_tail, wilson
from analysis.diagnosis.twin_classes import probe
from analysis.diagnosis.unlikely_labels import unlikely_labels
from analysis.diagnosis.view import View
from analysis.reports.label_issues import LabelIssues, label_issues

_LEAST_ACCURACY = 0.5  # below it many hard pictures look wrongly labelled
_LEAST_SURE = 100
_BEYOND_DOUBT = 1e-4  # p; then a third of them is enough
_LEAST_RECALL = 0.3
_FLIPPED = 0.02
_TOLD_APART, _CERTAINLY = 0.65, 0.01  # area under the curve of a probe, and its p


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of wrong labels (fraction): scattered ones, and classes that are systematically labelled as another.

    Scattered ones are estimated where the label plays no part in who is looked at: among the samples that the
    classifier and the neighbours are surest of, whoever was labelled, a label that disagrees is almost always wrong;
    hard pictures, on which a healthy model errs, are not among them (see `scattered_labels` for weak models).
    Systematic ones deceive the neighbours, too: see `label_swaps`.
    """
    del outcome
    candidate, p = _candidates(view)
    graph = _graph(view)
    issues = label_issues(candidate, p, view.label, *graph)
    known = conflicting_samples(view.run)[view.rows]  # a finding of their own
    issues = replace(issues, is_issue=issues.is_issue & ~known, suggestion=np.where(known, -1, issues.suggestion))
    calibrated = unlikely_labels(candidate, view.predictions.logits(slice(None)), view.label)
    told = np.where(known, -1, view.predictions.predicted)
    surely = p.max(axis=1, initial=0)
    swaps: tuple[Swap, ...] = ()
    if view.predictions.accuracy >= _LEAST_ACCURACY:
        swaps = label_swaps(
            told, surely, view.label, graph[0], view.classes, candidate=candidate, likely=calibrated.probability
        )
        swaps = _nothing_to_see(swaps, view)
    issues = _with_swaps(issues, swaps, swap_probability(swaps, candidate, p, view.label), view)
    n, flagged, accuracy = len(view), int(issues.is_issue.sum()), view.predictions.accuracy
    scattered = scattered_labels(view, calibrated, issues.is_sure & ~known & ~_of_swaps(swaps, view))
    sure, rate = scattered.sure, _rate(scattered.share, swaps, n)
    recall = _recall(candidate, p, view.label, graph, issues)
    precision = min(1.0, rate.value * n * recall / flagged) if flagged else 0.0
    bound = wilson(flagged, n)
    p_swaps = min((binomial_tail(s.under, s.typical, 0.02) * view.classes**2 for s in swaps), default=1.0)
    return Measurement(
        summary=(
            f"About {100 * rate.value:.1f} % of the labels are wrong (95 % interval {100 * rate.low:.1f} to "
            f"{100 * rate.high:.1f} %).{_told_swaps(view, swaps)} {flagged:,} of {n:,} samples are listed; about "
            f"{100 * precision:.0f} % of the list should be truly wrong, and it should hold {100 * recall:.0f} % of "
            f"all wrong labels. "
            f"Correct labels would lift accuracy by at most {100 * flagged / n if n else 0:.1f} points."
        ),
        denial=(
            f"Among the {sure:,} samples that classifier and neighbours are surest of, {scattered.wrong:,} labels "
            f"disagree, where {scattered.expected:.1f} are to be expected of a model that is right as often: not more "
            f"than well-kept sets have (at most {100 * rate.high:.1f} %); and no class is systematically labelled as "
            "another."
        ),
        n=n,
        effect=rate,
        p=min(1.0, 2 * min(scattered.p, p_swaps)),
        gain=Interval(value=flagged / n if n else 0.0, low=bound[0] * precision, high=bound[1]),
        abstain=_abstain(accuracy, scattered, 1.0 if swaps else recall),
        evidence=(
            Evidence(
                name="share of wrong labels among the surest samples",
                value=scattered.share.value,
                threshold=0.01,
                unit="fraction",
                n=sure,
            ),
            Evidence(name="share of wrong labels, systematic ones included", value=rate.value, unit="fraction", n=n),
            Evidence(
                name="classes systematically labelled as another",
                value=float(len(swaps)),
                threshold=1.0,
                unit="count",
                n=view.classes,
            ),
            Evidence(name="samples listed", value=float(flagged), unit="count", n=n),
            Evidence(
                name="of labels flipped on purpose, found", value=recall, threshold=_LEAST_RECALL, unit="fraction", n=n
            ),
            Evidence(name="of the listed, expected to be truly wrong", value=precision, unit="fraction", n=n),
            Evidence(
                name="share not decided by the stored candidates",
                value=_mean(issues.undetermined),
                unit="fraction",
                n=n,
            ),
            Evidence(
                name="accuracy they are judged with", value=accuracy, threshold=_LEAST_ACCURACY, unit="fraction", n=n
            ),
        ),
        table=_table(view, issues),
        tables={"pairs": _pairs(view, swaps)} if swaps else {},
        columns={"label_issue": issues.is_issue, "label_quality": issues.quality}
        if accuracy >= _LEAST_ACCURACY
        else {},
    )


def _with_swaps(issues: LabelIssues, swaps: tuple[Swap, ...], likely: FloatArray, view: View) -> LabelIssues:
    """The list with the samples of swaps; their neighbours carry the wrong label as well and cannot object."""
    predicted = view.predictions.predicted
    added = _of_swaps(swaps, view) & (likely > 0.5)
    return replace(
        issues,
        is_issue=issues.is_issue | added,
        suggestion=np.where(added, predicted, issues.suggestion),
        quality=(issues.quality * (1 - likely)).astype(np.float32),
    )


def _nothing_to_see(swaps: tuple[Swap, ...], view: View) -> tuple[Swap, ...]:
    """Those where the pictures do not tell which label they carry.

    Of pictures that are taken for one class, the ones under the other label look like the rest where labels are wrong;
    where a weak head takes one class for another, a probe on the embeddings tells them apart.
    """
    if view.run.embeddings is None or not swaps:
        return swaps
    kept = []
    for swap in swaps:
        pair = np.array([[swap.true, swap.written]])
        some = np.flatnonzero((view.predictions.predicted == swap.true) & np.isin(view.label, pair))
        x, label, second = view.embeddings[some], view.label[some], view.second[some]
        apart = Separation()
        for half in (second, ~second):
            apart += probe((x[half], label[half]), (x[~half], label[~half]), pair).apart
        if apart.auc < _TOLD_APART or apart.p > _CERTAINLY:
            kept.append(swap)
    return tuple(kept)


def _of_swaps(swaps: tuple[Swap, ...], view: View) -> BoolArray:
    """(n,) True for samples that are predicted one class of a swap and labelled the other."""
    found = np.zeros(len(view), dtype=np.bool_)
    for swap in swaps:
        found |= (view.predictions.predicted == swap.true) & (view.label == swap.written)
    return found


def _rate(scattered: Interval, swaps: tuple[Swap, ...], n: int) -> Interval:
    more = max(1, n)
    return Interval(
        value=min(1.0, scattered.value + sum(swap.samples for swap in swaps) / more),
        low=min(1.0, scattered.low + sum(swap.low for swap in swaps) / more),
        high=min(1.0, scattered.high + sum(swap.high for swap in swaps) / more),
    )


def _told_swaps(view: View, swaps: tuple[Swap, ...]) -> str:
    names = view.run.class_names
    return "".join(
        f" About {swap.samples:.0f} pictures of “{names[swap.true]}” ({100 * swap.share:.0f} % of the class) are "
        f"labelled “{names[swap.written]}”, hardly any the other way round."
        for swap in swaps[:2]
    )


def _pairs(view: View, swaps: tuple[Swap, ...]) -> pd.DataFrame:
    names = view.run.class_names
    return pd.DataFrame(
        {
            "true": [names[swap.true] for swap in swaps],
            "written": [names[swap.written] for swap in swaps],
            "estimated_samples": [swap.samples for swap in swaps],
            "share_of_class": [swap.share for swap in swaps],
            "typical_samples": [swap.typical for swap in swaps],
            "under_the_other_label": [swap.under for swap in swaps],
            "the_other_way_round": [swap.back for swap in swaps],
        }
    )


def _candidates(view: View) -> tuple[IntArray, FloatArray]:
    rows = slice(None)
    return view.predictions.classes(rows), view.predictions.probabilities(rows).astype(np.float32)


def _graph(view: View) -> tuple[IntArray, FloatArray]:
    assert view.run.neighbours is not None
    index, similarity = view.run.neighbours
    return index, similarity


def _abstain(accuracy: float, scattered: Scattered, recall: float) -> str | None:
    if accuracy < _LEAST_ACCURACY:
        return (
            f"with {100 * accuracy:.1f} % correct the model is too often wrong to doubt a label "
            f"(at least {100 * _LEAST_ACCURACY:.0f} %)"
        )
    sure = scattered.sure
    if sure < _LEAST_SURE and not (sure >= _LEAST_SURE / 3 and scattered.p <= _BEYOND_DOUBT):
        return f"only {sure:,} samples on which classifier and neighbours are sure, {_LEAST_SURE} are needed"
    if recall < _LEAST_RECALL:
        return f"of labels flipped on purpose only {100 * recall:.0f} % are found on this model"
    return None


def _recall(
    candidate: IntArray, p: FloatArray, label: IntArray, graph: tuple[IntArray, FloatArray], issues: LabelIssues
) -> float:
    """Share found of 2 % of the labels, flipped on purpose among the samples that are not listed."""
    random = np.random.default_rng(0)
    clean, present = np.flatnonzero(~issues.is_issue & (label >= 0)), np.unique(label)
    flipped = random.choice(clean, size=min(len(clean), max(60, round(_FLIPPED * len(clean)))), replace=False)
    if len(present) < 2 or not len(flipped):
        return 0.0
    trial = label.copy()
    place = np.searchsorted(present, label[flipped])
    trial[flipped] = present[(place + random.integers(1, len(present), size=len(flipped))) % len(present)]
    return float(label_issues(candidate, p, trial, *graph).is_issue[flipped].mean())


def _table(view: View, issues: LabelIssues) -> pd.DataFrame:
    listed = np.flatnonzero(issues.is_issue)
    table = pd.DataFrame(
        {
            "sample_id": view.rows[listed],
            "score": 1 - issues.quality[listed],
            "suggestion_index": issues.suggestion[listed],
            "suggestion": [view.run.class_names[i] for i in issues.suggestion[listed]],
            "neighbours_agreeing": issues.agreement[listed],
        }
    )
    return table.sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


HYPOTHESIS = Hypothesis(
    id="label_errors",
    title="Validation labels are wrong",
    chapter="labels",
    claim="some pictures carry the label of another class",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "neighbours"),
    measure=measure,
    min_effect=0.01,
    n_min=300,
    fix=(
        "Look through the list, worst first, and correct or remove what is wrong; the training labels usually come "
        "from the same source."
    ),
    source="Northcutt et al. 2021, arXiv 1911.00068 and 2103.14749; Zhu et al. 2022, arXiv 2110.06283",
)
