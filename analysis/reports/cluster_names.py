"""A name a person can read for each cluster: what is more frequent in it than elsewhere, and by how much."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.reports.over_represented import fact_words

MOST_SHARE = 0.5  # what half of the cluster has in common speaks for it
SOME_SHARE = 0.3  # what a label needs to be one of two named
LEAST_COUNT = 5
FACTS = 2
LONGEST = 40


def cluster_names(
    assigned: IntArray,
    label_index: IntArray,
    prediction_index: IntArray,
    class_names: Sequence[str],
    facts: pd.DataFrame,
) -> tuple[str, ...]:
    """Name the clusters 0 … G − 1, as in ``camera = b, 3.4× · cat → dog``.

    First up to two values of metadata or picture that half of the cluster shares, with their lift: how many times as
    frequent the value is inside as among all N samples. Then the label that more than half of it has (else up to two
    that stand out, else *mixed labels*) and, after the arrow, the class that half of its errors go to; the label has
    its own lift where nothing else has one.

    Args:
        assigned: (N,) cluster of each sample, −1 = in none.
        label_index: (N,) class index of the label.
        prediction_index: (N,) class index of the prediction the clusters are ranked by.
        class_names: (C,).
        facts: What is over-represented in each, as `over_represented` tells it.
    """
    by_cluster = dict(tuple(facts.groupby("cluster"))) if len(facts) else {}
    named = []
    for number in range(int(assigned.max(initial=-1)) + 1):
        inside = np.flatnonzero(assigned == number)
        told = by_cluster.get(number, facts.iloc[:0])
        values = [row for row in told.itertuples() if row.kind not in ("label", "prediction")]
        values = [row for row in values if float(row.share) >= MOST_SHARE][:FACTS]  # type: ignore[arg-type]
        words = [f"{_plain(fact_words(row))}, {row.lift:.1f}×" for row in values]
        labels = told[(told["kind"] == "label") & (told["share"] >= SOME_SHARE)].sort_values("share", ascending=False)
        who = _who(labels.iloc[: 1 if len(labels) and labels["share"].iloc[0] > MOST_SHARE else 2], bool(words))
        target = _target(label_index[inside], prediction_index[inside], class_names, list(labels["value"]))
        named.append(" · ".join([*words, who + target]))
    return tuple(named)


def _who(labels: pd.DataFrame, has_words: bool) -> str:
    """The labels that stand out, with the smaller lift of two."""
    if not len(labels):
        return "mixed labels"
    names = " and ".join(_plain(str(value)) for value in labels["value"])
    return names if has_words else f"{names}, {labels['lift'].min():.1f}×"


def _target(label: IntArray, prediction: IntArray, names: Sequence[str], own: Sequence[str]) -> str:
    """The class that half of the errors go to; errors towards the cluster's own label are samples of others in it."""
    wrong = prediction[(prediction != label) & (prediction >= 0)]
    if len(wrong) < LEAST_COUNT:
        return ""
    count = np.bincount(wrong)
    target = int(count.argmax())
    if count[target] < MOST_SHARE * len(wrong) or names[target] in own:
        return ""
    return f" → {_plain(names[target])}"


def _plain(text: str) -> str:
    """One line without control characters, cut where it is long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
