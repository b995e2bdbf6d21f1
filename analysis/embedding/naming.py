"""A name a person can read for each cluster: what is more frequent in it than elsewhere, and by how much."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray

MOST_SHARE = 0.5  # what half of the cluster has in common speaks for it
SOME_SHARE = 0.3  # what a label needs to be one of two named
LEAST_LIFT = 1.5
LEAST_COUNT = 5
FACTS = 2
LONGEST = 40


def cluster_names(
    assigned: IntArray,
    label_index: IntArray,
    prediction_index: IntArray,
    class_names: Sequence[str],
    metadata: pd.DataFrame,
) -> tuple[str, ...]:
    """Name the clusters 0 … G − 1, as in ``7 ×9.1 → 1, inverted=yes ×8.3``.

    First the label that more than half of the cluster has (else up to two that stand out, else *mixed labels*), then,
    after the arrow, the class that half of its errors go to, then up to two values of metadata. × is the lift: how
    many times as frequent the value is inside as among all N samples.

    Args:
        assigned: (N,) cluster of each sample, −1 = in none.
        label_index: (N,) class index of the label.
        prediction_index: (N,) class index of the prediction the clusters are ranked by.
        class_names: (C,).
        metadata: N rows, any columns; a missing value says nothing.
    """
    clusters = int(assigned.max(initial=-1)) + 1
    values = [_Values(name, metadata[name]) for name in metadata.columns]
    labels = _Values("", pd.Series(label_index))
    named = []
    for number in range(clusters):
        inside = assigned == number
        facts = sorted((fact for value in values if (fact := value.fact(inside))), reverse=True)[:FACTS]
        who = _who(labels, inside, label_index, prediction_index, class_names)
        named.append(", ".join([who, *(words for _, words in facts)]))
    return tuple(named)


class _Values:
    """One column as codes, with the share of every value among all samples."""

    def __init__(self, name: str, column: pd.Series) -> None:
        self.name = name
        self.codes, self.values = pd.factorize(column)
        self.overall = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)) / max(1, len(column))

    def standing_out(self, inside: BoolArray, share: float) -> list[tuple[float, float, str]]:
        """Values with at least this share inside and a lift: (share, lift, value), most frequent first."""
        codes = self.codes[inside]
        count = np.bincount(codes[codes >= 0], minlength=len(self.values))
        part = count / max(1, len(codes))
        chosen = np.flatnonzero((part >= share) & (count >= LEAST_COUNT) & (part >= LEAST_LIFT * self.overall))
        chosen = chosen[np.argsort(-part[chosen], kind="stable")]
        return [(float(part[i]), float(part[i] / self.overall[i]), str(self.values[int(i)])) for i in chosen]

    def fact(self, inside: BoolArray) -> tuple[float, str] | None:
        """Lift and words of the value that most of the cluster shares, if there is one."""
        found = self.standing_out(inside, MOST_SHARE)
        return (found[0][1], f"{_plain(self.name)}={_plain(found[0][2])} ×{found[0][1]:.1f}") if found else None


def _who(
    labels: _Values, inside: BoolArray, label_index: IntArray, prediction_index: IntArray, names: Sequence[str]
) -> str:
    found = labels.standing_out(inside, SOME_SHARE)[:2]
    if found and found[0][0] > MOST_SHARE:
        found = found[:1]
    who = " and ".join(_plain(names[int(value)]) for _, _, value in found) or "mixed labels"
    lift = f" ×{min(lift for _, lift, _ in found):.1f}" if found else ""
    wrong = prediction_index[inside & (prediction_index != label_index)]
    wrong = wrong[wrong >= 0]
    if len(wrong) >= LEAST_COUNT:
        count = np.bincount(wrong)
        target = int(count.argmax())
        # Errors towards the cluster's own label are samples of other classes that stand here: no arrow.
        if count[target] >= MOST_SHARE * len(wrong) and str(target) not in [value for _, _, value in found]:
            return f"{who}{lift} → {_plain(names[target])}"
    return who + lift


def _plain(text: str) -> str:
    """One line without control characters, cut where it is long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
