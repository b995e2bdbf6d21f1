"""A group of pictures that nobody named fails: they lie together, and their classes do not explain their errors."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.outstanding_clusters import stand_out
from analysis.diagnosis.significance import Interval, binomial_tail
from analysis.diagnosis.unnamed_groups import UnnamedGroups, unnamed_groups
from analysis.diagnosis.view import View
from analysis.reports.cluster_excess import excess_errors

_LEAST_SIZE = 20
_LEAST_RATIO = 2.0  # times the expected errors
_LEAST_CLASSES = 3  # two labels in one place are a confusion of classes, not a group of pictures
_MOST_OF_ONE = 0.6
_PURE = 0.9  # from here on one class makes up the group: a sub-type of it
_SUBTYPE_RATE, _SUBTYPE_RATIO = 0.5, 1.5  # errors of a sub-type, and against the rest of its class
_REST_RATE, _REST_LEAST, _REST_SHARE = 0.4, 10, 0.2  # the rest of the class and of the set does well
_NEIGHBOURS_RIGHT = 0.8
_LEAST_EXCESS = 5.0  # errors, and this share of all samples: small knots of hard pictures exist in every healthy model
_LEAST_SHARE = 0.0025


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Errors (fraction of all samples, lower bound) of failing clusters beyond what their classes have elsewhere.

    Failing: at least 20 samples, more errors than usual in both halves, a lower bound worth a look with all clusters
    counted as tests, and far from what the other clusters differ by: a weak model fails on some type of every class. Of
    several classes: at least twice the expected errors. Of one class (a sub-type of it): mostly wrong while the rest of
    the class is mostly right, and the neighbours name the class: where pictures of other classes lie between them, it
    is a hard class and no sub-type. Groups are the clusters and, among them, pictures that look alike and fail.
    """
    del outcome
    n, groups = len(view), unnamed_groups(view)
    view, cluster = groups.view, groups.group
    table = excess_errors(cluster, view.label, view.predictions.predicted, view.predictions.correct)
    table["p"] = [_p(row) for row in table.itertuples()]
    strong = [_is_strong(row, view, cluster) for row in table.itertuples()]
    table["subtype"] = [s and _is_subtype(view, cluster == c) for s, c in zip(strong, table["cluster"], strict=True)]
    mixed = [s and _is_group(row, view, cluster) for s, row in zip(strong, table.itertuples(), strict=True)]
    failing_so_far = table["subtype"].to_numpy(dtype=np.bool_) | np.array(mixed, dtype=np.bool_)
    table["failing"] = failing_so_far & stand_out(view, cluster, table, failing_so_far)
    failing = table[table["failing"]]
    low, value = failing["excess_low"].sum() / n, failing["excess_errors"].sum() / n
    possible = table[table["size"] >= _LEAST_SIZE]
    p = float(min(1.0, len(table) * (failing["p"] if len(failing) else possible["p"]).min())) if len(possible) else 1.0
    return Measurement(
        summary=_summary(groups, failing),
        denial=f"None of {len(table):,} groups of similar pictures fails much more often than its classes elsewhere.",
        n=n,
        effect=_effect(failing, possible, n),
        p=p,
        gain=Interval(value=value, low=low, high=float(failing["errors"].sum()) / n) if len(failing) else None,
        abstain=None if len(possible) else f"no cluster has {_LEAST_SIZE} samples",
        evidence=_evidence(table, failing, n),
        table=_members(view, cluster, failing),
        tables={"looks": pd.DataFrame({"cluster": list(groups.looks), "looks": list(groups.looks.values())})},
        columns={"cluster": groups.clusters()} if groups.looks else {},
    )


def _p(row: object) -> float:
    size, errors, expected = int(row.size), int(row.errors), float(row.expected_errors)  # type: ignore[attr-defined]
    return binomial_tail(errors, size, expected / max(size, 1))


def _is_strong(row: object, view: View, cluster: IntArray) -> bool:
    least = max(_LEAST_EXCESS, _LEAST_SHARE * len(view))
    enough = row.excess_low >= least and row.size >= _LEAST_SIZE  # type: ignore[attr-defined]
    return bool(enough and _in_both_halves(view, cluster == row.cluster))  # type: ignore[attr-defined]


def _is_group(row: object, view: View, cluster: IntArray) -> bool:
    """Much worse than its classes, which are several, and so are those of its errors: not eights labelled as zeros."""
    much = row.errors >= _LEAST_RATIO * row.expected_errors  # type: ignore[attr-defined]
    inside = cluster == row.cluster  # type: ignore[attr-defined]
    wrong = inside & ~view.predictions.correct
    return bool(much and _is_mixed(view.label[inside]) and _is_mixed(view.label[wrong]))


def _is_mixed(label: IntArray) -> bool:
    """Several classes, none of them most of it: two classes in one place are a confusion of classes."""
    count = np.sort(np.unique(label, return_counts=True)[1])[::-1]
    return len(count) >= _LEAST_CLASSES and count[0] <= _MOST_OF_ONE * count.sum()


