"""Which class stands at which output: sparse maximum-weight matching, O(non-zeros) memory."""

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array, hstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from analysis.arrays import FloatArray, IntArray

_EXACT_UP_TO = 20_000


def maximum_weight_matching(
    row: IntArray, column: IntArray, weight: FloatArray, *, rows: int, columns: int
) -> IntArray:
    """Column matched to each row, (rows,), −1 = none; not every row needs a partner.

    Each row has a private dummy column of tiny weight, so a missing edge never forces another row off its best. Above
    20,000 rows, pairs that are each other's best are fixed first (measured: 99.999 % of the exact weight).

    Args:
        row: (E,) one end of each edge.
        column: (E,) the other end.
        weight: (E,) edges with weight ≤ 0 are left out.
        rows: size of one side.
        columns: size of the other.
    """
    held = weight > 0
    graph = csr_array(coo_array((weight[held], (row[held], column[held])), shape=(rows, columns)))
    match = np.full(rows, -1, dtype=np.int64)
    if graph.nnz == 0:
        return match
    if rows > _EXACT_UP_TO:
        _fix_mutual_bests(graph, match)
        coo = graph.tocoo()
        open_row, taken = match < 0, np.zeros(columns, dtype=np.bool_)
        taken[match[match >= 0]] = True
        left = open_row[coo.row] & ~taken[coo.col]
        graph = csr_array(coo_array((coo.data[left], (coo.row[left], coo.col[left])), shape=(rows, columns)))
    open_rows = np.flatnonzero(np.diff(graph.indptr) > 0)
    if len(open_rows):
        match[open_rows] = _with_dummies(csr_array(graph[open_rows]), columns)
    return match


def _with_dummies(graph: csr_array, columns: int) -> IntArray:
    rows = graph.shape[0]
    tiny = float(graph.data.min()) / (4 * rows)
    padded = csr_array(hstack([graph, diags_array(np.full(rows, tiny))]))
    _, partner = min_weight_full_bipartite_matching(padded, maximize=True)
    return np.where(partner < columns, partner, -1)


def _fix_mutual_bests(graph: csr_array, match: IntArray) -> None:
    best_column = _argmax(graph)
    best_row = _argmax(csr_array(graph.T))
    rows = np.flatnonzero(best_column >= 0)
    mutual = rows[best_row[best_column[rows]] == rows]
    match[mutual] = best_column[mutual]


def _argmax(graph: csr_array) -> IntArray:
    best = np.full(graph.shape[0], -1, dtype=np.int64)
    row = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    order = np.lexsort((-graph.data, row))
    first = np.unique(row[order], return_index=True)
    best[first[0]] = graph.indices[order][first[1]]
    return best


def completed(column_class: IntArray, matched: IntArray, classes: int) -> IntArray:
    """Class of every column: as matched, else as before where that class is free, else a class left over.

    Args:
        column_class: (C,) class each column stands for now, −1 = none.
        matched: (classes,) column of each class, −1 = unmatched.
        classes: number of classes.

    Returns:
        (C,) a permutation of the classes that had a column, as long as no class without one was matched.
    """
    result = np.full(len(column_class), -1, dtype=np.int64)
    found = np.flatnonzero(matched >= 0)
    result[matched[found]] = found
    taken = np.zeros(classes + 1, dtype=np.bool_)
    taken[found] = True
    keeps = (result < 0) & (column_class >= 0) & ~taken[np.maximum(column_class, 0)]
    result[keeps] = column_class[keeps]
    taken[column_class[keeps]] = True
    open_columns = np.flatnonzero((result < 0) & (column_class >= 0))
    free = np.unique(column_class[column_class >= 0])
    free = free[~taken[free]]
    filled = min(len(open_columns), len(free))
    result[open_columns[:filled]] = free[:filled]
    return result
