"""Plants in class lists, the order of outputs and the order of samples."""

import numpy as np
import torch

from analysis.arrays import BoolArray
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.plant import Plant
from tests.benchmarks.planted_faults.training import fit_head


def permuted(case: Case) -> None:
    """Every row somewhere else."""
    classes = len(case.names)
    order = np.arange(classes)
    cycle = case.rng.permutation(classes)
    order[cycle] = np.roll(cycle, 1)
    case.reorder(order)


def some_permuted(case: Case) -> None:
    """5 % of the rows, at least three."""
    order = np.arange(len(case.names))
    moved = case.rng.permutation(len(case.names))[: max(3, len(case.names) // 20)]
    order[moved] = np.roll(moved, 1)
    case.reorder(order)


def copied_by_position(case: Case) -> None:
    """The list was sorted again after the merge; old rows were copied by position, new ones appended."""
    old = [case.names.index(name) for name in case.base.old]
    new = [index for index in range(len(case.names)) if index not in set(old)]
    case.reorder(np.array(old + new))


def rolled(case: Case) -> None:
    """Row j answers for class j − 1."""
    case.reorder(np.roll(np.arange(len(case.names)), 1))


def deleted_from_list(case: Case) -> None:
    """A class is gone from the list but not from the head; the pictures of that class are gone as well."""
    gone = len(case.names) // 3
    name = case.names.pop(gone)
    case.old = [other for other in case.base.old if other != name]
    case.keep(np.flatnonzero(case.true != gone))


def sorted_as_text(case: Case) -> None:
    """Head rows in numeric order of numeric names, class list sorted as text, where 10 comes before 2."""
    names = [str(number) for number in range(len(case.names))]
    renamed = dict(zip(case.base.names, names, strict=True))
    case.names = sorted(names)
    case.label = [renamed[label] for label in case.label]
    case.old = sorted(renamed[name] for name in case.base.old)


def shifted_labels(case: Case) -> None:
    """The labels file is off by 17 rows against the pictures; the rows are in random order."""
    rows = case.rng.permutation(len(case.label))
    case.keep(rows)
    case.label = [case.label[(row - 17) % len(rows)] for row in range(len(rows))]


def split_in_two(case: Case) -> None:
    """Some classes are there twice, as X and X_2: two sources were merged and both columns trained."""
    split(case, np.ones(len(case.base.train_label), dtype=np.bool_))


def split(case: Case, kept: BoolArray) -> list[str]:
    """`split_in_two` with heads fitted on some training pictures only; returns what these are labelled."""
    classes = len(case.names)
    twins = np.sort(case.rng.permutation(classes)[: max(2, classes // 50)])
    embeddings, label = case.base.train_embeddings(), case.base.train_label.copy()
    half = case.rng.random(len(label)) < 0.5
    names = [*case.base.names, *(f"{case.base.names[twin]}_2" for twin in twins)]
    for place, twin in enumerate(twins):
        label[(case.base.train_label == twin) & half] = classes + place
    weight, bias = fit_head(embeddings[kept], label[kept], len(names), seed=1, penalty=case.base.penalty)
    order = np.argsort(names, kind="stable")
    case.weight, case.bias = weight[torch.from_numpy(order)], bias[torch.from_numpy(order)]
    case.names = [names[index] for index in order]
    second = case.rng.random(len(case.label)) < 0.5
    merged = {case.base.names[twin] for twin in twins}
    case.label = [f"{name}_2" if name in merged and second[i] else name for i, name in enumerate(case.label)]
    case.has_truth = False
    return [names[index] for index in label[kept]]


def spelled_differently(case: Case) -> None:
    """One class stands in the list a second time in another spelling, and some labels use it."""
    name = case.names[1]
    other = name.upper() if name.upper() != name else f" {name} "
    case.names.append(other)
    case.weight = torch.cat([case.weight, 0.01 * case.weight[1:2]])
    case.bias = torch.cat([case.bias, case.bias.min().reshape(1) - 2])
    half = case.rng.random(len(case.label)) < 0.5
    case.label = [other if label == name and half[i] else label for i, label in enumerate(case.label)]
    case.has_truth = False


def wrong_tags(case: Case) -> None:
    """The old list names two classes that the old model never knew, and lacks two that it did."""
    old, new = list(case.base.old), [name for name in case.names if name not in case.base.old]
    swapped = max(1, len(case.names) // 20)
    case.old = sorted(old[swapped:] + new[:swapped])
    case.baseline = case.base.old_state


INDEX_PLANTS = (
    Plant(name="all rows permuted", make=permuted, expect=("index_map_scrambled",)),
    Plant(name="5 % of the rows permuted", make=some_permuted, expect=("index_map_scrambled",)),
    Plant(name="old rows copied by position", make=copied_by_position, expect=("index_map_scrambled",)),
    Plant(name="rows rolled by one", make=rolled, expect=("index_offset",)),
    Plant(
        name="class deleted from the list", make=deleted_from_list, expect=("head_size_mismatch",),
        instead=("index_offset",), gain=False,
    ),
    Plant(name="list sorted as text", make=sorted_as_text, expect=("index_sort_order",), bases=("strings",)),
    Plant(name="labels off by 17 rows", make=shifted_labels, expect=("rows_misaligned",)),
    Plant(name="classes split in two", make=split_in_two, expect=("duplicate_class_columns",), gain=False),
    Plant(
        name="a name in two spellings", make=spelled_differently, expect=("class_name_variants",), gain=False,
        instead=("duplicate_class_columns", "head_rows_degenerate"), bases=("digits", "photographs"),
    ),
    Plant(name="wrong old list", make=wrong_tags, expect=("group_tag_error",), kind="limits", gain=False),
)  # fmt: skip
