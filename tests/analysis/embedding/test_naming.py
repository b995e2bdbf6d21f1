"""Names of clusters with counts that are easy to check by hand."""

import numpy as np
import pandas as pd

from analysis.embedding.naming import cluster_names

NAMES = ("cat", "dog", "owl\nowl", "x" * 60)


def test_label_target_of_the_errors_and_metadata_with_their_lifts() -> None:
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
    assert cluster_names(assigned, label, prediction, NAMES, metadata) == ("cat ×3.0 → dog, inverted=yes ×5.0",)


def test_two_labels_or_none_stand_out() -> None:
    assigned = np.repeat([0, 1, -1], [20, 20, 160])
    label = np.concatenate([np.repeat([0, 1], 10), np.arange(20) % 4, np.repeat([2, 3], 80)])
    names = cluster_names(assigned, label, label, NAMES, pd.DataFrame(index=range(200)))
    assert names == ("cat and dog ×6.7", "mixed labels")  # cat: 10 of 20 inside, 15 of 200 in all
    even = np.arange(200) % 4
    names = cluster_names(assigned, even, even, NAMES, pd.DataFrame(index=range(200)))
    assert names == ("mixed labels", "mixed labels")


def test_errors_towards_the_label_of_the_cluster_are_no_arrow() -> None:
    assigned = np.repeat([0, -1], [20, 80])
    label = np.repeat([0, 1], [14, 86])
    prediction = np.where(assigned == 0, 0, 1)  # six dogs stand among the cats and are taken for cats
    assert cluster_names(assigned, label, prediction, NAMES, pd.DataFrame(index=range(100))) == ("cat ×5.0",)


def test_names_are_one_short_line_of_plain_text() -> None:
    assigned = np.repeat([0, 1, -1], [10, 10, 80])
    label = np.concatenate([np.full(10, 2), np.full(10, 3), np.zeros(80, dtype=int)])
    names = cluster_names(assigned, label, label, NAMES, pd.DataFrame(index=range(100)))
    assert names == ("owl owl ×10.0", "x" * 39 + "… ×10.0")


def test_no_clusters_have_no_names() -> None:
    none = np.full(5, -1)
    assert cluster_names(none, none, none, NAMES, pd.DataFrame(index=range(5))) == ()
    assert cluster_names(none[:0], none[:0], none[:0], NAMES, pd.DataFrame()) == ()
