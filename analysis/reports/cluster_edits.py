"""What people do to clusters: merge, split, rename, hide. The edited clustering is a function of base and edits alone.

Letters: N samples, G clusters of the base.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from analysis.arrays import IntArray
from analysis.reports.sample_sets import pack_samples, unpack_samples

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """`clusters` become part of `into`, which keeps its number and name."""

    into: int
    clusters: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Those of `moved` (packed sample ids) that are in `cluster` become a cluster of their own, number `into`."""

    cluster: int
    into: int
    moved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """`cluster` is called `name`; an empty one gives the automatic name back."""

    cluster: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide:
    """`cluster` is left out of the ranking, or (`hidden` False) is shown again; it stays where it is."""

    cluster: int
    hidden: bool


Edit: TypeAlias = Merge | Split | Rename | Hide


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edited:
    """A clustering after edits.

    Attributes:
        assigned: (N,) cluster of each sample, −1 = in none; numbers may be missing.
        names: given by people, by cluster.
        hidden: clusters left out of the ranking.
        went_to: clusters that are no more, and the one that their samples are in.
        changed: clusters whose members are not those of the base.
        came_from: clusters that were split off, and from which.
        without_effect: places of the edits that found nothing to change, such as a merge of what is merged already.
    """

    assigned: IntArray
    names: Mapping[int, str]
    hidden: frozenset[int]
    went_to: Mapping[int, int]
    changed: frozenset[int]
    came_from: Mapping[int, int]
    without_effect: tuple[int, ...]


def edit_of(value: Mapping[str, Any]) -> Edit:
    """An edit from what the store keeps of it.

    Raises:
        ValueError: If it is none.
    """
    try:
        match value["edit"]:
            case "merge":
                return Merge(into=int(value["into"]), clusters=tuple(int(number) for number in value["clusters"]))
            case "split":
                moved = str(value["moved"])
                unpack_samples(moved)
                return Split(cluster=int(value["cluster"]), into=int(value["into"]), moved=moved)
            case "rename":
                return Rename(cluster=int(value["cluster"]), name=str(value["name"])[:LONGEST_NAME])
            case "hide":
                return Hide(cluster=int(value["cluster"]), hidden=bool(value["hidden"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is no edit of clusters: {error}") from error
    raise ValueError(f"this is no edit of clusters: {value['edit']!r} is unknown")


def value_of(edit: Edit) -> dict[str, Any]:
    """What the store keeps of an edit; `edit_of` reads it back."""
    match edit:
        case Merge():
            return {"edit": "merge", "into": edit.into, "clusters": list(edit.clusters)}
        case Split():
            return {"edit": "split", "cluster": edit.cluster, "into": edit.into, "moved": edit.moved}
        case Rename():
            return {"edit": "rename", "cluster": edit.cluster, "name": edit.name}
        case Hide():
            return {"edit": "hide", "cluster": edit.cluster, "hidden": edit.hidden}


def split_off(cluster: int, moved: IntArray, taken: Iterable[int]) -> Split:
    """The edit that gives some members a cluster of their own, with a number that nothing has or had.

    Args:
        cluster: The cluster.
        moved: Ids of the members that leave it.
        taken: Numbers in use, and those of clusters that are no more.
    """
    return Split(cluster=cluster, into=max([-1, *taken]) + 1, moved=pack_samples(moved))


def apply_edits(assigned: IntArray, edits: Sequence[Edit]) -> Edited:
    """Apply edits in their order.

    An edit that speaks of a merged cluster means the one that it went to. One that cannot be applied, because an
    earlier one was undone, changes nothing and is listed.

    Args:
        assigned: (N,) the base, 0 … G − 1, −1 = in none.
        edits: In the order in which they were made.
    """
    state = _State(assigned)
    idle = tuple(place for place, edit in enumerate(edits) if not state.apply(edit))
    return Edited(
        assigned=state.assigned,
        names=state.names,
        hidden=frozenset(state.hidden),
        went_to={number: state.now(number) for number in state.went_to},
        changed=frozenset(state.changed & state.alive),
        came_from=state.came_from,
        without_effect=idle,
    )


class _State:
    """A clustering while edits are applied."""

    def __init__(self, assigned: IntArray) -> None:
        self.assigned = np.array(assigned, dtype=np.int64)
        self.alive = set(np.unique(self.assigned[self.assigned >= 0]).tolist())
        self.names: dict[int, str] = {}
        self.hidden: set[int] = set()
        self.went_to: dict[int, int] = {}
        self.changed: set[int] = set()
        self.came_from: dict[int, int] = {}

    def now(self, number: int) -> int:
        """The number that a cluster's samples have now."""
        while number in self.went_to:
            number = self.went_to[number]
        return number

    def apply(self, edit: Edit) -> bool:
        """Apply one; whether it changed anything."""
        match edit:
            case Merge():
                return self._merge(self.now(edit.into), {self.now(number) for number in edit.clusters})
            case Split():
                return self._split(self.now(edit.cluster), edit.into, unpack_samples(edit.moved))
            case Rename():
                return self._rename(self.now(edit.cluster), edit.name.strip())
            case Hide():
                return self._hide(self.now(edit.cluster), edit.hidden)

    def _merge(self, into: int, clusters: set[int]) -> bool:
        joining = (clusters & self.alive) - {into}
        if into not in self.alive or not joining:
            return False
        self.assigned[np.isin(self.assigned, list(joining))] = into
        self.went_to |= dict.fromkeys(joining, into)
        self.alive -= joining
        self.hidden -= joining
        self.changed.add(into)
        for number in joining:
            self.names.pop(number, None)
        return True

    def _split(self, cluster: int, into: int, moved: IntArray) -> bool:
        moved = moved[moved < len(self.assigned)]
        leaving = moved[self.assigned[moved] == cluster]
        is_free = into >= 0 and into not in self.alive and into not in self.went_to
        if cluster not in self.alive or not is_free or len(leaving) in (0, int((self.assigned == cluster).sum())):
            return False
        self.assigned[leaving] = into
        self.alive.add(into)
        self.changed |= {cluster, into}
        self.came_from[into] = cluster
        return True

    def _rename(self, cluster: int, name: str) -> bool:
        if cluster not in self.alive or self.names.get(cluster, "") == name:
            return False
        self.names[cluster] = name
        if not name:
            del self.names[cluster]
        return True

    def _hide(self, cluster: int, hidden: bool) -> bool:
        if cluster not in self.alive or (cluster in self.hidden) == hidden:
            return False
        (self.hidden.add if hidden else self.hidden.discard)(cluster)
        return True
