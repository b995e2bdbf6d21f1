"""New classes came from one source in training, so the network takes pictures of that source for new classes."""

import json

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair, best_of
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.source_offsets import source_offsets
from analysis.diagnosis.source_shortcuts import LEAST_FLOW, LEAST_ODDS, LEAST_SAMPLES, Shortcut, shortcuts_of
from analysis.diagnosis.view import View


def what_if(view: View) -> Repair | None:
    """A constant for the new outputs with the source and one without it, where the shortcut shows on these samples."""
    return source_offsets(view)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Samples (share of shared classes') that a source alone puts into the wrong group, old or new.

    Within each class that has pictures from this source and from others: how often is a new class predicted? A plain
    bias towards the new classes acts on all sources alike and has odds 1; a blurred source sends errors everywhere.
    """
    del outcome
    shortcuts = shortcuts_of(view)
    found = next((one for one in shortcuts if one.holds), None)
    worst = found or max(shortcuts, key=lambda one: (one.is_open, one.odds.value), default=None)
    return Measurement(
        summary=_summary(found) if found else "",
        denial=_denial(worst),
        n=worst.n if worst else 0,
        effect=_effect(found, shortcuts),
        p=min(1.0, len(shortcuts) * found.drawn.p) if found else 1.0,
        gain=_bound(found) if found else None,
        lane=Lane.BOUND,  # unless the offsets pay: where training and validation share the shortcut they do not
        abstain=_abstains(shortcuts, found),
        evidence=_evidence(worst),
        table=_members(view, found) if found else None,
        tables={"sources": _table(shortcuts)},
        snippet=_snippet(view, found) if found else None,
    )


def _effect(found: Shortcut | None, shortcuts: list[Shortcut]) -> Interval:
    if found is not None:
        return found.flow
    return Interval(value=0.0, low=0.0, high=LEAST_FLOW if any(one.is_open for one in shortcuts) else 0.0)


def _bound(found: Shortcut) -> Interval:
    share, flow = found.n / max(found.judged, 1), found.flow
    return Interval(value=flow.value * share, low=flow.low * share, high=flow.high * share)


def _summary(found: Shortcut) -> str:
    drawn = found.drawn_old
    return (
        f"Pictures with {found.source.text} are taken for new classes because of where they come from: "
        f"{drawn.errors:,} of {drawn.size:,} of old classes, where the same classes from elsewhere would "
        f"have {drawn.expected:,.0f} (odds {_times(found.odds.value)}, 95 % from {_times(found.odds.low)}). "
        f"{100 * found.share_new:.0f} % of the new classes' pictures come from there, {100 * found.share_old:.0f} % of "
        "the old ones'."
    )


def _times(odds: float) -> str:
    return "more than 100 times" if odds > 100 else f"{odds:.1f} times"


def _denial(worst: Shortcut | None) -> str:
    if worst is None:
        return "No column of metadata names sources with pictures enough."
    if worst.odds.low > 1 and worst.odds.value >= LEAST_ODDS and worst.flow.value >= LEAST_FLOW:
        return f"Pictures with {worst.source.text} are taken for new classes more often, but {_innocent(worst)}."
    return (
        f"No source makes a new class more likely by itself: within the same classes the odds for the most suspicious "
        f"one, {worst.source.text}, are {worst.odds.value:.1f} times those elsewhere (from {LEAST_ODDS:.0f} on it "
        f"counts), and {100 * max(worst.flow.value, 0.0):.1f} % of the pictures are in the wrong group for it."
    )


def _innocent(source: Shortcut) -> str:
    if not source.harms_old:
        return "old classes are right there no less often than elsewhere"
    if not source.is_aimed:
        return "their errors go to old classes as well: they are harder, and no shortcut"
    return "new classes come from there no more than old ones, nor are those from elsewhere taken for old ones"


def _abstains(shortcuts: list[Shortcut], found: Shortcut | None) -> str | None:
    if found is not None:
        return None
    if not shortcuts:
        return "no column has 2 to 20 values with pictures enough"
    if all(one.few < LEAST_SAMPLES for one in shortcuts):
        return f"fewer than {LEAST_SAMPLES} of the pictures that can judge are of classes that have several sources"
    still = next((one for one in shortcuts if one.is_open), None)
    if still is None:
        return None
    return (
        f"with {still.source.text} the odds of a new class are {still.odds.value:.1f} times those of the same classes "
        f"elsewhere (95 % interval {still.odds.low:.1f} to {still.odds.high:.1f}), on {still.n:,} pictures"
    )


def _evidence(worst: Shortcut | None) -> tuple[Evidence, ...]:
    if worst is None:
        return ()
    n, name = worst.n, worst.source.text
    return (
        Evidence(
            name=f"odds of predicting a new class with {name} against the same classes elsewhere",
            value=worst.odds.value,
            threshold=LEAST_ODDS,
            unit="ratio",
            n=n,
        ),
        Evidence(name="lower bound of it", value=worst.odds.low, threshold=1.0, unit="ratio", n=n),
        Evidence(
            name="pictures in the wrong group for their source", value=worst.flow.value, threshold=LEAST_FLOW,
            unit="fraction", n=n,
        ),
        Evidence(
            name="odds that an error on an old class is a new class", value=worst.odds_of_errors,
            threshold=LEAST_ODDS, unit="ratio", n=n,
        ),
        Evidence(
            name="odds of a new class among pictures of new classes", value=_value(worst.odds_of_new), unit="ratio", n=n
        ),
        Evidence(name="share of old classes' pictures from there", value=worst.share_old, unit="fraction", n=n),
        Evidence(name="share of new classes' pictures from there", value=worst.share_new, unit="fraction", n=n),
    )  # fmt: skip


def _value(interval: Interval | None) -> float | None:
    return None if interval is None else interval.value


def _table(shortcuts: list[Shortcut]) -> pd.DataFrame:
    rows = [
        (one.source.text, one.drawn.size, one.drawn.errors, one.drawn.expected, one.odds.value, one.odds.low,
         one.odds.high, one.odds_of_errors, _value(one.odds_of_new), one.flow.value, one.share_old, one.share_new,
         one.holds)
        for one in shortcuts
    ]  # fmt: skip
    columns = [
        "source", "size", "predicted_new", "expected_new", "odds", "odds_low", "odds_high", "odds_of_errors",
        "odds_of_new", "flow", "share_of_old", "share_of_new", "holds",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _members(view: View, found: Shortcut) -> pd.DataFrame:
    """Samples in the wrong group: old ones of the source taken for new, new ones from elsewhere taken for old.

    score = logits by which the wrong group wins.
    """
    predicted, old = view.predictions.predicted, view.is_old[view.label]
    drawn: BoolArray = (predicted >= 0) & ~view.is_old[np.maximum(predicted, 0)]
    there = found.source.inside
    hit = np.flatnonzero(found.source.known & ((old & there & drawn) | (~old & ~there & ~drawn)))
    part = view.predictions.at(hit)
    is_new = (part.column_class >= 0) & ~view.is_old[np.maximum(part.column_class, 0)]
    lead = best_of(part, is_new)[0] - best_of(part, ~is_new)[0]
    score = np.nan_to_num(np.abs(lead), nan=0.0, posinf=0.0)
    table = pd.DataFrame({"sample_id": view.rows[hit], "score": score, "source": found.source.text})
    return table.sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


def _snippet(view: View, found: Shortcut) -> str:
    column = json.dumps(found.source.column, ensure_ascii=False)
    names = [name for name, old in zip(view.run.class_names, view.is_old, strict=True) if not old]
    shown = json.dumps(names[:3], ensure_ascii=False)[:-1] + (", …]" if len(names) > 3 else "]")
    return (
        "import pandas, torch\n"
        f"new = set({shown})  # all new classes\n"
        f'train = pandas.read_csv("train.csv")  # with the column {column}\n'
        f'cell = train[{column}].astype(str) + train["label"].isin(new).map({{True: " new", False: " old"}})\n'
        "print(cell.value_counts())  # an empty cell needs pictures, no weight makes up for it\n"
        "weight = 1 / cell.map(cell.value_counts())\n"
        "sampler = torch.utils.data.WeightedRandomSampler(weight.to_numpy(), len(train))\n"
        "# train the head again with DataLoader(…, sampler=sampler), backbone frozen\n"
    )


HYPOTHESIS = Hypothesis(
    id="source_shortcut",
    title="The source is taken for the class",
    chapter="shift",
    claim="new classes came from one source, so pictures of that source are taken for new classes",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "metadata", "split"),
    measure=measure,
    what_if=what_if,
    min_effect=LEAST_FLOW,
    n_min=100,
    explains=("logit_group_bias",),
    look_alikes=("logit_group_bias", "metadata_slice", "source_domain_shift", "spurious_metadata"),
    fix=(
        "Give both groups pictures from both sources, then train the head again with sources and groups balanced in "
        "every batch."
    ),
    source="Mantel and Haenszel 1959; Geirhos et al. 2020, arXiv 2004.07780; Kirichenko et al. 2022, arXiv 2204.02937",
)
