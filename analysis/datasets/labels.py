"""Label texts looked up in the class list."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import IntArray

NOT_IN_LIST = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelIndices:
    """Where each sample's label stands in the class list.

    Attributes:
        index: (N,) int32, −1 where the label is no class name.
        notices: What a person should know.
    """

    index: IntArray
    notices: tuple[str, ...]


def label_indices(labels: Sequence[str], names: Sequence[str]) -> LabelIndices:
    """Look label texts up in the class list.

    Labels that are all whole numbers, where no class is named so, are taken as class indices.

    Args:
        labels: (N) label texts.
        names: (C) class names in index order.
    """
    positions = {name: index for index, name in enumerate(names)}
    distinct = list(dict.fromkeys(labels))
    found = {label: positions.get(label, NOT_IN_LIST) for label in distinct}
    notices: tuple[str, ...] = ()
    if distinct and all(index == NOT_IN_LIST for index in found.values()) and all(map(_is_whole_number, distinct)):
        found = {label: int(label) if int(label) < len(names) else NOT_IN_LIST for label in distinct}
        notices = (
            "The labels are whole numbers and no class is named so; "
            f"they are taken as class indices 0 to {len(names) - 1}.",
        )
    index = np.fromiter((found[label] for label in labels), dtype=np.int32, count=len(labels))
    return LabelIndices(index=index, notices=notices)


def not_in_list(label: str) -> str:
    """The reason why a sample whose label is no class name is kept out."""
    return f'label "{label}" is not in the class list'


def _is_whole_number(label: str) -> bool:
    return label.isascii() and label.isdecimal() and len(label) < 10
