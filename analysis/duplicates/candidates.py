"""Pairs of pictures worth comparing: those that are neighbours when the hashes are sorted, from any bit on.

No picture is compared with all others: work and memory grow with N, not with N².
"""

from collections.abc import Iterator

import numpy as np

from analysis.arrays import IntArray

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

_ROTATIONS = 8  # bands of eight bits, each once the first that is sorted by
_REACH = 8  # neighbours looked at on either side
_MOST_BITS = 18  # of 64 that may differ
_BLOCK = 65_536


def candidate_pairs(queries: Hashes, keys: Hashes, *, same: bool) -> tuple[IntArray, IntArray]:
    """Pairs whose hashes stand near each other in one of eight sorted orders and differ in at most 18 bits.

    Args:
        queries: (n,) hashes.
        keys: (m,) hashes.
        same: True where `queries` are `keys`: every pair comes once, and none with itself.

    Returns:
        Numbers of query and key, (P,) each, ordered by query, then key.

    Source:
        Sorted neighbourhood: Hernández and Stolfo 1995, doi 10.1145/568271.223807.
    """
    found = [np.unique(codes) for codes in _near(queries, keys, same)]
    codes = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    query, key = np.divmod(codes, max(1, len(keys)))
    return query, key


def _near(queries: Hashes, keys: Hashes, same: bool) -> Iterator[IntArray]:
    if not len(keys):
        return
    for rotation in range(_ROTATIONS):
        turned = _rotated(keys, rotation)
        order = np.argsort(turned, kind="stable")
        places = np.searchsorted(turned[order], _rotated(queries, rotation))
        for start in range(0, len(queries), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(queries)))
            near = places[rows][:, None] + np.arange(-_REACH, _REACH + 1)[None, :]
            key = order[np.clip(near, 0, len(keys) - 1)]
            alike = np.bitwise_count(queries[rows][:, None] ^ keys[key]) <= _MOST_BITS
            if same:
                alike &= key < rows[:, None]
            query, place = np.nonzero(alike)
            yield rows[query] * len(keys) + key[query, place]


def _rotated(hashes: Hashes, rotation: int) -> Hashes:
    turn = np.uint64(rotation * (64 // _ROTATIONS))
    return hashes if not rotation else (hashes << turn) | (hashes >> (np.uint64(64) - turn))
