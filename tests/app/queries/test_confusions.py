"""Pairs, blocks and the matrix with “other”, against the full matrix of a small run."""

import numpy as np
import pytest

from app.queries import confusions, runs
from app.queries.runs import RunKey


def _full_matrix(key: RunKey) -> np.ndarray:
    size = len(runs.class_names(key))
    matrix = np.zeros((size, size), dtype=np.int64)
    np.add.at(matrix, (runs.column(key, "label_index"), runs.column(key, "prediction_index")), 1)
    return matrix


@pytest.mark.parametrize("top", [3, 10, 40])
def test_no_sample_is_lost_in_the_matrix(full: RunKey, top: int) -> None:
    matrix = confusions.matrix(full, top)
    whole = _full_matrix(full)
    assert matrix.counts.sum() == whole.sum()
    assert len(matrix.names) == min(top, 12) + matrix.has_other
    assert matrix.has_other == (top < 12)


def test_chosen_classes_are_those_of_the_most_frequent_pairs(full: RunKey) -> None:
    names: list[str] = []
    for row in confusions.named_pairs(full, confusions.pairs(full, "All")).itertuples():
        names += [name for name in (row.label, row.prediction) if name not in names]
    assert set(confusions.matrix(full, 3).names[:-1]) == set(names[:3])


def test_pairs_come_most_frequent_first_and_hold_every_error(full: RunKey) -> None:
    pairs = confusions.pairs(full, "All")
    assert (np.diff(pairs["count"]) <= 0).all()
    assert pairs["count"].sum() == (~runs.column(full, "correct")).sum()


def test_blocks_part_the_pairs(full: RunKey) -> None:
    parts = [confusions.pairs(full, block)["count"].sum() for block in confusions.BLOCKS[1:]]
    assert sum(parts) == confusions.pairs(full, "All")["count"].sum()


def test_blocks_add_up_to_each_group(full: RunKey) -> None:
    blocks = confusions.blocks(full)
    assert blocks.groupby("label")["share"].sum().to_list() == pytest.approx([1, 1])
    old = runs.is_old(full)[runs.column(full, "label_index")]
    recall = runs.column(full, "correct")[old].mean()
    found = blocks[(blocks["label"] == "old") & (blocks["outcome"] == "correct")]["share"].item()
    assert found == pytest.approx(recall)


def test_without_a_split_there_are_no_blocks(nosplit: RunKey) -> None:
    assert confusions.blocks(nosplit) is None
    assert not confusions.pairs(nosplit, "All").empty


def test_named_pairs_give_the_share_of_the_label(full: RunKey) -> None:
    pairs = confusions.pairs(full, "All")
    named = confusions.named_pairs(full, pairs)
    first = pairs.iloc[0]
    support = (runs.column(full, "label_index") == first["label_index"]).sum()
    assert named["share"].iloc[0] == pytest.approx(first["count"] / support)


@pytest.mark.parametrize("number", [1, 2])
def test_levels_against_the_full_matrix(full: RunKey, number: int) -> None:
    matrix = _full_matrix(full)
    size = 3 if number == 1 else 6
    of = {index: index // size for index in range(12)} | ({11: -1} if number == 2 else {})
    errors = [(i, j, matrix[i, j]) for i in range(12) for j in range(12) if i != j]
    stays = sum(n for i, j, n in errors if of[i] == of[j]) / sum(n for _, _, n in errors)
    level = confusions.levels(full)[number - 1]
    assert level.stays == pytest.approx(stays)
    found = confusions.level_matrix(full, number, 40)
    assert found is not None
    assert found.counts.sum() == matrix.sum()
    groups = sorted({of[index] for index in range(12)} - {-1})
    diagonal = [sum(matrix[i, j] for i in range(12) for j in range(12) if of[i] == of[j] == g) for g in groups]
    assert np.diag(found.counts)[: len(groups)].tolist() == diagonal


def test_a_run_without_a_hierarchy_has_no_levels(nosplit: RunKey) -> None:
    assert confusions.levels(nosplit) == ()
