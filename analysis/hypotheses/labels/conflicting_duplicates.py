"""The same picture is in the validation set under several labels, so no model can be right on all of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.diagnosis.duplicate_groups import duplicate_groups
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_LEAST = 0.002


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Conflicts:
    """Samples (m,) of the groups of copies that carry several labels.

    Attributes:
        row: (m,) place in the view. group: (m,) number of the group, 0..G−1.
        others: (m,) share of the group's samples that carry another label.
        lost: samples that any model must get wrong, whatever it answers: all but the commonest label of each group.
    """

    row: IntArray
    group: IntArray
    others: FloatArray
    lost: int

    @property
    def groups(self) -> int:
        return int(self.group.max(initial=-1)) + 1


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of samples (fraction) that no deterministic model can answer rightly; an exact count, no estimate."""
    del outcome
    n, pairs = len(view), _pairs(view)
    found = _conflicts(view, pairs)
    share, correct = found.lost / n, view.predictions.correct
    wrong = int((~correct[found.row]).sum())
    in_pairs = int(np.unique(pairs[["sample_id", "other"]].to_numpy()).size)
    return Measurement(
        summary=(
            f"{found.groups:,} pictures are in the set more than once under different labels ({len(found.row):,} "
            f"samples). Whatever a model answers, at least {found.lost:,} of {n:,} samples count as wrong: no model "
            f"can score more than {100 * (1 - share):.1f} %. {wrong:,} of them are wrong now."
        ),
        denial=_denial(n, in_pairs, found),
        n=n,
        effect=Interval.exactly(share),
        gain=Interval(value=share, low=share, high=max(share, wrong / n)),
        evidence=(
            Evidence(name="samples that no model can get right", value=share, threshold=_LEAST, unit="fraction", n=n),
            Evidence(name="best accuracy that any model can have", value=1 - share, unit="fraction", n=n),
            Evidence(name="pictures under several labels", value=float(found.groups), unit="count", n=n),
            Evidence(name="samples that show them", value=float(len(found.row)), unit="count", n=n),
            Evidence(name="of these, wrong now", value=float(wrong), unit="count", n=len(found.row)),
            Evidence(
                name="samples with a copy in the set, same label or not", value=float(in_pairs), unit="count", n=n
            ),
        ),
        table=_table(view, found),
        tables={"pairs": _told_pairs(view, pairs)},
        snippet=_SNIPPET if found.lost else None,
    )


def _pairs(view: View) -> pd.DataFrame:
    assert view.run.duplicates is not None
    return view.run.duplicates


def _conflicts(view: View, pairs: pd.DataFrame) -> _Conflicts:
    """Copies count as copies of a copy; pictures that show nothing are in no pair and conflict with nothing."""
    copied = np.zeros(len(view.run), dtype=np.bool_)
    copied[pairs["sample_id"].to_numpy()] = copied[pairs["other"].to_numpy()] = True
    row = np.flatnonzero(copied[view.rows])
    _, group = np.unique(duplicate_groups(view.run)[view.rows[row]], return_inverse=True)
    group, label = group.reshape(-1), view.label[row]
    if not len(row):
        return _Conflicts(row=row, group=group, others=np.zeros(0), lost=0)
    both, same = np.unique(np.stack([group, label]), axis=1, return_inverse=True)
    same = same.reshape(-1)
    alike, size = np.bincount(same), np.bincount(group)
    most = np.zeros(len(size), dtype=np.int64)
    np.maximum.at(most, both[0], alike)
    in_conflict = (most < size)[group]
    _, renumbered = np.unique(group[in_conflict], return_inverse=True)
    return _Conflicts(
        row=row[in_conflict],
        group=renumbered.reshape(-1),
        others=(1 - alike[same] / size[group])[in_conflict],
        lost=int((size - most).sum()),
    )


def _denial(n: int, in_pairs: int, found: _Conflicts) -> str:
    if not in_pairs:
        return f"None of the {n:,} pictures is in the set twice, so none carries two labels."
    if not found.lost:
        return f"{in_pairs:,} samples have a copy in the set, and all copies of a picture carry the same label."
    return (
        f"Only {found.groups:,} pictures carry several labels; {found.lost:,} of {n:,} samples "
        f"({100 * found.lost / n:.2f} %) cannot be right because of it."
    )


def _table(view: View, found: _Conflicts) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "sample_id": view.rows[found.row],
            "score": found.others,
            "group": found.group,
            "label": _names(view, view.label[found.row]),
        }
    )
    return table.sort_values(["score", "group", "sample_id"], ascending=[False, True, True], ignore_index=True)


def _told_pairs(view: View, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs whose labels differ, most alike first."""
    label = view.run.column("label_index")
    first, second = label[pairs["sample_id"].to_numpy()], label[pairs["other"].to_numpy()]
    differ = first != second
    names = {"label": _names(view, first[differ]), "other_label": _names(view, second[differ])}
    told: pd.DataFrame = pairs[differ].assign(**names)
    ordered: pd.DataFrame = told.sort_values("similarity", ascending=False, kind="stable", ignore_index=True)
    return ordered


def _names(view: View, index: IntArray) -> AnyArray:
    return np.array([view.run.class_names[i] for i in index.tolist()], dtype=object)


_SNIPPET = """import pandas as pd

samples = pd.read_parquet("samples.parquet", columns=["sample_id", "filepath", "label"])
conflicts = pd.read_parquet("evidence/conflicting_duplicates.parquet")[["sample_id", "group"]]
conflicts.merge(samples).sort_values("group").to_csv("one_label_each.csv", index=False)  # decide, then correct
"""


HYPOTHESIS = Hypothesis(
    id="conflicting_duplicates",
    title="One picture, several labels",
    chapter="labels",
    claim="copies of the same picture carry different labels, so some of them must count as wrong",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "duplicates"),
    measure=measure,
    min_effect=_LEAST,
    n_min=50,
    look_alikes=("label_errors", "fine_grained_confusion"),
    fix=(
        "Decide on one label for each picture and keep it once. Where both labels are true, the task has several "
        "answers a picture: count any of them as right. Look for the same pairs in the training set."
    ),
    source="Exact count; near duplicates as in Barz and Denzler 2020, arXiv 1902.00423",
)
