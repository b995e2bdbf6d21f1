"""Byte-identical files."""

import numpy as np

from analysis.arrays import BoolArray, IntArray


def exact_duplicates(content_hash: IntArray, usable: BoolArray) -> tuple[IntArray, IntArray]:
    """Files with the same content: each later one beside the first of its kind, (P,) and (P,).

    Args:
        content_hash: (N,) of the files' bytes.
        usable: (N,) False for pictures that show nothing, which are nobody's copy.
    """
    rows = np.flatnonzero(usable)
    _, first, kind = np.unique(content_hash[rows], return_index=True, return_inverse=True)
    original = rows[first[kind.reshape(-1)]]
    later = original != rows
    return rows[later], original[later]


def exact_copies(
    queries: IntArray, usable: BoolArray, keys: IntArray, is_hashed: BoolArray
) -> tuple[IntArray, IntArray]:
    """For each file of one set that another set holds as well, the first such file there, (P,) and (P,).

    Args:
        queries: (n,) content hashes.
        usable: (n,) False for pictures that show nothing.
        keys: (m,) content hashes.
        is_hashed: (m,) True where there is one.
    """
    rows, places = np.flatnonzero(usable), np.flatnonzero(is_hashed)
    known, first = np.unique(keys[places], return_index=True)
    at = np.searchsorted(known, queries[rows])
    at = np.minimum(at, max(0, len(known) - 1))
    found = known[at] == queries[rows] if len(known) else np.zeros(len(rows), dtype=np.bool_)
    return rows[found], places[first[at[found]]] if len(known) else rows[:0]
