"""Families of classes that are taken for one another: dense parts of the confusion graph, none larger than a limit.

Letters: C classes, E errors (pairs of label and predicted class).
"""

from collections import defaultdict

import numpy as np

from analysis.arrays import FloatArray, IntArray

_PASSES = 10
_LEVELS = 5
_RESOLUTION = 4.0  # how many times the links that chance would give a group must have; 1 joins neighbouring families

Graph = dict[int, dict[int, float]]


def confusion_families(label: IntArray, predicted: IntArray, support: IntArray, most: int) -> IntArray:
    """Group classes by what is taken for what.

    Classes i and j are linked by (n_ij + n_ji) / (n_i + n_j), the share of their samples that go to each other. Each
    class, then each group, moves to the neighbouring group that gains most modularity and has room.

    Args:
        label: (E,) class.
        predicted: (E,) another class.
        support: (C,) samples of each class.
        most: classes a family may have.

    Returns:
        (C,) number of the family, 0, 1, …; a class that joins no other is a family of its own.

    Source:
        Blondel et al. 2008, arXiv 0803.0476, with a limit on size; resolution: Reichardt and Bornholdt 2006.
    """
    graph = _linked(label, predicted, support)
    family = np.arange(len(support))
    size = dict.fromkeys(range(len(support)), 1)
    for _ in range(_LEVELS):
        moved = _moved(graph, size, most)
        if all(node == group for node, group in moved.items()):
            break
        place = np.arange(len(support))
        place[list(moved)] = list(moved.values())
        family = place[family]
        graph, size = _merged(graph, size, moved)
    return np.asarray(np.unique(family, return_inverse=True)[1].reshape(-1))


def expected_inside(label: IntArray, predicted: IntArray, family: IntArray) -> float:
    """Share of errors that would fall inside families by chance, 0..1.

    Each class keeps how often it is the label and how often the answer of an error, and is paired with any other.

    Args:
        label: (E,) class.
        predicted: (E,) another class.
        family: (C,).
    """
    rows, columns = (np.bincount(side, minlength=len(family)).astype(np.float64) for side in (label, predicted))
    same_class = float((rows * columns).sum())
    groups = int(family.max(initial=-1)) + 1
    inside = _sums(family, rows, groups) * _sums(family, columns, groups)
    possible = float(len(label)) ** 2 - same_class
    return float((inside.sum() - same_class) / possible) if possible > 0 else 1.0


def _sums(family: IntArray, weights: FloatArray, groups: int) -> FloatArray:
    return np.asarray(np.bincount(family, weights=weights, minlength=groups), dtype=np.float64)


def _linked(label: IntArray, predicted: IntArray, support: IntArray) -> Graph:
    low, high = np.minimum(label, predicted), np.maximum(label, predicted)
    codes, count = np.unique(low * len(support) + high, return_counts=True)
    first, second = np.divmod(codes, len(support))
    weight = count / np.maximum(1, support[first] + support[second])
    graph: Graph = defaultdict(dict)
    for i, j, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True):
        graph[i][j] = graph[j][i] = w
    return dict(graph)


def _moved(graph: Graph, size: dict[int, int], most: int) -> dict[int, int]:
    """Group of each node of the graph after local moves; a node keeps its group where no move gains."""
    degree = {node: sum(near.values()) for node, near in graph.items()}
    share = sum(degree.values()) / _RESOLUTION
    group = {node: node for node in graph}
    members, total = {node: size[node] for node in graph}, dict(degree)
    for _ in range(_PASSES):
        changed = False
        for node, near in graph.items():
            old = group[node]
            members[old] -= size[node]
            total[old] -= degree[node]
            links: dict[int, float] = defaultdict(float)
            for other, weight in near.items():
                if other != node:
                    links[group[other]] += weight
            best, gain = old, links.get(old, 0.0) - degree[node] * total[old] / share
            for new, weight in links.items():
                value = weight - degree[node] * total[new] / share
                if value > gain + 1e-12 and members[new] + size[node] <= most:
                    best, gain = new, value
            group[node] = best
            members[best] += size[node]
            total[best] += degree[node]
            changed |= best != old
        if not changed:
            break
    return group


def _merged(graph: Graph, size: dict[int, int], group: dict[int, int]) -> tuple[Graph, dict[int, int]]:
    """The graph whose nodes are the groups; links inside a group become a link to itself."""
    merged: Graph = defaultdict(lambda: defaultdict(float))
    for node, near in graph.items():
        for other, weight in near.items():
            merged[group[node]][group[other]] += weight
    sizes: dict[int, int] = defaultdict(int)
    for node, into in group.items():
        sizes[into] += size[node]
    return {node: dict(near) for node, near in merged.items()}, dict(sizes)
