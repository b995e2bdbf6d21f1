"""Names of clusters with counts that are easy to check by hand."""

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.reports.cluster_names import cluster_names
from analysis.reports.metadata_columns import levels_of
from analysis.reports.over_represented import Column, class_column, over_represented

NAMES = ("cat", "dog", "owl\nowl", "x" * 60)


def _names(
    assigned: IntArray, label: IntArray, prediction: IntArray, metadata: pd.DataFrame | None = None
) -> tuple[str, ...]:
    levels = [] if metadata is None else levels_of(metadata, least=5)[0]
    columns = [class_column("label", label, NAMES), *(Column(kind="metadata", levels=one) for one in levels)]
    return cluster_names(assigned, label, prediction, NAMES, over_represented(assigned, columns))


def test_metadata_with_its_lift_then_label_and_target_of_the_errors() -> None:
    assigned = np.repeat([0, -1], [20, 80])
    label = np.array([0] * 18 + [1] * 2 + [0] * 12 + [1] * 68)  # cat: 18 of 20 inside, 30 of 100 in all → ×3.0
    prediction = label.copy()
    prediction[:8] = 1
    prediction[8:10] = 2
    metadata = pd.DataFrame(
        {
            "inverted": ["yes"] * 16 + ["no"] * 84,  # 16 of 20 against 16 of 100 → ×5.0
            "site": ["a"] * 100,  # the same everywhere
            "id": [str(number) for number in range(100)],
            "lens": [None] * 100,
        }
    )
    assert _names(assigned, label, prediction, metadata) == ("inverted = yes, 5.0× · cat → dog",)
    assert _names(assigned, label, prediction) == ("cat, 3.0× → dog",)


def test_two_labels_or_none_stand_out() -> None:
    assigned = np.repeat([0, 1, -1], [20, 20, 160])
    label = np.concatenate([np.repeat([0, 1], 10), np.arange(20) % 4, np.repeat([2, 3], 80)])
    assert _names(assigned, label, label) == ("cat and dog, 6.7×", "mixed labels")  # cat: 10 of 20, 15 of 200 in all
    even = np.arange(200) % 4
    assert _names(assigned, even, even) == ("mixed labels", "mixed labels")


def test_errors_towards_the_label_of_the_cluster_are_no_arrow() -> None:
    assigned = np.repeat([0, -1], [20, 80])
    label = np.repeat([0, 1], [14, 86])
    prediction = np.where(assigned == 0, 0, 1)  # six dogs stand among the cats and are taken for cats
    assert _names(assigned, label, prediction) == ("cat, 5.0×",)


def test_names_are_one_short_line_of_plain_text() -> None:
    assigned = np.repeat([0, 1, -1], [10, 10, 80])
    label = np.concatenate([np.full(10, 2), np.full(10, 3), np.zeros(80, dtype=int)])
    assert _names(assigned, label, label) == ("owl owl, 10.0×", "x" * 39 + "…, 10.0×")


def test_no_clusters_have_no_names() -> None:
    none = np.full(5, -1)
    assert _names(none, none, none) == ()
    assert _names(none[:0], none[:0], none[:0]) == ()