def _is_subtype(view: View, inside: BoolArray) -> bool:
    """One class, mostly wrong here and mostly right elsewhere, in a place where no other class lies."""
    label, wrong = view.label, ~view.predictions.correct
    top = int(np.bincount(label[inside]).argmax())
    here, rest = inside & (label == top), ~inside & (label == top)
    is_part = rest.sum() >= max(_REST_LEAST, _REST_SHARE * (here.sum() + rest.sum()))
    if here.sum() < _PURE * inside.sum() or not is_part:
        return False
    rate, usual = float(wrong[here].mean()), float(wrong[rest].mean())
    fails = rate >= max(_SUBTYPE_RATE, _SUBTYPE_RATIO * usual) and usual <= _REST_RATE
    return (
        fails
        and float(wrong[~inside].mean()) <= _REST_RATE
        and _named_by_neighbours(view, np.flatnonzero(here)) >= _NEIGHBOURS_RIGHT
    )


def _named_by_neighbours(view: View, rows: IntArray) -> float:
    """Share of samples most of whose ten nearest others carry the same label; 1 without a neighbour graph."""
    if view.run.neighbours is None:
        return 1.0
    near = view.run.neighbours[0][rows, :10]
    alike = (near >= 0) & (view.label[np.maximum(near, 0)] == view.label[rows][:, None])
    return float((2 * alike.sum(axis=1) > (near >= 0).sum(axis=1)).mean())


def _in_both_halves(view: View, inside: BoolArray) -> bool:
    wrong = ~view.predictions.correct
    overall = float(wrong.mean())
    return all(
        wrong[inside & (view.second == half)].mean() > overall
        for half in (False, True)
        if (inside & (view.second == half)).any()
    )


def _effect(failing: pd.DataFrame, possible: pd.DataFrame, n: int) -> Interval:
    """Of the failing clusters together; without any, the upper bound is what could be hidden in the largest excess.

    A group of several classes counts with its lower bound: small knots of hard pictures exist in every healthy model.
    """
    if len(failing):
        low = failing["excess_low"].sum() / n
        certain = np.where(failing["subtype"], failing["excess_errors"], failing["excess_low"])
        return Interval(value=certain.sum() / n, low=low, high=failing["excess_errors"].sum() / n)
    most = max(0.0, float(possible["excess_errors"].max())) / n if len(possible) else 0.0
    return Interval(value=0.0, low=0.0, high=most)


def _summary(groups: UnnamedGroups, failing: pd.DataFrame) -> str:
    if not len(failing):
        return ""
    worst = failing.iloc[0]
    names = groups.view.run.class_names
    sink = int(worst["top_prediction_index"])
    goes = f", most often taken for “{names[sink]}”" if sink >= 0 else ""
    more = f" {len(failing) - 1} more such groups are listed." if len(failing) > 1 else ""
    return (
        f"{_which(groups, worst)} {int(worst['errors']):,} are wrong{goes}; their "
        f"classes would explain {worst['expected_errors']:.0f}. At least {worst['excess_low']:.0f} errors belong to "
        f"the group itself.{more}"
    )


def _which(groups: UnnamedGroups, worst: "pd.Series[Any]") -> str:
    """How the group looks, or of which class it is where one makes it up."""
    number, size = int(worst["cluster"]), int(worst["size"])
    if number in groups.looks:
        return f"Of the {size:,} pictures with {groups.looks[number]},"
    label = groups.view.label[groups.group == number]
    top = int(np.bincount(label).argmax())
    kind = f", nearly all “{groups.view.run.class_names[top]}”," if (label == top).mean() >= _PURE else ""
    return f"In one group of {size:,} similar pictures{kind}"


def _evidence(table: pd.DataFrame, failing: pd.DataFrame, n: int) -> tuple[Evidence, ...]:
    items = [
        Evidence(name="clusters tested", value=float(len(table)), unit="count", n=n),
        Evidence(name="clusters that fail", value=float(len(failing)), threshold=1.0, unit="count", n=n),
    ]
    for row in (failing if len(failing) else table).head(3).itertuples():
        size = int(row.size)  # type: ignore[arg-type]
        expected = float(row.expected_errors) / max(size, 1)  # type: ignore[arg-type]
        rate = float(row.error_rate)  # type: ignore[arg-type]
        items.append(
            Evidence(
                name=f"error rate of cluster {row.cluster}",
                value=rate,
                threshold=_LEAST_RATIO * expected,
                unit="fraction",
                n=size,
            )
        )
    return tuple(items)


def _members(view: View, cluster: IntArray, failing: pd.DataFrame) -> pd.DataFrame:
    """Members of the failing clusters; score = the cluster's error rate, wrong ones first."""
    rate = dict(zip(failing["cluster"], failing["error_rate"], strict=True))
    rows = np.flatnonzero(np.isin(cluster, list(rate)))
    wrong = ~view.predictions.correct[rows]
    table = pd.DataFrame(
        {
            "sample_id": view.rows[rows],
            "score": [rate[c] for c in cluster[rows]],
            "cluster": cluster[rows],
            "wrong": wrong,
        }
    )
    return table.sort_values(["score", "wrong", "sample_id"], ascending=[False, False, True], ignore_index=True)


HYPOTHESIS = Hypothesis(
    id="failure_cluster",
    title="A group of similar pictures fails",
    chapter="data",
    claim="pictures of one kind, whatever their class, are mostly wrong",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "clusters"),
    measure=measure,
    min_effect=0.005,
    n_min=200,
    fix=(
        "Look at the group beside the nearest pictures that are right; collect, augment or preprocess for what its "
        "pictures share."
    ),
    source="Indirect standardisation with Wilson bounds; d'Eon et al. 2022, Eyuboglu et al. 2022, arXiv 2203.14960",
)
