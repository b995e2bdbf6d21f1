"""Which classes were known before the expansion (old) and which were added (new)."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray

SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassGroups:
    """The class names in index order and their groups.

    Attributes:
        names: C class names; the position is the class index.
        is_old: (C,) bool, True where the class was known before; None where there is no split.
        old_listed: Number of names in the old list, or None without one.
        notices: What a reader should know about the split, one sentence each.
    """

    names: tuple[str, ...]
    is_old: BoolArray | None
    old_listed: int | None = None
    notices: tuple[str, ...] = ()


def class_groups(names: tuple[str, ...], old: tuple[str, ...] | None) -> ClassGroups:
    """Split classes into old and new by name.

    Args:
        names: C class names in index order.
        old: The names known before the expansion, or None where nobody said.

    Returns:
        The groups; without a split, with a notice, where either side would be empty.
    """
    if old is None:
        return ClassGroups(names=names, is_old=None)
    known = frozenset(old)
    is_old = np.array([name in known for name in names], dtype=np.bool_)
    present = frozenset(names)
    gone = [name for name in old if name not in present]
    notices = [_gone_notice(gone, len(old))] if gone else []
    if is_old.all() or not is_old.any():
        notices.append(_one_sided_notice(bool(is_old.all())))
        return ClassGroups(names=names, is_old=None, old_listed=len(old), notices=tuple(notices))
    return ClassGroups(names=names, is_old=is_old, old_listed=len(old), notices=tuple(notices))


def _gone_notice(gone: list[str], old: int) -> str:
    shown = ", ".join(repr(name) for name in gone[:SHOWN_NAMES]) + (", …" if len(gone) > SHOWN_NAMES else "")
    return f"{len(gone):,} of {old:,} old class names are not in the new class list: {shown}."


def _one_sided_notice(all_old: bool) -> str:
    found = "Every class is in the old list" if all_old else "No class is in the old list"
    return f"{found}, so there is nothing to compare: old and new classes are not told apart."
